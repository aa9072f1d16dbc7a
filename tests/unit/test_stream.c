/* Streams and scorers: a CSV file scored block by block, rows scored one at a time, and the errors of both. */
#include <malloc.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/random.h"
#include "report/predict_csv.h"
#include "detector/stream_batch.h"
#include "detector/watch.h"
#include "fltrain/stream.h"
#include "start_network.h"
#include "suite.h"
#include "temporary.h"

#define N_OF(array) (sizeof(array) / sizeof *(array))

/* ---- a CSV file, the table read from it, and a detector for it ---- */

enum { N_ROWS = 20000 };

static char path[TEMPORARY_SIZE], other_path[TEMPORARY_SIZE], third_path[TEMPORARY_SIZE];

/* Writes the cells of a row in the given order of the columns amount, kind, age, id, label. Some cells are missing,
 * some quoted, and two rows hold a rare text. */
static void write_row(FILE *file, size_t row, const int *order, size_t n, char delimiter, char decimal)
{
	static const char *const kinds[] = {"web", "\"in, a; shop\"", "phone", "NA", "", "\"say \"\"hi\"\"\""};
	struct flt_random random;
	flt_random_init(&random, 7, "row", row);
	char cells[5][40];
	snprintf(cells[0], 40, "%s%zu%c%02zu", row % 9 ? "" : "-", flt_random_below(&random, 100000), decimal,
	         flt_random_below(&random, 100));
	if (row % 17 == 0)
		strcpy(cells[0], row % 2 ? "NA" : "");
	strcpy(cells[1], row == 705 || row == 15000 ? "rare" : kinds[flt_random_below(&random, N_OF(kinds))]);
	snprintf(cells[2], 40, "%zu", 18 + flt_random_below(&random, 60));
	snprintf(cells[3], 40, "no %zu", row * 31);
	strcpy(cells[4], flt_random_below(&random, 10) == 0 ? "yes" : "no");
	for (size_t i = 0; i < n; i++)
		fprintf(file, "%s%s", i ? (char[]){delimiter, '\0'} : "", cells[order[i]]);
	fputs(row % 3 ? "\n" : "\r\n", file);
}

/* Rows [first, end). */
static void write_part(char *to, const int *order, size_t n, size_t first, size_t end, char delimiter, char decimal)
{
	static const char *const names[] = {"amount", "kind", "age", "id", "label"};
	FILE *file = temporary_file(to);
	for (size_t i = 0; i < n; i++)
		fprintf(file, "%s%s", i ? (char[]){delimiter, '\0'} : "", names[order[i]]);
	fputc('\n', file);
	for (size_t row = first; row < end; row++)
		write_row(file, row, order, n, delimiter, decimal);
	fclose(file);
}

static void write_file(char *to, const int *order, size_t n, size_t n_rows, char delimiter, char decimal)
{
	write_part(to, order, n, 0, n_rows, delimiter, decimal);
}

static const struct flt_table_options reading = {.target = "label", .positive = "yes", .id = "id", .n_threads = 1};

static struct flt_table *read_table(void)
{
	struct flt_table *table;
	struct flt_error err = {0};
	ck_assert_msg(flt_table_read(path, &reading, &table, &err) == FLT_OK, "%s", err.text);
	return table;
}

static char *copy(const char *text)
{
	return flt_copy_text(text, strlen(text), NULL);
}

static struct flt_detector *make_detector(const struct flt_table *table, size_t n_members, enum flt_scale scale)
{
	struct flt_prep_options options = {.scale = scale};
	struct flt_detector *detector = flt_alloc_zero(1, sizeof *detector, NULL);
	size_t *rows = flt_alloc(N_ROWS, sizeof *rows, NULL);
	for (size_t i = 0; i < flt_table_n_rows(table); i++)
		rows[i] = i;
	ck_assert_int_eq(flt_prep_fit(table, rows, flt_table_n_rows(table), &options, &detector->prep, NULL), FLT_OK);
	flt_free(rows);
	detector->members = flt_alloc_zero(n_members, sizeof *detector->members, NULL);
	detector->n_members = n_members;
	for (size_t i = 0; i < n_members; i++) {
		detector->members[i].weight = 1;
		struct flt_mlp_spec spec = {
		        .n_in = flt_prep_n_features(detector->prep), .n_hidden = 1, .hidden = {8 + i}};
		ck_assert_int_eq(flt_mlp_new(&spec, &detector->members[i].net, NULL), FLT_OK);
		start_network(detector->members[i].net, i, -1);
	}
	flt_map_init(&detector->map);
	detector->choice.threshold = 0.3;
	detector->target = copy("label");
	detector->positive = copy("yes");
	detector->negative = copy("no");
	ck_assert_int_eq(flt_detector_describe(detector, table, &reading, NULL), FLT_OK);
	return detector;
}

