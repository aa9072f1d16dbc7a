#include "report/wide_text.h"

#include "base/alloc.h"
#include "report/layout.h"

/* Ends the sentence. */
static void say_how_much(FILE *out, double n_bytes, double file_bytes)
{
	char bytes[FLT_SIZE_TEXT];
	flt_size_text(n_bytes, bytes);
	if (file_bytes > 0)
		flt_say(out, "about %s of memory, %.0f times the size of the file\n", bytes, n_bytes / file_bytes);
	else
		flt_say(out, "at least %s of memory\n", bytes);
}

void flt_report_wide(FILE *out, const char *name, size_t n_columns, double n_bytes, double file_bytes)
{
	flt_say(out, "fltrain: %s: its %zu columns take ", name, n_columns);
	say_how_much(out, n_bytes, file_bytes);
}

void flt_report_wide_training(FILE *out, double n_bytes, double file_bytes)
{
	fputs("fltrain: training on so many columns takes ", out);
	say_how_much(out, n_bytes, file_bytes);
}
