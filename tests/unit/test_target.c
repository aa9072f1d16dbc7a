/* table/: the target that is guessed, classes as values, and fltrain's own columns. */
#include "failing_allocations.h"
#include "scratch.h"

#include "base/alloc.h"
#include "table/own_columns.h"
#include "table/table.h"
#include "suite.h"

static struct flt_error err;
static const struct flt_table_options plain;

static enum flt_status try_text(const char *text, const struct flt_table_options *options, struct flt_table **table)
{
	scratch_write("x.csv", text, strlen(text));
	return flt_table_read("x.csv", options, table, &err);
}

static struct flt_table *read_text(const char *text, const struct flt_table_options *options)
{
	struct flt_table *table;
	enum flt_status status = try_text(text, options, &table);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	return table;
}

static void refuses(const char *text, const struct flt_table_options *options, enum flt_status want_status,
                    const char *want)
{
	struct flt_table *table;
	enum flt_status status = try_text(text, options, &table);
	flt_table_free(table);
	ck_assert_msg(status != FLT_OK, "was read; should be: %s", want);
	ck_assert_str_eq(err.text, want);
	ck_assert_int_eq(status, want_status);
}

static void has_target(const char *header, const struct flt_table_options *options, const char *want)
{
	char text[200];
	snprintf(text, sizeof text, "%s\n1,2,0\n1,2,0\n3,1,1\n", header);
	struct flt_table *table = read_text(text, options);
	ck_assert_str_eq(flt_table_target(table), want);
	flt_table_free(table);
}

static bool has_remark(const struct flt_table *table, const char *want)
{
	for (size_t i = 0; i < flt_table_n_remarks(table); i++)
		if (strcmp(flt_table_remark(table, i), want) == 0)
			return true;
	return false;
}

/* ---- the guess ---- */

START_TEST(a_coordinate_is_no_target)
{
	has_target("y,b,c", &(struct flt_table_options){.positive = "1"}, "y");
	has_target("x,y,fault", &plain, "fault");
	has_target("X,Y,Z", &plain, "Z");
	has_target("b,x,y", &plain, "y"); /* it is the last one */
	has_target("Label,x,y", &(struct flt_table_options){.positive = "1"}, "Label");
}
END_TEST

START_TEST(a_dropped_target_is_not_replaced)
{
	const char *text = "a,class,fraud\n1,2,0\n2,2,0\n3,1,1\n";
	refuses(text, &(struct flt_table_options){.drop = "class"}, FLT_ERR_USAGE,
	        "x.csv: --drop names \"class\", which would be the target (by its name): name the target with "
	        "--target");
	text = "a,b,fraud\n1,2,0\n2,2,0\n3,1,1\n";
	refuses(text, &(struct flt_table_options){.drop = "fraud"}, FLT_ERR_USAGE,
	        "x.csv: --drop names \"fraud\", which would be the target (the last column): name the target with "
	        "--target");
	has_target("a,b,fraud", &(struct flt_table_options){.drop = "fraud", .target = "b"}, "b");
	has_target("a,b,fraud", &(struct flt_table_options){.drop = "b"}, "fraud");
	has_target("a,b,day", &(struct flt_table_options){.group = "day"}, "b"); /* a group is nobody's target */
}
END_TEST

/* 12 rows: column "b" has as many values as n_last, the others two. */
static const char *twelve_rows(const char *header, int n_last)
{
	static char text[400];
	snprintf(text, sizeof text, "%s\n", header);
	for (int i = 0; i < 12; i++)
		sprintf(text + strlen(text), "%d,%d,%d,%d\n", i, i % 5 == 0, i % 3 == 0, i % n_last);
	return text;
}