/* Members from the given one on share two refits, each of another scale and half of the rows. */
static void add_refits(struct flt_detector *detector, const struct flt_table *table, size_t from)
{
	static const enum flt_scale scales[] = {FLT_SCALE_QUANTILE, FLT_SCALE_STANDARD};
	size_t n = flt_table_n_rows(table), *rows = flt_alloc(n, sizeof *rows, NULL);
	detector->refits = flt_alloc_zero(2, sizeof *detector->refits, NULL);
	for (size_t refit = 0; refit < 2; refit++) {
		struct flt_prep_options options = {.scale = scales[refit]};
		for (size_t i = 0; i < n / 2; i++)
			rows[i] = 2 * i + refit;
		ck_assert_int_eq(flt_prep_refit(detector->prep, table, rows, n / 2, &options,
		                                &detector->refits[detector->n_refits++], NULL),
		                 FLT_OK);
	}
	for (size_t i = from; i < detector->n_members; i++) {
		detector->members[i].prep = detector->refits[i % 2];
		detector->members[i].weight = 1 + (double)i;
	}
	flt_free(rows);
}

/* ---- collecting the scored rows ---- */

struct seen {
	double score[N_ROWS];
	size_t n, n_chunks_seen;
	bool in_order;
};

static enum flt_status on_block(void *context, size_t n_chunks, const struct flt_scored_rows *rows,
                                struct flt_error *err)
{
	struct seen *seen = context;
	(void)err;
	seen->n_chunks_seen += n_chunks;
	for (size_t i = 0; i < rows->n; i++) {
		char id[40];
		snprintf(id, sizeof id, "no %zu", seen->n * 31);
		seen->in_order &= rows->row[i] == seen->n + 1 && rows->line[i] == seen->n + 2;
		seen->in_order &= rows->id && strcmp(rows->id[i], id) == 0;
		seen->score[seen->n++] = rows->score[i];
	}
	return FLT_OK;
}

static struct seen seen;

static enum flt_status stream_file(const struct flt_detector *detector, const char *file,
                                   struct flt_stream_options options, struct flt_error *err)
{
	struct flt_stream *stream;
	struct flt_stream_visitor visitor = {.context = &seen, .on_block = on_block};
	memset(&seen, 0, sizeof seen);
	seen.in_order = true;
	enum flt_status status = flt_stream_open(detector, file, &options, &stream, err);
	if (status == FLT_OK)
		status = flt_stream_run(stream, &visitor, err);
	flt_stream_free(stream);
	return status;
}

/* The scores equal the table's bit for bit, whatever the order of the columns, the delimiter and the threads. */
START_TEST(a_stream_scores_like_the_table)
{
	static const int order[] = {0, 1, 2, 3, 4}, shuffled[] = {3, 2, 1, 0};
	static const enum flt_scale scales[] = {FLT_SCALE_ROBUST, FLT_SCALE_STANDARD, FLT_SCALE_QUANTILE,
	                                        FLT_SCALE_NONE};
	write_file(path, order, 5, N_ROWS, ',', '.');
	write_file(other_path, shuffled, 4, N_ROWS, ';', ',');
	struct flt_table *table = read_table();
	struct flt_detector *detector = make_detector(table, _i < 4 || _i == 7 ? 1 : 3, scales[_i % 4]);
	if (_i >= 5) /* two of three members, all of them, a single one */
		add_refits(detector, table, _i == 5 ? 1 : 0);
	double *score = flt_alloc(N_ROWS, sizeof *score, NULL);
	size_t *rows = flt_alloc(N_ROWS, sizeof *rows, NULL);
	for (size_t i = 0; i < N_ROWS; i++)
		rows[i] = i;
	ck_assert_int_eq(flt_detector_score(detector, table, rows, N_ROWS, 2, score, NULL), FLT_OK);
	for (unsigned n_threads = 1; n_threads <= 3; n_threads += 2) {
		struct flt_error err = {0};
		struct flt_stream_options options = {.n_threads = n_threads};
		ck_assert_msg(stream_file(detector, path, options, &err) == FLT_OK, "%s", err.text);
		ck_assert_uint_eq(seen.n, N_ROWS);
		ck_assert(seen.in_order);
		ck_assert_mem_eq(seen.score, score, N_ROWS * sizeof *score);
		options.reading.decimal = ',';
		ck_assert_msg(stream_file(detector, other_path, options, &err) == FLT_OK, "%s", err.text);
		ck_assert(seen.n == N_ROWS && seen.in_order);
		ck_assert_mem_eq(seen.score, score, N_ROWS * sizeof *score);
	}
	flt_free(rows);
	flt_free(score);
	flt_table_free(table);
	flt_detector_free(detector);
	unlink(path);
	unlink(other_path);
}
END_TEST

/* Rows are known again by the detector's own preparation, whether a member uses it or not. */
START_TEST(hashes_do_not_depend_on_the_members)
{
	static const int order[] = {0, 1, 2, 3, 4};
	enum { N = 600 };
	double score[N], plain[N], own[N], other[N];
	size_t bad_row;
	write_file(path, order, 5, N_ROWS, ',', '.');
	struct flt_table *table = read_table();
	struct flt_detector *detector = make_detector(table, 3, FLT_SCALE_ROBUST);
	const char *columns[3], **cells = calloc(N * 3, sizeof *cells);
	size_t n_columns = flt_detector_n_columns(detector);
	ck_assert_uint_le(n_columns, 3);
	for (size_t c = 0; c < n_columns; c++)
		columns[c] = flt_detector_column_name(detector, c);
	for (size_t i = 0; i < N * n_columns; i++)
		cells[i] = flt_detector_column_is_numeric(detector, i % n_columns) ? i / n_columns % 7 ? "1.5" : "20"
		                                                                   : "x";
	struct flt_scorer *scorer;
	ck_assert_int_eq(flt_scorer_new(detector, columns, n_columns, NULL, &scorer, NULL), FLT_OK);
	double *const hashes[] = {plain, own, other};
	for (size_t i = 0; i < 3; i++) {
		if (i == 1)
			add_refits(detector, table, 1);
		for (size_t m = 0; i == 2 && m < 3; m++)
			detector->members[m].prep = detector->refits[0];
		ck_assert_int_eq(flt_scorer_score_counting(scorer, cells, N, score, NULL, hashes[i], &bad_row, NULL),
		                 FLT_OK);
	}
	ck_assert(plain[0] != plain[1]);
	ck_assert_mem_eq(plain, own, sizeof plain);
	ck_assert_mem_eq(plain, other, sizeof plain);
	flt_scorer_free(scorer);
	free(cells);
	flt_table_free(table);
	flt_detector_free(detector);
	unlink(path);
}
END_TEST

