/* table/: types, roles, target and classes; every refusal with its exact text; reading like another table. */
#include <math.h>

#include "failing_allocations.h"
#include "scratch.h"

#include "base/alloc.h"
#include "table/table.h"
#include "cell_numbers.h"
#include "suite.h"

static struct flt_error err;

static enum flt_status try_text(const char *text, const struct flt_table_options *options, struct flt_table **table)
{
	scratch_write("x.csv", text, strlen(text));
	enum flt_status status = flt_table_read("x.csv", options, table, &err);
	ck_assert((*table == NULL) == (status != FLT_OK));
	return status;
}

static struct flt_table *read_text(const char *text, const struct flt_table_options *options)
{
	struct flt_table *table;
	enum flt_status status = try_text(text, options, &table);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	return table;
}

/* Fails unless reading text is refused with this status and sentence. */
static void refuses(const char *text, const struct flt_table_options *options, enum flt_status want_status,
                    const char *want)
{
	struct flt_table *table;
	enum flt_status status = try_text(text, options, &table);
	flt_table_free(table);
	ck_assert_msg(status != FLT_OK, "was read; should be: %s", want);
	ck_assert_str_eq(err.text, want);
	ck_assert_int_eq(status, want_status);
	ck_assert_int_eq(err.status, want_status);
}

static const struct flt_table_options plain;

START_TEST(types_and_cells)
{
	struct flt_table *t = read_text("n,c,m,e,y\n1,red,?,,0\n-2.5,blue,NA,,0\n,?,null,,1\n.5,red,7,NaN,0\n", &plain);
	ck_assert_uint_eq(flt_table_n_rows(t), 4);
	ck_assert_uint_eq(flt_table_n_columns(t), 5);
	struct flt_column n = flt_table_column(t, 0), c = flt_table_column(t, 1), m = flt_table_column(t, 2);
	ck_assert_str_eq(n.name, "n");
	ck_assert_int_eq(n.type, FLT_NUMERIC);
	ck_assert_int_eq(n.role, FLT_FEATURE);
	ck_assert_uint_eq(n.n_missing, 1);
	ck_assert(!n.integers);
	ck_assert_ptr_null(n.codes);
	ck_assert_double_eq(flt_number_at(&n.numbers, 1), -2.5);
	ck_assert(isnan(flt_number_at(&n.numbers, 2)));
	ck_assert_double_eq(flt_number_at(&n.numbers, 3), 0.5);
	ck_assert_int_eq(c.type, FLT_CATEGORICAL);
	ck_assert_ptr_null(c.numbers.cells);
	ck_assert_uint_eq(c.n_levels, 2);
	ck_assert_str_eq(c.levels[0], "red");
	ck_assert_str_eq(c.levels[1], "blue");
	ck_assert_int_eq(c.codes[0], 0);
	ck_assert_int_eq(c.codes[2], -1);
	ck_assert_uint_eq(c.n_missing, 1);
	ck_assert(!c.looks_like_dates);
	ck_assert_uint_eq(m.n_missing, 3);
	ck_assert_int_eq(m.type, FLT_NUMERIC);
	ck_assert(m.integers);
	struct flt_column e = flt_table_column(t, 3);
	ck_assert_int_eq(e.type, FLT_NUMERIC);
	ck_assert_uint_eq(e.n_missing, 4);
	ck_assert_str_eq(flt_table_path(t), "x.csv");
	flt_table_free(t);
	flt_table_free(NULL);
}
END_TEST

START_TEST(missing_before_the_first_text)
{
	struct flt_table *t = read_text("c,y\n?,0\n,0\nred,1\n", &plain);
	struct flt_column c = flt_table_column(t, 0);
	ck_assert_int_eq(c.codes[0], -1);
	ck_assert_int_eq(c.codes[1], -1);
	ck_assert_int_eq(c.codes[2], 0);
	ck_assert_uint_eq(c.n_missing, 2);
	flt_table_free(t);
}
END_TEST

/* Numbers first, text later: the texts are what the file says, from the first row on. */
START_TEST(numbers_that_turn_out_to_be_text)
{
	char text[20000] = "code,v,y\n";
	for (int i = 0; i < 500; i++)
		sprintf(text + strlen(text), "%s,%d,%d\n", i < 100 ? "007" : i < 200 ? "1.50" : "B7", i, i % 3 == 0);
	struct flt_table *t = read_text(text, &plain);
	struct flt_column code = flt_table_column(t, 0), v = flt_table_column(t, 1);
	ck_assert_int_eq(code.type, FLT_CATEGORICAL);
	ck_assert_uint_eq(code.n_levels, 3);
	ck_assert_str_eq(code.levels[0], "007");
	ck_assert_str_eq(code.levels[1], "1.50");
	ck_assert_str_eq(code.levels[2], "B7");
	ck_assert_int_eq(code.codes[499], 2);
	ck_assert_int_eq(v.type, FLT_NUMERIC);
	ck_assert_double_eq(flt_number_at(&v.numbers, 499), 499);
	ck_assert_uint_eq(flt_table_n_rows(t), 500);
	flt_table_free(t);
}
END_TEST

