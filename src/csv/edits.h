/*
 * Takes out of a file's bytes what is no part of its table, so that the parsers need not know of it. No edit changes
 * the number of lines.
 */
#ifndef CSV_EDITS_H
#define CSV_EDITS_H

#include <stdbool.h>
#include <stddef.h>

enum { FLT_MAX_CUTS = 3 };

/* Zeroed: nothing is edited. Quotes are respected by all of them. */
struct flt_edits {
	bool joins_blanks; /* fields are separated by runs of blanks and tabs: each becomes one blank, those at the ends
	                    * of lines none */
	bool strips_leading;  /* the delimiter that begins each line */
	bool strips_trailing; /* the delimiter that ends each line */
	unsigned char delimiter;

	/* At the beginning of the table only. */
	struct flt_cut {
		size_t at, n;
	} cuts[FLT_MAX_CUTS]; /* (n_cuts) bytes to take out, in rising order */
	size_t n_cuts;
	bool names_first_column; /* puts FLT_ROW_NAMES and a delimiter before the first byte */
};

#define FLT_ROW_NAMES "row.names"

/* Edits whole lines (n bytes) in place, and returns their new length. is_last: the last line may lack its line end. */
size_t flt_edit_lines(const struct flt_edits *edits, unsigned char *bytes, size_t n, bool is_last);

/* Edits the beginning of the table (n bytes) in place, which has room for FLT_EDITS_ROOM bytes more. */
enum { FLT_EDITS_ROOM = 16 };
size_t flt_edit_beginning(const struct flt_edits *edits, unsigned char *bytes, size_t n);

#endif
