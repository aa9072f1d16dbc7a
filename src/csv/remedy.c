#include "csv/remedy.h"

#include <stdio.h>
#include <string.h>

#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+-,:=@%"

struct flt_shell_word flt_shell_word(const char *path)
{
	struct flt_shell_word word;
	size_t n = 0;
	if (*path && path[strspn(path, PLAIN)] == '\0') {
		snprintf(word.text, sizeof word.text, "%s", path);
		return word;
	}
	word.text[n++] = '\'';
	for (; *path && n + sizeof "'\\'''" < sizeof word.text; path++)
		if (*path == '\'')
			n += (size_t)sprintf(word.text + n, "'\\''");
		else
			word.text[n++] = *path;
	snprintf(word.text + n, sizeof word.text - n, "'");
	return word;
}

struct flt_remedy flt_remedy_filter(const struct flt_named_file *file, const char *program)
{
	struct flt_remedy remedy;
	struct flt_shell_word path = flt_shell_word(file->name);
	const char *rest = "| fltrain ... -";
	if (file->is_standard_input)
		snprintf(remedy.text, sizeof remedy.text, "... %s| %.400s %s", file->is_packed ? "| zcat " : "",
		         program, rest);
	else if (file->is_packed)
		snprintf(remedy.text, sizeof remedy.text, "zcat %s | %.400s %s", path.text, program, rest);
	else
		snprintf(remedy.text, sizeof remedy.text, "%.400s %s %s", program, path.text, rest);
	return remedy;
}
