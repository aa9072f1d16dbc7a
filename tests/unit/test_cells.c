/* Records of text, prepared without a table: the same features as from a table, and what is refused. */
#include "small_table.h"

#include "apply_cells.h"
#include "base/alloc.h"
#include "live_memory.h"
#include "prep/seen.h"
#include "suite.h"

enum { N_FIT = 24, N_NAMES = 5 };

/* Rows 0 .. N_FIT - 1 fit the preparation. The others hold what the fit rows do not: an unseen level, a missing number
 * in a column that never misses one, a marker. */
static const char *const names[N_NAMES] = {"kind", "a", "id", "b", "color"};
static const char *const late_cells[][N_NAMES] = {
        {"web", "2.5", "x", "", "violet"},     {"", "-1e3", "y", "4", "red"}, {"phone", "7", "z", "NA", "?"},
        {"letter", "0.125", "u", "9", "blue"}, {"web", "", "v", "11", ""},
};
enum { N_LATE = sizeof late_cells / sizeof *late_cells };

struct fixture {
	struct flt_table *table;
	struct flt_prep *prep;
	size_t n_rows, n_features;
	const char *cells[(N_FIT + N_LATE) * N_NAMES]; /* the records of the table, in the order of `names` */
	char texts[N_FIT][N_NAMES][16];
};

static void fill_fit_row(struct fixture *f, size_t row)
{
	static const char *const colors[] = {"red", "blue", "green"};
	char(*texts)[16] = f->texts[row];
	snprintf(texts[0], sizeof *texts, "%s", row % 2 ? "web" : "phone");
	snprintf(texts[1], sizeof *texts, "%g", row % 5 == 4 ? 0.5 : (double)(row * row % 17) / 4);
	if (row % 6 == 3)
		texts[1][0] = '\0';
	snprintf(texts[2], sizeof *texts, "id%zu", row);
	snprintf(texts[3], sizeof *texts, "%zu", row * 7 % 11);
	snprintf(texts[4], sizeof *texts, "%s", row < 2 ? "rare" : colors[row % 3]);
}

static struct fixture *make_fixture(enum flt_scale scale)
{
	struct text text = {0};
	struct fixture *f = calloc(1, sizeof *f);
	ck_assert_ptr_nonnull(f);
	text_add(&text, "kind,a,id,b,color,y\n");
	size_t rows[N_FIT];
	for (size_t row = 0; row < N_FIT + N_LATE; row++) {
		if (row < N_FIT) {
			fill_fit_row(f, row);
			rows[row] = row;
		}
		for (size_t i = 0; i < N_NAMES; i++) {
			const char *cell = row < N_FIT ? f->texts[row][i] : late_cells[row - N_FIT][i];
			f->cells[row * N_NAMES + i] = cell;
			text_add(&text, "%s,", cell);
		}
		text_add(&text, "%zu\n", row % 2);
	}
	f->table = table_of(&text, (struct flt_table_options){.id = "id"});
	ck_assert_int_eq(
	        flt_prep_fit(f->table, rows, N_FIT, &(struct flt_prep_options){.scale = scale}, &f->prep, NULL),
	        FLT_OK);
	f->n_rows = N_FIT + N_LATE;
	f->n_features = flt_prep_n_features(f->prep);
	return f;
}

static void free_fixture(struct fixture *f)
{
	flt_prep_free(f->prep);
	flt_table_free(f->table);
	free(f);
}

