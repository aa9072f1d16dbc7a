/* The names of a file's columns. */
#ifndef CSV_NAMES_H
#define CSV_NAMES_H

#include <stdbool.h>

#include "base/error.h"
#include "csv/record.h"

struct flt_csv_names {
	struct flt_csv_field *items; /* (n) no two are equal, and none is empty */
	char *bytes;                 /* their texts, each with a NUL */
	size_t n;
	size_t n_renamed, first_renamed; /* columns that had the name of an earlier one, and the first of them */
};

/* Takes the names of n columns from a header, or NULL if there is none. A column without a name is called c1, c2, ...
 * by its place. The second column called x becomes x.1, unless another has that name. */
enum flt_status flt_csv_names_init(const struct flt_csv_field *header, size_t n, struct flt_csv_names *names,
                                   struct flt_error *err);
void flt_csv_names_release(struct flt_csv_names *names);

#endif