/* The detector stores the missing markers (here also a number) and the forced numeric columns of its training. */
START_TEST(cells_are_read_as_in_training)
{
	FILE *file = temporary_file(path);
	fputs("a,b,label\n", file);
	for (int i = 0; i < 60; i++)
		fprintf(file, "%s,%s,%d\n",
		        i % 7 == 0   ? "-999"
		        : i % 5 == 0 ? "old"
		                     : (const char *[]){"1.5", "-3", "20"}[i % 3],
		        i % 4 == 0 ? "none"
		        : i % 3    ? "x"
		                   : "-999",
		        i % 6 == 0);
	fclose(file);
	const struct flt_table_options options = {
	        .target = "label", .positive = "1", .na = "-999,none", .numeric = "a", .n_threads = 1};
	struct flt_table *table;
	ck_assert_int_eq(flt_table_read(path, &options, &table, NULL), FLT_OK);
	struct flt_detector *detector = make_detector(table, 1, FLT_SCALE_ROBUST);
	ck_assert_int_eq(flt_detector_describe(detector, table, &options, NULL), FLT_OK);
	size_t rows[60];
	double score[60];
	for (size_t i = 0; i < 60; i++)
		rows[i] = i;
	ck_assert_int_eq(flt_detector_score(detector, table, rows, 60, 1, score, NULL), FLT_OK);
	static const char *const names[] = {"b", "a"};
	static const char *const cells[] = {"none", "-999", "x",    "-3", "x", "20",
	                                    "-999", "1.5",  "none", "-3", "x", "old"};
	double again[6];
	struct flt_scorer *scorer;
	ck_assert_int_eq(flt_scorer_new(detector, names, 2, NULL, &scorer, NULL), FLT_OK);
	ck_assert_int_eq(flt_scorer_score(scorer, cells, 6, again, NULL, NULL), FLT_OK);
	ck_assert_mem_eq(again, score, sizeof again);
	ck_assert(flt_scorer_is_missing(scorer, "none") && flt_scorer_is_missing(scorer, "") &&
	          flt_scorer_is_missing(scorer, "NA") && !flt_scorer_is_missing(scorer, "x"));
	flt_scorer_free(scorer);
	flt_table_free(table);
	flt_detector_free(detector);
	unlink(path);
}
END_TEST

/* What a chunk takes for each column is shared by its rows. */
START_TEST(chunks_of_wide_files_have_several_rows)
{
	for (size_t n = 0; n < 300; n++) {
		struct flt_stream_part part = flt_stream_part_of(5, n);
		ck_assert_uint_eq(part.n, n);
		ck_assert_uint_le(part.n_chunks, FLT_STREAM_MAX_CHUNKS);
		ck_assert_uint_ge(part.n_chunks * part.chunk_rows, n);
		ck_assert_uint_lt(n ? (part.n_chunks - 1) * part.chunk_rows : 0, n + 1);
		ck_assert_uint_ge(part.chunk_rows, 8);
	}
	ck_assert_uint_eq(flt_stream_part_of(0, 26).n_chunks, 4);
	ck_assert_uint_eq(flt_stream_part_of(0, 300).n_chunks, 16);
}
END_TEST

START_TEST(a_stream_can_run_again)
{
	static const int order[] = {0, 1, 2, 3, 4};
	write_file(path, order, 5, 9000, ',', '.');
	struct flt_table *table = read_table();
	struct flt_detector *detector = make_detector(table, 1, FLT_SCALE_ROBUST);
	struct flt_stream *stream;
	struct flt_stream_options options = {.rewindable = true, .n_threads = 2};
	struct flt_stream_visitor visitor = {.context = &seen, .on_block = on_block};
	static double first[9000];
	ck_assert_int_eq(flt_stream_open(detector, path, &options, &stream, NULL), FLT_OK);
	for (int round = 0; round < 3; round++) {
		const char *text;
		memset(&seen, 0, sizeof seen);
		seen.in_order = true;
		ck_assert_int_eq(flt_stream_run(stream, &visitor, NULL), FLT_OK);
		ck_assert(seen.n == 9000 && seen.in_order);
		ck_assert_uint_eq(flt_stream_n_rows(stream), 9000);
		ck_assert_uint_eq(flt_stream_n_unlearnt(stream, 1, &text), 1); /* "rare", in the second chunk */
		ck_assert_str_eq(text, "rare");
		ck_assert_uint_eq(flt_stream_n_unlearnt(stream, 0, &text), 0);
		ck_assert_ptr_null(text);
		if (round == 0)
			memcpy(first, seen.score, sizeof first);
		ck_assert_mem_eq(seen.score, first, sizeof first);
	}
	flt_stream_free(stream);
	flt_table_free(table);
	flt_detector_free(detector);
	unlink(path);
}
END_TEST

