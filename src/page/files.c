#include "page/files.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static enum flt_status fail_reading(const char *path, int reason, struct flt_error *err)
{
	return flt_fail(err, flt_status_of_errno(reason), "%s: cannot be read: %s", path, strerror(reason));
}

/* ---- reports ---- */

/* In no JSON text does a line that ends with '}' come before one that starts with '{'. */
static bool has_more_objects(const char *text, size_t length)
{
	char last = '\0'; /* that is no blank */
	bool opens_line = true;
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n')
			opens_line = true;
		if (strchr(" \t\r\n", text[i]))
			continue;
		if (text[i] == '{' && last == '}' && opens_line)
			return true;
		last = text[i];
		opens_line = false;
	}
	return false;
}

static enum flt_status check_text(const char *path, const struct flt_text_buffer *text, struct flt_error *err)
{
	if (text->length == 0)
		return flt_fail(err, FLT_ERR_DATA, "%s: is empty; give a report that --json wrote", path);
	const char *nul = memchr(text->bytes, '\0', text->length);
	if (nul)
		return flt_fail(err, FLT_ERR_DATA,
		                "%s: has a NUL byte at byte %zu, so it is no JSON; give a report that --json wrote",
		                path, (size_t)(nul - text->bytes) + 1);
	if (has_more_objects(text->bytes, text->length))
		return flt_fail(err, FLT_ERR_DATA,
		                "%s: has a JSON object in each line, as --log writes them; give a report that --json "
		                "wrote",
		                path);
	return FLT_OK;
}

static enum flt_status read_stream(FILE *file, const char *path, struct flt_text_buffer *text, struct flt_error *err)
{
	enum { PIECE = 1 << 16 };
	struct stat about;
	if (fstat(fileno(file), &about) == 0 && S_ISDIR(about.st_mode))
		return flt_fail(err, FLT_ERR_DATA, "%s: is a folder; name a file", path);
	for (size_t n = 1; n > 0; text->length += n, text->bytes[text->length] = '\0') {
		if (text->length > FLT_LARGEST_REPORT)
			return flt_fail(err, FLT_ERR_DATA,
			                "%s: is larger than %d MB, and no report is; give a report that --json wrote",
			                path, FLT_LARGEST_REPORT >> 20);
		FLT_TRY(flt_text_buffer_reserve(text, PIECE, err));
		n = fread(text->bytes + text->length, 1, PIECE, file);
	}
	return ferror(file) ? fail_reading(path, errno, err) : FLT_OK;
}

enum flt_status flt_report_read(const char *path, struct flt_text_buffer *text, struct flt_error *err)
{
	bool is_stdin = strcmp(path, "-") == 0;
	const char *name = is_stdin ? "standard input" : path;
	FILE *file = is_stdin ? stdin : fopen(path, "rb");
	if (!file)
		return fail_reading(path, errno, err);
	enum flt_status status = read_stream(file, name, text, err);
	if (!is_stdin)
		fclose(file);
	FLT_TRY(status);
	return check_text(name, text, err);
}

/* ---- pages ---- */

enum flt_status flt_page_is_file(const char *path, bool *is_one, struct flt_error *err)
{
	static const char mark[] = "<meta name=\"generator\" content=\"fltrain";
	char start[1024];
	struct stat about;
	*is_one = false;
	if (stat(path, &about) != 0)
		return errno == ENOENT ? FLT_OK : fail_reading(path, errno, err);
	if (!S_ISREG(about.st_mode))
		return FLT_OK;
	FILE *file = fopen(path, "rb");
	if (!file)
		return fail_reading(path, errno, err);
	size_t length = fread(start, 1, sizeof start, file);
	int reason = ferror(file) ? errno : 0;
	fclose(file);
	if (reason)
		return fail_reading(path, reason, err);
	*is_one = length == 0 || memmem(start, length, mark, sizeof mark - 1);
	return FLT_OK;
}
