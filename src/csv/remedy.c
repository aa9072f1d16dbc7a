#include "csv/remedy.h"

#include <stdio.h>

#include "base/text.h"

struct flt_remedy flt_remedy_filter(const struct flt_named_file *file, const char *program)
{
	struct flt_remedy remedy;
	char path[FLT_PATH_WORD];
	const char *rest = "| fltrain ... -";
	flt_shell_word(file->name, path, sizeof path);
	if (file->is_standard_input)
		snprintf(remedy.text, sizeof remedy.text, "... %s| %.400s %s", file->is_packed ? "| zcat " : "",
		         program, rest);
	else if (file->is_packed)
		snprintf(remedy.text, sizeof remedy.text, "zcat %s | %.400s %s", path, program, rest);
	else
		snprintf(remedy.text, sizeof remedy.text, "%.400s %s %s", program, path, rest);
	return remedy;
}