/* All scored rows with their details, as text. */
struct script {
	char text[400000];
	size_t n;
};

static enum flt_status write_script(void *context, size_t n_chunks, const struct flt_scored_rows *rows,
                                    struct flt_error *err)
{
	struct script *script = context;
	(void)n_chunks, (void)err;
	for (size_t i = 0; i < rows->n; i++)
		script->n += (size_t)sprintf(script->text + script->n, "%zu %zu %s %s %a [%.*s]\n", rows->row[i],
		                             rows->line[i], rows->id[i], rows->target[i], rows->score[i],
		                             (int)rows->record_length[i], rows->record[i]);
	ck_assert_uint_lt(script->n, sizeof script->text - 1000);
	return FLT_OK;
}

static struct script script, want;

/* Block size and threads do not change the rows of a sound file (kind 0), those of a file with bad records that are
 * skipped (kind 1), or the error where they are not skipped (kind 2). */
START_TEST(the_block_size_changes_nothing)
{
	static const int order[] = {3, 0, 1, 2, 4};
	static const size_t sizes[] = {1 << 19, 1, 100, 3000};
	write_file(path, order, 5, 700, ',', '.');
	struct flt_table *table = read_table();
	struct flt_detector *detector = make_detector(table, 2, FLT_SCALE_ROBUST);
	for (int kind = 0; kind < 3; kind++) {
		if (kind == 1) {
			FILE *file = fopen(path, "a");
			fputs("no 1,2,web\nno 2,\"3\n4\",\" w\", 5 ,no\n\nno 3,1,web,20,no\n", file);
			fclose(file);
		}
		for (size_t i = 0; i < 3 * N_OF(sizes); i++) {
			struct flt_error err = {.text = ""};
			struct flt_stream_options options = {.keep_records = true, .needs_target = true};
			options.n_threads = 1 + (unsigned)(i % 3);
			options.block_size = sizes[i / 3];
			options.reading.header = FLT_HEADER_YES;
			options.reading.skip_bad_rows = kind < 2;
			options.reading.numeric = "amount";
			struct flt_stream *stream;
			struct flt_stream_visitor visitor = {.context = &script, .on_block = write_script};
			script.n = 0;
			ck_assert_int_eq(flt_stream_open(detector, path, &options, &stream, &err), FLT_OK);
			enum flt_status status = flt_stream_run(stream, &visitor, &err);
			flt_stream_free(stream);
			ck_assert_int_eq(status, kind < 2 ? FLT_OK : FLT_ERR_DATA);
			script.n += (size_t)sprintf(script.text + script.n, "%s", err.text);
			if (i == 0)
				memcpy(&want, &script, sizeof want);
			ck_assert_msg(script.n == want.n && memcmp(script.text, want.text, want.n) == 0,
			              "kind %d, blocks of %zu bytes", kind, sizes[i / 3]);
		}
		ck_assert_msg((strstr(want.text, "702 703 no 2 no ") != NULL) == (kind == 1), "kind %d", kind);
		ck_assert_msg((strstr(want.text, ":702: 3 fields, expected 5") != NULL) == (kind == 2), "kind %d",
		              kind);
	}
	flt_table_free(table);
	flt_detector_free(detector);
	unlink(path);
}
END_TEST

/* Rows with what does not depend on the file that they are from: not the line. */
static enum flt_status write_joined(void *context, size_t n_chunks, const struct flt_scored_rows *rows,
                                    struct flt_error *err)
{
	struct script *joined = context;
	(void)n_chunks, (void)err;
	for (size_t i = 0; i < rows->n; i++)
		joined->n +=
		        (size_t)sprintf(joined->text + joined->n, "%zu %s %s %a [%.*s]\n", rows->row[i], rows->id[i],
		                        rows->target[i], rows->score[i], (int)rows->record_length[i], rows->record[i]);
	ck_assert_uint_lt(joined->n, sizeof joined->text - 1000);
	return FLT_OK;
}

