/*
 * The type of a column, from the distinct texts of its cells and their counts. The order of rows plays no part in it.
 *
 * A column is one of numbers if more than half of its values are numbers, plain or in one format (number_format.h).
 * Words for "missing" (markers.h) are no values then, and blank cells never are. Such a column never becomes text
 * unasked. If some of its values are in another format, or are no numbers, or if a mark can be read in two ways, the
 * finding is FLT_FOUND_DOUBT: reading fails with a sentence that names these texts and the options that settle it.
 *
 * The same holds if more than half of its values stand for numbers (flt_is_like_number), though no one format reads
 * most of them.
 *
 * A column of which more than half of the values are dates (date_text.h) is one of dates, in the same way.
 *
 * There is one exception, codes: whole numbers without a sign beside texts with a letter before a digit ("113803"
 * beside "PC 17599"), if these are at least a tenth of the values or some number starts with 0 ("007" beside "B7").
 * They are text.
 */
#ifndef TABLE_FINDING_H
#define TABLE_FINDING_H

#include "table/dictionary.h"
#include "table/number_format.h"

/* Numbers in the plain format, of whose texts only this was kept. */
struct flt_plain_numbers {
	size_t n;
	bool has_mark;       /* some have a decimal mark */
	bool has_hundreds;   /* some have three digits and no mark */
	bool may_be_grouped; /* each that has a mark could be grouped by it (7.940), no other has over three digits */
};

/* The cells of a column that are not missing. */
struct flt_census {
	const struct flt_dictionary *texts;
	const size_t *counts; /* (texts->n) cells of each text */
	struct flt_plain_numbers plain;
};

struct flt_finding_rules {
	const struct flt_markers *markers;
	char decimal; /* of the file */
	char delimiter;
	bool must_be_numbers; /* --numeric: the format of most numbers, and all else is missing */
};

enum flt_finding_kind {
	FLT_FOUND_TEXT,
	FLT_FOUND_NUMBERS, /* in `format` */
	FLT_FOUND_DATES,
	FLT_FOUND_DOUBT
};

enum flt_doubt {
	FLT_DOUBT_ODD_TEXTS,      /* texts that `format` does not read */
	FLT_DOUBT_OUT_OF_RANGE,   /* numbers that a double cannot hold */
	FLT_DOUBT_DECIMAL_COMMAS, /* in a file whose decimal mark is the point */
	FLT_DOUBT_MARK,           /* a mark that is for decimals or for thousands */
	FLT_DOUBT_ODD_DATES,      /* most values are dates, and some are not */
	FLT_DOUBT_LIKE_NUMBERS    /* most values stand for numbers that no format reads */
};

struct flt_finding {
	enum flt_finding_kind kind;
	enum flt_doubt doubt;
	struct flt_number_format format;
	size_t n_values; /* cells that are neither missing nor a word for it */
	size_t n_odd;    /* those that `format` does not read, or that are no dates, or that are like numbers */
	size_t n_words;  /* cells with a word for "missing" */
};

/* Whether text has a letter before a digit, as A12 and PC 17599. 50k is no code: it is meant to be a number. */
bool flt_is_code(const char *text, size_t length);

struct flt_finding flt_find_type(const struct flt_census *census, const struct flt_finding_rules *rules);

#endif
