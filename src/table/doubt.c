#include "table/doubt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/number.h"
#include "base/text.h"
#include "csv/remedy.h"

enum { MOST_SHOWN = 3, LIST_SIZE = 256, OPTION_SIZE = 160 };

/* ---- the first of some cells ---- */

struct found {
	const char *file;
	const struct flt_named_file *named; /* the same */
	size_t line;                        /* 0: there is none */
	struct flt_shown text;
	bool may_be_name; /* it stands in the first record of a file in which no header was found */
};

typedef bool flt_is_wanted(const struct flt_judged *column, const void *context, const char *text, size_t length);

static enum flt_status find_in_file(const struct flt_judged *column, const struct flt_table_file *file,
                                    flt_is_wanted *is_wanted, const void *context, struct found *found,
                                    struct flt_error *err)
{
	FLT_TRY(flt_csv_rewind(file->csv, err));
	for (bool is_end = false; !is_end && found->line == 0;) {
		struct flt_csv_record record;
		FLT_TRY(flt_csv_next(file->csv, &record, &is_end, err));
		if (is_end)
			break;
		const struct flt_csv_field *field = &record.fields[file->columns[column->index]];
		if (is_wanted(column, context, field->text, field->length))
			*found = (struct found){flt_csv_name(file->csv), flt_csv_file(file->csv), record.line,
			                        flt_shown(field->text, field->length),
			                        record.number == 1 && flt_csv_may_have_header(file->csv)};
	}
	return FLT_OK;
}

/* Finds the first cell of the column that is wanted. */
static enum flt_status find_cell(const struct flt_judged *column, flt_is_wanted *is_wanted, const void *context,
                                 struct found *found, struct flt_error *err)
{
	*found = (struct found){0};
	for (size_t i = 0; i < column->n_files && found->line == 0; i++)
		FLT_TRY(find_in_file(column, &column->files[i], is_wanted, context, found, err));
	return FLT_OK;
}

static bool is_text(const struct flt_judged *column, const void *context, const char *text, size_t length)
{
	const char *wanted = context;
	(void)column;
	return strlen(wanted) == length && memcmp(text, wanted, length) == 0;
}

static bool is_out_of_range(const struct flt_judged *column, const void *context, const char *text, size_t length)
{
	double value;
	(void)context;
	return flt_formatted_cell_read(column->rules->markers, &column->finding->format, text, length, &value) ==
	       FLT_CELL_OUT_OF_RANGE;
}

static bool is_of_kind(const struct flt_judged *column, const void *context, const char *text, size_t length)
{
	const enum flt_core *kind = context;
	struct flt_number_shape shape;
	(void)column;
	return flt_number_shape_of(text, length, &shape) && shape.kind == *kind;
}

/* ---- lists ---- */

struct odd_text {
	const char *text;
	size_t length, n;
};

/* Most cells first, then by text. */
static int compare_odd(const void *a, const void *b)
{
	const struct odd_text *x = a, *y = b;
	return x->n != y->n ? (x->n < y->n ? 1 : -1) : strcmp(x->text, y->text);
}

typedef bool flt_is_listed(const struct flt_judged *column, const char *text, size_t length);

static bool is_odd(const struct flt_judged *column, const char *text, size_t length)
{
	double value;
	return flt_formatted_cell_read(column->rules->markers, &column->finding->format, text, length, &value) ==
	       FLT_CELL_TEXT;
}

static bool is_no_date(const struct flt_judged *column, const char *text, size_t length)
{
	struct flt_date_scan date;
	return !flt_date_cell_is_missing(column->rules->markers, column->rules->decimal, text, length) &&
	       !flt_date_scan(text, length, &date);
}

static bool is_like_number(const struct flt_judged *column, const char *text, size_t length)
{
	return is_odd(column, text, length) && flt_is_like_number(text, length);
}

/* What the column takes for missing, though it is not missing in columns of text. */
static bool is_lost(const struct flt_judged *column, const char *text, size_t length)
{
	return is_odd(column, text, length) ||
	       (flt_is_word_for_missing(text, length) && !flt_markers_hold(column->rules->markers, text, length));
}

/* The listed texts, most cells first; texts (census->texts->n). Returns their number. */
static size_t list_texts(const struct flt_judged *column, const struct flt_census *census, flt_is_listed *is_listed,
                         struct odd_text *texts)
{
	size_t n = 0;
	for (size_t i = 0; i < census->texts->n; i++) {
		const char *text = flt_dictionary_text(census->texts, i);
		size_t length = census->texts->levels[i].length;
		if (is_listed(column, text, length))
			texts[n++] = (struct odd_text){text, length, census->counts[i]};
	}
	qsort(texts, n, sizeof *texts, compare_odd);
	return n;
}

