/* csv/reader: files as files: packed, piped, long, changing while they are read, with lines to skip, and more than
 * memory holds. */
#include <stdint.h>
#include <zlib.h>

#include "read_records.h"

#include "base/alloc.h"
#include "suite.h"

START_TEST(files_that_cannot_be_read)
{
	struct flt_csv *csv;
	const struct flt_csv_options options = {0};
	ck_assert_int_eq(flt_csv_open("none.csv", &options, &csv, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, "none.csv: No such file or directory");
	ck_assert_int_eq(flt_csv_open(".", &options, &csv, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, ".: Is a directory");
	scratch_write("secret.csv", "a\n", 2);
	chmod("secret.csv", 0);
	if (geteuid() != 0) { /* to root nothing is forbidden */
		ck_assert_int_eq(flt_csv_open("secret.csv", &options, &csv, &err), FLT_ERR_DATA);
		ck_assert_str_eq(err.text, "secret.csv: Permission denied");
	}
}
END_TEST

static void append_row(void)
{
	FILE *file = fopen("live.csv", "a");
	fputs("3,4\n", file);
	fclose(file);
}

static void shrink(void)
{
	ck_assert_int_eq(truncate("live.csv", 40000), 0);
}

static void overwrite(void)
{
	FILE *file = fopen("live.csv", "r+");
	fputs("x", file);
	fclose(file);
}

static void expect_change(const char *word)
{
	char sentence[120];
	snprintf(sentence, sizeof sentence, "live.csv: %s while it was read: try again when nothing writes to it",
	         word);
	ck_assert_str_eq(err.text, sentence);
}

START_TEST(file_changes_while_it_is_read)
{
	static void (*const changes[])(void) = {append_row, shrink, overwrite, append_row};
	static const char *const words[] = {"grew", "changed", "changed", "grew"};
	enum { N_ROWS = 100000, TICK = 20000 /* microseconds in which a file's time moves on */ };
	static char text[4 + 4 * N_ROWS];
	memcpy(text, "a,b\n", 4);
	for (size_t i = 0; i < N_ROWS; i++)
		memcpy(text + 4 + 4 * i, "1,2\n", 4);
	for (size_t i = 0; i <= sizeof changes / sizeof *changes; i++) {
		const struct flt_csv_options options = {.delimiter = ',', .header = FLT_HEADER_YES};
		struct flt_csv_record record;
		struct flt_csv *csv;
		bool is_end = false;
		size_t n_missing = i == 4 ? 3 : 0; /* of the last record, which is half written */
		scratch_write("live.csv", text, sizeof text - n_missing);
		ck_assert_int_eq(flt_csv_open("live.csv", &options, &csv, &err), FLT_OK);
		usleep(TICK);
		if (i > 0)
			changes[i - 1]();
		enum flt_status status = FLT_OK;
		while (status == FLT_OK && !is_end)
			status = flt_csv_next(csv, &record, &is_end, &err);
		ck_assert_int_eq(status, i > 0 ? FLT_ERR_DATA : FLT_OK);
		if (i > 0)
			expect_change(words[i - 1]);
		flt_csv_free(csv);
	}
}
END_TEST

static size_t gzip_write(const char *name, const char *text, size_t n)
{
	gzFile file = gzopen(name, "wb1");
	gzwrite(file, text, (unsigned)n);
	gzclose(file);
	struct stat info;
	stat(name, &info);
	return (size_t)info.st_size;
}

/* 100,000 rows "i,i*7", long enough for many blocks. */
static char *long_text(size_t *n)
{
	char *text = malloc(3000000);
	*n = (size_t)sprintf(text, "a,b\n");
	for (int i = 0; i < 100000; i++)
		*n += (size_t)sprintf(text + *n, "%d,%d\n", i, i * 7);
	return text;
}

static void check_long(struct flt_csv *csv)
{
	struct flt_csv_record record;
	bool is_end = false;
	for (int i = 0;; i++) {
		enum flt_status status = flt_csv_next(csv, &record, &is_end, &err);
		ck_assert_msg(status == FLT_OK, "%s", err.text);
		if (is_end) {
			ck_assert_int_eq(i, 100000);
			return;
		}
		if (atoi(record.fields[0].text) != i || atoi(record.fields[1].text) != i * 7 ||
		    record.line != (size_t)i + 2)
			ck_abort_msg("row %d, line %zu: %s", i, record.line, record.raw);
	}
}

START_TEST(gzip)
{
	size_t n;
	char *text = long_text(&n);
	const struct flt_csv_options options = {.rewindable = true};
	struct flt_csv *csv;
	size_t n_packed = gzip_write("x.csv.gz", text, n);
	ck_assert_int_eq(flt_csv_open("x.csv.gz", &options, &csv, &err), FLT_OK);
	check_long(csv);
	ck_assert_int_eq(flt_csv_rewind(csv, &err), FLT_OK);
	check_long(csv);
	flt_csv_free(csv);

	ck_assert_int_eq(truncate("x.csv.gz", (off_t)n_packed - 1000), 0);
	ck_assert_int_eq(flt_csv_open("x.csv.gz", &options, &csv, &err), FLT_OK);
	while (flt_csv_next(csv, &(struct flt_csv_record){0}, &(bool){false}, &err) == FLT_OK)
		;
	ck_assert_str_eq(err.text, "x.csv.gz: the gzip data end too early: the file is not whole, get it again");
	flt_csv_free(csv);

	scratch_write("y.gz", "\x1F\x8B\x08 rubbish rubbish", 20);
	ck_assert_int_eq(flt_csv_open("y.gz", &options, &csv, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, "y.gz: damaged gzip data (unknown header flags set): get the file again");
	free(text);
}
END_TEST

/* A stored block of text, followed by a block of a type that does not exist: zlib gives the text and fails at once. */
START_TEST(rows_before_damaged_gzip_data_are_read)
{
	static const char packed[] = "\x1F\x8B\x08\0\0\0\0\0\0\x03"
	                             "\0\x0A\0\xF5\xFF"
	                             "a,b\n1,2\n3\n"
	                             "\x07";
	struct flt_csv *csv;
	struct flt_csv_record record;
	bool is_end;
	scratch_write("x.gz", packed, sizeof packed - 1);
	ck_assert_int_eq(flt_csv_open("x.gz", &(struct flt_csv_options){0}, &csv, &err), FLT_OK);
	ck_assert_int_eq(flt_csv_next(csv, &record, &is_end, &err), FLT_OK);
	ck_assert_str_eq(record.fields[1].text, "2");
	ck_assert_int_eq(flt_csv_next(csv, &record, &is_end, &err), FLT_ERR_DATA);
	ck_assert_str_eq(
	        err.text,
	        "x.gz:3: 1 field, expected 2: complete the line, or leave such lines out with --bad-rows skip");
	flt_csv_free(csv);
}
END_TEST

/* Two members one after the other are one text. */
START_TEST(gzip_members)
{
	struct flt_csv *csv;
	gzip_write("1", "a,b\n1,", 6);
	gzip_write("2", "2\n3,4\n", 6);
	ck_assert_int_eq(system("cat 1 2 > x.csv.gz"), 0);
	ck_assert_int_eq(flt_csv_open("x.csv.gz", &(struct flt_csv_options){0}, &csv, &err), FLT_OK);
	ck_assert_str_eq(read_all(csv), "2:1|2/3:3|4");
	flt_csv_free(csv);
}
END_TEST

/* A pipe as standard input: read twice, and packed as well. */
static void check_pipe(const char *command)
{
	struct flt_csv *csv;
	int old = dup(STDIN_FILENO);
	FILE *pipe = popen(command, "r");
	dup2(fileno(pipe), STDIN_FILENO);
	ck_assert_int_eq(flt_csv_open("-", &(struct flt_csv_options){.rewindable = true}, &csv, &err), FLT_OK);
	ck_assert_str_eq(flt_csv_name(csv), "standard input");
	check_long(csv);
	ck_assert_int_eq(flt_csv_rewind(csv, &err), FLT_OK);
	check_long(csv);
	ck_assert_int_eq(flt_csv_rewind(csv, &err), FLT_OK);
	check_long(csv);
	flt_csv_free(csv);
	dup2(old, STDIN_FILENO);
	pclose(pipe);
}

START_TEST(standard_input)
{
	size_t n;
	char *text = long_text(&n);
	scratch_write("x.csv", text, n);
	check_pipe("cat x.csv");
	gzip_write("x.csv.gz", text, n);
	check_pipe("cat x.csv.gz");
	free(text);
}
END_TEST

/* Every byte of an awkward text across the ends of blocks (the first is of 64 KiB, those after it of 256), where
 * padding moves it. */
START_TEST(ends_of_blocks)
{
	static const char tail[] = "\"q\r\n\"\"\r\nz\",1\r\n\r\n\"\n\",2\r3,4\n";
	static const size_t ends[] = {1 << 16, 1 << 18, (1 << 16) + (1 << 18)};
	char *text = malloc(ends[2] + 200);
	for (size_t k = 0; k < 3 * sizeof tail; k++) {
		size_t pad = ends[k % 3] - k / 3 - strlen("a,b\n,0\n"), n = 0;
		n += (size_t)sprintf(text, "a,b\n");
		memset(text + n, 'x', pad);
		n += pad;
		n += (size_t)sprintf(text + n, ",0\n%s", tail);
		struct flt_csv *csv = open_text(text, n, &(struct flt_csv_options){.header = FLT_HEADER_YES});
		struct flt_csv_record record;
		bool is_end;
		ck_assert_int_eq(flt_csv_next(csv, &record, &is_end, &err), FLT_OK);
		ck_assert_uint_eq(record.fields[0].length, pad);
		ck_assert_str_eq(read_all(csv), "3:q\r\n\"\r\nz|1/7:\n|2/9:3|4");
		flt_csv_free(csv);
	}
	free(text);
}
END_TEST

/* Fields that ended before the record outgrew its room are still whole. */
START_TEST(growing_record)
{
	enum { LONG = 300000 };
	char *text = malloc(LONG + 100);
	size_t n = (size_t)sprintf(text, "a,b,c\nfirst,\"sec\nond\",\"x\n");
	memset(text + n, 'y', LONG);
	n += LONG + (size_t)sprintf(text + n + LONG, "\"\n");
	struct flt_csv *csv = open_text(text, n, &(struct flt_csv_options){.header = FLT_HEADER_YES});
	struct flt_csv_record record;
	bool is_end;
	ck_assert_int_eq(flt_csv_next(csv, &record, &is_end, &err), FLT_OK);
	ck_assert_str_eq(record.fields[0].text, "first");
	ck_assert_str_eq(record.fields[1].text, "sec\nond");
	ck_assert_uint_eq(record.fields[2].length, LONG + 2);
	flt_csv_free(csv);
	free(text);
}
END_TEST

static void reads_endless(const char *start, const char *want)
{
	size_t n = 17 << 20;
	char *text = malloc(n);
	struct flt_csv *csv;
	memset(text, 'x', n);
	memcpy(text, start, strlen(start));
	gzip_write("x.csv.gz", text, n);
	free(text);
	enum flt_status status = flt_csv_open("x.csv.gz", &(struct flt_csv_options){0}, &csv, &err);
	while (status == FLT_OK)
		status = flt_csv_next(csv, &(struct flt_csv_record){0}, &(bool){false}, &err);
	ck_assert_str_eq(err.text, want);
	flt_csv_free(csv);
}

START_TEST(endless_record)
{
	reads_endless("a,b\n", "x.csv.gz:2: a record of more than 16 MB: add the line end that is missing "
	                       "here, or shorten the text");
	reads_endless("a,b\n1,2\n\"x\n",
	              "x.csv.gz:3: the quote that opens here never closes: close it, or double it if it is text");
}
END_TEST

/* n bytes of `fill`, then text; a file that begins with them. Returns what is read of it with so many lines skipped. */
static const char *skips(const char *start, size_t n, const char *text, size_t n_lines, bool is_rewound)
{
	static char result[20000];
	const struct flt_csv_options options = {
	        .skip_lines = n_lines, .header = FLT_HEADER_YES, .rewindable = is_rewound};
	size_t n_start = strlen(start);
	char *bytes = malloc(n_start + n + strlen(text));
	struct flt_csv *csv;
	memcpy(bytes, start, n_start);
	memset(bytes + n_start, 'x', n);
	memcpy(bytes + n_start + n, text, strlen(text));
	scratch_write("x.csv", bytes, n_start + n + strlen(text));
	free(bytes);
	if (flt_csv_open("x.csv", &options, &csv, &err) != FLT_OK)
		return err.text;
	snprintf(result, sizeof result, "%s", read_all(csv));
	if (is_rewound) {
		ck_assert_int_eq(flt_csv_rewind(csv, &err), FLT_OK);
		ck_assert_str_eq(read_all(csv), result);
	}
	flt_csv_free(csv);
	return result;
}

/* Lines of any length and with any end, as many as fit into what is kept of the beginning (64 KiB, of long lines 2 MiB)
 * and more. */
START_TEST(skipped_lines)
{
	enum { KEPT = 1 << 16, MOST_KEPT = 1 << 21 };
	const char *none = "x.csv: no line is left after --skip-lines 3: skip fewer";
	for (int is_rewound = 0; is_rewound < 2; is_rewound++) {
		ck_assert_str_eq(skips("t\r\nu\rv\n", 0, "a,b\n1,2\n", 3, is_rewound), "5:1|2");
		ck_assert_str_eq(skips("t\n", 40000, "\nv\na,b\n1,2\n", 3, is_rewound), "5:1|2");
		ck_assert_str_eq(skips("t\n", 3 * KEPT, "\nv\na,b\n1,2\n", 3, is_rewound), "5:1|2");
		ck_assert_str_eq(skips("t\n", 3 * MOST_KEPT, "\nv\na,b\n1,2\n", 3, is_rewound), "5:1|2");
		ck_assert_str_eq(skips("t\n", KEPT - 3, "\r\nv\na,b\n1,2\n", 3, is_rewound), "5:1|2");
		ck_assert_str_eq(skips("t\nu\n", KEPT - 4, "\na,b\n1,2\n", 3, is_rewound), "5:1|2");
		ck_assert_str_eq(skips("t\nu\n", 0, "", 3, is_rewound), none);
		ck_assert_str_eq(skips("t\nu\n", KEPT, "", 3, is_rewound), none);
		ck_assert_str_eq(skips("t\nu\n", 2 * KEPT, "\n", 3, is_rewound), none);
		ck_assert_str_eq(skips("t\nu\n", 2 * MOST_KEPT, "", 3, is_rewound), none);
		ck_assert_str_eq(skips("t\nu\n", 5, "\r", 3, is_rewound), none);
	}
}
END_TEST

/* A failure after the lines that are skipped is told, and not that no line is left. */
START_TEST(skipped_lines_before_damaged_data)
{
	static const char packed[] = "\x1F\x8B\x08\0\0\0\0\0\0\x03"
	                             "\0\x02\0\xFD\xFF"
	                             "t\n"
	                             "\x07";
	struct flt_csv *csv;
	scratch_write("x.gz", packed, sizeof packed - 1);
	ck_assert_int_eq(flt_csv_open("x.gz", &(struct flt_csv_options){.skip_lines = 1}, &csv, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, "x.gz: damaged gzip data (invalid block type): get the file again");
	ck_assert_int_eq(flt_csv_open("x.gz", &(struct flt_csv_options){.skip_lines = 1}, &csv, NULL), FLT_ERR_DATA);
	scratch_write("x.gz", packed, 16); /* no line end was read */
	ck_assert_int_eq(flt_csv_open("x.gz", &(struct flt_csv_options){.skip_lines = 1}, &csv, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, "x.gz: the gzip data end too early: the file is not whole, get it again");
}
END_TEST

/* ---- a beginning of long lines ---- */

enum { WIDE = 9000, WIDE_ROWS = 12 }; /* the header takes 117 kB, which is more than is looked at of other files */

/* How a wide table is dressed, and what is to be found. */
struct dress {
	const char *above, *header_end, *end;
	bool has_row_names;
	size_t n_above;
	const char *remark;
};

static char *wide_text(const struct dress *dress, size_t *n)
{
	char *text = malloc(1 << 20), *at = text;
	at += sprintf(at, "%s", dress->above);
	for (size_t i = 0; i < WIDE; i++)
		at += sprintf(at, "%scolumn_%05zu", i ? "," : "", i);
	at += sprintf(at, "%s\n", dress->header_end);
	for (size_t row = 0; row < WIDE_ROWS; row++) {
		if (dress->has_row_names)
			at += sprintf(at, "\"row %zu\",", row);
		for (size_t i = 0; i < WIDE; i++)
			at += sprintf(at, "%s%zu", i ? "," : "", row * i % 7);
		at += sprintf(at, "%s\n", dress->end);
	}
	*n = (size_t)(at - text);
	return text;
}

/* Twice from the beginning. */
static void check_wide(const char *path, const struct dress *dress)
{
	struct flt_csv *csv;
	const struct flt_csv_options options = {.rewindable = true};
	ck_assert_msg(flt_csv_open(path, &options, &csv, &err) == FLT_OK, "%s", err.text);
	ck_assert_uint_eq(flt_csv_n_columns(csv), WIDE + dress->has_row_names);
	ck_assert_str_eq(flt_csv_column_name(csv, WIDE - 1 + dress->has_row_names), "column_08999");
	ck_assert_uint_eq(flt_csv_n_lines_above(csv), dress->n_above);
	ck_assert_uint_ge(flt_csv_n_remarks(csv), dress->remark != NULL);
	if (dress->remark)
		ck_assert_str_eq(flt_csv_remark(csv, 0), dress->remark);
	for (int pass = 0; pass < 2; pass++) {
		size_t n = 0;
		for (bool is_end = false; !is_end; n += !is_end)
			ck_assert_msg(flt_csv_next(csv, &(struct flt_csv_record){0}, &is_end, &err) == FLT_OK, "%s",
			              err.text);
		ck_assert_uint_eq(n, WIDE_ROWS);
		ck_assert_int_eq(flt_csv_rewind(csv, &err), FLT_OK);
	}
	flt_csv_free(csv);
}

/* What is around a table is found, however long its lines are, in a file, a packed one and a pipe. */
START_TEST(lines_of_any_length)
{
	static const struct dress dresses[] = {
	        {"", "", "", false, 0, NULL},
	        {"A title\n\n", "", "", false, 2, "2 lines above the header left out: \"A title\""},
	        {"sep=,\n# of May\n", "", "", false, 2, "line 1, \"sep=,\", names the delimiter"},
	        {"", ",", ",", false, 0, "the delimiter at the end of each line left out"},
	        {"", ",", "", false, 0, "the delimiter at the end of the header left out"},
	        {"", "", "", true, 0, "the header is one name short: the first column is called \"row.names\""},
	};
	int old = dup(STDIN_FILENO);
	for (size_t i = 0; i < sizeof dresses / sizeof *dresses; i++) {
		size_t n;
		char *text = wide_text(&dresses[i], &n);
		scratch_write("x.csv", text, n);
		check_wide("x.csv", &dresses[i]);
		gzip_write("x.csv.gz", text, n);
		check_wide("x.csv.gz", &dresses[i]);
		FILE *pipe = popen("cat x.csv", "r");
		dup2(fileno(pipe), STDIN_FILENO);
		check_wide("-", &dresses[i]);
		dup2(old, STDIN_FILENO);
		pclose(pipe);
		free(text);
	}
}
END_TEST

/* What was taken out of the table's beginning is taken out again, though lines were skipped before it, as many as to
 * leave little of what was kept. */
START_TEST(the_beginning_is_edited_again)
{
	enum { N_LINES = 1 << 10, BEFORE = (1 << 16) - 10 };
	char *text = malloc(BEFORE + 200);
	memset(text, 'x', BEFORE);
	for (size_t i = 1; i <= N_LINES; i++)
		text[i * BEFORE / N_LINES - 1] = '\n';
	size_t n = BEFORE + (size_t)sprintf(text + BEFORE, "name,amount\n----,------\na,1\nb,2\nc,3\n");
	struct flt_csv *csv = open_text(text, n, &(struct flt_csv_options){.rewindable = true, .skip_lines = N_LINES});
	for (int pass = 0; pass < 3; pass++) {
		ck_assert_str_eq(read_all(csv), "1027:a|1/1028:b|2/1029:c|3");
		ck_assert_int_eq(flt_csv_rewind(csv, &err), FLT_OK);
	}
	flt_csv_free(csv);
	free(text);
}
END_TEST

static struct flt_csv *open_to_the_end(const char *path, size_t skip_lines)
{
	struct flt_csv *csv;
	bool is_end = false;
	const struct flt_csv_options options = {.rewindable = true, .skip_lines = skip_lines};
	ck_assert_int_eq(flt_csv_open(path, &options, &csv, &err), FLT_OK);
	while (!is_end)
		ck_assert_int_eq(flt_csv_next(csv, &(struct flt_csv_record){0}, &is_end, &err), FLT_OK);
	return csv;
}

/* A file may be another one when it is read again. */
START_TEST(a_file_changes_before_it_is_read_again)
{
	const char *text = "a title of some length\na,b\n1,2\n", *changed =
	                                                                 ": changed while it was read: try again when "
	                                                                 "nothing writes to it";
	char want[100];
	scratch_write("x.csv", text, strlen(text));
	struct flt_csv *csv = open_to_the_end("x.csv", 1);
	ck_assert_int_eq(truncate("x.csv", 5), 0); /* less than was skipped */
	ck_assert_int_eq(flt_csv_rewind(csv, &err), FLT_ERR_DATA);
	snprintf(want, sizeof want, "x.csv%s", changed);
	ck_assert_str_eq(err.text, want);
	flt_csv_free(csv);
	scratch_write("x.csv", text, strlen(text));
	csv = open_to_the_end("x.csv", 1);
	ck_assert_int_eq(truncate("x.csv", 0), 0);
	ck_assert_int_eq(flt_csv_rewind(csv, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, want);
	flt_csv_free(csv);
	gzip_write("x.gz", text, strlen(text));
	csv = open_to_the_end("x.gz", 0);
	scratch_write("x.gz", "\x1F\x8B\x08 rubbish rubbish", 20);
	ck_assert_int_eq(flt_csv_rewind(csv, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, "x.gz: damaged gzip data (unknown header flags set): get the file again");
	flt_csv_free(csv);
}
END_TEST

/* The digest is the caller's, nobody's, or the reader's, which has none before the end. */
START_TEST(digests)
{
	struct flt_digest digest = {0};
	char sha256[FLT_SHA256_TEXT];
	const char *text = "a,b\n1,2\n", *want = "492d5ea496056f1a6a6592241032fab764c321596317930b4fa0e1e8bc3b7470";
	struct flt_csv *csv = open_text(text, strlen(text), &(struct flt_csv_options){.block_size = 1});
	ck_assert(!flt_csv_may_have_header(csv) && flt_csv_has_header(csv));
	read_all(csv);
	ck_assert_str_eq(flt_csv_sha256(csv), want);
	flt_csv_free(csv);
	csv = open_text(text, strlen(text), &(struct flt_csv_options){.digest = &digest, .header = FLT_HEADER_NO});
	ck_assert(!flt_csv_may_have_header(csv));
	read_all(csv);
	ck_assert_ptr_null(flt_csv_sha256(csv));
	flt_csv_free(csv);
	flt_digest_end(&digest, sha256);
	ck_assert_str_eq(sha256, want);
	csv = open_text("1,2\n3,4\n", 8, &(struct flt_csv_options){.skip_digest = true});
	ck_assert(flt_csv_may_have_header(csv));
	read_all(csv);
	ck_assert_ptr_null(flt_csv_sha256(csv));
	flt_csv_free(csv);
}
END_TEST

/* To the end, once or twice. */
static enum flt_status read_to_the_end(const char *path, const struct flt_csv_options *options)
{
	struct flt_csv *csv;
	struct flt_csv_record record;
	enum flt_status status = flt_csv_open(path, options, &csv, &err);
	for (bool is_end = false; status == FLT_OK && !is_end;)
		status = flt_csv_next(csv, &record, &is_end, &err);
	if (status == FLT_OK && options->rewindable)
		status = flt_csv_rewind(csv, &err);
	flt_csv_free(csv);
	return status;
}

/* Until the answer is the one without failures. libcsv tries again with less, so that not each failure is one of
 * reading. */
static void fail_each_allocation(const char *path, const struct flt_csv_options *options, enum flt_status expected)
{
	unsigned long k = 0, n, n_failed = 0;
	do {
		flt_alloc_fail_at(++k);
		enum flt_status status = read_to_the_end(path, options);
		n = flt_alloc_fail_at(0);
		ck_assert_msg(status == expected || status == FLT_ERR_MACHINE, "%s, %lu: %s", path, k, err.text);
		n_failed += status == FLT_ERR_MACHINE;
		ck_assert_uint_lt(k, 300);
	} while (n >= k);
	ck_assert_uint_gt(n_failed, 10);
}

START_TEST(each_allocation_may_fail)
{
	static const char *const texts[] = {"name,\"b\nc\"\nx,\"1\n2\"\ny,3\n",
	                                    "a",
	                                    "a,b,a\n1,2,3",
	                                    "# of May\n# a b\n1 2\n3 4\n",
	                                    "Title\na,b\n1,2\n3,4\n5,6\n",
	                                    "Title, of May\n5,6,7\n8,9,1\n"};
	char name[20], packed[24];
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		snprintf(name, sizeof name, "%zu.csv", i);
		snprintf(packed, sizeof packed, "%s.gz", name);
		scratch_write(name, texts[i], strlen(texts[i]));
		gzip_write(packed, texts[i], strlen(texts[i]));
		fail_each_allocation(name, &(struct flt_csv_options){.rewindable = true, .na = "?,-"}, FLT_OK);
		fail_each_allocation(packed, &(struct flt_csv_options){.skip_bad_rows = true}, FLT_OK);
	}
}
END_TEST

/* A title, lines to skip and rows of so many bytes, then rows too long for what is kept of others. */
static size_t put_long(char *text, size_t n_title, size_t n_skipped, size_t n_short)
{
	enum { SKIPPED = 2000, LONG = 90000 };
	char *at = text;
	for (size_t i = 0; i < n_skipped; i++)
		at += sprintf(at, "%0*d\n", SKIPPED - 1, 0);
	at += n_title ? sprintf(at, "%-*s\n\n", (int)n_title, "Title") : 0;
	at += sprintf(at, "a,b\n");
	for (size_t n = 0; n < n_short; n += 4)
		at += sprintf(at, "1,2\n");
	for (int i = 0; i < 2; i++)
		at += sprintf(at, "1,%0*d\n", LONG, 0);
	return (size_t)(at - text);
}

/* Of the first bytes, of those behind skipped lines (many, few), and of those behind a title when they are read again.
 */
START_TEST(each_allocation_for_a_long_beginning_may_fail)
{
	static const struct {
		size_t n_title, n_skipped, n_short;
	} cases[] = {{0, 0, 0}, {0, 40, 0}, {0, 10, 45000}, {100, 0, (1 << 16) - 106 - 8100}, {0, 33, 57400}};
	char *text = malloc(1 << 19);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t n = put_long(text, cases[i].n_title, cases[i].n_skipped, cases[i].n_short);
		scratch_write("long.csv", text, n);
		fail_each_allocation("long.csv",
		                     &(struct flt_csv_options){.rewindable = true, .skip_lines = cases[i].n_skipped},
		                     FLT_OK);
	}
	free(text);
}
END_TEST

static size_t put_many(char *at, char delimiter, const char *end)
{
	char *start = at;
	for (size_t i = 0; i < 300; i++)
		at += sprintf(at, "%zu%c", i, delimiter);
	return (size_t)(at - start) + (size_t)sprintf(at, "%s", end);
}

/* Lines above a table may have more fields than the first, by the delimiter of the table or by another. */
START_TEST(each_allocation_of_the_search_for_a_table_may_fail)
{
	char text[4000];
	const char *misfit = "Title\n", *table = "a;b\n1;2,5\n3;4,5\n5;6,5\n7;8,5\n";
	size_t n = (size_t)sprintf(text, "%s", misfit);
	n += put_many(text + n, ';', "x\n");
	n += put_many(text + n, ';', "x\n");
	scratch_write("below.csv", text, n);
	fail_each_allocation("below.csv", &(struct flt_csv_options){0}, FLT_ERR_DATA);
	fail_each_allocation("below.csv", &(struct flt_csv_options){.header = FLT_HEADER_NO}, FLT_ERR_DATA);
	n = (size_t)sprintf(text, "%s", misfit);
	n += put_many(text + n, ';', ",x\n");
	n += (size_t)sprintf(text + n, "%s", table);
	scratch_write("above.csv", text, n);
	fail_each_allocation("above.csv", &(struct flt_csv_options){0}, FLT_OK);
}
END_TEST

/* What a packed file is unpacked with may need more memory, and so may the tail that a block leaves to the next, if it
 * is longer than the beginning of the file: here its first field is wrong, so that no time is spent on the others. */
START_TEST(each_allocation_for_long_records_may_fail)
{
	enum { LONG = 300000, LONGER = 2400000, BLOCK = 2300000, BEFORE = 70000 };
	char *text = malloc(BEFORE + LONGER + 20);
	size_t n = (size_t)sprintf(text, "a,b\n");
	while (n < BEFORE)
		n += (size_t)sprintf(text + n, "1,2\n");
	n += (size_t)sprintf(text + n, "3,");
	memset(text + n, 'y', LONGER);
	scratch_write("x.csv", text, n + LONG);
	gzip_write("x.csv.gz", text, n + LONG);
	fail_each_allocation("x.csv", &(struct flt_csv_options){0}, FLT_OK);
	fail_each_allocation("x.csv.gz", &(struct flt_csv_options){0}, FLT_OK);
	text[n + 1] = '"';
	scratch_write("x.csv", text, n + LONGER);
	fail_each_allocation("x.csv", &(struct flt_csv_options){.block_size = BLOCK}, FLT_ERR_DATA);
	free(text);
}
END_TEST

/* Our own memory for the second record is there since the first, which has as many bytes in more fields; that of libcsv
 * for a field is not, and not a byte more may be taken. */
START_TEST(libcsv_may_run_out_of_memory)
{
	enum { N_COLUMNS = 4000, LONG = 7000 };
	char *text = malloc(2 * N_COLUMNS + LONG + 10), *at = text;
	for (size_t i = 0; i < N_COLUMNS; i++)
		at += sprintf(at, "a%c", i + 1 < N_COLUMNS ? ',' : '\n');
	memset(at, 'y', LONG);
	struct flt_csv *csv = open_text(text, (size_t)(at - text) + LONG, &(struct flt_csv_options){.delimiter = ','});
	flt_alloc_set_limit(flt_alloc_live());
	ck_assert_int_eq(flt_csv_next(csv, &(struct flt_csv_record){0}, &(bool){false}, &err), FLT_ERR_MACHINE);
	flt_alloc_set_limit(SIZE_MAX);
	ck_assert_ptr_nonnull(strstr(err.text, "memory"));
	flt_csv_free(csv);
	free(text);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("reader files");
	TCase *cases = tcase_create("reader files");
	tcase_set_timeout(cases, 60);
	tcase_add_checked_fixture(cases, scratch_enter, scratch_leave);
	tcase_add_test(cases, files_that_cannot_be_read);
	tcase_add_test(cases, file_changes_while_it_is_read);
	tcase_add_test(cases, gzip);
	tcase_add_test(cases, rows_before_damaged_gzip_data_are_read);
	tcase_add_test(cases, gzip_members);
	tcase_add_test(cases, standard_input);
	tcase_add_test(cases, ends_of_blocks);
	tcase_add_test(cases, growing_record);
	tcase_add_test(cases, endless_record);
	tcase_add_test(cases, skipped_lines);
	tcase_add_test(cases, skipped_lines_before_damaged_data);
	tcase_add_test(cases, lines_of_any_length);
	tcase_add_test(cases, the_beginning_is_edited_again);
	tcase_add_test(cases, a_file_changes_before_it_is_read_again);
	tcase_add_test(cases, digests);
	tcase_add_test(cases, each_allocation_may_fail);
	tcase_add_test(cases, each_allocation_for_a_long_beginning_may_fail);
	tcase_add_test(cases, each_allocation_of_the_search_for_a_table_may_fail);
	tcase_add_test(cases, each_allocation_for_long_records_may_fail);
	tcase_add_test(cases, libcsv_may_run_out_of_memory);
	suite_add_tcase(suite, cases);
	return suite;
}