START_TEST(errors_name_other_columns)
{
	refuses(twelve_rows("n,isFraud,flag,V1", 12), &plain, FLT_ERR_DATA,
	        "x.csv: the target is taken to be the last column, \"V1\", which has 12 classes, \"0\" (1), \"1\" (1), "
	        "\"2\" (1), \"3\" (1), \"4\" (1) and 7 more: name the target with --target (did you mean "
	        "\"isFraud\"?), or "
	        "name the positive one with --positive");
	refuses(twelve_rows("n,a,b,c", 1), &plain, FLT_ERR_DATA,
	        "x.csv: the target is taken to be the last column, \"c\", which has one class, \"0\" (12): name the "
	        "target "
	        "with --target (did you mean \"a\" or \"b\"?), or add rows of another class");
	refuses(twelve_rows("churn,a,b,Class", 2), &plain, FLT_ERR_DATA,
	        "x.csv: the target is taken to be \"Class\", by its name, which has two classes of one size, \"0\" (6) "
	        "and "
	        "\"1\" (6): name the target with --target (did you mean \"a\" or \"b\"?), or name the positive one "
	        "with "
	        "--positive");
	refuses(twelve_rows("a,b,c,id", 2), &(struct flt_table_options){.id = "id", .drop = "a,b"}, FLT_ERR_DATA,
	        "x.csv: the target is taken to be the last column that can be one, \"c\", and no column is left to "
	        "learn "
	        "from: name the target with --target, or leave out fewer columns");
	refuses("churn,v\n1,2\n2,\n3,3\n", &plain, FLT_ERR_DATA,
	        "x.csv:3: the target is taken to be the last column, \"v\", which has no value here: name the target "
	        "with "
	        "--target (did you mean \"churn\"?), or fill it in, or leave such rows out with --missing-target drop");
}
END_TEST

START_TEST(a_class_and_an_id_in_one_column)
{
	refuses("a,class\n1,sick.|1\n2,sick.|2\n3,negative.|3\n", &(struct flt_table_options){.target = "class"},
	        FLT_ERR_DATA,
	        "x.csv: target \"class\" has 3 classes, \"sick.|1\" (1), \"sick.|2\" (1) and \"negative.|3\" (1): "
	        "split it "
	        "at \"|\" into two columns, or name the positive one with --positive");
}
END_TEST

