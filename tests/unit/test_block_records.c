/* csv/blocks, csv/structurals and csv/block_records: wherever a file is cut into blocks, and whichever parser takes a
 * record, the same records come out as from one block parsed carefully, with the same lines, numbers, raw bytes and
 * errors; and the same fields as from one call of libcsv for the whole file. */
#include <csv.h>

#include "messy_csv.h"
#include "scratch.h"
#include "script.h"

#include "base/alloc.h"
#include "csv/block_records.h"
#include "csv/structurals.h"
#include "suite.h"

/* How it ends: the error, or what was noticed. */
static void add_end(struct script *script, const struct flt_csv *csv, enum flt_status status,
                    const struct flt_error *err)
{
	if (status != FLT_OK)
		script_add(script, err->text, strlen(err->text));
	else if (csv)
		script_add(script, flt_csv_bad_rows(csv), strlen(flt_csv_bad_rows(csv)));
	if (status == FLT_OK)
		script_add(script, flt_csv_sha256(csv), 64);
}

/* With flt_csv_next alone. */
static void read_carefully(const char *path, const struct flt_csv_options *options, struct script *script)
{
	struct flt_csv *csv;
	struct flt_error err;
	bool is_end = false;
	script_clear(script);
	enum flt_status status = flt_csv_open(path, options, &csv, &err);
	while (status == FLT_OK && !is_end) {
		struct flt_csv_record record;
		status = flt_csv_next(csv, &record, &is_end, &err);
		if (status == FLT_OK && !is_end)
			script_add_record(script, &record, flt_csv_n_columns(csv));
	}
	add_end(script, csv, status, &err);
	flt_csv_free(csv);
}

static enum flt_status add_rest(struct flt_csv *csv, struct script *script, struct flt_error *err)
{
	for (;;) {
		struct flt_csv_record record;
		bool is_end;
		enum flt_status status = flt_csv_next_in_block(csv, &record, &is_end, err);
		if (status != FLT_OK || is_end)
			return status;
		script_add_record(script, &record, flt_csv_n_columns(csv));
	}
}

/* Moves csv to where the block's records have come. */
static enum flt_status enter(struct flt_csv *csv, const struct flt_block_records *block, struct flt_csv_counts *before,
                             struct flt_error *err)
{
	return flt_csv_enter(csv, flt_block_records_block(block), flt_block_records_position(block),
	                     flt_block_records_bad_rows(block), before, err);
}

/* n_fast: records that the block gave by itself. */
static enum flt_status add_block(struct flt_csv *csv, struct flt_block_records *block, struct script *script,
                                 size_t *n_fast, struct flt_error *err)
{
	struct flt_csv_counts before, unused;
	enum flt_status status = enter(csv, block, &before, err); /* to learn where the block stands */
	bool is_end = false;
	while (status == FLT_OK && !is_end) {
		struct flt_csv_record record;
		status = flt_block_records_next(block, &record, &is_end, NULL);
		if (status != FLT_OK || is_end)
			break;
		record.line += before.n_lines;
		record.number += before.n_records;
		script_add_record(script, &record, flt_csv_n_columns(csv));
		++*n_fast;
	}
	if (status == FLT_ERR_MACHINE)
		return status;
	status = enter(csv, block, &unused, err);
	return status == FLT_OK ? add_rest(csv, script, err) : status;
}

/* By blocks, each as far as it goes. */
static size_t read_blocks(const char *path, const struct flt_csv_options *options, struct script *script)
{
	struct flt_csv *csv;
	struct flt_block_records *block = NULL;
	struct flt_error err;
	size_t n_fast = 0;
	script_clear(script);
	enum flt_status status = flt_csv_open(path, options, &csv, &err);
	if (status == FLT_OK)
		status = add_rest(csv, script, &err);
	bool is_last = status == FLT_OK && flt_csv_is_at_last_block(csv);
	if (status == FLT_OK && !is_last)
		status = flt_block_records_new(csv, &block, &err);
	while (status == FLT_OK && !is_last) {
		flt_block_records_read(csv, block);
		status = add_block(csv, block, script, &n_fast, &err);
		is_last = flt_block_records_block(block)->is_last;
	}
	add_end(script, csv, status, &err);
	flt_block_records_free(block);
	flt_csv_free(csv);
	return n_fast;
}

