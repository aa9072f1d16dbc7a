#include "table/date_cells.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/character.h"
#include "base/number.h"

/* ---- cell by cell ---- */

static void note_odd(struct flt_date_cells *cells, const struct flt_cell_note *note, size_t n_lines)
{
	for (size_t i = 0; i < FLT_ODD_TEXTS; i++) {
		if (strcmp(cells->odd[i].text.text, note->text.text) == 0 && cells->odd[i].line != 0)
			return;
		if (cells->odd[i].line == 0) {
			flt_cell_note_append(&cells->odd[i], note, n_lines);
			return;
		}
	}
}

/* The order that the date is read in until the column's is known. */
static enum flt_date_order likely_order(const struct flt_date_scan *date, enum flt_date_order wanted)
{
	if (wanted != FLT_DATE_ORDER_FIND)
		return wanted;
	return date->is_date[FLT_DATE_DMY] ? FLT_DATE_DMY : date->is_date[FLT_DATE_MDY] ? FLT_DATE_MDY : FLT_DATE_YMD;
}

static void take_end(struct flt_end_cell *end, double value, const char *text, size_t length, size_t line)
{
	*end = (struct flt_end_cell){.value = value, .line = line};
	end->length = length < sizeof end->text ? length : sizeof end->text;
	memcpy(end->text, text, end->length);
}

static double note_value(struct flt_date_cells *cells, double seconds, const char *text, size_t length, size_t line)
{
	if (cells->lowest.line == 0 || seconds < cells->lowest.value)
		take_end(&cells->lowest, seconds, text, length, line);
	if (cells->highest.line == 0 || seconds > cells->highest.value)
		take_end(&cells->highest, seconds, text, length, line);
	return seconds;
}

static void append_ends(struct flt_date_cells *cells, const struct flt_date_cells *more, size_t n_lines)
{
	if (more->lowest.line == 0)
		return;
	if (cells->lowest.line == 0 || more->lowest.value < cells->lowest.value) {
		cells->lowest = more->lowest;
		cells->lowest.line += n_lines;
	}
	if (cells->highest.line == 0 || more->highest.value > cells->highest.value) {
		cells->highest = more->highest;
		cells->highest.line += n_lines;
	}
}

static double add_date(struct flt_date_cells *cells, const struct flt_date_scan *date, enum flt_date_order wanted,
                       const char *text, size_t length, size_t line)
{
	flt_date_evidence_add(&cells->evidence, date, 1);
	flt_cell_note_take(&cells->first_of[date->shape], text, length, line);
	if (date->has_time)
		flt_cell_note_take(date->has_zone ? &cells->first_zoned : &cells->first_local, text, length, line);
	for (int order = FLT_DATE_DMY; order < FLT_N_DATE_ORDERS; order++)
		if (!date->is_date[order])
			flt_cell_note_take(&cells->first_not_in[order], text, length, line);
	enum flt_date_order order = likely_order(date, wanted);
	return date->is_date[order] ? note_value(cells, flt_date_seconds(date, order), text, length, line)
	                            : (double)NAN;
}

bool flt_date_cell_is_missing(const struct flt_markers *markers, char decimal, const char *text, size_t length)
{
	double value;
	return flt_numeric_cell_read(markers, decimal, text, length, &value) == FLT_CELL_MISSING ||
	       flt_is_word_for_missing(text, length);
}

bool flt_date_cells_add_date(struct flt_date_cells *cells, const struct flt_date_reading *reading, const char *text,
                             size_t length, size_t line, double *value)
{
	struct flt_date_scan date;
	if (reading->is_known && !flt_date_read(&reading->format, text, length, value))
		return false;
	if (!reading->is_known && !flt_date_scan(text, length, &date))
		return false;
	*value = reading->is_known ? note_value(cells, *value, text, length, line)
	                           : add_date(cells, &date, reading->format.order, text, length, line);
	return true;
}

double flt_date_cells_add_other(struct flt_date_cells *cells, const struct flt_date_reading *reading, char decimal,
                                const char *text, size_t length, size_t line)
{
	double value;
	if (!reading->is_known && flt_number_parse(text, length, decimal, &value) == FLT_NUMBER) {
		cells->n_numbers++;
		flt_cell_note_take(&cells->first_number, text, length, line);
		return note_value(cells, value, text, length, line);
	}
	struct flt_cell_note note = {.line = line, .text = flt_shown(text, length)};
	note_odd(cells, &note, 0);
	cells->n_odd++;
	return (double)NAN;
}