START_TEST(errors_about_rows_blame_the_guess)
{
	struct flt_table *table = read_text("a,fraud\n1,0\n2,0\n3,1\n", &plain);
	ck_assert_int_eq(flt_table_blame_guess(table, flt_fail(&err, FLT_ERR_DATA, "x.csv: too few rows"), &err),
	                 FLT_ERR_DATA);
	ck_assert_str_eq(err.text, "x.csv: the target is taken to be the last column, \"fraud\": name the target with "
	                           "--target, or if it is right: too few rows");
	flt_fail(&err, FLT_ERR_DATA, "y.csv: too few rows"); /* another file */
	ck_assert_int_eq(flt_table_blame_guess(table, FLT_ERR_DATA, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, "y.csv: too few rows");
	flt_fail(&err, FLT_ERR_MACHINE, "x.csv: no memory");
	ck_assert_int_eq(flt_table_blame_guess(table, FLT_ERR_MACHINE, &err), FLT_ERR_MACHINE);
	ck_assert_str_eq(err.text, "x.csv: no memory");
	ck_assert_int_eq(flt_table_blame_guess(table, FLT_ERR_DATA, NULL), FLT_ERR_DATA);
	flt_table_free(table);
	table = read_text("a,fraud\n1,0\n2,0\n3,1\n", &(struct flt_table_options){.target = "fraud"});
	flt_table_blame_guess(table, flt_fail(&err, FLT_ERR_DATA, "x.csv: too few rows"), &err);
	ck_assert_str_eq(err.text, "x.csv: too few rows");
	flt_table_free(table);
}
END_TEST

START_TEST(other_columns_are_remarked_on)
{
	struct flt_table *table =
	        read_text(twelve_rows("n,Churn,flag,c", 3), &(struct flt_table_options){.positive = "1"});
	ck_assert(has_remark(table, "\"Churn\" may be the target, too: --target \"Churn\" takes it"));
	ck_assert_uint_eq(flt_table_n_remarks(table), 1);
	flt_table_free(table);
	table = read_text(twelve_rows("n,a,label,class", 3), &(struct flt_table_options){.positive = "1"});
	ck_assert(has_remark(table, "\"label\" may be the target, too: --target \"label\" takes it"));
	flt_table_free(table);
	table = read_text(twelve_rows("n,Churn,flag,c", 3),
	                  &(struct flt_table_options){.positive = "1", .target = "c"});
	ck_assert_uint_eq(flt_table_n_remarks(table), 0);
	flt_table_free(table);
}
END_TEST

/* ---- classes ---- */

START_TEST(classes_are_values)
{
	struct flt_table *table = read_text("a,y\n1,0\n2,0.0\n3,1.0\n4,0.0\n5,+1e0\n", &plain);
	ck_assert_uint_eq(flt_table_n_classes(table), 2);
	struct flt_class zero = flt_table_class(table, 0), one = flt_table_class(table, 1);
	ck_assert_str_eq(zero.text, "0.0"); /* the commonest */
	ck_assert_uint_eq(zero.n_rows, 3);
	ck_assert(!zero.is_positive);
	ck_assert_str_eq(one.text, "1.0");
	ck_assert(one.is_positive);
	ck_assert(!one.is_new);
	ck_assert_mem_eq(flt_table_labels(table), "\0\0\1\0\1", 5);
	ck_assert_str_eq(flt_table_target_text(table, 0), "0.0");
	ck_assert(has_remark(table, "in target \"y\", \"0\" (1) counts as \"0.0\", \"+1e0\" (1) as \"1.0\""));
	flt_table_free(table);
	table = read_text("a,y\n1,0\n2,0.0\n3,1\n", &(struct flt_table_options){.positive = "1.00"});
	ck_assert_str_eq(flt_table_positive(table), "1");
	flt_table_free(table);
	table = read_text("a;y\n1;0\n2;0\n3;1,0\n", &(struct flt_table_options){.positive = "1", .decimal = ','});
	ck_assert_str_eq(flt_table_positive(table), "1,0");
	flt_table_free(table);
}
END_TEST

START_TEST(codes_are_no_values)
{
	struct flt_table *table = read_text("a,y\n1,01\n2,1\n3,001\n4,1234567890123456\n5,1234567890123456.0\n6,.\n",
	                                    &(struct flt_table_options){.positive = "1"});
	ck_assert_uint_eq(flt_table_n_classes(table), 6);
	ck_assert_uint_eq(flt_table_n_remarks(table), 0);
	flt_table_free(table);
}
END_TEST

START_TEST(blanks_around_numbers_do_not_count)
{
	struct flt_table *table = read_text("a,y\n1,1\xC2\xA0\n2,\xE2\x80\x89"
	                                    "0\n3,0\xE3\x80\x80\n4,\" 0 \"\n",
	                                    &plain);
	ck_assert_uint_eq(flt_table_n_classes(table), 2);
	ck_assert_str_eq(flt_table_positive(table), "1");
	ck_assert_str_eq(flt_table_negative(table), "0");
	flt_table_free(table);
}
END_TEST

START_TEST(alike_classes_are_refused)
{
	const char *text = "a,y\n1,ok\n2,fraud\n3,Fraud\n4,ok\n5,ok\n";
	const char *want =
	        "x.csv: target \"y\" has the classes \"fraud\" (1) and \"Fraud\" (1), which differ only in upper "
	        "and lower case or in blanks: name all spellings of the positive class, as in --positive "
	        "'fraud,Fraud', or write them alike in the file";
	refuses(text, &plain, FLT_ERR_DATA, want);
	refuses(text, &(struct flt_table_options){.positive = "fraud"}, FLT_ERR_DATA, want);
	refuses(text, &(struct flt_table_options){.positive = "Fraud"}, FLT_ERR_DATA, want);
	struct flt_table *table = read_text(text, &(struct flt_table_options){.positive = "fraud,Fraud"});
	ck_assert_uint_eq(flt_table_n_positive(table), 2);
	flt_table_free(table);
	table = read_text(text, &(struct flt_table_options){.positive = "ok"}); /* both are negative */
	ck_assert_uint_eq(flt_table_n_positive(table), 3);
	flt_table_free(table);
	table = read_text("a,y\n1,\"no \"\n2,no\n3,x\n", &(struct flt_table_options){.positive = "\"no \",\"no\""});
	ck_assert_uint_eq(flt_table_n_positive(table), 2);
	flt_table_free(table);
}
END_TEST

static void suggests(const char *text, const struct flt_table_options *options, const char *want)
{
	struct flt_table *table;
	ck_assert_int_eq(try_text(text, options, &table), FLT_ERR_DATA);
	ck_assert_msg(strstr(err.text, want), "%s", err.text);
}

START_TEST(spellings_are_suggested)
{
	suggests("a,y\n1,NO\n2,no\n3,No\n4,yes\n", &plain, "--positive 'yes'"); /* the rarer */
	suggests("a,y\n1,TRUE\n2,True\n3,FALSE\n4,False\n5,False\n", &plain, "--positive 'TRUE,True'");
	suggests("a,y\n1,ok\n2,fraud\n3,Fraud\n4,ok\n5,new\n", &plain, "--positive 'fraud,Fraud'");
	suggests("a,y\n1,\"no \"\n2,no\n3,no\xC2\xA0\n", &(struct flt_table_options){.positive = "no"},
	         "--positive '\"no \",no'");
	suggests("a,y\n1,\"a, \"\"b\"\"\"\n2,\"A, \"\"b\"\"\"\n3,x\n4,x\n5,x\n", &plain,
	         "--positive '\"a, \"\"b\"\"\",\"A, \"\"b\"\"\"'");
	suggests("a,y\n1,m\n2,M\n3,m\n", &plain, "blanks: give them names that differ more");
}
END_TEST

/* Letters of two bytes fold too; other letters and other texts do not. */
START_TEST(likeness_knows_letters)
{
	static const struct {
		const char *a, *b;
		bool alike;
	} pairs[] = {{"\xC3\x9C"
	              "BEL",
	              "\xC3\xBC"
	              "bel",
	              true},
	             {"\xD0\x94\xD0\x90", "\xD0\xB4\xD0\xB0", true},
	             {"\xCE\x9D", "\xCE\xBD", true},
	             {"\xC5\xA0", "\xC5\xA1", true},
	             {"not  ok", "not ok", true},
	             {"notok", "not ok", false},
	             {"a", "b", false},
	             {"\xC3\x9C", "U", false}};
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		char text[100];
		struct flt_table *table;
		snprintf(text, sizeof text, "n,y\n1,%s\n2,%s\n3,rest\n", pairs[i].a, pairs[i].b);
		enum flt_status status = try_text(text, &(struct flt_table_options){.positive = pairs[i].a}, &table);
		ck_assert_msg((status != FLT_OK) == pairs[i].alike, "%zu", i);
		flt_table_free(table);
	}
}
END_TEST

