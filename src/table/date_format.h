/*
 * How the dates of a whole column are written: one shape, one order of day and month, all with a time zone or none.
 *
 * The cells of a column are counted as evidence, in any order and in parts that are merged; then the evidence decides.
 * Day and month: a number above 12 is no month, so one cell can settle it for all. With points the day stands first if
 * nothing speaks against it (31.01.2024); with other marks two possible orders remain ambiguous.
 */
#ifndef TABLE_DATE_FORMAT_H
#define TABLE_DATE_FORMAT_H

#include "table/date_text.h"

struct flt_date_format {
	enum flt_date_shape shape;
	enum flt_date_order order; /* FIND where the shape has none */
	bool has_zone;             /* every time of day tells its offset from UTC, and times are in UTC */
	bool has_time;             /* some cell has a time of day */
};

/* The cells seen so far. Zeroed: none. */
struct flt_date_evidence {
	size_t n; /* dates of any shape */
	struct flt_shape_evidence {
		size_t n, n_timed, n_zoned;
		size_t n_in_order[FLT_N_DATE_ORDERS]; /* of these, dates in that order */
		int lowest[2], highest[2];            /* of the first and the last number, in shapes with an order */
	} of[FLT_DATE_N_TEXTS];
};

/* Adds n cells that hold the date. */
void flt_date_evidence_add(struct flt_date_evidence *evidence, const struct flt_date_scan *date, size_t n);
void flt_date_evidence_merge(struct flt_date_evidence *evidence, const struct flt_date_evidence *other);

enum flt_date_verdict {
	FLT_DATES_OF_ONE_FORMAT,
	FLT_DATES_OF_SEVERAL_SHAPES,
	FLT_DATES_AMBIGUOUS,     /* more than one order of day and month fits all cells */
	FLT_DATES_WITHOUT_ORDER, /* no order fits all cells */
	FLT_DATES_ZONES_MIXED    /* some times of day have a zone and others have none */
};

/* Of evidence with at least one cell. order: that which was asked for, or FIND. *format is that of most cells; in an
 * order that fits most of them. */
enum flt_date_verdict flt_date_decide(const struct flt_date_evidence *evidence, enum flt_date_order order,
                                      struct flt_date_format *format);

/* Reads a text of that format. False if it is something else. */
bool flt_date_read(const struct flt_date_format *format, const char *text, size_t length, double *seconds);

/* The seconds that a number means in one of the shapes DIGITS, SECONDS, MILLISECONDS. False if it means nothing. */
bool flt_date_of_number(enum flt_date_shape shape, double number, double *seconds);

enum { FLT_DATE_FORMAT_TEXT = 64 };

/* "mm/dd/yyyy hh:mm, UTC", for people. */
void flt_date_format_text(const struct flt_date_format *format, char text[FLT_DATE_FORMAT_TEXT]);

#endif
