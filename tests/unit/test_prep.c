/* Preparation: what is learnt, from which rows, and what comes out. */
#include "reference_csv.h"
#include "small_table.h"

#include <math.h>

#include "base/alloc.h"
#include "live_memory.h"
#include "base/random.h"
#include "prep/prep.h"
#include "cell_numbers.h"
#include "suite.h"

static const enum flt_scale all_scales[] = {FLT_SCALE_ROBUST, FLT_SCALE_STANDARD, FLT_SCALE_QUANTILE, FLT_SCALE_NONE};

static size_t *row_range(size_t first, size_t end)
{
	size_t *rows = calloc(end - first + 1, sizeof *rows);
	ck_assert_ptr_nonnull(rows);
	for (size_t i = first; i < end; i++)
		rows[i - first] = i;
	return rows;
}

/* Fits on rows [first, end). */
static struct flt_prep *fit_range(const struct flt_table *table, size_t first, size_t end, enum flt_scale scale)
{
	struct flt_prep *prep;
	struct flt_error err = {0};
	size_t *rows = row_range(first, end);
	enum flt_status status =
	        flt_prep_fit(table, rows, end - first, &(struct flt_prep_options){.scale = scale}, &prep, &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	free(rows);
	return prep;
}

/* All rows of the table, prepared: (n_rows, n_features), to be freed. */
static float *apply_all(const struct flt_prep *prep, const struct flt_table *table)
{
	struct flt_error err = {0};
	size_t n = flt_table_n_rows(table), *rows = row_range(0, n);
	float *x = calloc(n * flt_prep_n_features(prep) + 1, sizeof *x);
	ck_assert_ptr_nonnull(x);
	enum flt_status status = flt_prep_apply(prep, table, rows, n, 2, x, &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	free(rows);
	return x;
}

static void check_features(const struct flt_prep *prep, const char *const *names, size_t n)
{
	ck_assert_uint_eq(flt_prep_n_features(prep), n);
	for (size_t i = 0; i < n; i++)
		ck_assert_str_eq(flt_prep_feature(prep, i), names[i]);
}

static void check_close(double value, double expected, double tolerance, const char *what)
{
	ck_assert_msg(fabs(value - expected) <= tolerance * fmax(1, fabs(expected)), "%s: %.9g, expected %.9g", what,
	              value, expected);
}

/* One column of a reference file: the table of its x, the rows to fit on and the values that are to come out. */
struct reference {
	char scale[16], column[16];
	struct text text;
	size_t fit[2000], n_fit, n_rows;
	double out[2000], median, factor;
};

static void check_reference(struct reference *r, enum flt_scale scale)
{
	struct flt_prep *prep;
	struct flt_error err = {0};
	struct flt_table *table = table_of(&r->text, (struct flt_table_options){0});
	enum flt_status status = flt_prep_fit(table, r->fit, r->n_fit,
	                                      &(struct flt_prep_options){.scale = scale, .n_threads = 3}, &prep, &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	float *x = apply_all(prep, table);
	for (size_t i = 0; i < r->n_rows; i++)
		check_close((double)x[i], r->out[i], 1e-6, r->column);
	if (r->factor > 0) {
		struct flt_prep_column column = flt_prep_column(prep, 0);
		check_close(column.median, r->median, 1e-12, "median");
		check_close(column.center, r->median, 1e-12, "center");
		check_close(column.factor, r->factor, 1e-12, "factor");
	}
	free(x);
	flt_prep_free(prep);
	flt_table_free(table);
}

static void begin_reference(struct reference *r, const char *scale, const char *column)
{
	*r = (struct reference){0};
	snprintf(r->scale, sizeof r->scale, "%s", scale);
	snprintf(r->column, sizeof r->column, "%s", column);
	text_add(&r->text, "x,y\n");
}

static void add_reference_row(struct reference *r, const char *x, double out, bool fit)
{
	text_add(&r->text, "%s,%zu\n", x, r->n_rows % 2);
	if (fit)
		r->fit[r->n_fit++] = r->n_rows;
	r->out[r->n_rows++] = out;
}

START_TEST(robust_scale_agrees_with_the_reference)
{
	struct reference_csv csv;
	static struct reference r;
	size_t n_columns = 0;
	reference_csv_open(&csv, "tests/reference/robust_scale_smooth_clip.csv");
	begin_reference(&r, "robust", "");
	while (reference_csv_next(&csv)) {
		if (strcmp(csv.field[0], "const") == 0)
			continue; /* dropped, see below */
		if (strcmp(csv.field[0], r.column) != 0) {
			free(r.text.bytes);
			begin_reference(&r, "robust", csv.field[0]);
		}
		bool is_last = strcmp(csv.field[1], "-50.0") == 0; /* of its column, and not a fit row */
		add_reference_row(&r, csv.field[1], reference_csv_number(&csv, 4), !is_last);
		r.median = reference_csv_number(&csv, 2);
		r.factor = reference_csv_number(&csv, 3);
		if (is_last) {
			check_reference(&r, FLT_SCALE_ROBUST);
			begin_reference(&r, "robust", "");
			n_columns++;
		}
	}
	free(r.text.bytes);
	ck_assert_uint_eq(n_columns, 2);
}
END_TEST

static size_t check_group(struct reference *r)
{
	if (r->n_rows == 0 || strcmp(r->scale, "quartile") == 0 || strcmp(r->scale, "normal") == 0) {
		free(r->text.bytes);
		return 0;
	}
	if (strcmp(r->column, "large") == 0) /* behind the stored ones come the fit rows, whose out is not looked at */
		for (size_t i = 0; i < 1501; i++) {
			size_t square = (i * 7919 % 1501) * (i * 7919 % 1501);
			text_add(&r->text, "%.17g,%zu\n", (double)square / 1024, i % 2);
			r->fit[r->n_fit++] = r->n_rows + i;
		}
	size_t scale = 0;
	while (strcmp(r->scale, flt_scale_words[scale]) != 0)
		scale++;
	check_reference(r, (enum flt_scale)scale);
	return 1;
}

START_TEST(scales_agree_with_scikit_learn)
{
	struct reference_csv csv;
	static struct reference r;
	size_t n_columns = 0;
	reference_csv_open(&csv, "tests/reference/scales.csv");
	begin_reference(&r, "", "");
	while (reference_csv_next(&csv)) {
		if (strcmp(csv.field[0], r.scale) != 0 || strcmp(csv.field[1], r.column) != 0) {
			n_columns += check_group(&r);
			begin_reference(&r, csv.field[0], csv.field[1]);
		}
		add_reference_row(&r, csv.field[3], reference_csv_number(&csv, 4), csv.field[2][0] == '1');
	}
	n_columns += check_group(&r);
	ck_assert_uint_eq(n_columns, 16);
}
END_TEST

START_TEST(a_missing_number_becomes_the_median_and_sets_an_indicator)
{
	/* Fit on the first six rows: a misses one of them, b does not. The medians are 3 and 25. */
	struct flt_table *table = small_table("a,b,y\n1,10,0\n,20,1\n3,30,0\n2,20,0\n9,50,1\n4,40,0\n,,1\n5,,0\n",
	                                      (struct flt_table_options){0});
	for (size_t s = 0; s < 4; s++) {
		struct flt_prep *prep = fit_range(table, 0, 6, all_scales[s]);
		check_features(prep, (const char *const[]){"a", "a missing", "b"}, 3);
		ck_assert(flt_prep_feature_is_numeric(prep, 0));
		ck_assert(!flt_prep_feature_is_numeric(prep, 1));
		ck_assert(flt_prep_feature_is_numeric(prep, 2));
		ck_assert_double_eq(flt_prep_column(prep, 0).median, 3);
		ck_assert_double_eq(flt_prep_column(prep, 1).median, 25);
		float *x = apply_all(prep, table);
		for (size_t row = 0; row < 8; row++)
			ck_assert_float_eq(x[row * 3 + 1], row == 1 || row == 6 ? 1.0F : 0.0F);
		ck_assert_float_eq(x[1 * 3], x[2 * 3]);
		ck_assert_float_eq(x[6 * 3], x[2 * 3]);
		ck_assert_float_eq(x[6 * 3 + 2], x[7 * 3 + 2]);
		if (all_scales[s] == FLT_SCALE_NONE)
			ck_assert_float_eq(x[7 * 3 + 2], 25);
		if (all_scales[s] == FLT_SCALE_ROBUST)
			ck_assert_float_eq(x[7 * 3 + 2], 0);
		free(x);
		flt_prep_free(prep);
	}
	flt_table_free(table);
}
END_TEST

/* 40 rows in which each column has another use. */
static struct flt_table *uses_table(void)
{
	struct text text = {0};
	text_add(&text, "number,name,day,same,word,empty,blank,half,owner,x,c,y\n");
	for (int i = 0; i < 40; i++)
		text_add(&text, "%d,name%d,2024-02-%02d,7,on,,?,%s,o%d,%d,%s,%d\n", 500 + i, i, i % 28 + 1,
		         i % 2 ? "3" : "", i % 9, i * i % 11, i % 3 ? "red" : "blue", i % 4 == 0);
	return table_of(&text, (struct flt_table_options){.categorical = "blank", .group = "owner"});
}

START_TEST(every_kind_of_column_gets_its_use)
{
	static const enum flt_column_use expected[] = {FLT_ID_LIKE,      FLT_ID_LIKE,          FLT_DATES,
	                                               FLT_CONSTANT,     FLT_CONSTANT,         FLT_ALL_MISSING,
	                                               FLT_ALL_MISSING,  FLT_USED_NUMERIC,     FLT_NOT_A_FEATURE,
	                                               FLT_USED_NUMERIC, FLT_USED_CATEGORICAL, FLT_NOT_A_FEATURE};
	struct flt_table *table = uses_table();
	struct flt_prep *prep = fit_range(table, 0, 40, FLT_SCALE_ROBUST);
	ck_assert_uint_eq(flt_prep_n_columns(prep), 12);
	for (size_t c = 0; c < 12; c++)
		ck_assert_msg(flt_prep_use(prep, c) == expected[c], "column %zu: use %d", c,
		              (int)flt_prep_use(prep, c));
	ck_assert_uint_eq(flt_prep_n_used(prep, FLT_ID_LIKE), 2);
	ck_assert_uint_eq(flt_prep_n_used(prep, FLT_USED_NUMERIC), 2);
	ck_assert_uint_eq(flt_prep_n_used(prep, FLT_USED_CATEGORICAL), 1);
	/* `half` is 3 or missing: only the indicator carries information. */
	check_features(prep, (const char *const[]){"half missing", "x", "c=red"}, 3);
	float *x = apply_all(prep, table);
	ck_assert_float_eq(x[0], 1);
	ck_assert_float_eq(x[3], 0);
	free(x);
	flt_prep_free(prep);
	flt_table_free(table);
}
END_TEST

START_TEST(constant_columns_are_found_on_fit_rows)
{
	struct flt_table *table =
	        small_table("a,b,c,y\n1,2,u,0\n1,3,u,1\n1,4,u,0\n2,5,v,1\n", (struct flt_table_options){0});
	struct flt_prep *prep = fit_range(table, 0, 3, FLT_SCALE_ROBUST);
	check_features(prep, (const char *const[]){"b"}, 1);
	flt_prep_free(prep);
	flt_table_free(table);
}
END_TEST

START_TEST(fitting_fails_without_a_usable_column)
{
	struct flt_table *table = small_table("a,b,y\n1,,0\n1,,1\n1,3,0\n", (struct flt_table_options){0});
	struct flt_prep *prep;
	struct flt_error err = {0};
	size_t rows[2] = {0, 1};
	ck_assert_int_eq(flt_prep_fit(table, rows, 2, &(struct flt_prep_options){0}, &prep, &err), FLT_ERR_DATA);
	ck_assert_ptr_null(prep);
	ck_assert_msg(
	        strstr(err.text,
	               "in the 2 fit rows 1 are constant, 1 empty, 0 id-like, 0 hold rare texts and 0 hold dates") !=
	                NULL,
	        "%s", err.text);
	flt_table_free(table);
}
END_TEST

static enum flt_column_use use_of_integers(const double *values, size_t n, size_t first, size_t step)
{
	struct text text = {0};
	text_add(&text, "number,x,y\n");
	for (size_t i = 0; i < n; i++) {
		if (isnan(values[i]))
			text_add(&text, ",%zu,%zu\n", i * i % 7, i % 2);
		else
			text_add(&text, "%.17g,%zu,%zu\n", values[i], i * i % 7, i % 2);
	}
	struct flt_table *table = table_of(&text, (struct flt_table_options){0});
	struct flt_prep *prep;
	size_t n_rows = 0, *rows = row_range(0, n);
	for (size_t i = first; i < n; i += step)
		rows[n_rows++] = i;
	ck_assert_int_eq(flt_prep_fit(table, rows, n_rows, &(struct flt_prep_options){0}, &prep, NULL), FLT_OK);
	enum flt_column_use use = flt_prep_use(prep, 0);
	free(rows);
	flt_prep_free(prep);
	flt_table_free(table);
	return use;
}

START_TEST(integers_that_number_the_rows_are_id_like)
{
	double values[90];
	for (int i = 0; i < 90; i++)
		values[i] = i - 10;
	ck_assert_int_eq(use_of_integers(values, 90, 0, 1), FLT_ID_LIKE);
	ck_assert_int_eq(use_of_integers(values, 90, 5, 3), FLT_ID_LIKE);
	ck_assert_int_eq(use_of_integers(values, 90, 0, 5), FLT_USED_NUMERIC); /* 18 rows are too few to tell */
	values[30] = 40;
	ck_assert_int_eq(use_of_integers(values, 90, 0, 1), FLT_USED_NUMERIC);
	ck_assert_int_eq(use_of_integers(values, 90, 1, 2), FLT_ID_LIKE); /* row 30 is not looked at */
	values[30] = (double)NAN;
	ck_assert_int_eq(use_of_integers(values, 90, 0, 1), FLT_USED_NUMERIC);
	for (int i = 0; i < 90; i++)
		values[i] = i + 0.5;
	ck_assert_int_eq(use_of_integers(values, 90, 0, 1), FLT_USED_NUMERIC);
	for (int i = 0; i < 90; i++)
		values[i] = 2 * i;
	ck_assert_int_eq(use_of_integers(values, 90, 0, 1), FLT_ID_LIKE);
	for (int i = 0; i < 90; i++)
		values[i] = 7 * i % 90;
	ck_assert_int_eq(use_of_integers(values, 90, 0, 1), FLT_ID_LIKE);
	for (int i = 0; i < 90; i++)
		values[i] = 7 * i % 90 / 2;
	ck_assert_int_eq(use_of_integers(values, 90, 0, 1), FLT_USED_NUMERIC);
}
END_TEST

START_TEST(an_id_may_skip_rows_that_reading_left_out)
{
	struct text text = {0};
	text_add(&text, "number,x,y\n");
	for (int i = 0; i < 60; i++)
		text_add(&text, "%d,%d,%s\n", i, i * i % 7, i % 10 == 3 ? "" : i % 2 ? "1" : "0");
	struct flt_table *table = table_of(&text, (struct flt_table_options){.drop_missing_target = true});
	ck_assert_uint_eq(flt_table_n_rows(table), 54);
	struct flt_prep *prep = fit_range(table, 0, 54, FLT_SCALE_ROBUST);
	ck_assert_int_eq(flt_prep_use(prep, 0), FLT_ID_LIKE);
	flt_prep_free(prep);
	flt_table_free(table);
}
END_TEST

static enum flt_column_use use_of_texts(size_t n_rows, size_t n_distinct)
{
	struct text text = {0};
	text_add(&text, "name,x,y\n");
	for (size_t i = 0; i < n_rows; i++)
		text_add(&text, "n%zu,%zu,%zu\n", i < n_distinct ? i : 0, i * i % 7, i % 2);
	struct flt_table *table = table_of(&text, (struct flt_table_options){0});
	struct flt_prep *prep = fit_range(table, 0, n_rows, FLT_SCALE_ROBUST);
	enum flt_column_use use = flt_prep_use(prep, 0);
	flt_prep_free(prep);
	flt_table_free(table);
	return use;
}

START_TEST(text_is_id_like_above_90_percent_distinct_values)
{
	ck_assert_int_eq(use_of_texts(100, 91), FLT_ID_LIKE);
	ck_assert_int_eq(use_of_texts(100, 90), FLT_USED_CATEGORICAL);
	/* numbers of rows that are no multiple of ten, where a quick look at the number of levels does not decide */
	ck_assert_int_eq(use_of_texts(99, 90), FLT_ID_LIKE);
	ck_assert_int_eq(use_of_texts(99, 89), FLT_USED_CATEGORICAL);
	ck_assert_int_eq(use_of_texts(99, 85), FLT_USED_CATEGORICAL);
	ck_assert_int_eq(use_of_texts(29, 27), FLT_ID_LIKE);
	ck_assert_int_eq(use_of_texts(29, 26), FLT_RARE);
	ck_assert_int_eq(use_of_texts(20, 20), FLT_ID_LIKE);
	ck_assert_int_eq(use_of_texts(19, 19),
	                 FLT_RARE); /* too few rows to tell; every text is rare, so all are `other` */
}
END_TEST

/* The reason of column 0 of these 60 rows, with the given options. */
static void check_reason(const char *(*cell)(int row), const char *numeric, const char *categorical,
                         enum flt_column_use use, const char *reason)
{
	struct text text = {0};
	text_add(&text, "c,x,y\n");
	for (int i = 0; i < 60; i++)
		text_add(&text, "%s,%d,%d\n", cell(i), i * i % 7, i % 3 == 0);
	struct flt_table *table =
	        table_of(&text, (struct flt_table_options){.numeric = numeric, .categorical = categorical});
	struct flt_prep *prep = fit_range(table, 0, 60, FLT_SCALE_ROBUST);
	struct flt_prep_column column = flt_prep_column(prep, 0);
	ck_assert_msg(column.use == use, "%s: use %s", reason ? reason : "-", flt_column_use_words[column.use]);
	if (reason)
		ck_assert_str_eq(column.reason ? column.reason : "(none)", reason);
	else
		ck_assert_ptr_null(column.reason);
	flt_prep_free(prep);
	flt_table_free(table);
}

static char cell_text[40];

#define CELL(name, ...)                                                                                                \
	static const char *name(int row)                                                                               \
	{                                                                                                              \
		(void)row;                                                                                             \
		snprintf(cell_text, sizeof cell_text, __VA_ARGS__);                                                    \
		return cell_text;                                                                                      \
	}

CELL(same_text, "on")
CELL(same_number, "0.25")
CELL(no_cell, "%s", "")
CELL(pair_text, "p%d", row / 2)
CELL(own_text, "t%d", row)
CELL(nearly_own_text, "t%d", row % 58)
CELL(counting_number, "%d", row + 7)
CELL(date_text, "2024-01-%02d", row % 28 + 1)
CELL(two_dates, "2024-01-%02d", row % 2 + 1)
CELL(one_rare_text, "%s", row < 58 ? "" : "x")

START_TEST(a_column_left_out_says_why)
{
	check_reason(same_text, NULL, NULL, FLT_CONSTANT, "constant: \"on\" in all fit rows");
	check_reason(same_number, NULL, NULL, FLT_CONSTANT, "constant: 0.25 in all fit rows");
	check_reason(no_cell, NULL, NULL, FLT_ALL_MISSING, "missing in all fit rows");
	check_reason(no_cell, NULL, "c", FLT_ALL_MISSING, "missing in all fit rows");
	check_reason(pair_text, NULL, NULL, FLT_RARE, "each of 30 values is in fewer than 5 fit rows");
	check_reason(own_text, NULL, NULL, FLT_ID_LIKE, "all 60 texts are distinct: like an id");
	check_reason(nearly_own_text, NULL, NULL, FLT_ID_LIKE, "58 of 60 texts are distinct: like an id");
	check_reason(counting_number, NULL, NULL, FLT_ID_LIKE, "whole numbers that count the rows: like an id");
	check_reason(date_text, NULL, NULL, FLT_DATES, "dates; see --date and --time");
	check_reason(one_rare_text, NULL, NULL, FLT_USED_CATEGORICAL, NULL); /* missing or not */
}
END_TEST

/* What says nothing cannot be used, whatever an option says. */
START_TEST(an_option_that_names_a_column_keeps_it)
{
	check_reason(counting_number, "c", NULL, FLT_USED_NUMERIC, NULL);
	check_reason(two_dates, NULL, "c", FLT_USED_CATEGORICAL, NULL);
	check_reason(counting_number, NULL, "c", FLT_RARE, "each of 60 values is in fewer than 5 fit rows");
	check_reason(own_text, NULL, "c", FLT_RARE, "each of 60 values is in fewer than 5 fit rows");
	check_reason(same_number, "c", NULL, FLT_CONSTANT, "constant: 0.25 in all fit rows");
}
END_TEST

/* A text column "c" beside a number; counts are pairs of a text and how many rows have it in a row. */
struct run {
	const char *text;
	int n;
};

static struct flt_table *runs_table(const struct run *runs, size_t n_runs)
{
	struct text text = {0};
	text_add(&text, "c,x,y\n");
	for (size_t r = 0, row = 0; r < n_runs; r++)
		for (int i = 0; i < runs[r].n; i++, row++)
			text_add(&text, "%s,%zu.5,%zu\n", runs[r].text, row % 13, row % 2);
	return table_of(&text, (struct flt_table_options){.categorical = "c"});
}

/* x (., 4): three slots of c and the number. */
static void check_slots(const float *x, size_t row, float first, float second, float third)
{
	ck_assert_float_eq(x[row * 4], first);
	ck_assert_float_eq(x[row * 4 + 1], second);
	ck_assert_float_eq(x[row * 4 + 2], third);
}

START_TEST(slots_are_ordered_by_frequency_then_first_appearance)
{
	/* Rows 12 and on are not fitted on. `late` appears first among all rows, `b` before `a` among fit rows. */
	struct flt_table *table =
	        runs_table((const struct run[]){{"late", 2}, {"b", 5}, {"a", 5}, {"c", 7}, {"late", 9}}, 5);
	struct flt_prep *prep = fit_range(table, 2, 19, FLT_SCALE_ROBUST);
	check_features(prep, (const char *const[]){"c=c", "c=b", "c=a", "x"}, 4);
	ck_assert(!flt_prep_feature_is_numeric(prep, 0));
	ck_assert(flt_prep_feature_is_numeric(prep, 3));
	float *x = apply_all(prep, table);
	check_slots(x, 0, 0, 0, 0); /* unseen, and there is no slot for others */
	check_slots(x, 2, 0, 1, 0);
	check_slots(x, 7, 0, 0, 1);
	check_slots(x, 12, 1, 0, 0);
	free(x);
	flt_prep_free(prep);
	flt_table_free(table);
}
END_TEST

START_TEST(ties_are_ordered_by_first_not_last_appearance)
{
	struct flt_table *table = runs_table((const struct run[]){{"b", 1}, {"a", 6}, {"c", 1}, {"b", 5}, {"c", 5}}, 5);
	struct flt_prep *prep = fit_range(table, 0, 18, FLT_SCALE_ROBUST);
	check_features(prep, (const char *const[]){"c=b", "c=a", "c=c", "x"}, 4);
	flt_prep_free(prep);
	flt_table_free(table);
}
END_TEST

START_TEST(rare_and_unseen_levels_share_the_slot_other)
{
	struct flt_table *table =
	        runs_table((const struct run[]){{"a", 6}, {"b", 5}, {"rare", 4}, {"", 3}, {"new", 2}}, 5);
	struct flt_prep *prep = fit_range(table, 0, 18, FLT_SCALE_ROBUST); /* missing is a rare level too */
	check_features(prep, (const char *const[]){"c=a", "c=b", "c other", "x"}, 4);
	float *x = apply_all(prep, table);
	check_slots(x, 0, 1, 0, 0);
	check_slots(x, 6, 0, 1, 0);
	check_slots(x, 11, 0, 0, 1);
	check_slots(x, 15, 0, 0, 1);
	check_slots(x, 18, 0, 0, 1);
	free(x);
	flt_prep_free(prep);
	flt_table_free(table);
}
END_TEST

START_TEST(few_missing_values_share_the_slot_other)
{
	struct flt_table *table = runs_table((const struct run[]){{"a", 6}, {"b", 5}, {"", 4}}, 3);
	struct flt_prep *prep = fit_range(table, 0, 15, FLT_SCALE_ROBUST);
	check_features(prep, (const char *const[]){"c=a", "c=b", "c other", "x"}, 4);
	float *x = apply_all(prep, table);
	check_slots(x, 11, 0, 0, 1);
	free(x);
	flt_prep_free(prep);
	flt_table_free(table);
}
END_TEST

START_TEST(many_missing_values_get_a_slot)
{
	struct flt_table *table = runs_table((const struct run[]){{"a", 6}, {"b", 5}, {"", 5}, {"new", 2}}, 4);
	struct flt_prep *prep = fit_range(table, 0, 16, FLT_SCALE_ROBUST);
	check_features(prep, (const char *const[]){"c=a", "c=b", "c missing", "x"}, 4);
	float *x = apply_all(prep, table);
	check_slots(x, 11, 0, 0, 1);
	check_slots(x, 16, 0, 0, 0);
	free(x);
	flt_prep_free(prep);
	flt_table_free(table);
}
END_TEST

static void check_two_slots(const struct run *runs, size_t n_runs, size_t n_fit, const char *name,
                            const float *expected)
{
	struct flt_table *table = runs_table(runs, n_runs);
	struct flt_prep *prep = fit_range(table, 0, n_fit, FLT_SCALE_ROBUST);
	check_features(prep, (const char *const[]){name, "x"}, 2);
	float *x = apply_all(prep, table);
	for (size_t r = 0, row = 0; r < n_runs; row += (size_t)runs[r++].n)
		ck_assert_float_eq(x[row * 2], expected[r]);
	free(x);
	flt_prep_free(prep);
	flt_table_free(table);
}

START_TEST(two_slots_become_one_feature)
{
	check_two_slots((const struct run[]){{"f", 5}, {"m", 6}, {"x", 1}, {"", 1}}, 4, 11, "c=m",
	                (const float[]){-1, 1, 0, 0});
	check_two_slots((const struct run[]){{"f", 5}, {"", 6}, {"x", 1}}, 3, 11, "c=f", (const float[]){1, -1, 0});
	check_two_slots((const struct run[]){{"f", 5}, {"m", 4}, {"x", 1}, {"", 1}}, 4, 9, "c=f",
	                (const float[]){1, -1, -1, -1});
	check_two_slots((const struct run[]){{"f", 1}, {"m", 4}, {"", 6}}, 3, 11, "c missing",
	                (const float[]){-1, -1, 1});
}
END_TEST

START_TEST(at_most_32_levels_get_slots)
{
	struct text text = {0};
	text_add(&text, "c,x,y\n");
	for (int i = 0; i < 400; i++)
		text_add(&text, "%s%d,%d.5,%d\n", i < 390 ? "l" : "", i < 390 ? i % 39 : 7, i % 13, i % 2);
	struct flt_table *table = table_of(&text, (struct flt_table_options){.categorical = "c", .na = "7"});
	struct flt_prep *prep = fit_range(table, 0, 400, FLT_SCALE_ROBUST);
	ck_assert_uint_eq(flt_prep_n_features(prep), 32 + 1 + 1 + 1 + 1);
	ck_assert_str_eq(flt_prep_feature(prep, 31), "c=l31");
	ck_assert_str_eq(flt_prep_feature(prep, 32), "c missing");
	ck_assert_str_eq(flt_prep_feature(prep, 33), "c other");
	ck_assert_str_eq(flt_prep_feature(prep, 34), "c target statistic"); /* of all 39 */
	float *x = apply_all(prep, table);
	for (size_t row = 0; row < 400; row++)
		for (size_t j = 0; j < 34; j++) {
			size_t slot = row >= 390 ? 32 : row % 39 < 32 ? row % 39 : 33;
			ck_assert_float_eq(x[row * 36 + j], j == slot ? 1.0F : 0.0F);
		}
	free(x);
	flt_prep_free(prep);
	flt_table_free(table);
}
END_TEST

START_TEST(features_of_extreme_numbers_are_finite)
{
	struct flt_table *table =
	        small_table("a,b,c,y\n"
	                    "1e308,1.7e308,5e-324,0\n-1e308,-1.7e308,0,1\n3,0,1.5e-323,0\n4,-1.7e308,-1e-323,1\n"
	                    "1e-308,1.7e308,1e-320,0\n1.7e308,-1.7e308,1e300,1\n-1.7e308,1.7e308,-1e300,0\n",
	                    (struct flt_table_options){0});
	for (size_t s = 0; s < 4; s++) {
		struct flt_prep *prep = fit_range(table, 0, 5, all_scales[s]);
		size_t n = flt_prep_n_features(prep);
		ck_assert_uint_eq(n, 3);
		float *x = apply_all(prep, table);
		for (size_t i = 0; i < 7 * n; i++)
			ck_assert_msg(isfinite(x[i]), "scale %zu, value %zu", s, i);
		ck_assert_float_ge(x[5 * n], x[0]); /* order is kept */
		ck_assert_float_le(x[6 * n], x[1 * n]);
		free(x);
		flt_prep_free(prep);
	}
	flt_table_free(table);
}
END_TEST

static bool same_columns(const struct flt_prep *a, const struct flt_prep *b)
{
	bool same = flt_prep_n_columns(a) == flt_prep_n_columns(b) && flt_prep_n_features(a) == flt_prep_n_features(b);
	for (size_t c = 0; same && c < flt_prep_n_columns(a); c++) {
		struct flt_prep_column x = flt_prep_column(a, c), y = flt_prep_column(b, c);
		same = strcmp(x.name, y.name) == 0 && x.type == y.type && x.use == y.use &&
		       x.has_number == y.has_number && x.has_indicator == y.has_indicator &&
		       memcmp(&x.median, &y.median, sizeof x.median) == 0 &&
		       memcmp(&x.center, &y.center, sizeof x.center) == 0 &&
		       memcmp(&x.factor, &y.factor, sizeof x.factor) == 0 &&
		       memcmp(&x.fences, &y.fences, sizeof x.fences) == 0 && x.n_quantiles == y.n_quantiles &&
		       x.n_levels == y.n_levels && x.has_missing == y.has_missing && x.has_other == y.has_other;
		for (size_t i = 0; same && i < x.n_quantiles; i++)
			same = memcmp(&x.quantiles[i], &y.quantiles[i], sizeof x.quantiles[i]) == 0;
		for (size_t i = 0; same && i < x.n_levels; i++)
			same = strcmp(x.levels[i], y.levels[i]) == 0;
	}
	return same;
}

/* Every third row is not fitted on; its values come from another stream where `changed`. */
static struct flt_table *leak_table(bool changed, bool change_fit_row)
{
	struct flt_random random;
	struct text text = {0};
	text_add(&text, "a,b,c,d,y\n");
	for (int i = 0; i < 300; i++) {
		flt_random_init(&random, 1, i % 3 == 0 && changed ? "other" : "one", (uint64_t)i);
		if (change_fit_row && i == 100)
			flt_random_init(&random, 1, "fit", 0);
		double a = flt_random_normal(&random);
		text_add(&text, "%.6f,", i % 3 == 0 && changed ? 100 * a + 50 : a);
		if (flt_random_below(&random, 5) > 0)
			text_add(&text, "%d", (int)flt_random_below(&random, 10));
		text_add(&text, ",%c,%s,%d\n", "abcdefghijklmnopqr"[flt_random_below(&random, i % 3 == 0 ? 18 : 12)],
		         flt_random_below(&random, 2) ? "left" : "right", i % 2);
	}
	return table_of(&text, (struct flt_table_options){0});
}

START_TEST(only_fit_rows_affect_what_is_learnt)
{
	size_t rows[200], n = 0;
	for (size_t i = 0; i < 300; i++)
		if (i % 3 != 0)
			rows[n++] = i;
	struct flt_table *tables[3] = {leak_table(false, false), leak_table(true, false), leak_table(false, true)};
	for (size_t s = 0; s < 4; s++) {
		struct flt_prep *preps[3];
		for (int t = 0; t < 3; t++)
			ck_assert_int_eq(flt_prep_fit(tables[t], rows, n,
			                              &(struct flt_prep_options){.scale = all_scales[s]}, &preps[t],
			                              NULL),
			                 FLT_OK);
		ck_assert(same_columns(preps[0], preps[1]));
		if (all_scales[s] != FLT_SCALE_NONE) /* and one fit row does change something: the check can fail */
			ck_assert(!same_columns(preps[0], preps[2]));
		for (int t = 0; t < 3; t++)
			flt_prep_free(preps[t]);
	}
	for (int t = 0; t < 3; t++)
		flt_table_free(tables[t]);
}
END_TEST

START_TEST(applying_in_any_row_order_gives_the_same_rows)
{
	struct flt_table *table = leak_table(false, false);
	for (size_t s = 0; s < 4; s++) {
		struct flt_prep *prep = fit_range(table, 0, 250, all_scales[s]);
		size_t n = flt_prep_n_features(prep), rows[300];
		float *x = apply_all(prep, table), *y = calloc(300 * n, sizeof *y);
		for (size_t i = 0; i < 300; i++)
			rows[i] = i * 7 % 300 / 2; /* any order, each twice */
		ck_assert_int_eq(flt_prep_apply(prep, table, rows, 300, 2, y, NULL), FLT_OK);
		for (size_t i = 0; i < 300; i++)
			ck_assert_mem_eq(y + i * n, x + rows[i] * n, n * sizeof *x);
		ck_assert_int_eq(flt_prep_apply(prep, table, rows, 0, 2, NULL, NULL), FLT_OK);
		free(x);
		free(y);
		flt_prep_free(prep);
	}
	flt_table_free(table);
}
END_TEST

START_TEST(columns_are_matched_by_name_and_levels_by_text)
{
	struct flt_table *table = runs_table((const struct run[]){{"a", 6}, {"b", 5}, {"c", 7}}, 3);
	struct flt_table *other = small_table("y,more,x,c\n1,9,0.5,c\n0,9,1.5,d\n1,9,2.5,a\n0,9,,b\n",
	                                      (struct flt_table_options){.target = "y"});
	struct flt_prep *prep = fit_range(table, 0, 18, FLT_SCALE_NONE);
	check_features(prep, (const char *const[]){"c=c", "c=a", "c=b", "x"}, 4);
	float *x = apply_all(prep, other);
	check_slots(x, 0, 1, 0, 0);
	check_slots(x, 1, 0, 0, 0);
	check_slots(x, 2, 0, 1, 0);
	check_slots(x, 3, 0, 0, 1);
	ck_assert_float_eq(x[3], 0.5F);
	ck_assert_float_eq(x[11], 2.5F);
	ck_assert_float_eq(x[15], (float)flt_prep_column(prep, 1).median);
	free(x);
	flt_table_free(other);

	struct flt_error err = {0};
	size_t row = 0;
	float features[4];
	other = small_table("c,z,y\na,1,0\nb,2,1\n", (struct flt_table_options){0});
	ck_assert_int_eq(flt_prep_apply(prep, other, &row, 1, 2, features, &err), FLT_ERR_DATA);
	ck_assert_ptr_nonnull(strstr(err.text, "there is no column \"x\", which the model uses"));
	flt_table_free(other);
	other = small_table("c,x,y\n5,1,0\n6,2,1\n", (struct flt_table_options){0});
	ck_assert_int_eq(flt_prep_apply(prep, other, &row, 1, 2, features, &err), FLT_ERR_DATA);
	ck_assert_ptr_nonnull(strstr(err.text, "column \"c\" must hold text"));
	flt_table_free(other);
	other = small_table("c,x,y\na,u,0\nb,v,1\n", (struct flt_table_options){0});
	ck_assert_int_eq(flt_prep_apply(prep, other, &row, 1, 2, features, &err), FLT_ERR_DATA);
	ck_assert_ptr_nonnull(strstr(err.text, "column \"x\" must hold numbers"));
	flt_table_free(other);
	flt_prep_free(prep);
	flt_table_free(table);
}
END_TEST

/* The columns of a preparation, to be changed. */
static struct flt_prep_column *describe(const struct flt_prep *prep)
{
	size_t n = flt_prep_n_columns(prep);
	struct flt_prep_column *columns = calloc(n, sizeof *columns);
	ck_assert_ptr_nonnull(columns);
	for (size_t c = 0; c < n; c++)
		columns[c] = flt_prep_column(prep, c);
	return columns;
}

START_TEST(a_preparation_is_rebuilt_from_its_columns)
{
	struct flt_table *tables[2] = {leak_table(false, false), uses_table()};
	for (size_t t = 0; t < 2; t++)
		for (size_t s = 0; s < 4; s++) {
			struct flt_prep *prep = fit_range(tables[t], 0, 40, all_scales[s]), *rebuilt;
			struct flt_prep_column *columns = describe(prep);
			ck_assert_int_eq(flt_prep_from_columns(flt_prep_scale(prep), columns, flt_prep_n_columns(prep),
			                                       &rebuilt, NULL),
			                 FLT_OK);
			ck_assert_int_eq(flt_prep_scale(rebuilt), all_scales[s]);
			ck_assert(same_columns(prep, rebuilt));
			size_t n = flt_prep_n_features(prep) * flt_table_n_rows(tables[t]);
			float *x = apply_all(prep, tables[t]);
			flt_prep_free(prep);
			float *y = apply_all(rebuilt, tables[t]);
			ck_assert_mem_eq(x, y, n * sizeof *x);
			free(x);
			free(y);
			free(columns);
			flt_prep_free(rebuilt);
		}
	flt_table_free(tables[0]);
	flt_table_free(tables[1]);
}
END_TEST

static void refuse(enum flt_scale scale, const struct flt_prep_column *columns, size_t n, const char *text)
{
	struct flt_prep *prep;
	struct flt_error err = {0};
	ck_assert_int_eq(flt_prep_from_columns(scale, columns, n, &prep, &err), FLT_ERR_MODEL);
	ck_assert_ptr_null(prep);
	ck_assert_msg(strstr(err.text, text) != NULL, "\"%s\" is not in: %s", text, err.text);
}

START_TEST(an_impossible_preparation_is_refused)
{
	static const char *const levels[] = {"a", "b", "c", "b"}, *const first_twice[] = {"a", "b", "a"},
	                         *const without_text[] = {"a", "b", NULL},
	                         *const first_without_text[] = {NULL, "a", "b"};
	static const double quantiles[] = {0, 1, 2}, falling[] = {0, 2, 1}, first_falls[] = {1, 0, 2}, flat[] = {1, 1},
	                    infinite[] = {0, (double)INFINITY}, infinite_first[] = {(double)-INFINITY, 0, 1};
	const struct flt_prep_column number = {
	        .name = "n", .use = FLT_USED_NUMERIC, .has_number = true, .median = 1, .center = 1, .factor = 2};
	const struct flt_prep_column category = {
	        .name = "c", .type = FLT_CATEGORICAL, .use = FLT_USED_CATEGORICAL, .levels = levels, .n_levels = 3};
	struct flt_prep_column two[2] = {number, category}, bad;
	struct flt_prep *prep;
	ck_assert_int_eq(flt_prep_from_columns(FLT_SCALE_ROBUST, two, 2, &prep, NULL), FLT_OK);
	flt_prep_free(prep);
	refuse((enum flt_scale)9, two, 2, "scale is unknown");
	refuse(FLT_SCALE_ROBUST, two, 0, "uses no column");
	two[1].name = "n";
	refuse(FLT_SCALE_ROBUST, two, 2, "two columns \"n\"");
	two[1].name = NULL;
	refuse(FLT_SCALE_ROBUST, two, 2, "column 2 has no name");

#define REFUSE(model, scale, change, text)                                                                             \
	do {                                                                                                           \
		bad = model;                                                                                           \
		bad.change;                                                                                            \
		refuse(scale, &bad, 1, text);                                                                          \
	} while (0)
	REFUSE(number, FLT_SCALE_ROBUST, type = (enum flt_column_type)7, "unknown type");
	REFUSE(number, FLT_SCALE_ROBUST, use = (enum flt_column_use)77, "unknown use");
	REFUSE(number, FLT_SCALE_ROBUST, use = FLT_CONSTANT, "uses no column");
	REFUSE(number, FLT_SCALE_ROBUST, type = FLT_CATEGORICAL, "used as a number");
	REFUSE(number, FLT_SCALE_ROBUST, has_number = false, "neither a number nor a missing indicator");
	REFUSE(number, FLT_SCALE_NONE, median = (double)NAN, "median that is not finite");
	REFUSE(number, FLT_SCALE_ROBUST, center = (double)INFINITY, "center or factor");
	REFUSE(number, FLT_SCALE_ROBUST, factor = (double)INFINITY, "center or factor");
	REFUSE(number, FLT_SCALE_STANDARD, factor = 0, "center or factor");
	REFUSE(number, FLT_SCALE_STANDARD, factor = (double)NAN, "center or factor");
	REFUSE(number, FLT_SCALE_STANDARD, fences.low = 1, "fences that are not");
	REFUSE(number, FLT_SCALE_STANDARD, fences.high = (double)INFINITY, "fences that are not");
	REFUSE(number, FLT_SCALE_STANDARD, fences.low = (double)NAN, "fences that are not");
	REFUSE(number, FLT_SCALE_ROBUST, n_quantiles = 3, "its scale does not use");
	REFUSE(number, FLT_SCALE_QUANTILE, n_quantiles = 1001, "from 2 to 1000 quantiles");
	REFUSE(number, FLT_SCALE_QUANTILE, n_quantiles = 2, "from 2 to 1000 quantiles");
	REFUSE(category, FLT_SCALE_ROBUST, type = FLT_NUMERIC, "used as a category");
	REFUSE(category, FLT_SCALE_ROBUST, n_levels = 33, "more than 32 levels");
	REFUSE(category, FLT_SCALE_ROBUST, n_levels = 1, "fewer than two slots");
	REFUSE(category, FLT_SCALE_ROBUST, n_levels = 4, "a level twice");
	REFUSE(category, FLT_SCALE_ROBUST, levels = NULL, "32 levels");
	REFUSE(category, FLT_SCALE_ROBUST, levels = first_without_text, "a level without text");
	REFUSE(category, FLT_SCALE_ROBUST, levels = first_twice, "a level twice");
	REFUSE(category, FLT_SCALE_ROBUST, levels = without_text, "a level without text");
#undef REFUSE
	bad = number;
	bad.quantiles = quantiles;
	bad.n_quantiles = 3;
	ck_assert_int_eq(flt_prep_from_columns(FLT_SCALE_QUANTILE, &bad, 1, &prep, NULL), FLT_OK);
	flt_prep_free(prep);
	bad.quantiles = falling;
	refuse(FLT_SCALE_QUANTILE, &bad, 1, "that fall");
	bad.quantiles = first_falls;
	refuse(FLT_SCALE_QUANTILE, &bad, 1, "that fall");
	double many[1001];
	for (size_t i = 0; i < 1001; i++)
		many[i] = (double)i;
	bad.quantiles = many;
	bad.n_quantiles = 1001;
	refuse(FLT_SCALE_QUANTILE, &bad, 1, "from 2 to 1000 quantiles");
	bad.n_quantiles = 1;
	refuse(FLT_SCALE_QUANTILE, &bad, 1, "from 2 to 1000 quantiles");
	bad.n_quantiles = 1000;
	ck_assert_int_eq(flt_prep_from_columns(FLT_SCALE_QUANTILE, &bad, 1, &prep, NULL), FLT_OK);
	flt_prep_free(prep);
	bad = category;
	bad.n_levels = 1;
	bad.has_missing = true;
	bad.levels = NULL;
	refuse(FLT_SCALE_ROBUST, &bad, 1, "32 levels");
	bad = number;
	bad.n_quantiles = 3;
	bad.quantiles = infinite_first;
	refuse(FLT_SCALE_QUANTILE, &bad, 1, "not finite");
	bad.quantiles = infinite;
	bad.n_quantiles = 2;
	refuse(FLT_SCALE_QUANTILE, &bad, 1, "not finite");
	bad.quantiles = flat;
	refuse(FLT_SCALE_QUANTILE, &bad, 1, "all the same");
}
END_TEST

START_TEST(every_failed_allocation_is_an_error)
{
	struct flt_table *table = leak_table(false, false);
	size_t *rows = row_range(0, 300);
	float *x = calloc(300 * 100, sizeof *x);
	for (size_t s = 0; s < 4; s++) {
		enum flt_status status;
		struct flt_prep *prep = NULL;
		unsigned long k = 0;
		size_t live = flt_alloc_live();
		do {
			flt_alloc_fail_at(++k);
			status = flt_prep_fit(table, rows, 300, &(struct flt_prep_options){.scale = all_scales[s]},
			                      &prep, NULL);
			flt_alloc_fail_at(0);
			ck_assert(status == FLT_OK || (status == FLT_ERR_MACHINE && !prep && flt_alloc_live() == live));
		} while (status);
		ck_assert_uint_gt(k, 20);
		k = 0;
		live = flt_alloc_live();
		do {
			flt_alloc_fail_at(++k);
			status = flt_prep_apply(prep, table, rows, 300, 2, x, NULL);
			flt_alloc_fail_at(0);
			ck_assert(status == FLT_OK || status == FLT_ERR_MACHINE);
			ck_assert_uint_eq(flt_alloc_live(), live);
		} while (status);
		ck_assert_uint_gt(k, 2);
		flt_prep_free(prep);
	}
	free(x);
	free(rows);
	flt_table_free(table);
}
END_TEST

/* Large enough for threads: numbers, one column of them with gaps, and texts. */
static struct flt_table *large_table(void)
{
	enum { ROWS = 12000 };
	struct text text = {0};
	struct flt_random random;
	flt_random_init(&random, 3, "test", 0);
	text_add(&text, "a,b,c,d,e,f,y\n");
	for (size_t i = 0; i < ROWS; i++) {
		text_add(&text, "%.9g,%.9g,%.9g,", flt_random_normal(&random), exp(3 * flt_random_normal(&random)),
		         (double)flt_random_below(&random, 40));
		text_add(&text, flt_random_below(&random, 9) ? "%.7g," : ",", flt_random_normal(&random));
		text_add(&text, "t%zu,u%zu,%zu\n", flt_random_below(&random, 60), flt_random_below(&random, 2), i % 2);
	}
	return table_of(&text, (struct flt_table_options){0});
}

START_TEST(the_number_of_threads_does_not_change_the_result)
{
	struct flt_table *table = large_table();
	size_t n = flt_table_n_rows(table), n_fit = n - n / 5, *rows = row_range(0, n);
	for (size_t s = 0; s < 4; s++) {
		struct flt_prep *prep[3];
		float *x[3];
		for (unsigned i = 0; i < 3; i++) {
			struct flt_prep_options options = {.scale = all_scales[s], .n_threads = 1 + 2 * i};
			ck_assert_int_eq(flt_prep_fit(table, rows, n_fit, &options, &prep[i], NULL), FLT_OK);
			x[i] = calloc(n * flt_prep_n_features(prep[i]), sizeof *x[i]);
			ck_assert_ptr_nonnull(x[i]);
			ck_assert_int_eq(flt_prep_apply(prep[i], table, rows, n, options.n_threads, x[i], NULL),
			                 FLT_OK);
			ck_assert(same_columns(prep[0], prep[i]));
			ck_assert_mem_eq(x[0], x[i], n * flt_prep_n_features(prep[0]) * sizeof *x[0]);
		}
		for (unsigned i = 0; i < 3; i++) {
			flt_prep_free(prep[i]);
			free(x[i]);
		}
	}
	free(rows);
	flt_table_free(table);
}
END_TEST

START_TEST(a_failed_allocation_of_a_thread_fails_the_fit)
{
	struct flt_table *table = large_table();
	size_t n = flt_table_n_rows(table), *rows = row_range(0, n);
	struct flt_prep_options options = {.scale = FLT_SCALE_QUANTILE, .n_threads = 3};
	enum flt_status status = FLT_ERR_MACHINE;
	unsigned long k = 0;
	while (status) {
		struct flt_prep *prep;
		struct flt_error err = {0};
		flt_alloc_fail_at(++k);
		status = flt_prep_fit(table, rows, n, &options, &prep, &err);
		flt_alloc_fail_at(0);
		ck_assert_int_eq(status, err.status);
		ck_assert(status == FLT_OK || (status == FLT_ERR_MACHINE && !prep));
		flt_prep_free(prep);
	}
	ck_assert_uint_gt(k, 20);
	free(rows);
	flt_table_free(table);
}
END_TEST

/* One number from `n` rows, x = offset + unit * u with u drawn, some rows missing. */
static struct flt_table *numbers_table(size_t n, double unit, double offset)
{
	struct flt_random random;
	struct text text = {0};
	flt_random_init(&random, 8, "test", 0);
	text_add(&text, "x,y\n");
	for (size_t i = 0; i < n; i++) {
		double u = (double)flt_random_below(&random, 1 << 20) / 1024;
		if (flt_random_below(&random, 10) == 0)
			text_add(&text, ",%zu\n", i % 2);
		else
			text_add(&text, "%.17g,%zu\n", offset + unit * u, i % 2);
	}
	return table_of(&text, (struct flt_table_options){0});
}

START_TEST(the_unit_of_a_column_does_not_change_its_features)
{
	enum { N = 500 };
	static const struct {
		double unit, offset;
	} changes[] = {{4, 0}, {1, 1024}, {0.125, -3}, {3, 7}};
	struct flt_table *table = numbers_table(N, 1, 0);
	for (size_t s = 0; s < 3; s++) /* all but none */
		for (size_t c = 0; c < 4; c++) {
			struct flt_table *changed = numbers_table(N, changes[c].unit, changes[c].offset);
			struct flt_prep *prep = fit_range(table, 0, 400, all_scales[s]);
			struct flt_prep *other = fit_range(changed, 0, 400, all_scales[s]);
			float *x = apply_all(prep, table), *y = apply_all(other, changed);
			ck_assert_uint_eq(flt_prep_n_features(prep), 2);
			for (size_t i = 0; i < 2 * N; i++)
				check_close((double)y[i], (double)x[i], 1e-6, "feature");
			free(x);
			free(y);
			flt_prep_free(prep);
			flt_prep_free(other);
			flt_table_free(changed);
		}
	flt_table_free(table);
}
END_TEST

START_TEST(features_rise_with_the_number)
{
	enum { N = 500 };
	struct flt_table *table = numbers_table(N, 1, -300);
	double *numbers = numbers_in(table, 0);
	for (size_t s = 0; s < 4; s++) {
		struct flt_prep *prep = fit_range(table, 0, 300, all_scales[s]);
		float *x = apply_all(prep, table);
		size_t n_rises = 0;
		for (size_t i = 0; i < N; i++)
			for (size_t j = 0; j < N; j++)
				if (numbers[i] < numbers[j]) {
					ck_assert_float_le(x[2 * i], x[2 * j]);
					n_rises += x[2 * i] < x[2 * j];
				}
		ck_assert_uint_gt(n_rises, (size_t)N * N / 4);
		free(x);
		flt_prep_free(prep);
	}
	free(numbers);
	flt_table_free(table);
}
END_TEST

START_TEST(features_are_clipped_at_1e30)
{
	static const float plain[] = {1e30F, -1e30F, 9e29F, -9e29F, 4}, standard[] = {1e30F, -1e30F, 1e30F, -1e30F, -2};
	const struct flt_prep_column column = {
	        .name = "x", .use = FLT_USED_NUMERIC, .has_number = true, .median = 1, .center = 5, .factor = 2};
	struct flt_table *table =
	        small_table("x,y\n1e31,0\n-1e31,1\n9e29,0\n-9e29,1\n4,0\n", (struct flt_table_options){0});
	struct flt_prep *prep;
	ck_assert_int_eq(flt_prep_from_columns(FLT_SCALE_NONE, &column, 1, &prep, NULL), FLT_OK);
	float *x = apply_all(prep, table);
	for (size_t i = 0; i < 5; i++)
		ck_assert_float_eq(x[i], plain[i]);
	free(x);
	flt_prep_free(prep);
	ck_assert_int_eq(flt_prep_from_columns(FLT_SCALE_STANDARD, &column, 1, &prep, NULL), FLT_OK);
	x = apply_all(prep, table);
	for (size_t i = 0; i < 5; i++)
		ck_assert_float_eq(x[i], standard[i]);
	free(x);
	flt_prep_free(prep);
	flt_table_free(table);
}
END_TEST

/* Texts of every length: what is written beyond an allocation of just the right size is found by free. */
START_TEST(features_are_named_by_column_and_level)
{
	char name[200], level[200], expected[500];
	for (size_t length = 1; length < 150; length++) {
		memset(name, 'n', length);
		name[length] = '\0';
		memset(level, 'l', 150 - length);
		level[150 - length] = '\0';
		const char *const levels[] = {level, "b"};
		const struct flt_prep_column columns[] = {{.name = name,
		                                           .type = FLT_CATEGORICAL,
		                                           .use = FLT_USED_CATEGORICAL,
		                                           .levels = levels,
		                                           .n_levels = length % 3,
		                                           .has_missing = true,
		                                           .has_other = true},
		                                          {.name = "number",
		                                           .use = FLT_USED_NUMERIC,
		                                           .has_number = true,
		                                           .has_indicator = true,
		                                           .factor = 1}};
		struct flt_prep *prep;
		ck_assert_int_eq(flt_prep_from_columns(FLT_SCALE_ROBUST, columns, 2, &prep, NULL), FLT_OK);
		size_t feature = 0;
		for (size_t i = 0; i < length % 3; i++) {
			snprintf(expected, sizeof expected, "%s=%s", name, levels[i]);
			ck_assert_str_eq(flt_prep_feature(prep, feature), expected);
			ck_assert(!flt_prep_feature_is_numeric(prep, feature++));
		}
		snprintf(expected, sizeof expected, "%s missing", name);
		ck_assert_str_eq(flt_prep_feature(prep, feature++), expected);
		if (length % 3 > 0) {
			snprintf(expected, sizeof expected, "%s other", name);
			ck_assert_str_eq(flt_prep_feature(prep, feature++), expected);
		}
		ck_assert_str_eq(flt_prep_feature(prep, feature), "number");
		ck_assert(flt_prep_feature_is_numeric(prep, feature));
		ck_assert_str_eq(flt_prep_feature(prep, feature + 1), "number missing");
		ck_assert(!flt_prep_feature_is_numeric(prep, feature + 1));
		ck_assert_uint_eq(flt_prep_n_features(prep), feature + 2);
		flt_prep_free(prep);
	}
}
END_TEST

START_TEST(a_negative_zero_is_learnt_as_zero)
{
	struct flt_table *table =
	        small_table("x,y\n-0,0\n-0,1\n-0,0\n-0,1\n7,0\n-3,1\n", (struct flt_table_options){0});
	for (size_t s = 0; s < 4; s++) {
		struct flt_prep *prep = fit_range(table, 0, 6, all_scales[s]);
		struct flt_prep_column column = flt_prep_column(prep, 0);
		ck_assert(column.median == 0 && !signbit(column.median));
		ck_assert(column.n_quantiles == 0 || !signbit(column.quantiles[1]));
		flt_prep_free(prep);
	}
	flt_table_free(table);
}
END_TEST

START_TEST(an_unused_column_keeps_only_name_type_and_use)
{
	static const char *const levels[] = {"a", "b"};
	static const double quantiles[] = {0, 1};
	struct flt_prep_column columns[] = {
	        {.name = "x", .use = FLT_USED_NUMERIC, .has_number = true, .factor = 1},
	        {.name = "c",
	         .type = FLT_CATEGORICAL,
	         .levels = levels,
	         .n_levels = 2,
	         .has_missing = true,
	         .has_other = true,
	         .has_number = true,
	         .has_indicator = true,
	         .median = 1,
	         .center = 2,
	         .factor = 3,
	         .quantiles = quantiles,
	         .n_quantiles = 2},
	};
	for (int use = FLT_CONSTANT; use <= FLT_NOT_A_FEATURE; use++) {
		struct flt_prep *prep;
		columns[1].use = (enum flt_column_use)use;
		ck_assert_int_eq(flt_prep_from_columns(FLT_SCALE_ROBUST, columns, 2, &prep, NULL), FLT_OK);
		struct flt_prep_column column = flt_prep_column(prep, 1);
		ck_assert_str_eq(column.name, "c");
		ck_assert_int_eq(column.type, FLT_CATEGORICAL);
		ck_assert_int_eq(column.use, use);
		ck_assert_ptr_null(column.levels);
		ck_assert_ptr_null(column.quantiles);
		ck_assert(column.n_levels == 0 && column.n_quantiles == 0);
		ck_assert(!column.has_missing && !column.has_other && !column.has_number && !column.has_indicator);
		ck_assert(column.median == 0 && column.center == 0 && column.factor == 0);
		ck_assert_uint_eq(flt_prep_n_features(prep), 1);
		flt_prep_free(prep);
	}
}
END_TEST

START_TEST(the_standard_factor_is_at_most_1e300)
{
	struct flt_table *table =
	        small_table("a,b,c,y\n0,0,0,0\n1e-320,2e-299,5e-324,1\n", (struct flt_table_options){0});
	struct flt_prep *prep = fit_range(table, 0, 2, FLT_SCALE_STANDARD);
	ck_assert_double_eq(flt_prep_column(prep, 0).factor, 1e300);
	check_close(flt_prep_column(prep, 1).factor / 1e299, 1, 1e-12, "factor");
	ck_assert_double_eq(flt_prep_column(prep, 2).factor, 1); /* its deviation is rounded to 0 */
	flt_prep_free(prep);
	flt_table_free(table);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("prep");
	TCase *tests = tcase_create("prep");
	tcase_add_checked_fixture(tests, note_live_memory, check_live_memory);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, robust_scale_agrees_with_the_reference);
	tcase_add_test(tests, scales_agree_with_scikit_learn);
	tcase_add_test(tests, a_missing_number_becomes_the_median_and_sets_an_indicator);
	tcase_add_test(tests, every_kind_of_column_gets_its_use);
	tcase_add_test(tests, constant_columns_are_found_on_fit_rows);
	tcase_add_test(tests, fitting_fails_without_a_usable_column);
	tcase_add_test(tests, integers_that_number_the_rows_are_id_like);
	tcase_add_test(tests, an_id_may_skip_rows_that_reading_left_out);
	tcase_add_test(tests, text_is_id_like_above_90_percent_distinct_values);
	tcase_add_test(tests, a_column_left_out_says_why);
	tcase_add_test(tests, an_option_that_names_a_column_keeps_it);
	tcase_add_test(tests, slots_are_ordered_by_frequency_then_first_appearance);
	tcase_add_test(tests, rare_and_unseen_levels_share_the_slot_other);
	tcase_add_test(tests, few_missing_values_share_the_slot_other);
	tcase_add_test(tests, many_missing_values_get_a_slot);
	tcase_add_test(tests, two_slots_become_one_feature);
	tcase_add_test(tests, at_most_32_levels_get_slots);
	tcase_add_test(tests, features_of_extreme_numbers_are_finite);
	tcase_add_test(tests, only_fit_rows_affect_what_is_learnt);
	tcase_add_test(tests, applying_in_any_row_order_gives_the_same_rows);
	tcase_add_test(tests, the_number_of_threads_does_not_change_the_result);
	tcase_add_test(tests, a_failed_allocation_of_a_thread_fails_the_fit);
	tcase_add_test(tests, columns_are_matched_by_name_and_levels_by_text);
	tcase_add_test(tests, a_preparation_is_rebuilt_from_its_columns);
	tcase_add_test(tests, an_impossible_preparation_is_refused);
	tcase_add_test(tests, every_failed_allocation_is_an_error);
	tcase_add_test(tests, ties_are_ordered_by_first_not_last_appearance);
	tcase_add_test(tests, the_unit_of_a_column_does_not_change_its_features);
	tcase_add_test(tests, features_rise_with_the_number);
	tcase_add_test(tests, features_are_clipped_at_1e30);
	tcase_add_test(tests, features_are_named_by_column_and_level);
	tcase_add_test(tests, a_negative_zero_is_learnt_as_zero);
	tcase_add_test(tests, an_unused_column_keeps_only_name_type_and_use);
	tcase_add_test(tests, the_standard_factor_is_at_most_1e300);
	suite_add_tcase(suite, tests);
	return suite;
}