static void show(const char *bytes, size_t n, char *shown)
{
	for (size_t i = 0; i < n; i++)
		shown +=
		        sprintf(shown, bytes[i] >= ' ' && bytes[i] != '\\' ? "%c" : "\\x%02x", (unsigned char)bytes[i]);
}

static void same(const struct script *got, const struct script *want, const char *how, size_t size, const char *bytes,
                 size_t n)
{
	static char file[1 << 16];
	if (script_same(got, want))
		return;
	show(bytes, n, file);
	ck_abort_msg("%s, blocks of %zu bytes: %s\nreads as\n%s\n--- but should as\n%s", how, size, file, got->text,
	             want->text);
}

static struct script got, want;

/* Fails unless the bytes read the same in blocks of these sizes (up to a 0) as in one. Returns how many records were
 * parsed fast. */
static size_t reads_in_blocks(const char *bytes, size_t n, struct flt_csv_options options, const size_t *sizes)
{
	size_t n_fast = 0;
	scratch_write("x.csv", bytes, n);
	read_carefully("x.csv", &options, &want);
	for (; *sizes; sizes++) {
		options.block_size = *sizes;
		read_carefully("x.csv", &options, &got);
		same(&got, &want, "carefully", *sizes, bytes, n);
		n_fast += read_blocks("x.csv", &options, &got);
		same(&got, &want, "fast", *sizes, bytes, n);
	}
	return n_fast;
}

/* ---- every file of a few bytes ---- */

static const char alphabet[] = {'a', ',', '"', '\n', '\r', ' ', '\0'};
enum { N_ALPHABET = sizeof alphabet };

/* With a first record before them, so that no cut can be avoided, and without. */
START_TEST(every_short_file)
{
	static const size_t sizes[] = {1, 2, 3, 0};
	for (size_t length = 0; length <= 4; length++) {
		size_t n_files = 1;
		for (size_t i = 0; i < length; i++)
			n_files *= N_ALPHABET;
		for (size_t file = 0; file < n_files; file++) {
			char bytes[16] = "a,b\n";
			for (size_t i = 0, rest = file; i < length; i++, rest /= N_ALPHABET)
				bytes[4 + i] = alphabet[rest % N_ALPHABET];
			struct flt_csv_options options = {
			        .delimiter = ',', .header = FLT_HEADER_NO, .skip_bad_rows = file % 2};
			reads_in_blocks(bytes, 4 + length, options, sizes);
			reads_in_blocks(bytes + 4, length, options, sizes);
		}
	}
}
END_TEST

/* ---- longer ones ---- */

START_TEST(random_files_in_blocks)
{
	static const size_t sizes[] = {1, 2, 5, 16, 31, 64, 0};
	static const char delimiters[] = {',', ';', '\t', '^', 'a'};
	struct flt_random random;
	size_t n_fast = 0, n_failed = 0, n_files = IS_WATCHED ? 1000 : 3000;
	flt_random_init(&random, 1, "blocks", 0);
	for (size_t i = 0; i < n_files; i++) {
		char bytes[4000];
		char delimiter = delimiters[flt_random_below(&random, 20) ? 0 : flt_random_below(&random, 5)];
		size_t n = messy_csv(&random, delimiter, 1 + flt_random_below(&random, 12), bytes);
		struct flt_csv_options options = {
		        .delimiter = delimiter, .header = FLT_HEADER_NO, .skip_bad_rows = flt_random_below(&random, 2)};
		n_fast += reads_in_blocks(bytes, n, options, sizes);
		n_failed += strstr(want.text, "x.csv:") != NULL;
	}
	/* Both kinds of files, and both kinds of readers, had their share. */
	ck_assert_uint_gt(n_fast, 20 * n_files);
	ck_assert_uint_gt(n_failed, n_files / 20);
	ck_assert_uint_lt(n_failed, n_files / 2);
}
END_TEST