START_TEST(a_marker_can_be_a_class)
{
	const char *text = "a,region\n1,NA\n2,EU\n3,EU\n,NA\n";
	refuses(text, &(struct flt_table_options){.target = "region"}, FLT_ERR_DATA,
	        "x.csv:2: target \"region\" holds \"NA\" here, a missing marker, and all other rows are \"EU\": "
	        "if that is a class, say --positive \"NA\"; else choose a target with two values");
	struct flt_table *table = read_text(text, &(struct flt_table_options){.positive = "NA"}), *like;
	ck_assert_uint_eq(flt_table_n_positive(table), 2);
	ck_assert_str_eq(flt_table_negative(table), "EU");
	ck_assert_uint_eq(flt_table_column(table, 0).n_missing, 1); /* elsewhere nothing changes */
	ck_assert_int_eq(
	        flt_table_read_like(table, "x.csv", &(struct flt_table_options){.positive = "NA"}, &like, &err),
	        FLT_OK);
	ck_assert_uint_eq(flt_table_n_positive(like), 2);
	flt_table_free(like);
	flt_table_free(table);
}
END_TEST

START_TEST(ids_are_verbatim)
{
	struct flt_table *table =
	        read_text("id,a,y\nNA,1,0\n007,2,0\n\" x \",3,1\n,4,0\n", &(struct flt_table_options){.id = "id"});
	ck_assert_str_eq(flt_table_id_text(table, 0), "NA");
	ck_assert_str_eq(flt_table_id_text(table, 1), "007");
	ck_assert_str_eq(flt_table_id_text(table, 2), " x ");
	ck_assert_str_eq(flt_table_id_text(table, 3), "");
	flt_table_free(table);
}
END_TEST

START_TEST(a_class_in_the_first_line_may_be_a_header)
{
	refuses("1,fraud\n1,0\n2,1\n3,0\n", &(struct flt_table_options){.target = "c2", .positive = "1"}, FLT_ERR_DATA,
	        "x.csv: no header was found, and class \"fraud\" of target \"c2\" occurs in the first line only: say "
	        "--header yes if that line holds the names of the columns, else --header no");
	struct flt_table *table = read_text("1,fraud\n1,0\n2,1\n3,0\n",
	                                    &(struct flt_table_options){.header = FLT_HEADER_YES, .target = "fraud"});
	ck_assert_uint_eq(flt_table_n_rows(table), 3);
	flt_table_free(table);
	table = read_text("1,fraud\n1,0\n2,1\n3,0\n",
	                  &(struct flt_table_options){.header = FLT_HEADER_NO, .positive = "1"});
	ck_assert_uint_eq(flt_table_n_rows(table), 4);
	flt_table_free(table);
	table = read_text("1,ill|1\n1,well|2\n2,well|3\n3,ill|4\n", &(struct flt_table_options){.positive = "ill|1"});
	ck_assert_uint_eq(flt_table_n_rows(table), 4); /* the other classes are as rare */
	flt_table_free(table);
	table = read_text("1,1\n1,0\n2,0\n3,0\n", &plain); /* a number is no name */
	ck_assert_uint_eq(flt_table_n_positive(table), 1);
	flt_table_free(table);
}
END_TEST