/* A stream of three files, the rows of one, in another order of columns and between other delimiters. */
static struct flt_stream *open_parts(const struct flt_detector *detector, const struct flt_stream_options *options)
{
	static const int shuffled[] = {4, 2, 1, 3, 0}, order[] = {3, 0, 1, 2, 4};
	const char *const paths[] = {path, other_path, third_path};
	struct flt_error err;
	struct flt_stream *stream;
	write_part(path, order, 5, 0, 200, ',', '.');
	write_part(other_path, shuffled, 5, 200, 550, ';', '.');
	write_part(third_path, order, 5, 550, 700, '|', '.');
	enum flt_status status = flt_stream_open_files(detector, paths, 3, options, &stream, &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	return stream;
}

static void unlink_parts(void)
{
	unlink(path);
	unlink(other_path);
	unlink(third_path);
}

START_TEST(several_files_are_one)
{
	static const int order[] = {3, 0, 1, 2, 4};
	struct flt_stream_visitor visitor = {.context = &script, .on_block = write_joined};
	write_file(path, order, 5, 700, ',', '.');
	struct flt_table *table = read_table();
	struct flt_detector *detector = make_detector(table, 2, FLT_SCALE_ROBUST);
	struct flt_stream_options options = {.keep_records = true, .needs_target = true, .needs_sha256 = true};
	struct flt_stream *stream;
	script.n = 0;
	ck_assert_int_eq(flt_stream_open(detector, path, &options, &stream, NULL), FLT_OK);
	ck_assert_int_eq(flt_stream_run(stream, &visitor, NULL), FLT_OK);
	flt_stream_free(stream);
	unlink(path);
	memcpy(&want, &script, sizeof want);
	for (unsigned i = 0; i < 6; i++) {
		options.n_threads = 1 + i % 3;
		options.rewindable = i % 2 > 0;
		options.block_size = i < 3 ? 0 : 700;
		stream = open_parts(detector, &options);
		for (int run = 0; run < 1 + options.rewindable; run++) {
			script.n = 0;
			ck_assert_int_eq(flt_stream_run(stream, &visitor, NULL), FLT_OK);
			ck_assert_uint_eq(script.n, want.n);
			ck_assert_mem_eq(script.text, want.text, want.n);
			ck_assert_uint_eq(flt_stream_n_rows(stream), 700);
			ck_assert_uint_eq(flt_watch_column(flt_stream_watch(stream), 1)->seen->n_rows, 700);
			ck_assert_uint_eq(strlen(flt_stream_sha256(stream)), 64);
		}
		ck_assert_uint_eq(flt_stream_n_files(stream), 3);
		ck_assert_str_eq(flt_stream_file_name(stream, 2), third_path);
		ck_assert_ptr_nonnull(strstr(flt_stream_name(stream), " and 2 more files"));
		flt_stream_free(stream);
		unlink_parts();
	}
	flt_table_free(table);
	flt_detector_free(detector);
}
END_TEST

/* The C library fills new memory with zeros, then with ones, so a value that was never set shows. It does so only for
 * larger allocations: the file has many columns. */
START_TEST(rows_do_not_depend_on_what_memory_held_before)
{
	enum { N_MORE = 2000 };
	static const int order[] = {0, 1, 2, 3, 4};
	const struct flt_stream_options options = {.needs_target = true, .keep_records = true, .n_threads = 1};
	write_file(path, order, 5, 700, ',', '.');
	struct flt_table *table = read_table();
	struct flt_detector *detector = make_detector(table, 2, FLT_SCALE_ROBUST);
	FILE *file = fopen(path, "w");
	fputs("id,amount,kind,age,label", file);
	for (int i = 0; i < N_MORE; i++)
		fprintf(file, ",unused %d", i);
	fputs("\nA,1.5,web,20,yes", file);
	for (int i = 0; i < N_MORE; i++)
		fprintf(file, ",%d", i);
	fputs("\n", file);
	fclose(file);
	for (int fill = 0; fill < 2; fill++) {
		struct flt_stream *stream;
		struct flt_stream_visitor visitor = {.context = &script, .on_block = write_script};
		script.n = 0;
		mallopt(M_PERTURB, fill ? 0x100 : 0xff); /* new memory holds the complement of the low byte */
		ck_assert_int_eq(flt_stream_open(detector, path, &options, &stream, NULL), FLT_OK);
		ck_assert_int_eq(flt_stream_run(stream, &visitor, NULL), FLT_OK);
		flt_stream_free(stream);
		mallopt(M_PERTURB, 0);
		if (fill == 0)
			memcpy(&want, &script, sizeof want);
		ck_assert_uint_eq(script.n, want.n);
		ck_assert_mem_eq(script.text, want.text, want.n);
	}
	ck_assert_mem_eq(want.text, "1 2 A yes ", 10);
	flt_table_free(table);
	flt_detector_free(detector);
	unlink(path);
}
END_TEST

/* Room for rows grows by doubling: one allocation for each row would make long files slow. */
START_TEST(a_long_file_takes_few_allocations)
{
	static const int order[] = {0, 1, 2, 3, 4};
	write_file(path, order, 5, N_ROWS, ',', '.');
	struct flt_table *table = read_table();
	struct flt_detector *detector = make_detector(table, 1, FLT_SCALE_ROBUST);
	struct flt_stream_options options = {.n_threads = 1};
	flt_alloc_fail_at(0);
	ck_assert_int_eq(stream_file(detector, path, options, NULL), FLT_OK);
	unsigned long n_allocations = flt_alloc_fail_at(0);
	ck_assert_uint_lt(n_allocations, N_ROWS / 10);
	flt_table_free(table);
	flt_detector_free(detector);
	unlink(path);
}
END_TEST

/* ---- refusals ---- */

static const struct {
	const char *file, *says; /* %s: the path */
	bool needs_target;
	size_t n_before; /* rows passed to the visitor before the failure */
} refused[] = {
        {"", "the file is empty", false, 0},
        {"kind,age\nweb,20\n", "%s: there is no column \"amount\", which the model uses", false, 0},
        {"amuont,kind,age\n1,web,20\n", "there is no column \"amount\", which the model uses; it has \"amuont\"", false,
         0},
        {"amount,kind,age\n1,web,20\n", "there is no column \"label\", which holds the true class", true, 0},
        {"amount,kind,age\n1,web,20\nx1,web,20\n",
         "%s:3: column \"amount\": \"x1\" is not a number, which the model needs here; correct it, or use --na", false,
         0},
        {"amount,kind,age\n1,web,20\n1e999,web,20\n", "%s:3: column \"amount\": \"1e999\" is out of range for a number",
         false, 0},
        {"amount,kind,age\n1,web,20\n2,web\n", "%s:3: ", false, 1},
        {"amount,kind,age\n1,web,20\n2,\"web,20\n", "%s:3: ", false, 1},
};

/* The bad lines lie in the first and later chunks of a block, and in the second block. */
START_TEST(errors_name_the_line_in_every_chunk_and_block)
{
	static const int order[] = {0, 1, 2, 3, 4};
	static const size_t bad_lines[] = {513, 514, 5000, 8193, 8194, 9500};
	write_file(path, order, 5, 500, ',', '.');
	struct flt_table *table = read_table();
	struct flt_detector *detector = make_detector(table, 1, FLT_SCALE_ROBUST);
	for (size_t i = 0; i < N_OF(bad_lines); i++) {
		FILE *file = fopen(path, "w");
		fputs("amount,kind,age\n", file);
		for (size_t line = 2; line < 10000; line++)
			fputs(line >= bad_lines[i] ? "x,web,20\n" : "1,web,20\n", file);
		fclose(file);
		char says[100];
		snprintf(says, sizeof says, "%s:%zu: column", path, bad_lines[i]);
		for (unsigned n_threads = 1; n_threads <= 3; n_threads++) {
			struct flt_error err = {0};
			struct flt_stream_options options = {.n_threads = n_threads};
			struct flt_stream *stream;
			struct flt_stream_visitor nothing = {0};
			ck_assert_int_eq(flt_stream_open(detector, path, &options, &stream, &err), FLT_OK);
			ck_assert_int_eq(flt_stream_run(stream, &nothing, &err), FLT_ERR_DATA);
			ck_assert_msg(strstr(err.text, says), "\"%s\" should say \"%s\"", err.text, says);
			flt_stream_free(stream);
		}
	}
	flt_table_free(table);
	flt_detector_free(detector);
	unlink(path);
}
END_TEST

START_TEST(a_bad_file_is_refused)
{
	static const int order[] = {0, 1, 2, 3, 4};
	write_file(path, order, 5, 500, ',', '.');
	struct flt_table *table = read_table();
	struct flt_detector *detector = make_detector(table, 1, FLT_SCALE_ROBUST);
	FILE *file = fopen(path, "w");
	fputs(refused[_i].file, file);
	fclose(file);
	char says[300];
	snprintf(says, sizeof says, "%.*s%s%s", (int)(strncmp(refused[_i].says, "%s", 2) ? 0 : strlen(path)), path,
	         strncmp(refused[_i].says, "%s", 2) ? refused[_i].says : "",
	         strncmp(refused[_i].says, "%s", 2) ? "" : refused[_i].says + 2);
	struct flt_error err = {0};
	struct flt_stream_options options = {.needs_target = refused[_i].needs_target, .n_threads = 2};
	options.reading.header = FLT_HEADER_YES;
	ck_assert_int_eq(stream_file(detector, path, options, &err), FLT_ERR_DATA);
	ck_assert_msg(strstr(err.text, says), "\"%s\" should say \"%s\"", err.text, says);
	ck_assert_uint_eq(seen.n, refused[_i].n_before);
	flt_table_free(table);
	flt_detector_free(detector);
	unlink(path);
}
END_TEST

static enum flt_status refuse_block(void *context, size_t n_chunks, const struct flt_scored_rows *rows,
                                    struct flt_error *err)
{
	(void)context, (void)n_chunks, (void)rows;
	return flt_fail(err, FLT_ERR_MACHINE, "no more");
}

static enum flt_status refuse_chunk(void *context, size_t chunk, const struct flt_scored_rows *rows,
                                    struct flt_error *err)
{
	(void)context, (void)rows;
	return chunk == 3 ? flt_fail(err, FLT_ERR_MACHINE, "not chunk %zu", chunk) : FLT_OK;
}

START_TEST(a_failing_visitor_ends_the_run)
{
	static const int order[] = {0, 1, 2, 3, 4};
	write_file(path, order, 5, N_ROWS, ',', '.');
	struct flt_table *table = read_table();
	struct flt_detector *detector = make_detector(table, 1, FLT_SCALE_ROBUST);
	struct flt_stream *stream;
	struct flt_stream_options options = {.n_threads = 2, .rewindable = true};
	struct flt_stream_visitor by_block = {.on_block = refuse_block}, by_chunk = {.on_chunk = refuse_chunk};
	struct flt_error err;
	ck_assert_int_eq(flt_stream_open(detector, path, &options, &stream, &err), FLT_OK);
	ck_assert_int_eq(flt_stream_run(stream, &by_block, &err), FLT_ERR_MACHINE);
	ck_assert_str_eq(err.text, "no more");
	flt_stream_free(stream);
	ck_assert_int_eq(flt_stream_open(detector, path, &options, &stream, &err), FLT_OK);
	ck_assert_int_eq(flt_stream_run(stream, &by_chunk, &err), FLT_ERR_MACHINE);
	ck_assert_str_eq(err.text, "not chunk 3");
	flt_stream_free(stream);
	flt_table_free(table);
	flt_detector_free(detector);
	unlink(path);
}
END_TEST

/* ---- predictions as CSV ---- */

START_TEST(predictions_are_written_as_csv)
{
	static const int order[] = {0, 1, 2, 3, 4};
	write_file(path, order, 5, 500, ',', '.');
	struct flt_table *table = read_table();
	struct flt_detector *detector = make_detector(table, 1, FLT_SCALE_ROBUST);
	flt_free(detector->positive);
	detector->positive = copy("y \"e\",s");
	const double score[] = {0, -100.5, 40};
	const size_t row[] = {1, 2, 9}, length[] = {5, 3, 1};
	const char *const id[] = {"a", " b", "c;d"}, *const record[] = {"1;\"x\"", "2;y", "3"};
	struct flt_scored_rows rows = {.n = 3, .score = score, .row = row, .record = record, .record_length = length};
	struct flt_predict_csv format = {.detector = detector, .delimiter = ',', .decimal = '.'};
	struct flt_text_buffer buffer = {0};
	ck_assert_int_eq(flt_predict_csv_lines(&format, &rows, &buffer, NULL), FLT_OK);
	static const char plain[] = "1,0.5,\"y \"\"e\"\",s\",0\n"
	                            "2,2.256340135917036e-44,no,-100.5\n"
	                            "9,1,\"y \"\"e\"\",s\",40\n";
	ck_assert_uint_eq(buffer.length, sizeof plain - 1);
	ck_assert_mem_eq(buffer.bytes, plain, sizeof plain - 1);
	buffer.length = 0;
	rows.id = id;
	rows.n = 2;
	ck_assert_int_eq(flt_predict_csv_lines(&format, &rows, &buffer, NULL), FLT_OK);
	ck_assert_mem_eq(buffer.bytes, "a,0.5,", 6);
	ck_assert_mem_eq(memchr(buffer.bytes, '\n', buffer.length), "\n\" b\",2.25", 10);
	buffer.length = 0;
	rows.n = 1;
	format.keep_records = true;
	format.delimiter = ';';
	format.decimal = ',';
	ck_assert_int_eq(flt_predict_csv_lines(&format, &rows, &buffer, NULL), FLT_OK);
	ck_assert_uint_eq(buffer.length, strlen("1;\"x\";0,5;\"y \"\"e\"\",s\";0\n"));
	ck_assert_mem_eq(buffer.bytes, "1;\"x\";0,5;\"y \"\"e\"\",s\";0\n", buffer.length);
	flt_text_buffer_release(&buffer);
	flt_table_free(table);
	flt_detector_free(detector);
	unlink(path);
}
END_TEST

/* ---- rows in memory, and failing allocations ---- */

START_TEST(single_rows_score_like_many)
{
	static const int order[] = {0, 1, 2, 3, 4};
	static const char *const names[] = {"kind", "amount", "age"};
	static const char *const cells[] = {"web", "12.50", "33", "fax", "NA", "", "phone", "-1e3", "50"};
	write_file(path, order, 5, 500, ',', '.');
	struct flt_table *table = read_table();
	struct flt_detector *detector = make_detector(table, 1, FLT_SCALE_ROBUST);
	struct flt_scorer *scorer;
	struct flt_seen *held;
	double all[3], one;
	size_t bad_row;
	struct flt_error err;
	ck_assert_int_eq(flt_scorer_new(detector, names, 3, NULL, &scorer, &err), FLT_OK);
	ck_assert_int_eq(flt_seen_new(detector->prep, &held, NULL), FLT_OK);
	ck_assert_int_eq(flt_scorer_score_counting(scorer, cells, 3, all, held, NULL, &bad_row, &err), FLT_OK);
	ck_assert(held[1].n_rows == 3 &&
	          flt_seen_n_unlearnt(&held[1], flt_prep_column(detector->prep, 1).n_levels) == 1 &&
	          held[1].first_unlearnt == 1);
	ck_assert(held[0].n_missing == 1 && held[2].n_missing == 1);
	flt_free(held);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(flt_scorer_score(scorer, cells + 3 * i, 1, &one, NULL, &err), FLT_OK);
		ck_assert_mem_eq(&one, &all[i], sizeof one);
		ck_assert(isfinite(one));
	}
	ck_assert(all[0] != all[1] && all[1] != all[2]);
	static const char *const bad[] = {"web", "1", "2", "web", "1", "old"};
	ck_assert_int_eq(flt_scorer_score(scorer, bad, 2, all, &bad_row, &err), FLT_ERR_DATA);
	ck_assert_uint_eq(bad_row, 1);
	flt_scorer_free(scorer);
	flt_table_free(table);
	flt_detector_free(detector);
	unlink(path);
}
END_TEST