/* ---- against libcsv ---- */

struct list {
	struct script *script;
	char bytes[4000];
	struct flt_csv_field fields[64];
	size_t n_fields, n_bytes, n_wanted; /* n_wanted: of the first record; others are left out */
};

static void on_field(void *text, size_t n, void *context)
{
	struct list *list = context;
	ck_assert_uint_lt(list->n_fields, N_OF(list->fields));
	list->fields[list->n_fields++] =
	        (struct flt_csv_field){memcpy(list->bytes + list->n_bytes, n ? text : "", n), n};
	list->n_bytes += n;
}

static void on_record(int line_end, void *context)
{
	struct list *list = context;
	(void)line_end;
	if (list->n_wanted == 0)
		list->n_wanted = list->n_fields;
	if (list->n_fields == list->n_wanted)
		script_add_fields(list->script, list->fields, list->n_fields);
	list->n_fields = list->n_bytes = 0;
}

/* False if libcsv refuses the bytes. */
static bool read_by_libcsv(const char *bytes, size_t n, char delimiter, struct script *script)
{
	struct csv_parser parser;
	struct list list = {.script = script};
	bool has_indicator = n >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0;
	script_clear(script);
	ck_assert_int_eq(csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI), 0);
	csv_set_delim(&parser, (unsigned char)delimiter);
	n -= has_indicator ? 3 : 0;
	bool is_good = csv_parse(&parser, bytes + (has_indicator ? 3 : 0), n, on_field, on_record, &list) == n &&
	               csv_fini(&parser, on_field, on_record, &list) == 0;
	csv_free(&parser);
	return is_good;
}

/* The fields alone of all records before an error; false if there is one. */
static bool read_fields(const char *path, const struct flt_csv_options *options, struct script *script)
{
	struct flt_csv *csv;
	struct flt_block_records *block = NULL;
	script_clear(script);
	if (flt_csv_open(path, options, &csv, NULL) != FLT_OK)
		return false;
	ck_assert_int_eq(flt_csv_n_columns(csv) ? flt_block_records_new(csv, &block, NULL) : FLT_OK, FLT_OK);
	enum flt_status status;
	bool is_block = false;
	for (;;) {
		struct flt_csv_record record;
		struct flt_csv_counts before;
		bool is_end;
		status = is_block ? flt_block_records_next(block, &record, &is_end, NULL)
		                  : flt_csv_next_in_block(csv, &record, &is_end, NULL);
		if (is_block && (status != FLT_OK || is_end)) { /* csv takes the rest */
			is_block = false;
			status = enter(csv, block, &before, NULL);
			continue;
		}
		if (status != FLT_OK || (is_end && flt_csv_is_at_last_block(csv)))
			break;
		is_block |= is_end;
		if (is_end)
			flt_block_records_read(csv, block);
		else
			script_add_fields(script, record.fields, flt_csv_n_columns(csv));
	}
	flt_block_records_free(block);
	flt_csv_free(csv);
	return status == FLT_OK;
}

START_TEST(fields_are_those_of_libcsv)
{
	static const size_t sizes[] = {1, 3, 17, 64, 500};
	struct flt_random random;
	flt_random_init(&random, 1, "libcsv", 0);
	for (size_t i = 0; i < (IS_WATCHED ? 2000 : 6000); i++) {
		char bytes[4000];
		size_t n = messy_csv(&random, ',', 1 + flt_random_below(&random, 30), bytes);
		bool has_nul = memchr(bytes, 0, n);
		bool is_good = read_by_libcsv(bytes, n, ',', &want) && !has_nul;
		struct flt_csv_options options = {.delimiter = ',',
		                                  .header = FLT_HEADER_NO,
		                                  .skip_bad_rows = true,
		                                  .block_size = sizes[i % N_OF(sizes)]};
		scratch_write("x.csv", bytes, n);
		bool was_read = read_fields("x.csv", &options, &got);
		ck_assert_int_eq(was_read, is_good);
		if (has_nul) /* which is text to libcsv */
			want.n = got.n < want.n ? got.n : want.n;
		same(&got, &want, "by libcsv", options.block_size, bytes, n);
	}
}
END_TEST

