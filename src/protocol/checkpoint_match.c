#include "protocol/checkpoint_match.h"

#include <string.h>

#include "base/text.h"
#include "protocol/checkpoint_slots.h"

/* One line "key = value". */
struct line {
	const char *key, *value;
	size_t key_length, length; /* of the value */
};

/* Takes the first line off *text; false at the end of the text. */
static bool next_line(const char **text, struct line *line)
{
	if (!**text)
		return false;
	size_t n = strcspn(*text, "\n");
	const char *equals = memmem(*text, n, " = ", 3);
	line->key = *text;
	line->key_length = equals ? (size_t)(equals - *text) : n;
	line->value = equals ? equals + 3 : *text + n;
	line->length = (size_t)(*text + n - line->value);
	*text += n + ((*text)[n] == '\n');
	return true;
}

static bool find_line(const char *text, const struct line *key, struct line *found)
{
	while (next_line(&text, found))
		if (found->key_length == key->key_length && memcmp(found->key, key->key, key->key_length) == 0)
			return true;
	return false;
}

enum difference { CHANGED, ABSENT };

/* Finds the first line of text whose key has another value in other (CHANGED; *instead is then the line there), or that
 * other lacks (ABSENT). */
static bool find_difference(const char *text, const char *other, enum difference what, struct line *line,
                            struct line *instead)
{
	while (next_line(&text, line)) {
		bool is_found = find_line(other, line, instead);
		bool differs = is_found && (instead->length != line->length ||
		                            memcmp(instead->value, line->value, line->length) != 0);
		if (what == CHANGED ? differs : !is_found)
			return true;
	}
	return false;
}

static const char remedy[] = "use the same options, or start over with --checkpoint";

/* Changed values are named first: options that only one side has may follow from them. A value of several lines may
 * look like other options: the texts decide, and their lines only say where they differ. */
static enum flt_status compare_options(const char *stored, const char *own, struct flt_error *err)
{
	struct line a, b;
	if (strcmp(stored, own) == 0)
		return FLT_OK;
	if (find_difference(stored, own, CHANGED, &a, &b))
		return flt_fail(err, FLT_ERR_USAGE, "holds a training with --%s %s, but this one has --%s %s; %s",
		                flt_shown(a.key, a.key_length).text, flt_shown(a.value, a.length).text,
		                flt_shown(b.key, b.key_length).text, flt_shown(b.value, b.length).text, remedy);
	if (find_difference(stored, own, ABSENT, &a, &b))
		return flt_fail(err, FLT_ERR_USAGE, "holds a training with --%s %s, but this one has no --%s; %s",
		                flt_shown(a.key, a.key_length).text, flt_shown(a.value, a.length).text,
		                flt_shown(a.key, a.key_length).text, remedy);
	if (find_difference(own, stored, ABSENT, &a, &b))
		return flt_fail(err, FLT_ERR_USAGE, "holds a training without --%s, but this one has --%s %s; %s",
		                flt_shown(a.key, a.key_length).text, flt_shown(a.key, a.key_length).text,
		                flt_shown(a.value, a.length).text, remedy);
	return flt_fail(err, FLT_ERR_USAGE,
	                "holds a training with other values of options, of which one has several "
	                "lines; %s",
	                remedy);
}

enum flt_status flt_checkpoint_match(const struct flt_checkpoint *checkpoint, const struct flt_checkpoint_about *stored,
                                     struct flt_error *err)
{
	if (strcmp(stored->command, checkpoint->command) != 0) {
		struct flt_shown command = flt_shown(stored->command, strlen(stored->command));
		return flt_fail(
		        err, FLT_ERR_USAGE,
		        "was saved by fltrain %s, but this is fltrain %s; continue it with fltrain %s, or start "
		        "over with --checkpoint",
		        command.text, checkpoint->command, command.text);
	}
	bool had_test = *stored->test_sha256, has_test = *checkpoint->test_sha256;
	if (had_test != has_test)
		return flt_fail(err, FLT_ERR_USAGE, "holds a training %s --test, but this one has %s; %s",
		                had_test ? "with" : "without", has_test ? "one" : "none", remedy);
	FLT_TRY(compare_options(stored->options, checkpoint->options, err));
	if (strcmp(stored->data_sha256, checkpoint->data_sha256) != 0)
		return flt_fail(err, FLT_ERR_DATA,
		                "holds a training on other data: the file has changed, or is another one; use the same "
		                "file, or start over with --checkpoint");
	if (strcmp(stored->test_sha256, checkpoint->test_sha256) != 0)
		return flt_fail(err, FLT_ERR_DATA,
		                "holds a training with other rows in the file of --test; use the same file, or start "
		                "over with --checkpoint");
	return FLT_OK;
}
