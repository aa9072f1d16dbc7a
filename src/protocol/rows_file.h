/*
 * The prepared rows of a network in a file, where a later run with the same data and options finds them: an envelope
 * (container/envelope.h) with the matrices "fit" and "validation", and the checksums of all that they follow from. What
 * follows from anything else is refused, never replaced or used.
 */
#ifndef PROTOCOL_ROWS_FILE_H
#define PROTOCOL_ROWS_FILE_H

#include "base/mapped_file.h"
#include "prep/prep.h"

/* What the rows follow from. All is borrowed. */
struct flt_rows_origin {
	const struct flt_table *table;
	const struct flt_prep *prep;
	uint64_t seed;                  /* of the folds in which the fit rows are prepared */
	const size_t *fit, *validation; /* (n_fit), (n_validation) numbers of table rows */
	size_t n_fit, n_validation;
};

enum { FLT_ROWS_PATH = 4096 };

struct flt_rows_file {
	char path[FLT_ROWS_PATH];
	struct flt_mapped_file mapped;
	const float *fit, *validation; /* (n_fit, n_features), (n_validation, n_features); NULL: there is no file */
};

/* Opens the file in the folder, if there is one, and checks that its rows follow from this origin, and that nothing has
 * changed in it since. FLT_ERR_USAGE, FLT_ERR_DATA, FLT_ERR_MODEL: it is of no use, and why. */
enum flt_status flt_rows_file_open(const char *folder, const struct flt_rows_origin *origin, struct flt_rows_file *file,
                                   struct flt_error *err);
void flt_rows_file_close(struct flt_rows_file *file);

/* Writes a file of these rows to the path that flt_rows_file_open has set. */
enum flt_status flt_rows_file_write(const char *path, const struct flt_rows_origin *origin, const float *fit,
                                    const float *validation, struct flt_error *err);

#endif
