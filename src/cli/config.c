/* Config files: lines of `key = value`, where a key is the long name of an option and a value is all that follows, up
 * to the end of the line; each goes through the setter that its flag goes through. Lines that open with # are
 * comments. The keys of other commands are legal, so that one file serves them all. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/error.h"
#include "cli/option_table.h"

enum { LARGEST_CONFIG = 1 << 20 };

static enum flt_status fail_reading(const char *path, int reason, struct flt_error *err)
{
	return flt_fail(err, flt_status_of_errno(reason), "--config %s: cannot be read: %s", path, strerror(reason));
}

/* The whole file with a terminator, in settings->config_text. */
static enum flt_status read_whole(struct settings *settings, size_t *length, struct flt_error *err)
{
	const char *path = settings->config;
	FILE *file = fopen(path, "rb");
	if (!file)
		return fail_reading(path, errno, err);
	enum flt_status status = FLT_OK;
	struct stat about;
	if (fstat(fileno(file), &about) == 0 && S_ISDIR(about.st_mode)) {
		status = flt_fail(err, FLT_ERR_DATA, "--config %s: is a folder; name a file", path);
		goto out;
	}
	settings->config_text = flt_alloc(LARGEST_CONFIG + 1, 1, err);
	if (!settings->config_text) {
		status = FLT_ERR_MACHINE;
		goto out;
	}
	*length = fread(settings->config_text, 1, LARGEST_CONFIG + 1, file);
	if (ferror(file))
		status = fail_reading(path, errno, err);
	else if (*length > LARGEST_CONFIG)
		status = flt_fail(err, FLT_ERR_DATA, "--config %s: is larger than a config file can be (1 MiB)", path);
	else
		settings->config_text[*length] = '\0';
out:
	fclose(file);
	return status;
}

static char *trim(char *text)
{
	static const char blanks[] = " \t\r";
	text += strspn(text, blanks);
	for (size_t n = strlen(text); n > 0 && strchr(blanks, text[n - 1]); n--)
		text[n - 1] = '\0';
	return text;
}

static enum flt_status refuse_key(const char *place, const char *key, struct flt_error *err)
{
	char suggestion[120];
	option_suggest(key + strspn(key, "-"), "", ~0U, suggestion, sizeof suggestion);
	return flt_fail(err, FLT_ERR_USAGE, "%s: unknown key %.80s%s", place, *key ? key : "''",
	                *suggestion ? suggestion : "; keys are the long names of options, without dashes");
}

/* `seen` holds for each option the line that set it, or 0. */
static enum flt_status take_line(char *line, size_t number, struct settings *settings, const struct command *command,
                                 size_t *seen, struct flt_error *err)
{
	char place[FLT_ERROR_SIZE / 2];
	snprintf(place, sizeof place, "%.400s:%zu", settings->config, number);
	char *key = trim(line);
	if (!*key || *key == '#')
		return FLT_OK;
	char *equals = strchr(key, '=');
	if (!equals)
		return flt_fail(err, FLT_ERR_USAGE, "%s: %.80s: is not `key = value`, nor a comment after #", place,
		                key);
	*equals = '\0';
	key = trim(key);
	const char *value = trim(equals + 1);
	const struct option *option = option_find(key, strlen(key));
	if (!option || option->hidden)
		return refuse_key(place, key, err);
	if (option->effect != SETS)
		return flt_fail(err, FLT_ERR_USAGE, "%s: %s: works on the command line only; take the line out", place,
		                key);
	size_t *first = &seen[option - flt_options];
	if (*first)
		return flt_fail(err, FLT_ERR_USAGE, "%s: %s: is set a second time, after line %zu; keep one of them",
		                place, key, *first);
	*first = number;
	if (!(option->commands & command->bit))
		return FLT_OK;
	char where[FLT_ERROR_SIZE / 2 + 200];
	snprintf(where, sizeof where, "%s: %s = %.100s", place, key, *value ? value : "''");
	struct flt_error reason;
	enum flt_status status = option_apply(option, settings, FROM_FILE, value, where, &reason);
	if (!status)
		return FLT_OK;
	return flt_fail(err, status, "%s%s", reason.text,
	                strstr(value, " #") ? "; a comment takes a line of its own" : "");
}

enum flt_status options_read_config(struct settings *settings, const struct command *command, struct flt_error *err)
{
	size_t length = 0;
	enum flt_status status = read_whole(settings, &length, err);
	if (status)
		return status;
	size_t seen[MAX_OPTIONS] = {0};
	char *line = settings->config_text, *end = line + length;
	if (strncmp(line, "\xef\xbb\xbf", 3) == 0)
		line += 3;
	for (size_t number = 1; line < end && !status; number++) {
		char *stop = memchr(line, '\n', (size_t)(end - line));
		if (!stop)
			stop = end;
		if (memchr(line, '\0', (size_t)(stop - line)))
			return flt_fail(err, FLT_ERR_USAGE, "%s:%zu: holds a NUL byte; a config file is text",
			                settings->config, number);
		*stop = '\0';
		status = take_line(line, number, settings, command, seen, err);
		line = stop + 1;
	}
	return status;
}
