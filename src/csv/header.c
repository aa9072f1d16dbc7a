#include "csv/header.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/number.h"

/* Shares of headers, estimated from the public collections that the tests were made after. */
#define NUMBER_IS_NAME 0.05      /* a name that is a number */
#define VALUE_IS_NAME 0.02       /* a name that is also a value of its column */
#define FIRST_NAME_IS_EMPTY 0.05 /* pandas' index */
#define OTHER_NAME_IS_EMPTY 0.01
#define MARKER_IS_NAME 0.001
#define HEADERS_ARE_COMMON 1.0 /* log-odds before any evidence */
#define COUNTING_UP 2.0        /* for each number of a header whose numbers count up */
#define IS_YEAR 1.0

struct column {
	const struct flt_csv_field *name;
	size_t n_missing, n_values, n_numbers, n_decimals, n_with_digits, n_of_same_form, n_singles;
	bool name_is_missing, name_is_number, name_recurs;
	double name_value, min, max, last;
	bool rises, falls; /* the numbers, from row to row */
};

/* What is judged. */
struct judgement {
	const struct flt_preview *preview;
	size_t header, shift;
	bool passes_copies; /* of the header, below it */
	const struct flt_markers *markers;
	char decimal;
};

static bool holds_numbers(const struct column *column)
{
	return column->n_values > 0 && column->n_numbers * 10 >= column->n_values * 9;
}

static bool read_number(const struct flt_csv_field *field, char decimal, double *value)
{
	*value = 0;
	return flt_number_parse(field->text, field->length, decimal, value) != FLT_NOT_A_NUMBER;
}

static bool has_digit(const struct flt_csv_field *field)
{
	for (size_t i = 0; i < field->length; i++)
		if (isdigit((unsigned char)field->text[i]))
			return true;
	return false;
}

static bool has_decimals(const struct flt_csv_field *field, char decimal)
{
	return memchr(field->text, decimal, field->length) != NULL;
}

static bool are_equal(const struct flt_csv_field *a, const struct flt_csv_field *b)
{
	return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}

static int form_of(unsigned char c)
{
	return isdigit(c) ? '9' : isalpha(c) || c >= 0x80 ? 'a' : c;
}

/* Moves past a run of bytes of one form. */
static size_t pass_form(const struct flt_csv_field *field, size_t at)
{
	int form = form_of((unsigned char)field->text[at]);
	do
		at++;
	while (at < field->length && (form == '9' || form == 'a') && form_of((unsigned char)field->text[at]) == form);
	return at;
}

/* Whether two texts are made alike: "A12" and "B7", "2023-01-05" and "1999-12-31". */
static bool have_same_form(const struct flt_csv_field *a, const struct flt_csv_field *b)
{
	size_t i = 0, k = 0;
	while (i < a->length && k < b->length) {
		if (form_of((unsigned char)a->text[i]) != form_of((unsigned char)b->text[k]))
			return false;
		i = pass_form(a, i);
		k = pass_form(b, k);
	}
	return i == a->length && k == b->length;
}

static const struct flt_csv_field *cell(const struct flt_preview *preview, size_t row, size_t column)
{
	return column < preview->rows[row].n_fields ? &flt_preview_fields(preview, row)[column] : NULL;
}

static void add_value(struct column *column, const struct flt_csv_field *value, char decimal)
{
	double number;
	column->n_values++;
	column->name_recurs |= are_equal(value, column->name);
	column->n_with_digits += has_digit(value);
	column->n_of_same_form += have_same_form(value, column->name);
	if (!read_number(value, decimal, &number))
		return;
	column->rises &= column->n_numbers == 0 || number >= column->last;
	column->falls &= column->n_numbers == 0 || number <= column->last;
	column->last = number;
	column->min = column->n_numbers == 0 || number < column->min ? number : column->min;
	column->max = column->n_numbers == 0 || number > column->max ? number : column->max;
	column->n_numbers++;
	column->n_decimals += has_decimals(value, decimal);
}

/* Values of the column that occur once in the rows below `header`. */
static size_t count_singles(const struct flt_preview *preview, size_t header, size_t index)
{
	size_t n = 0;
	for (size_t i = header + 1; i < preview->n_rows; i++) {
		const struct flt_csv_field *value = cell(preview, i, index);
		bool is_single = value && value->length > 0;
		for (size_t k = header + 1; is_single && k < preview->n_rows; k++) {
			const struct flt_csv_field *other = cell(preview, k, index);
			is_single = k == i || !other || !are_equal(value, other);
		}
		n += is_single;
	}
	return n;
}

/* Whether a row is the same text as row `header`. */
static bool is_copy(const struct flt_preview *preview, size_t row, size_t header)
{
	const struct flt_preview_row *a = &preview->rows[row], *b = &preview->rows[header];
	return a->n == b->n && memcmp(preview->bytes + a->at, preview->bytes + b->at, a->n) == 0;
}

static struct column look_at(const struct judgement *of, size_t index, const struct flt_csv_field *name)
{
	struct column column = {.name = name, .rises = true, .falls = true};
	column.name_is_missing = flt_markers_hold(of->markers, name->text, name->length);
	column.name_is_number = !column.name_is_missing && read_number(name, of->decimal, &column.name_value);
	for (size_t i = of->header + 1; i < of->preview->n_rows; i++) {
		const struct flt_csv_field *value = cell(of->preview, i, index);
		if (!value || (of->passes_copies && is_copy(of->preview, i, of->header)))
			continue;
		if (flt_markers_hold(of->markers, value->text, value->length))
			column.n_missing++;
		else
			add_value(&column, value, of->decimal);
	}
	if (!holds_numbers(&column))
		column.n_singles = count_singles(of->preview, of->header, index);
	return column;
}