void flt_date_cells_append(struct flt_date_cells *cells, const struct flt_date_cells *more, size_t n_lines)
{
	flt_date_evidence_merge(&cells->evidence, &more->evidence);
	cells->n_numbers += more->n_numbers;
	cells->n_odd += more->n_odd;
	flt_cell_note_append(&cells->first_number, &more->first_number, n_lines);
	for (size_t i = 0; i < FLT_DATE_N_TEXTS; i++)
		flt_cell_note_append(&cells->first_of[i], &more->first_of[i], n_lines);
	for (size_t i = 0; i < FLT_N_DATE_ORDERS; i++)
		flt_cell_note_append(&cells->first_not_in[i], &more->first_not_in[i], n_lines);
	flt_cell_note_append(&cells->first_zoned, &more->first_zoned, n_lines);
	flt_cell_note_append(&cells->first_local, &more->first_local, n_lines);
	append_ends(cells, more, n_lines);
	for (size_t i = 0; i < FLT_ODD_TEXTS; i++)
		if (more->odd[i].line != 0)
			note_odd(cells, &more->odd[i], n_lines);
}

/* Whether notes are texts, of the file that is being read. */
static bool are_notes(const struct flt_cell_note *notes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (notes[i].file || !memchr(notes[i].text.text, '\0', sizeof notes[i].text.text))
			return false;
	return true;
}

static bool is_end(const struct flt_end_cell *end)
{
	return !end->file && end->length <= sizeof end->text;
}

/* Whether there is a first cell of each kind of which there are cells. */
static bool have_firsts(const struct flt_date_cells *cells)
{
	size_t n = 0;
	for (size_t i = 0; i < FLT_DATE_N_TEXTS; i++) {
		n += cells->evidence.of[i].n;
		if ((cells->evidence.of[i].n > 0) != (cells->first_of[i].line > 0))
			return false;
	}
	return n == cells->evidence.n && (cells->n_numbers > 0) == (cells->first_number.line > 0) &&
	       (cells->n_odd > 0) == (cells->odd[0].line > 0);
}

bool flt_date_cells_fill(struct flt_date_cells *cells, const struct flt_date_cells *seen)
{
	*cells = *seen;
	return have_firsts(cells) && are_notes(&cells->first_number, 1) &&
	       are_notes(cells->first_of, FLT_DATE_N_TEXTS) && are_notes(cells->first_not_in, FLT_N_DATE_ORDERS) &&
	       are_notes(&cells->first_zoned, 1) && are_notes(&cells->first_local, 1) &&
	       are_notes(cells->odd, FLT_ODD_TEXTS) && is_end(&cells->lowest) && is_end(&cells->highest);
}

/* ---- cells that do not fit ---- */

static const char *role_of(const struct flt_date_column *column)
{
	return column->is_time ? "time column" : "date column";
}

static void name_file(struct flt_cell_note *notes, size_t n, const char *file)
{
	for (size_t i = 0; i < n; i++)
		if (notes[i].line != 0 && !notes[i].file)
			notes[i].file = file;
}

void flt_date_cells_end_file(struct flt_date_cells *cells, const char *file)
{
	name_file(&cells->first_number, 1, file);
	name_file(&cells->first_zoned, 1, file);
	name_file(&cells->first_local, 1, file);
	cells->lowest.file = cells->lowest.file ? cells->lowest.file : file;
	cells->highest.file = cells->highest.file ? cells->highest.file : file;
	name_file(cells->first_of, FLT_DATE_N_TEXTS, file);
	name_file(cells->first_not_in, FLT_N_DATE_ORDERS, file);
	name_file(cells->odd, FLT_ODD_TEXTS, file);
}

/* What a text tells of time that does not put it on a line of time; NULL if nothing. */
static const char *part_of_time(const char *text)
{
	static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun", "jan", "feb", "mar",
	                                    "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
	size_t n_digits = strspn(text, "0123456789");
	if (n_digits >= 1 && n_digits <= 2 && text[n_digits] == ':')
		return "a time of day without a date";
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strncasecmp(text, names[i], 3) == 0)
			return i < 7 ? "a weekday without a date" : "a month without a year";
	return NULL;
}

static const char *file_of(const struct flt_cell_note *note, const struct flt_date_column *column)
{
	return note->file ? note->file : column->file;
}

/* "line 12", or "b.csv:12" if that is not the file of the cell beside it. */
struct line_text {
	char text[128];
};

