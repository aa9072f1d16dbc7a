/* How the text of a CSV file, or of single records, is read for a detector. */
#ifndef FLTRAIN_READING_H
#define FLTRAIN_READING_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the first record of a file holds the names of the columns. */
enum flt_header { FLT_HEADER_FIND, FLT_HEADER_YES, FLT_HEADER_NO };

/* A zero-initialised struct reads cells as in training, and finds delimiter and header. Texts are borrowed: keep them
 * as long as the scorer or stream that was made with them. Lists are comma-separated; an item that holds a comma itself
 * can be quoted with "". */
struct flt_reading_options {
	const char *na;      /* list of texts that stand for a missing value, besides those of training */
	const char *numeric; /* list of columns in which text that is no number is missing; NULL: as in training */
	char decimal;        /* '.' or ','; 0: as in training */

	/* Of files only. */
	const char *id;         /* id column, which the file must have; NULL: that of training, if the file has it */
	char delimiter;         /* 0: found; ' ' stands for runs of blanks and tabs */
	enum flt_header header; /* without a header, columns are called c1, c2, ... */
	size_t skip_lines;      /* lines before the table; 0: those that are found */
	bool skip_bad_rows;     /* skip and count records with too few or too many fields; false: they are an error */
};

#endif
