#include "table/date_format.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"

static bool has_order(enum flt_date_shape shape)
{
	return shape >= FLT_DATE_POINTS && shape <= FLT_DATE_SHORT_DASHES;
}

static bool has_points(enum flt_date_shape shape)
{
	return shape == FLT_DATE_POINTS || shape == FLT_DATE_SHORT_POINTS;
}

/* ---- evidence ---- */

static void widen(struct flt_shape_evidence *of, int end, int value, bool is_first)
{
	if (is_first || value < of->lowest[end])
		of->lowest[end] = value;
	if (is_first || value > of->highest[end])
		of->highest[end] = value;
}

void flt_date_evidence_add(struct flt_date_evidence *evidence, const struct flt_date_scan *date, size_t n)
{
	struct flt_shape_evidence *of = &evidence->of[date->shape];
	for (int end = 0; end < 2; end++)
		widen(of, end, date->parts[2 * end], of->n == 0);
	evidence->n += n;
	of->n += n;
	of->n_timed += date->has_time ? n : 0;
	of->n_zoned += date->has_zone ? n : 0;
	for (int order = 0; order < FLT_N_DATE_ORDERS; order++)
		of->n_in_order[order] += date->is_date[order] ? n : 0;
}

static void merge_shape(struct flt_shape_evidence *of, const struct flt_shape_evidence *other)
{
	for (int end = 0; end < 2; end++) {
		widen(of, end, other->lowest[end], of->n == 0);
		widen(of, end, other->highest[end], false);
	}
	of->n += other->n;
	of->n_timed += other->n_timed;
	of->n_zoned += other->n_zoned;
	for (int order = 0; order < FLT_N_DATE_ORDERS; order++)
		of->n_in_order[order] += other->n_in_order[order];
}

void flt_date_evidence_merge(struct flt_date_evidence *evidence, const struct flt_date_evidence *other)
{
	evidence->n += other->n;
	for (size_t shape = 0; shape < FLT_DATE_N_TEXTS; shape++)
		if (other->of[shape].n > 0)
			merge_shape(&evidence->of[shape], &other->of[shape]);
}

/* ---- the verdict ---- */

static enum flt_date_shape most_frequent(const struct flt_date_evidence *evidence)
{
	size_t best = 0;
	for (size_t shape = 1; shape < FLT_DATE_N_TEXTS; shape++)
		if (evidence->of[shape].n > evidence->of[best].n)
			best = shape;
	return (enum flt_date_shape)best;
}

/* Whether 01/02/03 may start with the year. Days use up their range sooner than years do: if the first numbers lie
 * closer together than the last ones, the days seem to stand last. */
static bool may_start_with_year(const struct flt_shape_evidence *of)
{
	return of->n_in_order[FLT_DATE_YMD] == of->n && of->highest[0] - of->lowest[0] < of->highest[1] - of->lowest[1];
}

static enum flt_date_order best_order(const struct flt_shape_evidence *of)
{
	enum flt_date_order best = FLT_DATE_DMY;
	if (of->n_in_order[FLT_DATE_MDY] > of->n_in_order[best])
		best = FLT_DATE_MDY;
	return of->n_in_order[FLT_DATE_YMD] > of->n_in_order[best] ? FLT_DATE_YMD : best;
}

static enum flt_date_verdict decide_order(const struct flt_shape_evidence *of, struct flt_date_format *format)
{
	bool is_given = format->order != FLT_DATE_ORDER_FIND;
	if (!is_given)
		format->order = best_order(of);
	if (of->n_in_order[format->order] < of->n)
		return FLT_DATES_WITHOUT_ORDER;
	if (is_given || format->order == FLT_DATE_YMD)
		return FLT_DATES_OF_ONE_FORMAT;
	bool is_other_way = of->n_in_order[FLT_DATE_DMY] == of->n && of->n_in_order[FLT_DATE_MDY] == of->n;
	if (has_points(format->shape))
		is_other_way = false;
	return is_other_way || may_start_with_year(of) ? FLT_DATES_AMBIGUOUS : FLT_DATES_OF_ONE_FORMAT;
}

enum flt_date_verdict flt_date_decide(const struct flt_date_evidence *evidence, enum flt_date_order order,
                                      struct flt_date_format *format)
{
	enum flt_date_verdict verdict = FLT_DATES_OF_ONE_FORMAT;
	enum flt_date_shape shape = most_frequent(evidence);
	const struct flt_shape_evidence *of = &evidence->of[shape];
	*format = (struct flt_date_format){.shape = shape,
	                                   .order = has_order(shape) ? order : FLT_DATE_ORDER_FIND,
	                                   .has_zone = 2 * of->n_zoned > of->n_timed,
	                                   .has_time = of->n_timed > 0};
	if (has_order(shape))
		verdict = decide_order(of, format);
	if (of->n < evidence->n)
		return FLT_DATES_OF_SEVERAL_SHAPES;
	if (verdict != FLT_DATES_OF_ONE_FORMAT)
		return verdict;
	return of->n_zoned == 0 || of->n_zoned == of->n_timed ? FLT_DATES_OF_ONE_FORMAT : FLT_DATES_ZONES_MIXED;
}

/* ---- reading by a format ---- */

/* 20240131 */
static bool read_digits(double number, double *seconds)
{
	if (!(number >= 10000101 && number <= 99991231) || number != rint(number))
		return false;
	int digits = (int)number, year = digits / 10000, month = digits / 100 % 100, day = digits % 100;
	*seconds = flt_date_is_day(year, month, day) ? flt_date_of_day(year, month, day) : 0;
	return flt_date_is_day(year, month, day);
}

bool flt_date_of_number(enum flt_date_shape shape, double number, double *seconds)
{
	const double largest = 253402300800; /* the year 10000 */
	if (shape == FLT_DATE_DIGITS)
		return read_digits(number, seconds);
	*seconds = shape == FLT_DATE_MILLISECONDS ? number / 1000 : number;
	return fabs(*seconds) < largest;
}

bool flt_date_read(const struct flt_date_format *format, const char *text, size_t length, double *seconds)
{
	struct flt_date_scan scan;
	double number;
	if (format->shape >= FLT_DATE_N_TEXTS)
		return flt_number_parse(text, length, '.', &number) == FLT_NUMBER &&
		       flt_date_of_number(format->shape, number, seconds);
	if (!flt_date_scan(text, length, &scan) || scan.shape != format->shape || !scan.is_date[format->order] ||
	    (scan.has_time && scan.has_zone != format->has_zone))
		return false;
	*seconds = flt_date_seconds(&scan, format->order);
	return true;
}

/* ---- for people ---- */

void flt_date_format_text(const struct flt_date_format *format, char text[FLT_DATE_FORMAT_TEXT])
{
	char shape[32];
	snprintf(shape, sizeof shape, "%s", flt_date_shape_words[format->shape]);
	if (format->order == FLT_DATE_MDY) {
		shape[0] = shape[1] = 'm';
		shape[3] = shape[4] = 'd';
	} else if (format->order == FLT_DATE_YMD) {
		shape[0] = shape[1] = 'y';
		shape[6] = shape[7] = 'd';
	}
	snprintf(text, FLT_DATE_FORMAT_TEXT, "%s%s%s", shape,
	         format->has_time && format->shape != FLT_DATE_BASIC ? " hh:mm" : "",
	         format->has_zone ? " in UTC" : "");
}