static struct line_text line_of(const struct flt_cell_note *note, const struct flt_cell_note *beside)
{
	struct line_text shown;
	if (note->file && beside->file && strcmp(note->file, beside->file) != 0)
		snprintf(shown.text, sizeof shown.text, "%.*s:%zu", (int)flt_fitting_length(note->file, 100),
		         note->file, note->line);
	else
		snprintf(shown.text, sizeof shown.text, "line %zu", note->line);
	return shown;
}

/* "a", "b" and "c" of the odd texts, and the same as a list for --na. */
struct odd_texts {
	char shown[3 * sizeof(struct flt_shown) + 16], list[3 * sizeof(struct flt_shown) + 32];
};

static struct odd_texts list_odd(const struct flt_date_cells *cells)
{
	struct odd_texts odd = {"", ""};
	const char *items[FLT_ODD_TEXTS];
	size_t n = 0, n_shown = 0;
	while (n < FLT_ODD_TEXTS && cells->odd[n].line != 0)
		n++;
	for (size_t i = 0; i < n; i++) {
		const char *text = cells->odd[i].text.text, *join = i == 0 ? "" : i + 1 < n ? ", " : " and ";
		n_shown += (size_t)snprintf(odd.shown + n_shown, sizeof odd.shown - n_shown, "%s\"%s\"", join, text);
		items[i] = text;
	}
	if (!flt_option_value(items, n, odd.list, sizeof odd.list))
		snprintf(odd.list, sizeof odd.list, "TEXT");
	return odd;
}

static enum flt_status fail_odd(const struct flt_date_cells *cells, const struct flt_date_column *column, size_t n_rows,
                                struct flt_error *err)
{
	const struct flt_cell_note *first = &cells->odd[0];
	const char *part = part_of_time(first->text.text);
	struct odd_texts odd = list_odd(cells);
	bool are_most = 2 * cells->n_odd > n_rows;
	if (are_most)
		return flt_fail(err, FLT_ERR_DATA,
		                "%s:%zu: %s \"%s\" holds \"%s\"%s%s: %s a column of dates (2024-01-31, 31.01.2024, "
		                "31 Jan 2024, with or without a time of day)%s",
		                file_of(first, column), first->line, role_of(column), column->name, first->text.text,
		                part ? ", " : ", which is no date", part ? part : "",
		                column->is_time ? "name with --time" : "name with --date",
		                column->is_time ? " or of numbers that rise with time" : "");
	return flt_fail(err, FLT_ERR_DATA,
	                "%s:%zu: %s \"%s\" holds %s, %zu of its %zu cells that %s: correct them, or make them missing "
	                "with --na %s%s",
	                file_of(first, column), first->line, role_of(column), column->name, odd.shown, cells->n_odd,
	                n_rows, column->is_time ? "are neither dates nor numbers" : "are no dates", odd.list,
	                column->is_time ? " and leave such rows out with --missing-time drop" : "");
}

static enum flt_status fail_unlike(const struct flt_date_cells *cells, const struct flt_date_column *column,
                                   const struct flt_date_format *format, struct flt_error *err)
{
	char expected[FLT_DATE_FORMAT_TEXT];
	struct odd_texts odd = list_odd(cells);
	flt_date_format_text(format, expected);
	return flt_fail(err, FLT_ERR_DATA,
	                "%s:%zu: %s \"%s\" holds %s, but its dates are %s: correct them, or make them missing with "
	                "--na %s",
	                file_of(&cells->odd[0], column), cells->odd[0].line, role_of(column), column->name, odd.shown,
	                expected, odd.list);
}

/* Some cells are of one kind and some of another; the fewer are named. */
static enum flt_status fail_two_kinds(const struct flt_date_column *column, const struct flt_cell_note *few,
                                      size_t n_few, const struct flt_cell_note *most, size_t n, struct flt_error *err)
{
	assert(few && most);
	return flt_fail(err, FLT_ERR_DATA,
	                "%s:%zu: %s \"%s\" holds \"%s\" (like %zu of its %zu cells) and \"%s\" (%s): write all of "
	                "them in one way",
	                file_of(few, column), few->line, role_of(column), column->name, few->text.text, n_few, n,
	                most->text.text, line_of(most, few).text);
}