/* `"a" (50), "b" (30), "c" (20) and 4 more` */
static void show_texts(const struct odd_text *texts, size_t n, char list[LIST_SIZE])
{
	size_t used = 0, n_shown = n < MOST_SHOWN ? n : MOST_SHOWN;
	for (size_t i = 0; i < n_shown; i++) {
		const char *before = i == 0 ? "" : i + 1 == n ? " and " : ", ";
		used += (size_t)snprintf(list + used, LIST_SIZE - used, "%s\"%s\" (%zu)", before,
		                         flt_shown(texts[i].text, texts[i].length).text, texts[i].n);
	}
	if (n > n_shown)
		snprintf(list + used, LIST_SIZE - used, " and %zu more", n - n_shown);
}

static bool is_plain_number(const struct odd_text *text)
{
	double value;
	return flt_number_parse(text->text, text->length, '.', &value) == FLT_NUMBER ||
	       flt_number_parse(text->text, text->length, ',', &value) == FLT_NUMBER;
}

/* " --na X," where the odd texts are few, can be typed, and are no numbers that other columns may hold. */
static void advise_na(const struct odd_text *texts, size_t n, char advice[OPTION_SIZE])
{
	const char *items[MOST_SHOWN];
	char value[OPTION_SIZE / 2];
	bool can_be_typed = n <= MOST_SHOWN;
	*advice = '\0';
	for (size_t i = 0; can_be_typed && i < n; i++) {
		items[i] = texts[i].text;
		can_be_typed = !is_plain_number(&texts[i]);
	}
	if (can_be_typed && flt_option_value(items, n, value, sizeof value))
		snprintf(advice, OPTION_SIZE, " --na %s (missing, in all columns),", value);
}

/* What to do if the only odd cell is the name of the column. */
static const char *advise_header(const struct found *found, const struct odd_text *texts, size_t n)
{
	return n == 1 && texts->n == 1 && found->may_be_name
	               ? " --header yes (if this line holds the names of the columns),"
	               : "";
}

/* The column's name as the value of an option; in quotes, as it is, where it cannot be typed. */
static struct option_name {
	char text[OPTION_SIZE];
} name_option(const struct flt_judged *column)
{
	struct option_name name;
	if (!flt_option_value(&column->name, 1, name.text, sizeof name.text))
		snprintf(name.text, sizeof name.text, "\"%s\"", flt_shown(column->name, strlen(column->name)).text);
	return name;
}

/* Whether it is what stands before the sums below a table. */
static bool is_total(const struct odd_text *text)
{
	static const char *const words[] = {"total",       "totals", "grand total", "sum",  "summe",   "gesamt",
	                                    "gesamtsumme", "somme",  "totale",      "suma", "average", "mean"};
	size_t length = text->length;
	const char *at = flt_trim(text->text, &length);
	length -= length > 0 && at[length - 1] == ':';
	for (size_t i = 0; text->n == 1 && i < sizeof words / sizeof *words; i++)
		if (strlen(words[i]) == length && strncasecmp(at, words[i], length) == 0)
			return true;
	return false;
}

/* ---- the sentences ---- */

static enum flt_status fail_total(const struct flt_judged *column, const struct found *found, struct flt_error *err)
{
	char program[40];
	snprintf(program, sizeof program, "sed %zud", found->line);
	return flt_fail(err, FLT_ERR_DATA,
	                "%s:%zu: column \"%s\" holds \"%s\" beside numbers, as a line of sums does, which is no row: "
	                "leave it out: %s",
	                found->file, found->line, column->name, found->text.text,
	                flt_remedy_filter(found->named, program).text);
}

typedef enum flt_status flt_fail_list(const struct flt_judged *column, const struct odd_text *texts, size_t n,
                                      struct flt_error *err);