/* ---- pieces ---- */

START_TEST(vectors_find_the_same_structurals)
{
	static const char likely[] = ",;\"\n\r\0\t a";
	struct flt_random random;
	unsigned char bytes[200];
	flt_random_init(&random, 1, "marks", 0);
	for (int i = 0; i < 20000; i++) {
		for (size_t k = 0; k < sizeof bytes; k++)
			bytes[k] = flt_random_below(&random, 2) ? (unsigned char)likely[flt_random_below(&random, 9)]
			                                        : (unsigned char)flt_random_below(&random, 256);
		size_t at = flt_random_below(&random, sizeof bytes - FLT_STRUCTURALS_SIZE),
		       n = flt_random_below(&random, 130);
		unsigned char delimiter = bytes[at];
		ck_assert(flt_structurals(bytes + at, delimiter) == flt_structurals_plain(bytes + at, delimiter));
		ck_assert_int_eq(flt_odd_quotes(bytes + at % 70, n), flt_odd_quotes_plain(bytes + at % 70, n));
	}
}
END_TEST

/* The usual sizes: records beyond the first block and beyond the usual one, and none at all for long. */
START_TEST(blocks_of_the_usual_size)
{
	static char bytes[3 << 20];
	struct flt_csv_options options = {.header = FLT_HEADER_YES};
	for (int kind = 0; kind < 3; kind++) {
		size_t n = (size_t)sprintf(bytes, "a,b\n1,2\n");
		size_t n_long = kind == 0 ? 10 : 1200000;
		while (n < 100000)
			n += (size_t)sprintf(bytes + n, kind == 2 ? "\n\n" : "3,\"4\"\n");
		bytes[n++] = '"';
		memset(bytes + n, kind == 1 ? '\n' : 'x', n_long);
		n += n_long;
		n += (size_t)sprintf(bytes + n, "\",5\n");
		while (n < sizeof bytes - 20)
			n += (size_t)sprintf(bytes + n, "6,7\n");
		n += (size_t)sprintf(bytes + n, "8\n");
		scratch_write("x.csv", bytes, n);
		char message[200];
		size_t n_lines = 0;
		for (size_t i = 0; i < n; i++)
			n_lines += bytes[i] == '\n';
		sprintf(message,
		        "x.csv:%zu: 1 field, expected 2: complete the line, or leave such lines out with --bad-rows "
		        "skip",
		        n_lines);
		struct flt_csv *csv;
		struct flt_block_records *block;
		struct flt_error err;
		ck_assert_int_eq(flt_csv_open("x.csv", &options, &csv, &err), FLT_OK);
		ck_assert_int_eq(flt_block_records_new(csv, &block, &err), FLT_OK);
		enum flt_status status = FLT_OK;
		for (bool is_end = false; status == FLT_OK;) {
			struct flt_csv_record record;
			struct flt_csv_counts before;
			status = flt_csv_next_in_block(csv, &record, &is_end, &err);
			if (status != FLT_OK || !is_end)
				continue;
			ck_assert(!flt_csv_is_at_last_block(csv));
			flt_block_records_read(csv, block);
			while (flt_block_records_next(block, &record, &is_end, NULL) == FLT_OK && !is_end)
				ck_assert_uint_le(record.line, n_lines);
			ck_assert_int_eq(enter(csv, block, &before, &err), FLT_OK);
		}
		ck_assert_str_eq(err.text, message);
		flt_block_records_free(block);
		flt_csv_free(csv);
	}
}
END_TEST

