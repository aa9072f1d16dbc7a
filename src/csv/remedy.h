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

/* Of a record with another number of fields than the first: file, line, fields, "" or "s", fields of the first. The
 * remedy if it is the second: lines above it. */
#define FLT_MISFIT "%s:%zu: %zu field%s, expected %zu"
#define FLT_MISFIT_REMEDY                                                                                              \
	"if the table begins here, leave out what stands above it with --skip-lines %zu; else look at this line, and " \
	"name the "                                                                                                    \
	"delimiter with --delimiter"

enum { FLT_PATH_WORD = 400 }; /* room for a path as a shell takes it (base/text.h); a longer one is cut */

#endif
