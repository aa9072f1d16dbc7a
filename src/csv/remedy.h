/* Commands that messages suggest: a file is sent through a program, and fltrain reads its output. */
#ifndef CSV_REMEDY_H
#define CSV_REMEDY_H

#include <stdbool.h>

/* A file as messages and commands name it. */
struct flt_named_file {
	const char *name;                  /* the path, or "standard input" */
	bool is_standard_input, is_packed; /* with gzip */
};

struct flt_remedy {
	char text[900];
};

/* "sed 2d 'my data.csv' | fltrain ... -", for a program that takes a file's name or reads its standard input. */
struct flt_remedy flt_remedy_filter(const struct flt_named_file *file, const char *program);

#endif