static enum flt_status fail_numbers_and_dates(const struct flt_date_cells *cells, const struct flt_date_column *column,
                                              enum flt_date_shape shape, struct flt_error *err)
{
	size_t n_dates = cells->evidence.n, n = n_dates + cells->n_numbers;
	const struct flt_cell_note *date = &cells->first_of[shape], *number = &cells->first_number;
	return n_dates >= cells->n_numbers ? fail_two_kinds(column, number, cells->n_numbers, date, n, err)
	                                   : fail_two_kinds(column, date, n_dates, number, n, err);
}

static enum flt_status fail_shapes(const struct flt_date_cells *cells, const struct flt_date_column *column,
                                   enum flt_date_shape shape, struct flt_error *err)
{
	const struct flt_cell_note *other = NULL;
	for (size_t i = 0; i < FLT_DATE_N_TEXTS; i++)
		if (i != (size_t)shape && cells->first_of[i].line != 0 &&
		    (!other || cells->first_of[i].line < other->line))
			other = &cells->first_of[i];
	return fail_two_kinds(column, other, cells->evidence.n - cells->evidence.of[shape].n, &cells->first_of[shape],
	                      cells->evidence.n, err);
}

static enum flt_status fail_zones(const struct flt_date_cells *cells, const struct flt_date_column *column,
                                  struct flt_error *err)
{
	return flt_fail(err, FLT_ERR_DATA,
	                "%s:%zu: %s \"%s\" holds \"%s\" with a time zone, and \"%s\" without one (%s): write all of "
	                "them with one, or none",
	                file_of(&cells->first_zoned, column), cells->first_zoned.line, role_of(column), column->name,
	                cells->first_zoned.text.text, cells->first_local.text.text,
	                line_of(&cells->first_local, &cells->first_zoned).text);
}

/* Both, or all three, readings of a date, each with the option that chooses it. */
static enum flt_status fail_ambiguous(const struct flt_date_cells *cells, const struct flt_date_column *column,
                                      enum flt_date_shape shape, struct flt_error *err)
{
	const struct flt_cell_note *first = &cells->first_of[shape];
	const struct flt_shape_evidence *of = &cells->evidence.of[shape];
	struct flt_date_scan date;
	char readings[160] = "", day[FLT_DATE_TEXT];
	size_t n = 0;
	if (!flt_date_scan(first->text.text, strlen(first->text.text), &date))
		date = (struct flt_date_scan){0};
	for (int order = FLT_DATE_DMY; order < FLT_N_DATE_ORDERS; order++) {
		if (of->n_in_order[order] < of->n)
			continue;
		flt_date_text(flt_date_seconds(&date, (enum flt_date_order)order), false, day);
		n += (size_t)snprintf(readings + n, sizeof readings - n, "%s%s with --date-order %s", n ? ", or " : "",
		                      day, flt_date_order_words[order]);
	}
	return flt_fail(
	        err, FLT_ERR_DATA,
	        "%s:%zu: %s \"%s\" holds \"%s\", and none of its %zu cells tells which number is the month: it is "
	        "%s",
	        file_of(first, column), first->line, role_of(column), column->name, first->text.text, of->n, readings);
}

static enum flt_status fail_order(const struct flt_date_cells *cells, const struct flt_date_column *column,
                                  enum flt_date_order wanted, struct flt_error *err)
{
	if (wanted != FLT_DATE_ORDER_FIND)
		return flt_fail(
		        err, FLT_ERR_DATA,
		        "%s:%zu: %s \"%s\" holds \"%s\", which is no date in the order of --date-order %s: leave "
		        "that option out, or correct the cell",
		        file_of(&cells->first_not_in[wanted], column), cells->first_not_in[wanted].line,
		        role_of(column), column->name, cells->first_not_in[wanted].text.text,
		        flt_date_order_words[wanted]);
	return flt_fail(
	        err, FLT_ERR_DATA,
	        "%s:%zu: %s \"%s\" holds \"%s\", where the day stands first, and \"%s\" with the month first (%s"
	        "): write all of them in one order",
	        file_of(&cells->first_not_in[FLT_DATE_MDY], column), cells->first_not_in[FLT_DATE_MDY].line,
	        role_of(column), column->name, cells->first_not_in[FLT_DATE_MDY].text.text,
	        cells->first_not_in[FLT_DATE_DMY].text.text,
	        line_of(&cells->first_not_in[FLT_DATE_DMY], &cells->first_not_in[FLT_DATE_MDY]).text);
}

/* ---- the verdict ---- */