START_TEST(the_same_from_a_pipe)
{
	char text[20000] = "code,y\n";
	for (int i = 0; i < 1000; i++)
		sprintf(text + strlen(text), "%s,%s\n", i < 900 ? "007" : "B7", i % 5 ? "0" : i == 50 ? "" : "1");
	scratch_write("x.csv", text, strlen(text));
	int old = dup(STDIN_FILENO);
	FILE *pipe = popen("gzip -c x.csv", "r");
	dup2(fileno(pipe), STDIN_FILENO);
	struct flt_table *t;
	enum flt_status status =
	        flt_table_read("-", &(struct flt_table_options){.drop_missing_target = true}, &t, &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	ck_assert_str_eq(flt_table_path(t), "standard input");
	ck_assert_uint_eq(flt_table_n_rows(t), 999);
	ck_assert_uint_eq(flt_table_notes(t).n_without_target, 1);
	ck_assert_str_eq(flt_table_column(t, 0).levels[0], "007");
	ck_assert_uint_eq(flt_table_n_positive(t), 199);
	flt_table_free(t);
	dup2(old, STDIN_FILENO);
	pclose(pipe);
}
END_TEST

START_TEST(types_by_option)
{
	struct flt_table *t = read_text("a,b,y\n007,1,0\n8,x,0\n9,3,1\n",
	                                &(struct flt_table_options){.categorical = "a", .numeric = "b"});
	ck_assert_str_eq(flt_table_column(t, 0).levels[0], "007");
	ck_assert_int_eq(flt_table_column(t, 1).type, FLT_NUMERIC);
	ck_assert_uint_eq(flt_table_column(t, 1).n_missing, 1);
	flt_table_free(t);
	/* A column that is no feature is read as its role wants it. */
	t = read_text("a,b,y\n7,1,0\n8,2,0\n9,3,1\n",
	              &(struct flt_table_options){.categorical = "a", .numeric = "y", .time = "a"});
	ck_assert_int_eq(flt_table_column(t, 0).role, FLT_TIME);
	ck_assert_double_eq(number_in(t, 0, 2), 9);
	ck_assert_int_eq(flt_table_column(t, 2).type, FLT_CATEGORICAL);
	flt_table_free(t);
}
END_TEST

START_TEST(dates)
{
	struct flt_table *t = read_text("a,b,c,d,y\n"
	                                "2024-01-31,2024-01-31T23:59:59Z,2024-02-30,2024-01-31,0\n"
	                                "2024-02-29,2024-01-31 23:59,2024-02-28,,0\n"
	                                "1970-01-01,1970-01-01T00:00:01.5+01:00,x,x,1\n",
	                                &plain);
	ck_assert(flt_table_column(t, 0).looks_like_dates);
	ck_assert(flt_table_column(t, 1).looks_like_dates);
	ck_assert(!flt_table_column(t, 2).looks_like_dates);
	ck_assert(!flt_table_column(t, 3).looks_like_dates);
	ck_assert_str_eq(flt_table_column(t, 2).levels[1], "2024-02-28");
	flt_table_free(t);
	t = read_text("a,t,y\n1,1970-01-02,0\n2,2024-02-29T12:00:00Z,0\n3,1970-01-01T00:00:01.5+01:00,1\n4,,0\n",
	              &(struct flt_table_options){.time = "t"});
	struct flt_column time = flt_table_column(t, 1);
	ck_assert_int_eq(time.role, FLT_TIME);
	ck_assert_int_eq(time.type, FLT_NUMERIC);
	ck_assert_double_eq(flt_number_at(&time.numbers, 0), 86400);
	ck_assert_double_eq(flt_number_at(&time.numbers, 1), 1709208000);
	ck_assert_double_eq_tol(flt_number_at(&time.numbers, 2), -3598.5, 1e-9);
	ck_assert(isnan(flt_number_at(&time.numbers, 3)));
	flt_table_free(t);
}
END_TEST

START_TEST(target_rule)
{
	struct flt_table *t = read_text("a,CLASS,b\n1,x,2\n1,x,2\n1,y,3\n", &plain);
	ck_assert_str_eq(flt_table_target(t), "CLASS");
	ck_assert(flt_table_notes(t).target_by_name);
	ck_assert(!flt_table_notes(t).target_given);
	ck_assert_int_eq(flt_table_column(t, 1).role, FLT_TARGET);
	ck_assert_int_eq(flt_table_column(t, 1).type, FLT_CATEGORICAL);
	flt_table_free(t);
	t = read_text("y,a,label,b\n1,2,0,4\n1,2,0,5\n1,3,1,6\n", &plain);
	ck_assert_str_eq(flt_table_target(t), "label"); /* the last of several such names */
	flt_table_free(t);
	t = read_text("a,b,fraud\n1,2,0\n1,2,0\n1,3,1\n", &plain);
	ck_assert_str_eq(flt_table_target(t), "fraud");
	ck_assert(!flt_table_notes(t).target_by_name);
	flt_table_free(t);
	t = read_text("a,b,y\n1,2,0\n2,2,0\n1,3,1\n", &(struct flt_table_options){.target = "a"});
	ck_assert_str_eq(flt_table_target(t), "a");
	ck_assert(flt_table_notes(t).target_given);
	flt_table_free(t);
	t = read_text("b,c,class\n1,0,2\n2,0,2\n1,1,3\n", &(struct flt_table_options){.drop = "class", .target = "c"});
	ck_assert_str_eq(flt_table_target(t), "c");
	struct flt_column dropped = flt_table_column(t, 2);
	ck_assert_int_eq(dropped.role, FLT_DROPPED);
	ck_assert_ptr_null(dropped.numbers.cells);
	ck_assert_ptr_null(dropped.codes);
	ck_assert_uint_eq(dropped.n_missing, 0);
	flt_table_free(t);
}
END_TEST

START_TEST(positive_is_the_rarer)
{
	struct flt_table *t = read_text("a,y\n1,'-1'\n1,'1'\n2,'-1'\n", &plain);
	ck_assert_str_eq(flt_table_positive(t), "'1'");
	ck_assert_str_eq(flt_table_negative(t), "'-1'");
	ck_assert_uint_eq(flt_table_n_positive(t), 1);
	ck_assert_mem_eq(flt_table_labels(t), "\0\1\0", 3);
	ck_assert_str_eq(flt_table_target_text(t, 1), "'1'");
	ck_assert(!flt_table_notes(t).positive_given);
	flt_table_free(t);
	t = read_text("a,y\n1,zebra\n1,zebra\n2,ant\n", &plain); /* not by alphabet */
	ck_assert_str_eq(flt_table_positive(t), "ant");
	flt_table_free(t);
}
END_TEST

START_TEST(positive_by_option)
{
	struct flt_table *t =
	        read_text("a,y\n1,'-1'\n1,'1'\n2,'-1'\n", &(struct flt_table_options){.positive = "'-1'"});
	ck_assert_uint_eq(flt_table_n_positive(t), 2);
	ck_assert(flt_table_notes(t).positive_given);
	flt_table_free(t);
	const char *text = "a,y\n1,p\n1,q\n2,r\n2,s\n";
	t = read_text(text, &(struct flt_table_options){.positive = "q,r"});
	ck_assert_str_eq(flt_table_positive(t), "q or r");
	ck_assert_str_eq(flt_table_negative(t), "not q or r");
	ck_assert_mem_eq(flt_table_labels(t), "\0\1\1\0", 4);
	flt_table_free(t);
	t = read_text(text, &(struct flt_table_options){.positive = "q,r,s"});
	ck_assert_str_eq(flt_table_negative(t), "p");
	flt_table_free(t);
	t = read_text("a,y\n1,\"p,q\"\n1,r\n2,r\n", &(struct flt_table_options){.positive = "\"p,q\""});
	ck_assert_uint_eq(flt_table_n_positive(t), 1);
	flt_table_free(t);
}
END_TEST

START_TEST(roles)
{
	struct flt_table *t = read_text("id,\"a,b\",g,c,y\n007,1,u,2,0\n8,1,v,2,0\n,2,u,3,1\n",
	                                &(struct flt_table_options){.id = "id", .group = "g", .drop = "\"a,b\""});
	ck_assert_int_eq(flt_table_column(t, 0).role, FLT_ID);
	ck_assert_int_eq(flt_table_column(t, 1).role, FLT_DROPPED);
	ck_assert_int_eq(flt_table_column(t, 2).role, FLT_GROUP);
	ck_assert_int_eq(flt_table_column(t, 2).codes[2], 0);
	ck_assert_str_eq(flt_table_id_text(t, 0), "007");
	ck_assert_str_eq(flt_table_id_text(t, 2), "");
	ck_assert_uint_eq(flt_table_find(t, "c"), 3);
	ck_assert_uint_eq(flt_table_find(t, "C"), SIZE_MAX);
	ck_assert_uint_eq(flt_table_role(t, FLT_TARGET), 4);
	ck_assert_uint_eq(flt_table_role(t, FLT_TIME), SIZE_MAX);
	flt_table_free(t);
}
END_TEST

START_TEST(group_values)
{
	struct flt_table *t = read_text("g,a,y\n1,1,0\n1.0,2,0\n01,3,1\nx,4,0\n 1 ,5,0\n,6,0\n2e0,7,0\n2,8,0\n",
	                                &(struct flt_table_options){.group = "g"});
	struct flt_column g = flt_table_column(t, 0);
	ck_assert_uint_eq(g.n_levels, 4); /* 1, 01, x, 2 */
	ck_assert_int_eq(g.codes[0], g.codes[1]);
	ck_assert_int_eq(g.codes[0], g.codes[4]);
	ck_assert_int_ne(g.codes[0], g.codes[2]); /* a code may start with 0 */
	ck_assert_int_eq(g.codes[5], -1);
	ck_assert_int_eq(g.codes[6], g.codes[7]);
	ck_assert_str_eq(g.levels[g.codes[3]], "x");
	flt_table_free(t);
}
END_TEST

START_TEST(rows_left_out)
{
	struct flt_table *t =
	        read_text("a,y\n1,0\n2,?\n3,0,9\n4,0\n5,1\n",
	                  &(struct flt_table_options){.skip_bad_rows = true, .drop_missing_target = true});
	struct flt_table_notes notes = flt_table_notes(t);
	ck_assert_uint_eq(flt_table_n_rows(t), 3);
	ck_assert_uint_eq(notes.n_bad_rows, 1);
	ck_assert_str_eq(notes.bad_rows, "lines 4");
	ck_assert_uint_eq(notes.n_without_target, 1);
	ck_assert_uint_eq(flt_table_row_number(t, 0), 1);
	ck_assert_uint_eq(flt_table_row_number(t, 1), 4);
	ck_assert_uint_eq(flt_table_row_number(t, 2), 5);
	ck_assert_double_eq(number_in(t, 0, 1), 4);
	flt_table_free(t);
}
END_TEST

START_TEST(markers)
{
	struct flt_table *t = read_text("a,b,y\n-999,NA,0\n1e999,x,0\n,NA,1\n3,x,0\n",
	                                &(struct flt_table_options){.na = "-999,1e999"});
	ck_assert_uint_eq(flt_table_column(t, 0).n_missing, 3);
	ck_assert_uint_eq(flt_table_column(t, 1).n_missing, 2); /* the list adds to the words that always count */
	flt_table_free(t);
	t = read_text("a,b,y\n-999,5,0\n1,none,0\n,2,1\n3,4,0\n", &(struct flt_table_options){.na = "-999,none"});
	ck_assert_uint_eq(flt_table_column(t, 0).n_missing,
	                  2); /* a number is a marker, though the last one is a word */
	ck_assert_uint_eq(flt_table_column(t, 1).n_missing, 1);
	ck_assert_int_eq(flt_table_column(t, 1).type, FLT_NUMERIC);
	flt_table_free(t);
}
END_TEST

START_TEST(decimal_commas)
{
	struct flt_table *t =
	        read_text("a;b;y\n1,5;-2;0\n,25;3,5e1;0\n2;4;1\n", &(struct flt_table_options){.decimal = ','});
	ck_assert_double_eq(number_in(t, 0, 1), 0.25);
	ck_assert_double_eq(number_in(t, 1, 1), 35);
	flt_table_free(t);
	refuses("a;b;y\n1;1,5;0\n2;2,5;1\n3;7;0\n", &plain, FLT_ERR_DATA,
	        "x.csv:2: column \"b\" holds \"1,5\", a decimal comma: read it with --decimal , or as text with "
	        "--categorical b");
	refuses("a;b;y\n1;1;0\n2;2,5;1\n3;7;0\n", &plain, FLT_ERR_DATA,
	        "x.csv:3: column \"b\" holds \"2,5\", a decimal comma: read it with --decimal , or as text with "
	        "--categorical b");
	refuses("1,5;2,5;0\n2,5;1,5;0\n1,5;1,5;1\n", &plain, FLT_ERR_DATA,
	        "x.csv:1: column \"c1\" holds \"1,5\", a decimal comma: read it with --decimal , or as text with "
	        "--categorical c1");
	refuses("a;b;y\n1;1,5;0\n2;x;1\n3;7;0\n", &plain, FLT_ERR_DATA, /* and other texts */
	        "x.csv:2: column \"b\" holds \"1,5\", a decimal comma: read it with --decimal , or as text with "
	        "--categorical b");
	t = read_text("a;b;y\n1;1,5;0\n2;2,5;1\n3;7;0\n", &(struct flt_table_options){.categorical = "b"});
	ck_assert_uint_eq(flt_table_column(t, 1).n_levels, 3);
	flt_table_free(t);
}
END_TEST

START_TEST(refuses_nothing_to_read)
{
	struct flt_table *t;
	ck_assert_int_eq(flt_table_read("none.csv", &plain, &t, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, "none.csv: No such file or directory");
	ck_assert_int_eq(flt_table_read("/", &plain, &t, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, "/: Is a directory");
	refuses("", &plain, FLT_ERR_DATA, "x.csv: the file is empty");
	refuses("\n\n", &plain, FLT_ERR_DATA, "x.csv: the file is empty");
	refuses("a,b,y\n", &plain, FLT_ERR_DATA,
	        "x.csv: a header and no rows: add rows, or say --header no if the first line is one");
	refuses("y\n1\n0\n", &plain, FLT_ERR_DATA,
	        "x.csv: the target is taken to be \"y\", by its name, and no column is left to learn from: look at the "
	        "delimiter, and name it with --delimiter");
	refuses("a,y\n1,1\n2,0\n", &(struct flt_table_options){.drop = "a"}, FLT_ERR_DATA,
	        "x.csv: the target is taken to be \"y\", by its name, and no column is left to learn from: name the "
	        "target with --target, or leave out fewer columns");
	refuses("a,y\n1,1\n2,0\n", &(struct flt_table_options){.drop = "a", .target = "y"}, FLT_ERR_DATA,
	        "x.csv: target \"y\", and no column is left to learn from: leave out fewer columns");
	refuses("a,y\n1,1\n2,0\n", &(struct flt_table_options){.drop = "a", .id = "y"}, FLT_ERR_USAGE,
	        "x.csv: --drop names \"a\", which would be the target (the last column): name the target with "
	        "--target");
	refuses("a,y\n1,1\n2,0\n", &(struct flt_table_options){.group = "a", .id = "y"}, FLT_ERR_DATA,
	        "x.csv: no column is left for the target: name it with --target, or name fewer in other options");
	refuses("a,y\n1,\n2,?\n", &(struct flt_table_options){.drop_missing_target = true}, FLT_ERR_DATA,
	        "x.csv: no row has a value in target \"y\": name another with --target");
	refuses("a,y\n1\n2,3,4\n", &(struct flt_table_options){.skip_bad_rows = true, .delimiter = ','}, FLT_ERR_DATA,
	        "x.csv: no record has as many fields as the first one (2), which are separated by commas: name another "
	        "delimiter with --delimiter, or leave out lines above the table with --skip-lines 1");
	refuses("2024\na,y\n1\n2,3,4\n",
	        &(struct flt_table_options){.skip_bad_rows = true, .delimiter = ',', .skip_lines = 1}, FLT_ERR_DATA,
	        "x.csv: no record has as many fields as the first one (2), which are separated by commas: name another "
	        "delimiter with --delimiter, or leave out lines above the table with --skip-lines 2");
}
END_TEST

START_TEST(refuses_bad_records)
{
	refuses("a,b,y\n1,2,0\n1,2\n", &plain, FLT_ERR_DATA,
	        "x.csv:3: 2 fields, expected 3: complete the line, or leave such lines out with --bad-rows skip");
	refuses("a,y\n1,0\n\"2,1\n", &plain, FLT_ERR_DATA,
	        "x.csv:3: the quote that opens here never closes: close it, or double it if it is text");
	refuses("a,y\n1,0\n2,\n3,1\n", &(struct flt_table_options){.target = "y"}, FLT_ERR_DATA,
	        "x.csv:3: target \"y\" has no value here: fill it in, or leave such rows out with --missing-target "
	        "drop");
	refuses("a,b\n1,0\n2,\n3,1\n", &plain, FLT_ERR_DATA,
	        "x.csv:3: the target is taken to be the last column, \"b\", which has no value here: name the target "
	        "with --target, or fill it in, or leave such rows out with --missing-target drop");
}
END_TEST

START_TEST(refuses_bad_cells)
{
	refuses("a,y\n1,0\n1e999,1\n", &plain, FLT_ERR_DATA,
	        "x.csv:3: column \"a\" holds \"1e999\", which is out of range for a number: correct it, or make it "
	        "missing "
	        "with --na 1e999");
	refuses("a,y\n-inf,0\n1,1\n", &plain, FLT_ERR_DATA,
	        "x.csv:2: column \"a\" holds \"-inf\", which is out of range for a number: correct it, or make it "
	        "missing "
	        "with --na -inf");
	refuses("a,y\n1,0\nInfinity,1\n", &(struct flt_table_options){.numeric = "a"}, FLT_ERR_DATA,
	        "x.csv:3: column \"a\" holds \"Infinity\", which is out of range for a number: correct it, or make it "
	        "missing with --na Infinity");
	struct flt_table_options by_t = {.time = "t"}, dates_of_t = {.date = "t"};
	refuses("a,t,y\n1,2024-01-31,0\n2,31.1.2024,1\n", &by_t, FLT_ERR_DATA,
	        "x.csv:3: time column \"t\" holds \"31.1.2024\" (like 1 of its 2 cells) and \"2024-01-31\" (line 2): "
	        "write all of them in one way");
	refuses("a,t,y\n1,5,0\n2,2024-01-31,1\n", &by_t, FLT_ERR_DATA,
	        "x.csv:2: time column \"t\" holds \"5\" (like 1 of its 2 cells) and \"2024-01-31\" (line 3): write all "
	        "of "
	        "them in one way");
	refuses("a,t,y\n1,2024-01-31 10:00,0\n2,2024-01-31 10:00Z,1\n", &by_t, FLT_ERR_DATA,
	        "x.csv:3: time column \"t\" holds \"2024-01-31 10:00Z\" with a time zone, and \"2024-01-31 10:00\" "
	        "without "
	        "one (line 2): write all of them with one, or none");
	refuses("a,t,y\n1,1/2/2024,0\n2,3/4/2024,1\n", &by_t, FLT_ERR_DATA,
	        "x.csv:2: time column \"t\" holds \"1/2/2024\", and none of its 2 cells tells which number is the "
	        "month: it "
	        "is 2024-02-01 with --date-order dmy, or 2024-01-02 with --date-order mdy");
	refuses("a,t,y\n1,2024-01-31,0\n2,2024-01-31,0\n3,soon,1\n", &by_t, FLT_ERR_DATA,
	        "x.csv:4: time column \"t\" holds \"soon\", 1 of its 3 cells that are neither dates nor numbers: "
	        "correct "
	        "them, or make them missing with --na soon and leave such rows out with --missing-time drop");
	refuses("a,t,y\n1,13:45,0\n2,13:46,1\n", &by_t, FLT_ERR_DATA,
	        "x.csv:2: time column \"t\" holds \"13:45\", a time of day without a date: name with --time a column "
	        "of "
	        "dates (2024-01-31, 31.01.2024, 31 Jan 2024, with or without a time of day) or of numbers that rise "
	        "with "
	        "time");
	refuses("a,t,y\n1,5 Jan 2024,0\n2,31-Jun-2024,1\n3,NULL,0\n4,6 Jan 2024,0\n5,,0\n", &plain, FLT_ERR_DATA,
	        "x.csv:3: column \"t\" holds \"31-Jun-2024\" (1) beside 2 dates: resolve it with --na 31-Jun-2024 "
	        "(missing, "
	        "in all columns), --drop t (left out), or --categorical t (a column of text)");
	refuses("a,t,y\n1,7,0\n2,8,1\n", &dates_of_t, FLT_ERR_DATA,
	        "x.csv:2: date column \"t\" holds numbers such as \"7\", not all of which are dates as yyyymmdd, or "
	        "seconds "
	        "or milliseconds since 1970: correct them, or leave the column out of --date");
	struct flt_table *t = read_text("a,y\ninf,0\nx,1\nnone,0\n", &plain); /* a word among words */
	ck_assert_uint_eq(flt_table_column(t, 0).n_levels, 3);
	flt_table_free(t);
}
END_TEST

/* n rows of numbers with one text at a given row. */
static const char *with_one_text(int n, int at)
{
	static char text[20000];
	strcpy(text, "a,y\n");
	for (int i = 0; i < n; i++)
		sprintf(text + strlen(text), i == at ? "n/k,%d\n" : "%d,%d\n", i % 7 == 0, i % 7 == 0);
	return text;
}

START_TEST(refuses_a_slip_of_text)
{
	const char *want =
	        "x.csv:52: column \"a\" holds \"n/k\" (1) beside 99 numbers: resolve it with --numeric a (all other "
	        "text is missing), --na n/k (missing, in all columns), or --categorical a (a column of text)";
	refuses(with_one_text(100, 50), &plain, FLT_ERR_DATA, want);
	refuses(with_one_text(100, 0), &plain, FLT_ERR_DATA,
	        "x.csv:2: column \"a\" holds \"n/k\" (1) beside 99 numbers: resolve it with --numeric a (all other "
	        "text "
	        "is missing), --na n/k (missing, in all columns), or --categorical a (a column of text)");
	refuses(with_one_text(100, 0) + strlen("a,y\n"), &(struct flt_table_options){.header = FLT_HEADER_NO},
	        FLT_ERR_DATA, /* no name, as it was told */
	        "x.csv:1: column \"c1\" holds \"n/k\" (1) beside 99 numbers: resolve it with --numeric c1 (all other "
	        "text is missing), --na n/k (missing, in all columns), or --categorical c1 (a column of text)");
	struct flt_table *t;
	t = read_text(with_one_text(100, 50), &(struct flt_table_options){.na = "n/k"});
	ck_assert_uint_eq(flt_table_column(t, 0).n_missing, 1);
	flt_table_free(t);
	t = read_text(with_one_text(100, 50), &(struct flt_table_options){.numeric = "a"});
	ck_assert_uint_eq(flt_table_column(t, 0).n_missing, 1);
	flt_table_free(t);
	t = read_text(with_one_text(100, 50), &(struct flt_table_options){.categorical = "a"});
	ck_assert_uint_eq(flt_table_column(t, 0).n_levels, 3);
	flt_table_free(t);
}
END_TEST

START_TEST(refuses_names_that_are_not_there)
{
	const char *text = "amount,merchant,y\n1,a,0\n2,b,1\n";
	refuses(text, &(struct flt_table_options){.target = "amuont"}, FLT_ERR_USAGE,
	        "x.csv: no column \"amuont\" for --target; did you mean \"amount\"?");
	refuses(text, &(struct flt_table_options){.drop = "amount,Merchants"}, FLT_ERR_USAGE,
	        "x.csv: no column \"Merchants\" for --drop; did you mean \"merchant\"?");
	refuses(text, &(struct flt_table_options){.id = "customer"}, FLT_ERR_USAGE,
	        "x.csv: no column \"customer\" for --id; there are \"amount\", \"merchant\", \"y\"");
	refuses(text, &(struct flt_table_options){.time = "when"}, FLT_ERR_USAGE,
	        "x.csv: no column \"when\" for --time; there are \"amount\", \"merchant\", \"y\"");
	refuses(text, &(struct flt_table_options){.group = "merchnt"}, FLT_ERR_USAGE,
	        "x.csv: no column \"merchnt\" for --group; did you mean \"merchant\"?");
	refuses(text, &(struct flt_table_options){.categorical = "Amount"}, FLT_ERR_USAGE,
	        "x.csv: no column \"Amount\" for --categorical; did you mean \"amount\"?");
	refuses(text, &(struct flt_table_options){.numeric = "amounts"}, FLT_ERR_USAGE,
	        "x.csv: no column \"amounts\" for --numeric; did you mean \"amount\"?");
	refuses(text, &(struct flt_table_options){.target = "y", .drop = "y"}, FLT_ERR_USAGE,
	        "x.csv: --target and --drop both name column \"y\": it can be one thing only");
	refuses(text, &(struct flt_table_options){.numeric = "amount", .categorical = "amount"}, FLT_ERR_USAGE,
	        "x.csv: --categorical and --numeric both name column \"amount\": it can be one thing only");
}
END_TEST

START_TEST(refuses_classes)
{
	const struct flt_table_options y = {.target = "y"};
	refuses("a,y\n1,0\n2,0\n", &y, FLT_ERR_DATA,
	        "x.csv: target \"y\" has one class, \"0\" (2): add rows of another class");
	refuses("a,y\n1,0\n2,?\n", &(struct flt_table_options){.target = "y", .drop_missing_target = true},
	        FLT_ERR_DATA,
	        "x.csv: target \"y\" has one class, \"0\" (1) beside 1 row without a value, left out: add rows of "
	        "another class");
	refuses("a,y\n1,u\n2,v\n3,v\n4,w\n5,v\n6,w\n", &y, FLT_ERR_DATA,
	        "x.csv: target \"y\" has 3 classes, \"v\" (3), \"w\" (2) and \"u\" (1): name the positive one with "
	        "--positive");
	refuses("a,y\n1,1\n2,2\n3,3\n4,4\n5,5\n6,6\n7,7\n", &plain, FLT_ERR_DATA,
	        "x.csv: the target is taken to be \"y\", by its name, which has 7 classes, \"1\" (1), \"2\" (1), \"3\" "
	        "(1), \"4\" (1), \"5\" (1) and 2 more: name the target with --target, or name the positive one with "
	        "--positive");
	refuses("a,y\n1,u\n2,v\n3,v\n4,u\n", &y, FLT_ERR_DATA,
	        "x.csv: target \"y\" has two classes of one size, \"u\" (2) and \"v\" (2): name the positive one with "
	        "--positive");
	refuses("a,y\n1,sick\n2,negative\n", &(struct flt_table_options){.positive = "Sik"}, FLT_ERR_USAGE,
	        "x.csv: no class \"Sik\" of target \"y\" for --positive; did you mean \"sick\"?");
	refuses("a,y\n1,'1'\n2,'-1'\n", &(struct flt_table_options){.positive = "true"}, FLT_ERR_USAGE,
	        "x.csv: no class \"true\" of target \"y\" for --positive; there are \"'1'\", \"'-1'\"");
	refuses("a,y\n1,u\n2,v\n", &(struct flt_table_options){.positive = "u,v"}, FLT_ERR_DATA,
	        "x.csv: --positive names every class of target \"y\", and a negative one is needed");
}
END_TEST

/* ---- reading like another table ---- */

static const char train[] = "id,a,c,g,y\n1,0.5,red,u,no\n2,1,blue,v,no\n3,2,red,u,yes\n";

static enum flt_status try_like(const char *text, const struct flt_table_options *options, struct flt_table **like)
{
	struct flt_table *model = read_text(train, options);
	scratch_write("test.csv", text, strlen(text));
	enum flt_status status = flt_table_read_like(model, "test.csv", options, like, &err);
	flt_table_free(model);
	return status;
}

static const struct flt_table_options with_id = {.id = "id", .group = "g"};

START_TEST(like_by_name)
{
	struct flt_table *t;
	enum flt_status status = try_like("extra;y;c;a;id\n9;yes;7;3;x1\n9;no;green;;x2\n9;no;;4;x3\n", &with_id, &t);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	ck_assert_uint_eq(flt_table_n_columns(t), 5);
	ck_assert_str_eq(flt_table_column(t, 1).name, "a");
	ck_assert_double_eq(number_in(t, 1, 2), 4);
	ck_assert_uint_eq(flt_table_column(t, 1).n_missing, 1);
	ck_assert_int_eq(flt_table_column(t, 2).type, FLT_CATEGORICAL);
	ck_assert_str_eq(flt_table_column(t, 2).levels[0], "7");    /* a number where the model has text is text */
	ck_assert_int_eq(flt_table_column(t, 3).role, FLT_DROPPED); /* the file has no groups */
	ck_assert_str_eq(flt_table_id_text(t, 2), "x3");
	ck_assert_str_eq(flt_table_positive(t), "yes");
	ck_assert_str_eq(flt_table_negative(t), "no");
	ck_assert_mem_eq(flt_table_labels(t), "\1\0\0", 3);
	ck_assert_str_eq(flt_table_target(t), "y");
	flt_table_free(t);
}
END_TEST

static void like_refuses(const char *text, const char *want)
{
	struct flt_table *t;
	ck_assert_int_eq(try_like(text, &with_id, &t), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, want);
	ck_assert_ptr_null(t);
}

START_TEST(like_refuses_what_does_not_fit)
{
	like_refuses("id,a,y\n1,2,no\n", "test.csv: column \"c\" is missing; there are \"id\", \"a\", \"y\"");
	like_refuses("id,a,C,y\n1,2,x,no\n", "test.csv: column \"c\" is missing; did you mean \"C\"?");
	like_refuses("id,a,c\n1,2,x\n", "test.csv: column \"y\" is missing; there are \"id\", \"a\", \"c\"");
	like_refuses(
	        "id,a,c,y\n1,2,x,no\n2,many,x,yes\n",
	        "test.csv:3: column \"a\" is one of numbers, but holds \"many\": correct it, or leave the field empty "
	        "if it is missing");
	like_refuses("id,a,c,y\n1,2,x,no\n\n2,2,x,maybe\n", "test.csv:4: target \"y\" holds \"maybe\", but its classes "
	                                                    "in x.csv are \"no\" and \"yes\": correct it");
	like_refuses(
	        "id,a,c,y\n1,2,x,no\n2,2,x,\n",
	        "test.csv:3: target \"y\" has no value here: fill it in, or leave such rows out with --missing-target "
	        "drop");
	like_refuses(
	        "id,a,c,y\n1,1e999,x,no\n",
	        "test.csv:2: column \"a\" holds \"1e999\", which is out of range for a number: correct it, or make it "
	        "missing with --na 1e999");
	like_refuses("id,a,c,y\n",
	             "test.csv: a header and no rows: add rows, or say --header no if the first line is one");
}
END_TEST

/* Where the negatives are all the rest, a class that training never saw is one of them. */
START_TEST(like_with_the_rest_as_negative)
{
	struct flt_table *model = read_text("a,y\n1,p\n1,q\n2,r\n", &(struct flt_table_options){.positive = "q"}), *t;
	scratch_write("test.csv", "a,y\n1,s\n2,q\n", 12);
	enum flt_status status = flt_table_read_like(model, "test.csv", &plain, &t, &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	ck_assert_mem_eq(flt_table_labels(t), "\0\1", 2);
	ck_assert_str_eq(flt_table_negative(t), "not q");
	flt_table_free(t);
	flt_table_free(model);
}
END_TEST

START_TEST(each_allocation_may_fail)
{
	char text[4000] = "id,code,c,big,lost,bad,g,y\n";
	for (int i = 0; i < 60; i++)
		sprintf(text + strlen(text), "%d,%s,%c,%s,%s,%s,%d.0,%d\n", i, i < 20 ? "7" : "x", 'a' + i % 20,
		        i < 20 ? "7" : "\"1,234\"", i % 9 == 8 ? "NULL" : "7", i % 3 ? "off" : "7", i % 7, i % 5 == 0);
	scratch_write("x.csv", text, strlen(text));
	const struct flt_table_options options = {
	        .id = "id", .categorical = "c", .numeric = "bad", .positive = "1", .na = "n,m", .group = "g"};
	read_with_failing_allocations("x.csv", &options);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("table");
	TCase *cases = tcase_create("table");
	tcase_set_timeout(cases, 60);
	tcase_add_checked_fixture(cases, scratch_enter, scratch_leave);
	tcase_add_test(cases, types_and_cells);
	tcase_add_test(cases, missing_before_the_first_text);
	tcase_add_test(cases, numbers_that_turn_out_to_be_text);
	tcase_add_test(cases, the_same_from_a_pipe);
	tcase_add_test(cases, types_by_option);
	tcase_add_test(cases, dates);
	tcase_add_test(cases, target_rule);
	tcase_add_test(cases, positive_is_the_rarer);
	tcase_add_test(cases, positive_by_option);
	tcase_add_test(cases, roles);
	tcase_add_test(cases, group_values);
	tcase_add_test(cases, rows_left_out);
	tcase_add_test(cases, markers);
	tcase_add_test(cases, decimal_commas);
	tcase_add_test(cases, refuses_nothing_to_read);
	tcase_add_test(cases, refuses_bad_records);
	tcase_add_test(cases, refuses_bad_cells);
	tcase_add_test(cases, refuses_a_slip_of_text);
	tcase_add_test(cases, refuses_names_that_are_not_there);
	tcase_add_test(cases, refuses_classes);
	tcase_add_test(cases, like_by_name);
	tcase_add_test(cases, like_refuses_what_does_not_fit);
	tcase_add_test(cases, like_with_the_rest_as_negative);
	tcase_add_test(cases, each_allocation_may_fail);
	suite_add_tcase(suite, cases);
	return suite;
}
