/*
 * Missing markers: texts that mean "no value". They are ?, NA, N/A, NaN, nan and null, and those that the caller adds.
 * An empty cell, and one of blanks only, is missing whatever the markers are.
 *
 * In a column of numbers an added marker that is a number is compared by its value, so -999 is also -999.0, and more
 * words stand for a missing value (flt_is_word_for_missing). Elsewhere texts are compared.
 */
#ifndef CSV_MARKERS_H
#define CSV_MARKERS_H

#include <stdbool.h>

#include "base/number.h"
#include "base/sorted_texts.h"
#include "base/text.h"

struct flt_markers {
	struct flt_names added;
	struct flt_sorted_text *by_text; /* (added.n) */
	struct flt_marker_value {
		double value;
		size_t marker; /* among the added */
	} * values;            /* (n_values) of those that are numbers, sorted */
	size_t n_values;
	_Atomic bool *was_met; /* (added.n) some cell held it; set by any thread */
};

/* added: list separated by commas, or NULL. flt_markers_release must be called even after a failure. */
enum flt_status flt_markers_init(const char *added, struct flt_markers *markers, struct flt_error *err);
void flt_markers_release(struct flt_markers *markers);

/* The next, of any text. */
bool flt_markers_find(const struct flt_markers *markers, const char *text, size_t length);

/* Whether the text is a marker, or empty, or blank. Most begin as none of these does. */
static inline bool flt_markers_hold(const struct flt_markers *markers, const char *text, size_t length)
{
	unsigned char first = length > 0 ? (unsigned char)text[0] : ' ';
	bool may_be_known = first <= ' ' || first >= 0x80 || first == '?' || (first | 0x20) == 'n';
	return (may_be_known || markers->added.n > 0) && flt_markers_find(markers, text, length);
}

bool flt_markers_hold_value(const struct flt_markers *markers, double value); /* of a cell in a column of numbers */

/* Words that people and programs put in the place of a missing number, whatever their case: NULL, None, <NA>, #N/A,
 * #DIV/0!, \N, -, ., missing and the like. In a column of text they may well be values. */
bool flt_is_word_for_missing(const char *text, size_t length);

/* All of these words, in lower case, and the markers that are known without being added: *n of them. */
const char *const *flt_words_for_missing(size_t *n);
const char *const *flt_known_markers(size_t *n);

/* What a cell of a numeric column holds. */
enum flt_numeric_cell { FLT_CELL_NUMBER, FLT_CELL_MISSING, FLT_CELL_TEXT, FLT_CELL_OUT_OF_RANGE };

/* What a cell holds that was read as a number, with what result. value counts for FLT_NUMBER only. */
enum flt_numeric_cell flt_cell_of_number(const struct flt_markers *markers, enum flt_number kind, double value);

/* A cell that is not empty, and no number as it stands. */
enum flt_numeric_cell flt_odd_cell_read(const struct flt_markers *markers, char decimal, const char *text,
                                        size_t length, double *value);

/* Reads a cell as a plain number with this decimal mark, or as a marker. Blanks around it are ignored. *value is set
 * for FLT_CELL_NUMBER only. */
static inline enum flt_numeric_cell flt_numeric_cell_read(const struct flt_markers *markers, char decimal,
                                                          const char *text, size_t length, double *value)
{
	if (length == 0)
		return FLT_CELL_MISSING;
	if (flt_number_parse(text, length, decimal, value) != FLT_NUMBER)
		return flt_odd_cell_read(markers, decimal, text, length, value);
	return markers->n_values > 0 && flt_markers_hold_value(markers, *value) ? FLT_CELL_MISSING : FLT_CELL_NUMBER;
}

#endif
