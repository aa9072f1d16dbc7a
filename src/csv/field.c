#include "csv/field.h"

#include <stdbool.h>
#include <string.h>

#include "base/number.h"

void flt_write_field(FILE *out, const char *text)
{
	size_t length = strlen(text);
	bool outer = length > 0 && (strchr(" \t", text[0]) || strchr(" \t", text[length - 1]));
	if (!outer && strcspn(text, ",;|\t\"\r\n") == length) {
		fputs(text, out);
		return;
	}
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

void flt_write_number(FILE *out, double value)
{
	char text[FLT_NUMBER_SIZE];
	flt_number_format(value, text);
	fputs(text, out);
}
