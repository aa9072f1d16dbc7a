/*
 * The columns of a file by the names that a detector knows them by. A detector of a file without a header knows places
 * only: column 3 is "c3". A file without a header must then have as many columns as that one, or all but the target,
 * beyond which places move by one.
 */
#ifndef DETECTOR_PLACES_H
#define DETECTOR_PLACES_H

#include "csv/reader.h"
#include "detector/model.h"

struct flt_places {
	const char **names; /* (n_columns) as the detector calls them */
	char (*made)[24];   /* (n_columns) the texts of names that differ from those of the reader; NULL: none does */
	size_t n_columns;
	bool may_end_empty; /* the last column is right if it holds anything, see flt_places_check_last */
};

/* Fails with FLT_ERR_DATA if the number of columns fits neither way. flt_places_release must be called even then. */
enum flt_status flt_places_find(struct flt_places *places, const struct flt_detector *detector,
                                const struct flt_csv *csv, struct flt_error *err);
void flt_places_release(struct flt_places *places);

/* The end of a message about a column that is not there: one of the two files may have been read with the wrong idea of
 * its header. "" if not. */
const char *flt_places_header_remedy(const struct flt_detector *detector, const struct flt_csv *csv);

/* Whether the last column may be no column: a delimiter that ends each line of a file without the target has the same
 * effect, and would shift all others. To be called with the number of rows in which it is empty, if it is in all.
 * FLT_ERR_DATA if that many empty cells would have been very unlikely in training. */
enum flt_status flt_places_check_last(const struct flt_places *places, const struct flt_detector *detector,
                                      const char *file, size_t n_rows, struct flt_error *err);

#endif