static enum flt_status decide_dates(const struct flt_date_cells *cells, const struct flt_date_column *column,
                                    struct flt_date_reading *reading, bool *again, struct flt_error *err)
{
	enum flt_date_order wanted = reading->format.order;
	struct flt_date_format format;
	enum flt_date_verdict verdict = flt_date_decide(&cells->evidence, wanted, &format);
	if (cells->n_numbers > 0)
		return fail_numbers_and_dates(cells, column, format.shape, err);
	switch (verdict) {
	case FLT_DATES_OF_SEVERAL_SHAPES:
		return fail_shapes(cells, column, format.shape, err);
	case FLT_DATES_AMBIGUOUS:
		return fail_ambiguous(cells, column, format.shape, err);
	case FLT_DATES_WITHOUT_ORDER:
		return fail_order(cells, column, wanted, err);
	case FLT_DATES_ZONES_MIXED:
		return fail_zones(cells, column, err);
	case FLT_DATES_OF_ONE_FORMAT:
		break;
	}
	*again = wanted == FLT_DATE_ORDER_FIND && format.order > FLT_DATE_DMY;
	*reading = (struct flt_date_reading){.is_known = true, .format = format};
	return FLT_OK;
}

/* Whether each number is a date of the years 1900 to 2100, or 99991231. */
static bool are_digits(const double *numbers, size_t n_rows)
{
	double seconds;
	for (size_t i = 0; i < n_rows; i++) {
		bool is_near = numbers[i] >= 19000101 && numbers[i] <= 21001231;
		if (!isnan(numbers[i]) &&
		    !((is_near || numbers[i] >= 99991231) && flt_date_of_number(FLT_DATE_DIGITS, numbers[i], &seconds)))
			return false;
	}
	return true;
}

/* Seconds and milliseconds since 1970 are dates after 1973: smaller ones are more likely something else. */
static bool are_epoch(double unit, const double *numbers, size_t n_rows)
{
	const double first = 1e8, end = 4133980800;
	for (size_t i = 0; i < n_rows; i++)
		if (!isnan(numbers[i]) && !(numbers[i] >= first * unit && numbers[i] < end * unit))
			return false;
	return true;
}

static enum flt_date_shape shape_of_numbers(const double *numbers, size_t n_rows)
{
	if (are_digits(numbers, n_rows))
		return FLT_DATE_DIGITS;
	if (are_epoch(1, numbers, n_rows))
		return FLT_DATE_SECONDS;
	return are_epoch(1000, numbers, n_rows) ? FLT_DATE_MILLISECONDS : FLT_N_DATE_SHAPES;
}

static enum flt_status decide_numbers(const struct flt_date_cells *cells, const struct flt_date_column *column,
                                      double *numbers, size_t n_rows, struct flt_date_reading *reading,
                                      struct flt_error *err)
{
	enum flt_date_shape shape = shape_of_numbers(numbers, n_rows);
	if (column->is_time && shape != FLT_DATE_DIGITS)
		return FLT_OK;
	if (shape == FLT_N_DATE_SHAPES)
		return flt_fail(
		        err, FLT_ERR_DATA,
		        "%s:%zu: date column \"%s\" holds numbers such as \"%s\", not all of which are dates as "
		        "yyyymmdd, or seconds or milliseconds since 1970: correct them, or leave the column out of "
		        "--date",
		        file_of(&cells->first_number, column), cells->first_number.line, column->name,
		        cells->first_number.text.text);
	for (size_t i = 0; i < n_rows; i++)
		if (!isnan(numbers[i]) && !flt_date_of_number(shape, numbers[i], &numbers[i]))
			numbers[i] = (double)NAN;
	*reading = (struct flt_date_reading){.is_known = true,
	                                     .format = {.shape = shape, .has_time = shape != FLT_DATE_DIGITS}};
	return FLT_OK;
}

enum flt_status flt_date_cells_decide(const struct flt_date_cells *cells, const struct flt_date_column *column,
                                      double *numbers, size_t n_rows, struct flt_date_reading *reading, bool *again,
                                      struct flt_error *err)
{
	*again = false;
	if (cells->n_odd > 0 && reading->is_known)
		return fail_unlike(cells, column, &reading->format, err);
	if (cells->n_odd > 0)
		return fail_odd(cells, column, cells->n_odd + cells->n_numbers + cells->evidence.n, err);
	if (cells->evidence.n > 0)
		return decide_dates(cells, column, reading, again, err);
	return cells->n_numbers > 0 ? decide_numbers(cells, column, numbers, n_rows, reading, err) : FLT_OK;
}
