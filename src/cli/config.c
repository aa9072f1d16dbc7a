/*
 * Config files: lines of `key = value`. A key is the long name of an option; a value is the rest of the line, and goes
 * through the same setter as the flag's. Quotes around it are taken off. Lines that start with # are comments. Keys of
 * other commands are allowed, so that one file serves all commands.
 */
#include "cli/config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/character.h"
#include "cli/commands.h"

enum { LARGEST_CONFIG = 1 << 20 };

static enum flt_status fail_reading(const char *path, int reason, struct flt_error *err)
{
	return flt_fail(err, flt_status_of_errno(reason), "--config %s: cannot be read: %s", path, strerror(reason));
}

static enum flt_status read_stream(FILE *file, const char *path, struct flt_text_buffer *text, struct flt_error *err)
{
	struct stat about;
	if (fstat(fileno(file), &about) == 0 && S_ISDIR(about.st_mode))
		return flt_fail(err, FLT_ERR_DATA, "--config %s: is a folder; name a file", path);
	FLT_TRY(flt_text_buffer_reserve(text, LARGEST_CONFIG + 1, err));
	size_t length = fread(text->bytes, 1, LARGEST_CONFIG + 1, file);
	if (ferror(file))
		return fail_reading(path, errno, err);
	if (length > LARGEST_CONFIG)
		return flt_fail(err, FLT_ERR_DATA, "--config %s: is larger than 1 MiB, the limit for config files",
		                path);
	text->bytes[length] = '\0';
	text->length = length;
	return FLT_OK;
}

static enum flt_status read_whole(const char *path, struct flt_text_buffer *text, struct flt_error *err)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		return fail_reading(path, errno, err);
	enum flt_status status = read_stream(file, path, text, err);
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

/* One line of the file: "fraud.conf:3", and the key and the value in it. */
struct line {
	char place[FLT_ERROR_SIZE / 2];
	const char *key, *value;
};

static enum flt_status refuse_key(const struct line *line, struct flt_error *err)
{
	char suggestion[120];
	const char *key = *line->key ? line->key : "''";
	option_suggest(line->key + strspn(line->key, "-"), "", ~0U, suggestion, sizeof suggestion);
	return flt_fail(err, FLT_ERR_USAGE, "%s: unknown key %.*s%s", line->place, (int)flt_fitting_length(key, 80),
	                key, *suggestion ? suggestion : "; keys are the long names of options, without dashes");
}

static enum flt_status apply(struct parsed *parsed, const struct option *option, const struct line *line,
                             struct flt_error *err)
{
	char where[FLT_ERROR_SIZE / 2 + 200];
	struct flt_error reason;
	const char *value = *line->value ? line->value : "''";
	snprintf(where, sizeof where, "%s: %s = %.*s", line->place, line->key, (int)flt_fitting_length(value, 100),
	         value);
	enum flt_status status = parsed_set(parsed, option, FROM_FILE, line->value, where, &reason);
	if (status != FLT_OK)
		return flt_fail(err, status, "%s%s", reason.text,
		                strstr(line->value, " #") ? "; a comment needs a line of its own" : "");
	return FLT_OK;
}

/* Whoever knows shells puts a value in quotes, which are taken off. Double ones stay in a list, where they keep an item
 * with commas together. */
static char *unquote(const struct option *option, char *value)
{
	size_t n = strlen(value);
	bool is_list = option->value && strstr(option->value, ",...");
	bool is_quoted = n >= 2 && value[n - 1] == value[0] && strchr(value + 1, value[0]) == value + n - 1 &&
	                 (value[0] == '\'' || (value[0] == '"' && !is_list));
	if (!is_quoted)
		return value;
	value[n - 1] = '\0';
	return value + 1;
}

/* `seen` holds for each option the line that set it, or 0. */
static enum flt_status take_line(struct parsed *parsed, char *text, size_t number, size_t *seen, struct flt_error *err)
{
	struct line line;
	const char *config = parsed->settings.config;
	snprintf(line.place, sizeof line.place, "%.*s:%zu", (int)flt_fitting_length(config, 400), config, number);
	text = trim(text);
	if (!*text || *text == '#')
		return FLT_OK;
	char *equals = strchr(text, '=');
	if (!equals)
		return flt_fail(err, FLT_ERR_USAGE,
		                "%s: %.*s: is neither `key = value` nor a comment, which starts with #", line.place,
		                (int)flt_fitting_length(text, 80), text);
	*equals = '\0';
	line.key = trim(text);
	const struct option *option = option_find(line.key, strlen(line.key));
	if (!option || option->hidden)
		return refuse_key(&line, err);
	line.value = unquote(option, trim(equals + 1));
	if (option->effect != SETS)
		return flt_fail(err, FLT_ERR_USAGE, "%s: %s: only works on the command line; remove this line",
		                line.place, line.key);
	size_t *first = &seen[option - flt_options];
	if (*first)
		return flt_fail(err, FLT_ERR_USAGE, "%s: %s: is already set in line %zu; keep one of them", line.place,
		                line.key, *first);
	*first = number;
	return option->commands & parsed->command->bit ? apply(parsed, option, &line, err) : FLT_OK;
}

enum flt_status config_read(struct parsed *parsed, struct flt_error *err)
{
	const char *path = parsed->settings.config;
	struct flt_text_buffer *text = &parsed->config_text;
	FLT_TRY(read_whole(path, text, err));
	size_t seen[MAX_OPTIONS] = {0};
	char *line = text->bytes, *end = line + text->length;
	if (strncmp(line, "\xef\xbb\xbf", 3) == 0)
		line += 3;
	for (size_t number = 1; line < end; number++) {
		char *stop = memchr(line, '\n', (size_t)(end - line));
		if (!stop)
			stop = end;
		if (memchr(line, '\0', (size_t)(stop - line)))
			return flt_fail(err, FLT_ERR_USAGE, "%s:%zu: contains a NUL byte; a config file is plain text",
			                path, number);
		*stop = '\0';
		FLT_TRY(take_line(parsed, line, number, seen, err));
		line = stop + 1;
	}
	return FLT_OK;
}