/* Whatever the column, and whatever fails while it is looked for. */
START_TEST(the_first_bad_row_is_told)
{
	enum { N = 40 };
	static const int order[] = {0, 1, 2, 3, 4};
	static const char *const names[] = {"amount", "age", "kind"};
	write_file(path, order, 5, 500, ',', '.');
	struct flt_table *table = read_table();
	struct flt_detector *detector = make_detector(table, 1, FLT_SCALE_ROBUST);
	struct flt_scorer *scorer;
	struct flt_random random;
	double score[N];
	size_t bad_row;
	ck_assert_int_eq(flt_scorer_new(detector, names, 3, NULL, &scorer, NULL), FLT_OK);
	flt_random_init(&random, 5, "bad rows", 0);
	for (size_t file = 0; file < 200; file++) {
		const char *cells[N][3];
		struct flt_error err;
		size_t first = N, n_bad = 1 + flt_random_below(&random, 4);
		for (size_t i = 0; i < N; i++)
			cells[i][0] = cells[i][1] = cells[i][2] = "1";
		for (size_t i = 0; i < n_bad; i++) {
			size_t row = flt_random_below(&random, N);
			cells[row][flt_random_below(&random, 2)] = "x";
			first = row < first ? row : first;
		}
		enum flt_status status = FLT_ERR_MACHINE;
		for (unsigned long k = 1; status == FLT_ERR_MACHINE; k++) {
			flt_alloc_fail_at(file == 0 ? k : 0);
			status = flt_scorer_score(scorer, &cells[0][0], N, score, &bad_row, &err);
		}
		flt_alloc_fail_at(0);
		ck_assert_int_eq(status, FLT_ERR_DATA);
		ck_assert_uint_eq(bad_row, first);
		ck_assert_ptr_nonnull(strstr(err.text, cells[first][0][0] == 'x' ? "\"amount\"" : "\"age\""));
	}
	flt_scorer_free(scorer);
	flt_table_free(table);
	flt_detector_free(detector);
	unlink(path);
}
END_TEST