/* Just below and just above what a record may have, behind the first block. */
START_TEST(records_of_the_greatest_size)
{
	static char bytes[(1 << 24) + 200000];
	struct flt_csv_options options = {.delimiter = ',', .header = FLT_HEADER_YES};
	for (size_t more = 0; more < 3; more++) {
		size_t n = (size_t)sprintf(bytes, "a,b\n"), n_lines = 2;
		for (; n < 100000; n_lines++)
			n += (size_t)sprintf(bytes + n, "1,2\n");
		size_t n_long = (1 << 24) - 4 + more; /* with ",3\n" one less than the limit, the limit, one more */
		memset(bytes + n, 'x', n_long);
		n += n_long;
		n += (size_t)sprintf(bytes + n, ",3\n4,5\n");
		scratch_write("x.csv", bytes, n);
		struct flt_csv *csv;
		struct flt_block_records *block;
		struct flt_error err = {.text = ""};
		struct flt_csv_record record;
		bool is_end;
		ck_assert_int_eq(flt_csv_open("x.csv", &options, &csv, &err), FLT_OK);
		ck_assert_int_eq(flt_block_records_new(csv, &block, &err), FLT_OK);
		while (flt_csv_next_in_block(csv, &record, &is_end, &err) == FLT_OK && !is_end)
			continue;
		size_t n_records = record.number;
		enum flt_status status = FLT_OK;
		do {
			struct flt_csv_counts before;
			flt_block_records_read(csv, block);
			while (status == FLT_OK && flt_block_records_next(block, &record, &is_end, NULL) == FLT_OK &&
			       !is_end)
				n_records++;
			status = enter(csv, block, &before, &err);
			while (status == FLT_OK && flt_csv_next_in_block(csv, &record, &is_end, &err) == FLT_OK &&
			       !is_end)
				n_records++;
		} while (!flt_block_records_block(block)->is_last && !err.text[0]);
		char message[200];
		sprintf(message,
		        "x.csv:%zu: a record of more than 16 MB: add the line end that is missing here, or "
		        "shorten the text",
		        n_lines);
		ck_assert_str_eq(err.text, more == 2 ? message : "");
		ck_assert_uint_eq(n_records, n_lines - 2 + (more < 2 ? 2 : 0));
		flt_block_records_free(block);
		flt_csv_free(csv);
	}
}
END_TEST

START_TEST(each_allocation_may_fail)
{
	const char text[] = "a,b\nx,y\nx,\"1\n2\"\nlonger,than the others\ny,\"\"\"\"\nz,\n";
	struct flt_csv_options options = {.header = FLT_HEADER_YES, .block_size = 5};
	scratch_write("x.csv", text, strlen(text));
	read_carefully("x.csv", &options, &want);
	size_t n_failed = 0;
	unsigned long k = 0, n_made;
	do {
		flt_alloc_fail_at(++k);
		read_blocks("x.csv", &options, &got);
		n_made = flt_alloc_fail_at(0);
		if (script_same(&got, &want))
			continue; /* libcsv asks for less where it does not get enough */
		n_failed++;
		ck_assert_msg(strstr(got.text, "out of memory"), "%lu: %s", k, got.text);
	} while (n_made >= k);
	ck_assert_uint_gt(n_failed, 15);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("block records");
	TCase *cases = tcase_create("blocks");
	tcase_set_timeout(cases, 240);
	tcase_add_checked_fixture(cases, scratch_enter, scratch_leave);
	tcase_add_test(cases, every_short_file);
	tcase_add_test(cases, random_files_in_blocks);
	tcase_add_test(cases, fields_are_those_of_libcsv);
	tcase_add_test(cases, vectors_find_the_same_structurals);
	tcase_add_test(cases, blocks_of_the_usual_size);
	tcase_add_test(cases, records_of_the_greatest_size);
	tcase_add_test(cases, each_allocation_may_fail);
	suite_add_tcase(suite, cases);
	return suite;
}