static enum flt_status fail_odd(const struct flt_judged *column, const struct odd_text *texts, size_t n,
                                struct flt_error *err)
{
	char list[LIST_SIZE], format[FLT_FORMAT_TEXT], na[OPTION_SIZE];
	struct option_name name = name_option(column);
	struct found found;
	const struct flt_finding *finding = column->finding;
	bool with_decimal = finding->format.decimal != column->rules->decimal;
	FLT_TRY(find_cell(column, is_text, texts[0].text, &found, err));
	if (n == 1 && is_total(&texts[0]))
		return fail_total(column, &found, err);
	show_texts(texts, n, list);
	advise_na(texts, n, na);
	flt_format_describe(&finding->format, with_decimal, format, sizeof format);
	return flt_fail(
	        err, FLT_ERR_DATA,
	        "%s:%zu: column \"%s\" holds %s beside %zu %s: resolve it with%s --numeric %s (all other text is "
	        "missing),%s or --categorical %s (a column of text)",
	        found.file, found.line, column->name, list, finding->n_values - finding->n_odd, format,
	        advise_header(&found, texts, n), name.text, na, name.text);
}

static enum flt_status fail_odd_dates(const struct flt_judged *column, const struct odd_text *texts, size_t n,
                                      struct flt_error *err)
{
	char list[LIST_SIZE], na[OPTION_SIZE];
	struct option_name name = name_option(column);
	struct found found;
	const struct flt_finding *finding = column->finding;
	FLT_TRY(find_cell(column, is_text, texts[0].text, &found, err));
	show_texts(texts, n, list);
	advise_na(texts, n, na);
	return flt_fail(err, FLT_ERR_DATA,
	                "%s:%zu: column \"%s\" holds %s beside %zu dates: resolve it with%s%s --drop %s (left out), or "
	                "--categorical %s (a column of text)",
	                found.file, found.line, column->name, list, finding->n_values - finding->n_odd,
	                advise_header(&found, texts, n), na, name.text, name.text);
}

static enum flt_status fail_like_numbers(const struct flt_judged *column, const struct odd_text *texts, size_t n,
                                         struct flt_error *err)
{
	char list[LIST_SIZE];
	struct option_name name = name_option(column);
	struct found found;
	FLT_TRY(find_cell(column, is_text, texts[0].text, &found, err));
	show_texts(texts, n, list);
	return flt_fail(err, FLT_ERR_DATA,
	                "%s:%zu: column \"%s\" holds %s, which look like numbers but are in no form that is read for "
	                "all of them: write them as 1234.5, or take them for text with --categorical %s",
	                found.file, found.line, column->name, list, name.text);
}

static enum flt_status list_and_fail(const struct flt_judged *column, flt_is_listed *is_listed, flt_fail_list *fail,
                                     struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t *counts = NULL;
	struct odd_text *texts = NULL;
	struct flt_census census;
	FLT_TRY_OUT(flt_column_census(column->cells, &census, &counts, err));
	texts = flt_alloc(census.texts->n, sizeof *texts, err);
	FLT_TRY_MEMORY_OUT(texts);
	size_t n = list_texts(column, &census, is_listed, texts);
	status = fail(column, texts, n, err);
out:
	flt_free(texts);
	flt_free(counts);
	return status;
}

static enum flt_status fail_out_of_range(const struct flt_judged *column, struct flt_error *err)
{
	struct found found;
	char value[OPTION_SIZE];
	FLT_TRY(find_cell(column, is_out_of_range, NULL, &found, err));
	const char *item = found.text.text;
	if (!flt_option_value(&item, 1, value, sizeof value))
		snprintf(value, sizeof value, "TEXT");
	return flt_fail(
	        err, FLT_ERR_DATA,
	        "%s:%zu: column \"%s\" holds \"%s\", which is out of range for a number: correct it, or make it "
	        "missing with --na %s",
	        found.file, found.line, column->name, found.text.text, value);
}

static bool has_decimal_comma(const struct flt_judged *column, const void *context, const char *text, size_t length)
{
	struct flt_number_shape shape;
	(void)column;
	(void)context;
	return flt_number_shape_of(text, length, &shape) && shape.kind == FLT_CORE_DECIMAL && shape.decimal == ',';
}

static enum flt_status fail_decimal_commas(const struct flt_judged *column, struct flt_error *err)
{
	struct found found;
	FLT_TRY(find_cell(column, has_decimal_comma, NULL, &found, err));
	return flt_fail(err, FLT_ERR_DATA,
	                "%s:%zu: column \"%s\" holds \"%s\", a decimal comma: read it with --decimal , or as text with "
	                "--categorical %s",
	                found.file, found.line, column->name, found.text.text, name_option(column).text);
}