START_TEST(every_failed_allocation_is_reported)
{
	static const int order[] = {0, 1, 2, 3, 4};
	write_file(path, order, 5, 300, ',', '.');
	struct flt_table *table = read_table();
	struct flt_detector *detector = make_detector(table, 2, FLT_SCALE_ROBUST);
	struct flt_stream_options options = {.n_threads = 1, .keep_records = true, .needs_target = true};
	enum flt_status status = FLT_ERR_MACHINE;
	unsigned long k = 0, n_made;
	do {
		struct flt_error err = {0};
		flt_alloc_fail_at(++k);
		status = stream_file(detector, path, options, &err);
		n_made = flt_alloc_fail_at(0);
		ck_assert_msg(status == FLT_OK || (status == FLT_ERR_MACHINE && strstr(err.text, "out of memory")),
		              "k %lu: %d %s", k, (int)status, err.text);
	} while (n_made >= k); /* libcsv retries with less, so the call can succeed although an allocation failed */
	ck_assert_int_eq(status, FLT_OK);
	ck_assert_uint_gt(k, 90);
	flt_table_free(table);
	flt_detector_free(detector);
	unlink(path);
}
END_TEST

START_TEST(every_failed_allocation_is_reported_of_several_files)
{
	static const int order[] = {0, 1, 2, 3, 4};
	struct flt_stream_options options = {.n_threads = 1, .keep_records = true, .needs_sha256 = true};
	struct flt_stream_visitor visitor = {0};
	write_file(path, order, 5, 300, ',', '.');
	struct flt_table *table = read_table();
	struct flt_detector *detector = make_detector(table, 1, FLT_SCALE_ROBUST);
	unlink(path);
	flt_stream_free(open_parts(detector, &options));
	const char *const paths[] = {path, other_path, third_path};
	unsigned long k = 0, n_made;
	enum flt_status status;
	do {
		struct flt_stream *stream;
		flt_alloc_fail_at(++k);
		status = flt_stream_open_files(detector, paths, 3, &options, &stream, NULL);
		ck_assert_int_eq(status == FLT_OK, stream != NULL);
		if (status == FLT_OK)
			status = flt_stream_run(stream, &visitor, NULL);
		n_made = flt_alloc_fail_at(0);
		ck_assert(status == FLT_OK || status == FLT_ERR_MACHINE);
		flt_stream_free(stream);
	} while (n_made >= k);
	ck_assert_int_eq(status, FLT_OK);
	ck_assert_uint_gt(k, 200);
	flt_table_free(table);
	flt_detector_free(detector);
	unlink_parts();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("stream");
	TCase *tcase = tcase_create("stream");
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, a_stream_scores_like_the_table, 0, 8);
	tcase_add_test(tcase, hashes_do_not_depend_on_the_members);
	tcase_add_test(tcase, cells_are_read_as_in_training);
	tcase_add_test(tcase, chunks_of_wide_files_have_several_rows);
	tcase_add_test(tcase, a_stream_can_run_again);
	tcase_add_test(tcase, the_block_size_changes_nothing);
	tcase_add_test(tcase, several_files_are_one);
	tcase_add_test(tcase, rows_do_not_depend_on_what_memory_held_before);
	tcase_add_test(tcase, a_long_file_takes_few_allocations);
	tcase_add_loop_test(tcase, a_bad_file_is_refused, 0, (int)N_OF(refused));
	tcase_add_test(tcase, errors_name_the_line_in_every_chunk_and_block);
	tcase_add_test(tcase, a_failing_visitor_ends_the_run);
	tcase_add_test(tcase, predictions_are_written_as_csv);
	tcase_add_test(tcase, single_rows_score_like_many);
	tcase_add_test(tcase, the_first_bad_row_is_told);
	tcase_add_test(tcase, every_failed_allocation_is_reported);
	tcase_add_test(tcase, every_failed_allocation_is_reported_of_several_files);
	suite_add_tcase(suite, tcase);
	return suite;
}