static double weigh_missing(const struct column *column, size_t index)
{
	if (column->n_values == 0 && column->name->length == 0)
		return 0;
	double as_name = column->name->length > 0 ? MARKER_IS_NAME
	                 : index == 0             ? FIRST_NAME_IS_EMPTY
	                                          : OTHER_NAME_IS_EMPTY;
	double as_value = (double)(column->n_missing + 1) / (double)(column->n_missing + column->n_values + 2);
	return log(as_name / as_value);
}

static bool is_year(double value)
{
	return value == floor(value) && value >= 1900 && value <= 2100;
}

/* A number as the name of a column of numbers. */
static double weigh_number(const struct column *column, char decimal)
{
	double n = (double)column->n_values;
	if (column->n_values == 0)
		return log(NUMBER_IS_NAME);
	if (column->n_decimals == column->n_values && !has_decimals(column->name, decimal))
		return log(NUMBER_IS_NAME * (n + 2)) + (is_year(column->name_value) ? IS_YEAR : 0);
	if ((column->name_value < column->min && !column->rises) ||
	    (column->name_value > column->max && !column->falls))
		return log(NUMBER_IS_NAME * (n + 1) / 2) + (is_year(column->name_value) ? IS_YEAR : 0);
	return log(NUMBER_IS_NAME);
}

static double weigh_text(const struct column *column)
{
	double n = (double)column->n_values;
	if (column->n_values == 0)
		return log((double)column->n_missing + 2) / 2;
	if (holds_numbers(column))
		return log((n + 2) / ((double)(column->n_values - column->n_numbers) + 1));
	if (column->name_recurs)
		return log(VALUE_IS_NAME);
	if (has_digit(column->name) && column->n_of_same_form * 2 > column->n_values)
		return log(VALUE_IS_NAME * n / (double)column->n_of_same_form);
	double by_singles = log((n + 1) / ((double)column->n_singles + 1));
	double by_digits = !has_digit(column->name) && column->n_with_digits == column->n_values ? log(n + 2) : 0;
	return by_digits > by_singles ? by_digits : by_singles;
}

static double weigh(const struct column *column, size_t index, char decimal)
{
	if (column->name_is_missing)
		return weigh_missing(column, index);
	if (!column->name_is_number)
		return weigh_text(column);
	if (holds_numbers(column) || column->n_values == 0)
		return weigh_number(column, decimal);
	return column->n_numbers > 0 ? log(NUMBER_IS_NAME) : 0;
}

/* How many numbers the names are if they count up by one from column to column, else 0. */
static size_t count_numbers_in_order(const struct flt_preview *preview, size_t header, char decimal)
{
	const struct flt_preview_row *row = &preview->rows[header];
	size_t n = 0;
	double value, offset = 0;
	for (size_t i = 0; i < row->n_fields; i++) {
		if (!read_number(&flt_preview_fields(preview, header)[i], decimal, &value))
			continue;
		if (n == 0)
			offset = value - (double)i;
		if (value != (double)i + offset)
			return 0;
		n++;
	}
	bool from_the_first = offset == 0 || offset == 1;
	return n >= 3 || (n == 2 && from_the_first) ? n : 0;
}

/* Adds up the weights; *is_over_numbers: some text stands over numbers. */
static double add_up(const struct judgement *of, bool *is_over_numbers)
{
	const struct flt_preview_row *row = &of->preview->rows[of->header];
	double weight = 0;
	*is_over_numbers = false;
	for (size_t i = 0; i < row->n_fields; i++) {
		struct column column = look_at(of, i + of->shift, &flt_preview_fields(of->preview, of->header)[i]);
		weight += weigh(&column, i, of->decimal);
		*is_over_numbers |= !column.name_is_missing && !column.name_is_number && holds_numbers(&column);
	}
	return weight;
}

/* A copy of the header below, as `cat a.csv b.csv` makes one, says nothing against it if it stands among numbers. */
double flt_header_weight(const struct flt_preview *preview, size_t header, size_t shift,
                         const struct flt_markers *markers, char decimal)
{
	struct judgement of = {preview, header, shift, true, markers, decimal};
	bool is_over_numbers;
	double counting = COUNTING_UP * (double)count_numbers_in_order(preview, header, decimal);
	double weight = add_up(&of, &is_over_numbers);
	of.passes_copies = is_over_numbers;
	if (!is_over_numbers)
		weight = add_up(&of, &is_over_numbers);
	return HEADERS_ARE_COMMON + counting + weight;
}

bool flt_is_default_name(const char *name)
{
	return name[0] == 'c' && name[1] && strspn(name + 1, "0123456789") == strlen(name + 1);
}

bool flt_header_holds(const struct flt_preview *preview, size_t row, const char *name)
{
	const struct flt_csv_field *fields = flt_preview_fields(preview, row);
	for (size_t i = 0; i < preview->rows[row].n_fields; i++)
		if (strlen(name) == fields[i].length && memcmp(name, fields[i].text, fields[i].length) == 0)
			return true;
	return false;
}
