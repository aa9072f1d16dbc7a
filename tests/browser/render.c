/* The page of a report: render REPORT.json > PAGE.html. What the browser checks look at, without the command line. */
#include <stdio.h>
#include <stdlib.h>

#include "page/page.h"

enum { MOST = 1 << 26 };

int main(int argc, char **argv)
{
	struct flt_error err;
	FILE *in = argc == 2 ? fopen(argv[1], "rb") : NULL;
	char *text = malloc(MOST);
	if (!in || !text) {
		fputs("usage: render REPORT.json\n", stderr);
		return FLT_ERR_USAGE;
	}
	size_t length = fread(text, 1, MOST, in);
	enum flt_status status = flt_page_of_json(stdout, text, length, &err);
	if (status)
		fprintf(stderr, "%s: %s\n", argv[1], err.text);
	fclose(in);
	free(text);
	return (int)status;
}