static struct flt_cell_reader *new_reader(const struct flt_prep *prep, const char *const *columns, size_t n,
                                          struct flt_table_options options)
{
	struct flt_cell_reader *reader;
	struct flt_error err = {0};
	enum flt_status status = flt_cell_reader_new(prep, &options, columns, n, &reader, &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	return reader;
}

static void apply(const struct flt_cell_reader *reader, const struct flt_prep *prep, const char *const *cells,
                  size_t n_rows, float *x, struct flt_seen *seen)
{
	struct flt_error err = {0};
	enum flt_status status = apply_cells(reader, prep, cells, n_rows, x, seen, &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
}

static float *apply_table(const struct fixture *f)
{
	size_t rows[N_FIT + N_LATE];
	float *x = calloc(f->n_rows * f->n_features, sizeof *x);
	ck_assert_ptr_nonnull(x);
	for (size_t i = 0; i < f->n_rows; i++)
		rows[i] = i;
	ck_assert_int_eq(flt_prep_apply(f->prep, f->table, rows, f->n_rows, 1, x, NULL), FLT_OK);
	return x;
}

START_TEST(records_get_the_features_of_table_rows)
{
	for (int scale = FLT_SCALE_ROBUST; scale <= FLT_SCALE_NONE; scale++) {
		struct fixture *f = make_fixture((enum flt_scale)scale);
		ck_assert_uint_eq(f->n_features, 1 + 2 + 1 + 4); /* kind; a and its indicator; b; three colors, other */
		struct flt_cell_reader *reader = new_reader(f->prep, names, N_NAMES, (struct flt_table_options){0});
		float *x = apply_table(f), *y = calloc(f->n_rows * f->n_features, sizeof *y);
		apply(reader, f->prep, f->cells, f->n_rows, y, NULL);
		ck_assert_mem_eq(x, y, f->n_rows * f->n_features * sizeof *x);
		apply(reader, f->prep, f->cells, 0, y, NULL);
		flt_cell_reader_free(reader);
		free(x);
		free(y);
		free_fixture(f);
	}
}
END_TEST

START_TEST(columns_are_found_in_any_order_among_others)
{
	static const char *const order[] = {"z", "color", "b", "a1", "a", "zz", "kind", "z"};
	static const size_t from[] = {2, 4, 3, 2, 1, 2, 0, 2}; /* of `names`; column 2 is not used */
	static const bool is_used[] = {false, true, true, false, true, false, true, false};
	enum { N = sizeof order / sizeof *order };
	struct fixture *f = make_fixture(FLT_SCALE_ROBUST);
	struct flt_cell_reader *reader = new_reader(f->prep, order, N, (struct flt_table_options){0});
	const char **cells = calloc(f->n_rows * N, sizeof *cells);
	float *x = apply_table(f), *y = calloc(f->n_rows * f->n_features, sizeof *y);
	for (size_t i = 0; i < N; i++) {
		ck_assert_int_eq(flt_cell_reader_uses(reader, i), is_used[i]);
		for (size_t row = 0; row < f->n_rows; row++) /* unused cells may be NULL */
			cells[row * N + i] = is_used[i] ? f->cells[row * N_NAMES + from[i]] : NULL;
	}
	apply(reader, f->prep, cells, f->n_rows, y, NULL);
	ck_assert_mem_eq(x, y, f->n_rows * f->n_features * sizeof *x);
	flt_cell_reader_free(reader);
	free(x);
	free(y);
	free(cells);
	free_fixture(f);
}
END_TEST

/* Columns x (number, median 3), c (category a, b, other) and n (only missing or not). */
static struct flt_prep *simple_prep(void)
{
	static const char *const levels[] = {"a", "b"};
	const struct flt_prep_column columns[] = {
	        {.name = "gone", .type = FLT_CATEGORICAL, .use = FLT_ID_LIKE},
	        {.name = "x",
	         .use = FLT_USED_NUMERIC,
	         .has_number = true,
	         .has_indicator = true,
	         .median = 3,
	         .profile = {.n_rows = 10, .quantiles = {0, 2, 2, 3, 3, 4, 5, 5.5, 6}}},
	        {.name = "c",
	         .type = FLT_CATEGORICAL,
	         .use = FLT_USED_CATEGORICAL,
	         .levels = levels,
	         .n_levels = 2,
	         .has_other = true},
	        {.name = "n", .use = FLT_USED_NUMERIC, .has_indicator = true, .median = 7},
	};
	struct flt_prep *prep;
	ck_assert_int_eq(flt_prep_from_columns(FLT_SCALE_NONE, columns, 4, &prep, NULL), FLT_OK);
	ck_assert_uint_eq(flt_prep_n_features(prep), 2 + 3 + 1);
	return prep;
}

static const char *const simple_names[] = {"x", "c", "n"};

/* One column of numbers in a format. */
static struct flt_prep *prep_of_format(struct flt_number_format format)
{
	const struct flt_prep_column column = {
	        .name = "x", .use = FLT_USED_NUMERIC, .has_number = true, .median = 3, .format = format};
	struct flt_prep *prep;
	ck_assert_int_eq(flt_prep_from_columns(FLT_SCALE_NONE, &column, 1, &prep, NULL), FLT_OK);
	return prep;
}

static void is_read(const struct flt_prep *prep, char decimal, const char *text, float want)
{
	float x;
	struct flt_cell_reader *reader =
	        new_reader(prep, simple_names, 1, (struct flt_table_options){.decimal = decimal});
	apply(reader, prep, &text, 1, &x, NULL);
	ck_assert_float_eq(x, want);
	flt_cell_reader_free(reader);
}

START_TEST(numbers_are_read_in_the_format_of_training)
{
	struct flt_prep *prep = prep_of_format(
	        (struct flt_number_format){.decimal = ',', .thousands = FLT_THOUSANDS_POINT, .prefix = "$"});
	is_read(prep, 0, "$1.234,5", 1234.5F);
	is_read(prep, 0, "-$7", -7);
	is_read(prep, 0, "NULL", 3);
	is_read(prep, ',', "$1.234,5", 1234.5F);
	is_read(prep, '.', "$1,234.5", 1234.5F); /* a file with the other mark */
	flt_prep_free(prep);
}
END_TEST

/* Prepares one record of x, c and n. */
static void check_record(struct flt_table_options options, const char *const cells[3], const float expected[6])
{
	struct flt_prep *prep = simple_prep();
	struct flt_cell_reader *reader = new_reader(prep, simple_names, 3, options);
	float x[6];
	apply(reader, prep, cells, 1, x, NULL);
	for (int i = 0; i < 6; i++)
		ck_assert_float_eq(x[i], expected[i]);
	flt_cell_reader_free(reader);
	flt_prep_free(prep);
}

START_TEST(cells_are_read_by_the_options)
{
	struct flt_table_options plain = {0};
	check_record(plain, (const char *const[]){"1.5", "a", "2"}, (const float[]){1.5F, 0, 1, 0, 0, 0});
	check_record(plain, (const char *const[]){"", "b", "NA"}, (const float[]){3, 1, 0, 1, 0, 1});
	check_record(plain, (const char *const[]){"?", "c", "nan"}, (const float[]){3, 1, 0, 0, 1, 1});
	check_record(plain, (const char *const[]){"-2e1", "", "0"}, (const float[]){-20, 0, 0, 0, 1, 0});
	check_record((struct flt_table_options){.decimal = ','}, (const char *const[]){"1,25", "a", "0,5"},
	             (const float[]){1.25F, 0, 1, 0, 0, 0});
	/* a number may be a missing marker, and then that number is missing, however it is written */
	check_record((struct flt_table_options){.na = "-1,b"}, (const char *const[]){"-1", "b", "-2"},
	             (const float[]){3, 1, 0, 0, 1, 0});
	check_record((struct flt_table_options){.na = "-1"}, (const char *const[]){"-1.0", "b", "-1"},
	             (const float[]){3, 1, 0, 1, 0, 1});
	/* --numeric turns text into missing in the columns it names */
	check_record((struct flt_table_options){.numeric = "gone,x"}, (const char *const[]){"many", "a", "2"},
	             (const float[]){3, 1, 1, 0, 0, 0});
	check_record((struct flt_table_options){.numeric = "n,x"}, (const char *const[]){"4", "a", "none"},
	             (const float[]){4, 0, 1, 0, 0, 1});
}
END_TEST

/* Prepares three records, of which the last holds the cells. */
static void check_refused(struct flt_table_options options, const char *x, const char *n, const char *text)
{
	struct flt_prep *prep = simple_prep();
	struct flt_cell_reader *reader = new_reader(prep, simple_names, 3, options);
	const char *const cells[] = {"1", "a", "2", "3", "b", "4", x, "c", n};
	struct flt_error err = {0};
	float features[18];
	ck_assert_int_eq(apply_cells(reader, prep, cells, 3, features, NULL, &err), FLT_ERR_DATA);
	ck_assert_msg(strstr(err.text, text) != NULL, "\"%s\" is not in: %s", text, err.text);
	flt_cell_reader_free(reader);
	flt_prep_free(prep);
}

START_TEST(text_in_a_numeric_column_is_refused)
{
	struct flt_table_options plain = {0}, numeric = {.numeric = "x"};
	check_refused(plain, "many", "2",
	              "column \"x\": \"many\" is not a number, which the model needs here; correct it");
	check_refused(plain, "5", "1,5", "column \"n\": \"1,5\" has a decimal comma: read the file with --decimal ,");
	check_refused((struct flt_table_options){.decimal = ','}, "5", "1.5",
	              "column \"n\": \"1.5\" has a decimal point: read the file with --decimal .");
	check_refused(plain, "$5", "2",
	              "column \"x\": \"$5\" is written in another way than in training, which had plain numbers");
	check_refused(plain, "5", "1e999", "column \"n\": \"1e999\" is out of range for a number");
	check_refused(numeric, "5", "few",
	              "column \"n\": \"few\" is not a number"); /* --numeric names another column */
	check_refused(numeric, "1e999", "2", "column \"x\": \"1e999\" is out of range for a number");
}
END_TEST

START_TEST(cells_without_a_slot_of_their_own_are_counted)
{
	struct flt_prep *prep = simple_prep();
	struct flt_cell_reader *reader = new_reader(prep, simple_names, 3, (struct flt_table_options){0});
	const char *const cells[] = {"1", "a", "2", "3", "", "4", "5", "new", "", "6", "b", "", "7", "more", "9"};
	struct flt_seen *seen, *more;
	float x[5 * 6];
	ck_assert_int_eq(flt_seen_new(prep, &seen, NULL), FLT_OK);
	apply(reader, prep, cells, 5, x, seen);
	ck_assert_uint_eq(seen[0].n_rows, 0); /* not used */
	ck_assert(seen[1].n_rows == 5 && seen[1].n_missing == 0 && seen[1].varies);
	ck_assert(seen[1].n_low == 1 && seen[1].n_below == 0 && seen[1].n_high == 2 && seen[1].n_above == 1);
	ck_assert(seen[2].n_rows == 5 && seen[2].n_missing == 1);
	ck_assert(seen[2].levels[0] == 1 && seen[2].levels[1] == 1 && flt_seen_n_unlearnt(&seen[2], 2) == 2);
	ck_assert_uint_eq(seen[2].first_unlearnt, 2);
	ck_assert(seen[3].n_rows == 5 && seen[3].n_missing == 2);
	ck_assert(seen[3].n_low == 0 && seen[3].n_high == 0); /* without a profile there is no range */
	apply(reader, prep, cells + 12, 1, x, seen);          /* counts go on */
	ck_assert(seen[2].n_rows == 6 && flt_seen_n_unlearnt(&seen[2], 2) == 3 && seen[2].first_unlearnt == 2);

	/* Parts that are counted apart add up to the same. */
	ck_assert_int_eq(flt_seen_new(prep, &more, NULL), FLT_OK);
	flt_seen_clear(prep, seen);
	ck_assert(seen[2].n_rows == 0 && seen[2].levels[2] == 0 && !seen[1].varies);
	for (size_t row = 0; row < 5; row++) {
		flt_seen_clear(prep, more);
		apply(reader, prep, cells + 3 * row, 1, x, more);
		ck_assert(!more[1].varies);
		flt_seen_add(prep, seen, more);
	}
	ck_assert(seen[1].n_rows == 5 && seen[1].varies && seen[1].n_low == 1 && seen[1].n_high == 2);
	ck_assert(seen[2].levels[0] == 1 && seen[2].levels[2] == 2 && seen[2].first_unlearnt == 2);
	ck_assert(seen[3].n_missing == 2 && seen[3].varies);
	flt_free(seen);
	flt_free(more);
	flt_cell_reader_free(reader);
	flt_prep_free(prep);
}
END_TEST

START_TEST(the_most_levels_do_not_reach_into_the_next_column)
{
	static char texts[FLT_PREP_MAX_LEVELS][8];
	const char *many[FLT_PREP_MAX_LEVELS], *const few[] = {"l3", "b"};
	for (size_t i = 0; i < FLT_PREP_MAX_LEVELS; i++) {
		snprintf(texts[i], sizeof texts[i], "l%zu", i);
		many[i] = texts[i];
	}
	const struct flt_prep_column columns[] = {
	        {.name = "many",
	         .type = FLT_CATEGORICAL,
	         .use = FLT_USED_CATEGORICAL,
	         .levels = many,
	         .n_levels = FLT_PREP_MAX_LEVELS,
	         .has_other = true},
	        {.name = "few", .type = FLT_CATEGORICAL, .use = FLT_USED_CATEGORICAL, .levels = few, .n_levels = 2}};
	struct flt_prep *prep;
	float x[2 * (FLT_PREP_MAX_LEVELS + 2)];
	ck_assert_int_eq(flt_prep_from_columns(FLT_SCALE_ROBUST, columns, 2, &prep, NULL), FLT_OK);
	struct flt_cell_reader *reader =
	        new_reader(prep, (const char *const[]){"many", "few"}, 2, (struct flt_table_options){0});
	apply(reader, prep, (const char *const[]){"unseen", "b", "l31", "l3"}, 2, x, NULL);
	for (size_t i = 0; i < FLT_PREP_MAX_LEVELS + 1; i++) {
		ck_assert_float_eq(x[i], i == FLT_PREP_MAX_LEVELS ? 1.0F : 0.0F);
		ck_assert_float_eq(x[FLT_PREP_MAX_LEVELS + 2 + i], i == 31 ? 1.0F : 0.0F);
	}
	ck_assert_float_eq(x[FLT_PREP_MAX_LEVELS + 1], -1);
	ck_assert_float_eq(x[2 * FLT_PREP_MAX_LEVELS + 3], 1);
	flt_cell_reader_free(reader);
	flt_prep_free(prep);
}
END_TEST

START_TEST(missing_cells_are_known)
{
	struct flt_prep *prep = simple_prep();
	struct flt_cell_reader *reader = new_reader(prep, simple_names, 3, (struct flt_table_options){.na = "none,-"});
	ck_assert(flt_cell_reader_is_missing(reader, ""));
	ck_assert(flt_cell_reader_is_missing(reader, "none"));
	ck_assert(flt_cell_reader_is_missing(reader, "-"));
	ck_assert(!flt_cell_reader_is_missing(reader, "non"));
	ck_assert(flt_cell_reader_is_missing(reader, "NA"));
	flt_cell_reader_free(reader);
	flt_cell_reader_free(NULL);
	flt_prep_free(prep);
}
END_TEST

static void check_names_refused(const char *const *columns, size_t n, const char *text)
{
	struct flt_prep *prep = simple_prep();
	struct flt_cell_reader *reader;
	struct flt_error err = {0};
	ck_assert_int_eq(flt_cell_reader_new(prep, &(struct flt_table_options){0}, columns, n, &reader, &err),
	                 FLT_ERR_DATA);
	ck_assert_ptr_null(reader);
	ck_assert_str_eq(err.text, text);
	flt_prep_free(prep);
}

START_TEST(a_used_column_must_be_there_once)
{
	check_names_refused((const char *const[]){"c", "n"}, 2, "there is no column \"x\", which the model uses");
	check_names_refused((const char *const[]){"c", "n", "xx"}, 3,
	                    "there is no column \"x\", which the model uses; it has \"xx\"");
	check_names_refused((const char *const[]){"a", "x", "c"}, 3, "there is no column \"n\", which the model uses");
	check_names_refused((const char *const[]){"c", "n", "x", "a", "n"}, 5,
	                    "columns 2 and 5 are both called \"n\"; rename one");
	check_names_refused((const char *const[]){"x", "x", "c", "n"}, 4,
	                    "columns 1 and 2 are both called \"x\"; rename one");
	check_names_refused((const char *const[]){"x", "n", "c", "y", "c", "c"}, 6,
	                    "columns 3 and 5 are both called \"c\"; rename one");
}
END_TEST

START_TEST(every_failed_allocation_is_an_error)
{
	struct fixture *f = make_fixture(FLT_SCALE_ROBUST);
	struct flt_table_options options = {.numeric = "a,b", .na = "?,NA"};
	struct flt_cell_reader *reader = NULL;
	float *x = calloc(f->n_rows * f->n_features, sizeof *x);
	enum flt_status status = FLT_ERR_MACHINE;
	size_t live = flt_alloc_live();
	unsigned long k = 0;
	while (status) {
		flt_alloc_fail_at(++k);
		status = flt_cell_reader_new(f->prep, &options, names, N_NAMES, &reader, NULL);
		flt_alloc_fail_at(0);
		ck_assert(status == FLT_OK || (status == FLT_ERR_MACHINE && !reader && flt_alloc_live() == live));
	}
	ck_assert_uint_gt(k, 6);
	live = flt_alloc_live();
	for (k = 0, status = FLT_ERR_MACHINE; status;) {
		flt_alloc_fail_at(++k);
		status = apply_cells(reader, f->prep, f->cells, f->n_rows, x, NULL, NULL);
		flt_alloc_fail_at(0);
		ck_assert(status == FLT_OK || status == FLT_ERR_MACHINE);
		ck_assert_uint_eq(flt_alloc_live(), live);
	}
	ck_assert_uint_gt(k, 6);
	flt_cell_reader_free(reader);
	free(x);
	free_fixture(f);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("cells");
	TCase *tests = tcase_create("cells");
	tcase_add_checked_fixture(tests, note_live_memory, check_live_memory);
	tcase_add_test(tests, records_get_the_features_of_table_rows);
	tcase_add_test(tests, columns_are_found_in_any_order_among_others);
	tcase_add_test(tests, numbers_are_read_in_the_format_of_training);
	tcase_add_test(tests, cells_are_read_by_the_options);
	tcase_add_test(tests, text_in_a_numeric_column_is_refused);
	tcase_add_test(tests, cells_without_a_slot_of_their_own_are_counted);
	tcase_add_test(tests, the_most_levels_do_not_reach_into_the_next_column);
	tcase_add_test(tests, missing_cells_are_known);
	tcase_add_test(tests, a_used_column_must_be_there_once);
	tcase_add_test(tests, every_failed_allocation_is_an_error);
	suite_add_tcase(suite, tests);
	return suite;
}
