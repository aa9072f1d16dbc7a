/*
 * Rows cut into slices by the values of one column, as texts.
 *
 * Values of a column of numbers compare as numbers, dates as dates, others as texts; missing cells are a slice of their
 * own, the last. Numbers with more than FLT_MOST_PLAIN different values are cut at their quintiles, dates with more by
 * month, or by year if there are too many months.
 */
#ifndef PROTOCOL_SLICING_H
#define PROTOCOL_SLICING_H

#include "table/dictionary.h"

enum {
	FLT_MOST_PLAIN = 12, /* different numbers or dates that are slices each */
	FLT_N_BINS = 5,
	FLT_MOST_SLICES = 50, /* of all columns together: more cannot be read, nor told apart from chance */
	FLT_SLICE_NAME = 64
};

enum flt_slice_kind { FLT_SLICE_VALUE, FLT_SLICE_BIN, FLT_SLICE_MONTH, FLT_SLICE_YEAR, FLT_SLICE_MISSING };

struct flt_slicing {
	size_t n_slices;
	struct {
		enum flt_slice_kind kind;
		char name[FLT_SLICE_NAME]; /* the value; of a bin "18 to 24"; "2024-03"; cut with "..."; "" if missing
		                            */
		double lo, hi;             /* of a bin: its lowest and highest value */
	} slices[FLT_MOST_SLICES];
	size_t *of; /* (n) the slice of each row */
};

/* A column's cells: the text of row i is code[i] of texts. */
struct flt_slicing_column {
	const char *name;
	const struct flt_dictionary *texts;
	const int32_t *code; /* (n) */
	size_t n;
	char decimal, delimiter; /* of the file */
	const char *na;          /* list of missing markers besides the default ones, or NULL */
};

/* Release it whatever is returned. More than `most` slices are FLT_ERR_USAGE. */
enum flt_status flt_slicing_make(const struct flt_slicing_column *column, size_t most, struct flt_slicing *slicing,
                                 struct flt_error *err);
void flt_slicing_release(struct flt_slicing *slicing);

#endif