START_TEST(like_lists_new_classes)
{
	struct flt_table *model = read_text("a,y\n1,fraud\n1,ok\n2,review\n",
	                                    &(struct flt_table_options){.positive = "fraud"}),
	                 *t;
	const char *text = "a,y\n1,fraud\n1,spam\n2,review\n3,spam\n";
	scratch_write("test.csv", text, strlen(text));
	ck_assert_int_eq(flt_table_read_like(model, "test.csv", &plain, &t, &err), FLT_OK);
	ck_assert_uint_eq(flt_table_n_classes(t), 3);
	struct flt_class spam = flt_table_class(t, 0); /* the most frequent */
	ck_assert_str_eq(spam.text, "spam");
	ck_assert_uint_eq(spam.n_rows, 2);
	ck_assert(spam.is_new);
	ck_assert(!flt_table_class(t, 2).is_new);
	flt_table_free(t);
	text = "a,y\n1,fraud\n1,Review\n2,ok\n";
	scratch_write("test.csv", text, strlen(text));
	ck_assert_int_eq(flt_table_read_like(model, "test.csv", &plain, &t, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text,
	                 "test.csv: target \"y\" holds \"Review\" (1), which differs from class \"review\" of "
	                 "x.csv only in upper and lower case or in blanks: write it as there");
	flt_table_free(model);
	model = read_text("a,y\n1,0\n1,0\n2,1\n", &plain);
	text = "a,y\n1,1.0\n1,0.0\n2,1.0\n";
	scratch_write("test.csv", text, strlen(text));
	ck_assert_int_eq(flt_table_read_like(model, "test.csv", &plain, &t, &err), FLT_OK);
	ck_assert_mem_eq(flt_table_labels(t), "\1\0\1", 3);
	ck_assert_str_eq(flt_table_target_text(t, 0), "1"); /* as in the model */
	flt_table_free(t);
	flt_table_free(model);
}
END_TEST

START_TEST(like_without_header_has_the_same_places)
{
	struct flt_table_options c1 = {.target = "c1", .header = FLT_HEADER_NO};
	struct flt_table *model = read_text("1,5,2\n0,5,3\n0,6,4\n", &c1), *t;
	scratch_write("test.csv", "1,5\n0,5\n", 8);
	ck_assert_int_eq(flt_table_read_like(model, "test.csv", &c1, &t, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, "test.csv: 2 columns and no header, but x.csv has 3: give the same columns");
	scratch_write("test.csv", "1,5,2\n0,5,1\n", 12);
	ck_assert_int_eq(flt_table_read_like(model, "test.csv", &c1, &t, &err), FLT_OK);
	flt_table_free(t);
	flt_table_free(model);
}
END_TEST

/* ---- fltrain's own columns ---- */

static const char *const own_text = "row,a,fraud,probability,label,score\n1,1,0,.1,0,-2\n2,2,0,.1,0,-2\n3,3,1,.9,1,2\n";

START_TEST(own_output_is_left_out)
{
	struct flt_table *table = read_text(own_text, &plain);
	ck_assert_str_eq(flt_table_target(table), "fraud");
	static const size_t own[] = {0, 3, 4, 5};
	for (size_t i = 0; i < 4; i++)
		ck_assert_int_eq(flt_table_column(table, own[i]).role, FLT_DROPPED);
	ck_assert(has_remark(table, "\"row\", \"probability\", \"label\", \"score\" left out: fltrain's own output"));
	flt_table_free(table);
	table = read_text(own_text,
	                  &(struct flt_table_options){.numeric = "score", .categorical = "row", .drop = "label"});
	ck_assert_int_eq(flt_table_column(table, 5).role, FLT_FEATURE);
	ck_assert_int_eq(flt_table_column(table, 5).type, FLT_NUMERIC);
	ck_assert_int_eq(flt_table_column(table, 0).role, FLT_FEATURE);
	ck_assert_int_eq(flt_table_column(table, 0).type, FLT_CATEGORICAL);
	ck_assert_int_eq(flt_table_column(table, 3).role, FLT_DROPPED);
	ck_assert_str_eq(flt_table_target(table), "fraud");
	flt_table_free(table);
	table = read_text(own_text, &(struct flt_table_options){.target = "label"});
	ck_assert_str_eq(flt_table_target(table), "label");
	ck_assert_int_eq(flt_table_column(table, 3).role, FLT_DROPPED);
	ck_assert_int_eq(flt_table_column(table, 2).role, FLT_FEATURE);
	flt_table_free(table);
}
END_TEST

static size_t n_left_out(const char *header)
{
	char text[300];
	snprintf(text, sizeof text, "%s\n", header);
	size_t n = 1, n_dropped = 0;
	for (const char *at = header; *at; at++)
		n += *at == ',';
	for (int row = 0; row < 3; row++)
		for (size_t i = 0; i < n; i++)
			sprintf(text + strlen(text), "%d%c", row == 0, i + 1 < n ? ',' : '\n');
	struct flt_table *table = read_text(text, &plain);
	for (size_t i = 0; i < n; i++)
		n_dropped += flt_table_column(table, i).role == FLT_DROPPED;
	flt_table_free(table);
	return n_dropped;
}

START_TEST(own_output_is_told_by_all_three_names)
{
	ck_assert_uint_eq(n_left_out("a,probability,label,score,fltrain_probability,fltrain_label,fltrain_score,b"), 6);
	ck_assert_uint_eq(n_left_out("a,fltrain_probability_2,fltrain_label_2,fltrain_score_2,b"), 3);
	ck_assert_uint_eq(n_left_out("a,probability,fltrain_label,score,b"), 3); /* version 1 */
	ck_assert_uint_eq(n_left_out("row,repeat,fold,a,target,score,probability,label"), 6);
	ck_assert_uint_eq(n_left_out("repeat,fold,a,target,score,probability,label"), 3);
	ck_assert_uint_eq(n_left_out("row,a,score,label"), 0);
	ck_assert_uint_eq(n_left_out("a,probability,label,b,score"), 0);
	ck_assert_uint_eq(n_left_out("a,probability_2,label,score"), 0);
	ck_assert_uint_eq(n_left_out("a,probability,label,score_"), 0);
	ck_assert_uint_eq(n_left_out("a,fltrain_probability_x,fltrain_label,fltrain_score"), 0);
}
END_TEST

START_TEST(own_names)
{
	char name[FLT_OWN_NAME_SIZE];
	flt_own_column_name(FLT_OWN_SCORE, 0, name);
	ck_assert_str_eq(name, "score");
	flt_own_column_name(FLT_OWN_LABEL, 1, name);
	ck_assert_str_eq(name, "fltrain_label");
	flt_own_column_name(FLT_OWN_PROBABILITY, 2, name);
	ck_assert_str_eq(name, "fltrain_probability_2");
}
END_TEST

START_TEST(each_allocation_may_fail)
{
	const char *text =
	        "row,a,churn,fraud,probability,label,score\n1,1,x,0.0,.1,0,-2\n2,2,x,0,.1,0,-2\n3,3,y,1,.9,1,2\n";
	scratch_write("x.csv", text, strlen(text));
	read_with_failing_allocations("x.csv", &plain);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("target");
	TCase *cases = tcase_create("target");
	tcase_set_timeout(cases, 60);
	tcase_add_checked_fixture(cases, scratch_enter, scratch_leave);
	tcase_add_test(cases, a_coordinate_is_no_target);
	tcase_add_test(cases, a_dropped_target_is_not_replaced);
	tcase_add_test(cases, errors_name_other_columns);
	tcase_add_test(cases, a_class_and_an_id_in_one_column);
	tcase_add_test(cases, errors_about_rows_blame_the_guess);
	tcase_add_test(cases, other_columns_are_remarked_on);
	tcase_add_test(cases, classes_are_values);
	tcase_add_test(cases, codes_are_no_values);
	tcase_add_test(cases, blanks_around_numbers_do_not_count);
	tcase_add_test(cases, alike_classes_are_refused);
	tcase_add_test(cases, spellings_are_suggested);
	tcase_add_test(cases, likeness_knows_letters);
	tcase_add_test(cases, a_marker_can_be_a_class);
	tcase_add_test(cases, ids_are_verbatim);
	tcase_add_test(cases, a_class_in_the_first_line_may_be_a_header);
	tcase_add_test(cases, like_lists_new_classes);
	tcase_add_test(cases, like_without_header_has_the_same_places);
	tcase_add_test(cases, own_output_is_left_out);
	tcase_add_test(cases, own_output_is_told_by_all_three_names);
	tcase_add_test(cases, own_names);
	tcase_add_test(cases, each_allocation_may_fail);
	suite_add_tcase(suite, cases);
	return suite;
}