static enum flt_status fail_mark(const struct flt_judged *column, struct flt_error *err)
{
	const enum flt_core ambiguous = FLT_CORE_AMBIGUOUS, bare = FLT_CORE_BARE;
	struct found marked, other;
	char beside[80] = "";
	FLT_TRY(find_cell(column, is_of_kind, &ambiguous, &marked, err));
	FLT_TRY(find_cell(column, is_of_kind, &bare, &other, err));
	if (other.line != 0)
		snprintf(beside, sizeof beside, " beside \"%s\"", other.text.text);
	const char *mark = strchr(marked.text.text, ',') ? "comma" : "point";
	char by_numeric[OPTION_SIZE + 16], by_decimal[32];
	snprintf(by_numeric, sizeof by_numeric, "--numeric %s", name_option(column).text);
	snprintf(by_decimal, sizeof by_decimal, "%s",
	         column->rules->delimiter == ',' ? "change it in the file" : "--decimal ,");
	bool is_comma = *mark == 'c';
	return flt_fail(
	        err, FLT_ERR_DATA,
	        "%s:%zu: column \"%s\" holds \"%s\"%s, where the %s may be a decimal mark (%s) or stand between "
	        "thousands (%s): say which",
	        marked.file, marked.line, column->name, marked.text.text, beside, mark,
	        is_comma ? by_decimal : by_numeric, is_comma ? by_numeric : by_decimal);
}

enum flt_status flt_fail_doubt(const struct flt_judged *column, struct flt_error *err)
{
	switch (column->finding->doubt) {
	case FLT_DOUBT_ODD_TEXTS:
		return list_and_fail(column, is_odd, fail_odd, err);
	case FLT_DOUBT_ODD_DATES:
		return list_and_fail(column, is_no_date, fail_odd_dates, err);
	case FLT_DOUBT_LIKE_NUMBERS:
		return list_and_fail(column, is_like_number, fail_like_numbers, err);
	case FLT_DOUBT_OUT_OF_RANGE:
		return fail_out_of_range(column, err);
	case FLT_DOUBT_DECIMAL_COMMAS:
		return fail_decimal_commas(column, err);
	case FLT_DOUBT_MARK:
		break;
	}
	return fail_mark(column, err);
}

/* ---- what was understood ---- */

static enum flt_status write_remark(const struct flt_judged *column, const struct odd_text *texts, size_t n,
                                    char **remark, struct flt_error *err)
{
	char format[FLT_FORMAT_TEXT] = "", lost[LIST_SIZE] = "";
	char both[FLT_FORMAT_TEXT + LIST_SIZE + sizeof ";  missing"];
	const struct flt_number_format *of = &column->finding->format;
	bool with_decimal = of->decimal != column->rules->decimal;
	bool is_plain = flt_format_is_plain(of) && !with_decimal;
	if (!is_plain)
		flt_format_describe(of, with_decimal, format, sizeof format);
	show_texts(texts, n, lost);
	snprintf(both, sizeof both, "%s%s%s%s", format, !is_plain && n > 0 ? "; " : "", lost, n > 0 ? " missing" : "");
	*remark = is_plain && n == 0 ? NULL : flt_copy_text(both, strlen(both), err);
	return is_plain && n == 0 ? FLT_OK : *remark ? FLT_OK : FLT_ERR_MACHINE;
}

enum flt_status flt_judged_remark(const struct flt_judged *column, char **remark, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t *counts = NULL;
	struct odd_text *texts = NULL;
	struct flt_census census;
	*remark = NULL;
	if (column->cells->levels.n == 0)
		return FLT_OK;
	FLT_TRY_OUT(flt_column_census(column->cells, &census, &counts, err));
	texts = flt_alloc(census.texts->n, sizeof *texts, err);
	FLT_TRY_MEMORY_OUT(texts);
	size_t n = list_texts(column, &census, is_lost, texts);
	status = write_remark(column, texts, n, remark, err);
out:
	flt_free(texts);
	flt_free(counts);
	return status;
}

enum flt_status flt_judged_warning(const struct flt_judged *column, char **warning, struct flt_error *err)
{
	enum { LARGE_PART = 4 };
	const struct flt_finding *finding = column->finding;
	char text[FLT_ERROR_SIZE];
	*warning = NULL;
	if (finding->n_odd == 0 || finding->n_odd * LARGE_PART < finding->n_values)
		return FLT_OK;
	snprintf(text, sizeof text,
	         "--numeric: %zu of the %zu values in column \"%s\" are no numbers, and so they are missing",
	         finding->n_odd, finding->n_values, column->name);
	*warning = flt_copy_text(text, strlen(text), err);
	return *warning ? FLT_OK : FLT_ERR_MACHINE;
}
