/* csv/batches: whatever the threads, the blocks and the client's wishes, the client gets the records that flt_csv_next
 * gives, in their order, and then the same error. */
#include "messy_csv.h"
#include "scratch.h"
#include "script.h"

#include "base/alloc.h"
#include "csv/batches.h"
#include "csv/blocks.h"
#include "suite.h"

enum { MOST_SLOTS = 4, MOST_HELD = 4096, MOST_BATCHES = 1000 };

/* A record as a slot holds it. */
struct held {
	size_t line, number;
	struct flt_csv_field fields[4];
	char raw[200];
	size_t n_raw;
};

struct slot {
	struct held held[MOST_HELD];
	size_t n;
};

/* What the client does beside writing down its records. */
struct wishes {
	size_t refused;  /* add fails with FLT_ERR_DATA for one in `refused` records; 0: none */
	size_t unfit;    /* one in `unfit` slots does not fit; 0: none */
	bool runs_tasks; /* in end_batch */
	bool is_silent;  /* writes no records down */
	size_t fails_at; /* end_batch fails in this batch, from 1; 0: in none */
};

static struct client {
	struct script *script;
	struct wishes wishes;
	size_t n_columns;
	struct slot slots[MOST_SLOTS];
	struct slot batch; /* the records so far */
	size_t n_batches, n_taken, n_fits, n_in_order;
	size_t batch_records[MOST_BATCHES]; /* of the first batches */
	size_t most_live;                   /* bytes allocated at the end of a batch */
	bool keeps_fields;
} client;

static struct script got, want;
static struct flt_error err;

static void hold(struct slot *slot, const struct flt_csv_record *record, struct flt_csv_counts before)
{
	ck_assert_uint_lt(slot->n, MOST_HELD);
	ck_assert_uint_lt(record->n_raw, sizeof slot->held->raw);
	struct held *held = &slot->held[slot->n++];
	held->line = record->line + before.n_lines;
	held->number = record->number + before.n_records;
	held->n_raw = record->n_raw;
	memcpy(held->raw, record->raw, record->n_raw);
	memcpy(held->fields, record->fields, client.n_columns * sizeof *held->fields);
}

static void write_record(const struct flt_csv_record *record)
{
	script_add_record(client.script, record, client.n_columns);
}

static enum flt_status begin(void *context, size_t slot, struct flt_error *why)
{
	(void)why;
	ck_assert_ptr_eq(context, &client);
	ck_assert_uint_lt(slot, MOST_SLOTS);
	client.slots[slot].n = 0;
	return FLT_OK;
}

static enum flt_status add(void *context, size_t slot, const struct flt_csv_record *record, struct flt_error *why)
{
	(void)context;
	if (client.wishes.refused && (record->n_raw + record->number) % client.wishes.refused == 0)
		return flt_fail(why, FLT_ERR_DATA, "refused");
	hold(&client.slots[slot], record, (struct flt_csv_counts){0, 0});
	return FLT_OK;
}

static bool fits(void *context, size_t slot)
{
	(void)context, (void)slot;
	return client.wishes.unfit == 0 || ++client.n_fits % client.wishes.unfit > 0;
}

static enum flt_status take(void *context, size_t slot, struct flt_csv_counts before, struct flt_error *why)
{
	(void)context, (void)why;
	for (size_t i = 0; i < client.slots[slot].n; i++) {
		const struct held *held = &client.slots[slot].held[i];
		struct flt_csv_record record = {.fields = held->fields,
		                                .line = held->line,
		                                .number = held->number,
		                                .raw = held->raw,
		                                .n_raw = held->n_raw};
		hold(&client.batch, &record, before);
	}
	client.n_taken += client.slots[slot].n;
	return FLT_OK;
}

static enum flt_status add_in_order(void *context, struct flt_csv_batches *batches, const struct flt_csv_record *record,
                                    struct flt_error *why)
{
	(void)context, (void)why;
	ck_assert_ptr_nonnull(batches);
	hold(&client.batch, record, (struct flt_csv_counts){0, 0});
	client.n_in_order++;
	return FLT_OK;
}

static void count_task(void *context, size_t task, size_t worker)
{
	(void)worker;
	((int *)context)[task]++;
}

/* Only a client that keeps fields may look at them here. */
static enum flt_status end_batch(void *context, struct flt_csv_batches *batches, struct flt_error *why)
{
	(void)context;
	int n_runs[7] = {0};
	if (client.wishes.runs_tasks)
		FLT_TRY(flt_csv_run_tasks(batches, 7, count_task, n_runs, why));
	for (size_t i = 0; i < 7; i++)
		ck_assert_int_eq(n_runs[i], client.wishes.runs_tasks);
	for (size_t i = 0; i < client.batch.n && !client.wishes.is_silent; i++) {
		const struct held *held = &client.batch.held[i];
		struct flt_csv_record record = {.fields = held->fields,
		                                .line = held->line,
		                                .number = held->number,
		                                .raw = held->raw,
		                                .n_raw = held->n_raw};
		for (size_t k = 0; client.keeps_fields && k < client.n_columns; k++)
			ck_assert_uint_eq(strlen(held->fields[k].text), held->fields[k].length);
		script_print(client.script, "%zu %zu ", record.line, record.number);
		script_add(client.script, record.raw, record.n_raw);
		if (client.keeps_fields)
			script_add_fields(client.script, record.fields, client.n_columns);
		else
			script_add(client.script, "\n", 1);
	}
	if (client.n_batches < MOST_BATCHES)
		client.batch_records[client.n_batches] = client.batch.n;
	if (flt_alloc_live() > client.most_live)
		client.most_live = flt_alloc_live();
	client.batch.n = 0;
	if (++client.n_batches == client.wishes.fails_at)
		return flt_fail(why, FLT_ERR_USAGE, "the client fails");
	return FLT_OK;
}

/* The reference: each record with flt_csv_next. */
static enum flt_status read_one_by_one(const char *path, const struct flt_csv_options *options, bool with_fields)
{
	struct flt_csv *csv;
	script_clear(&want);
	client.script = &want;
	enum flt_status status = flt_csv_open(path, options, &csv, &err);
	for (bool is_end = false; status == FLT_OK && !is_end;) {
		struct flt_csv_record record;
		client.n_columns = flt_csv_n_columns(csv);
		status = flt_csv_next(csv, &record, &is_end, &err);
		if (status != FLT_OK || is_end)
			break;
		if (with_fields) {
			write_record(&record);
			continue;
		}
		script_print(&want, "%zu %zu ", record.line, record.number);
		script_add(&want, record.raw, record.n_raw);
		script_add(&want, "\n", 1);
	}
	if (status == FLT_OK)
		script_print(&want, "%s", flt_csv_bad_rows(csv));
	else
		script_print(&want, "%s", err.text);
	flt_csv_free(csv);
	return status;
}

static struct flt_csv_client make_client(struct wishes wishes, bool keeps_fields)
{
	client.wishes = wishes;
	client.keeps_fields = keeps_fields;
	client.script = &got;
	client.batch.n = client.n_batches = client.n_taken = client.n_fits = client.n_in_order = client.most_live = 0;
	return (struct flt_csv_client){.context = &client,
	                               .size = {.first_blocks = 1, .most_blocks = MOST_SLOTS, .most_bytes = 3000},
	                               .keeps_fields = keeps_fields,
	                               .begin = begin,
	                               .add = add,
	                               .fits = fits,
	                               .take = take,
	                               .add_in_order = add_in_order,
	                               .end_batch = end_batch};
}

static enum flt_status read_in_batches(const char *path, const struct flt_csv_options *options, struct wishes wishes,
                                       bool keeps_fields, unsigned n_threads)
{
	struct flt_csv_client made = make_client(wishes, keeps_fields);
	struct flt_csv *csv;
	script_clear(&got);
	enum flt_status status = flt_csv_open(path, options, &csv, &err);
	if (status == FLT_OK) {
		client.n_columns = flt_csv_n_columns(csv);
		status = flt_csv_read_batches(csv, &made, n_threads, &err);
	}
	if (status == FLT_OK)
		script_print(&got, "%s", flt_csv_bad_rows(csv));
	else
		script_print(&got, "%s", err.text);
	flt_csv_free(csv);
	return status;
}

static void same(const char *what, size_t file)
{
	if (!script_same(&got, &want))
		ck_abort_msg("%s, file %zu: reads as\n%s\n--- but should as\n%s", what, file, got.text, want.text);
}

/* Random files, whole or broken, with clients that keep fields, refuse records, or find that slots do not fit. */
START_TEST(the_records_of_the_file_in_order)
{
	static const size_t sizes[] = {1, 7, 40, 200};
	struct flt_random random;
	size_t n_taken = 0, n_in_order = 0, n_failed = 0, n_files = 500;
	flt_random_init(&random, 1, "batches", 0);
	for (size_t file = 0; file < n_files; file++) {
		char bytes[8000];
		size_t n = messy_csv(&random, ',', 1 + flt_random_below(&random, 30), bytes);
		bool keeps_fields = flt_random_below(&random, 2);
		struct wishes wishes = {.runs_tasks = flt_random_below(&random, 2)};
		if (!keeps_fields && flt_random_below(&random, 2))
			wishes.refused = 2 + flt_random_below(&random, 20);
		if (!keeps_fields && flt_random_below(&random, 2))
			wishes.unfit = 1 + flt_random_below(&random, 5);
		struct flt_csv_options options = {.delimiter = ',',
		                                  .header = FLT_HEADER_NO,
		                                  .skip_bad_rows = flt_random_below(&random, 2),
		                                  .block_size = sizes[flt_random_below(&random, N_OF(sizes))]};
		scratch_write("x.csv", bytes, n);
		n_failed += read_one_by_one("x.csv", &options, keeps_fields) != FLT_OK;
		for (unsigned n_threads = 1; n_threads <= 3; n_threads++) {
			read_in_batches("x.csv", &options, wishes, keeps_fields, n_threads);
			same(keeps_fields ? "kept" : "not kept", file);
			n_taken += client.n_taken;
			n_in_order += client.n_in_order;
		}
	}
	/* Slots and records in order both had their share, and there were broken files. */
	ck_assert_uint_gt(n_taken, 5 * n_files);
	ck_assert_uint_gt(n_in_order, 5 * n_files);
	ck_assert_uint_gt(n_failed, n_files / 20);
}
END_TEST

/* The second and later blocks of a file in order are for the threads alone. */
START_TEST(only_the_first_block_comes_in_order)
{
	char bytes[4000];
	size_t n = (size_t)sprintf(bytes, "a,b\n");
	for (int i = 0; i < 200; i++)
		n += (size_t)sprintf(bytes + n, "%03d,\"x\"\n", i);
	scratch_write("x.csv", bytes, n);
	struct flt_csv_options options = {.header = FLT_HEADER_YES, .block_size = 80};
	ck_assert_int_eq(read_in_batches("x.csv", &options, (struct wishes){0}, true, 2), FLT_OK);
	ck_assert_uint_le(client.n_in_order, 10);
	ck_assert_uint_eq(client.n_in_order + client.n_taken, 200);
}
END_TEST

static void has_batches(const size_t *records, size_t n)
{
	ck_assert_uint_eq(client.n_batches, n);
	for (size_t i = 0; i < n; i++)
		ck_assert_uint_eq(client.batch_records[i], records[i]);
}

/* After the first block a batch has 1 block, then 2, then 4, the most; fewer where these have enough bytes. A block of
 * 80 bytes has ten lines. */
START_TEST(batches_grow_to_their_limits)
{
	static const size_t by_blocks[] = {9, 10, 20, 40, 30}, by_bytes[] = {9, 10, 20, 20, 20, 20, 10};
	char bytes[4000];
	size_t n = (size_t)sprintf(bytes, "aaa,bbb\n");
	while (n < 11 * 80)
		n += (size_t)sprintf(bytes + n, "100,200\n");
	scratch_write("x.csv", bytes, n);
	struct flt_csv_options options = {.header = FLT_HEADER_YES, .block_size = 80};
	ck_assert_int_eq(read_in_batches("x.csv", &options, (struct wishes){0}, true, 2), FLT_OK);
	has_batches(by_blocks, N_OF(by_blocks));

	struct flt_csv_client made = make_client((struct wishes){0}, true);
	made.size.most_bytes = 100; /* two blocks have more */
	struct flt_csv *csv;
	ck_assert_int_eq(flt_csv_open("x.csv", &options, &csv, &err), FLT_OK);
	ck_assert_int_eq(flt_csv_read_batches(csv, &made, 2, &err), FLT_OK);
	has_batches(by_bytes, N_OF(by_bytes));
	flt_csv_free(csv);
}
END_TEST

/* Memory for records in order is used again by each batch: here they are nine in ten. */
START_TEST(memory_does_not_grow_with_the_file)
{
	static char bytes[1500000];
	size_t live[2];
	struct flt_csv_options options = {.header = FLT_HEADER_YES, .block_size = 1000, .skip_bad_rows = true};
	for (int is_long = 0; is_long < 2; is_long++) {
		size_t n = (size_t)sprintf(bytes, "a,b\n");
		for (int i = 0; n < (is_long ? sizeof bytes - 20 : sizeof bytes / 6); i++)
			n += (size_t)sprintf(bytes + n, i % 10 ? "100,2000\n" : "a,b\n"); /* the header again */
		scratch_write("x.csv", bytes, n);
		ck_assert_int_eq(read_in_batches("x.csv", &options, (struct wishes){.is_silent = true}, true, 2),
		                 FLT_OK);
		ck_assert_uint_gt(client.n_in_order, client.n_taken);
		live[is_long] = client.most_live;
	}
	ck_assert_uint_lt(live[1], live[0] + 50000);
}
END_TEST

START_TEST(a_client_that_fails_ends_the_run)
{
	char bytes[4000];
	size_t n = (size_t)sprintf(bytes, "a,b\n");
	while (n < 10 * 80)
		n += (size_t)sprintf(bytes + n, "100,200\n");
	scratch_write("x.csv", bytes, n);
	struct flt_csv_options options = {.header = FLT_HEADER_YES, .block_size = 80};
	for (size_t fails_at = 1; fails_at <= 3; fails_at++) {
		struct wishes wishes = {.fails_at = fails_at};
		ck_assert_int_eq(read_in_batches("x.csv", &options, wishes, true, 2), FLT_ERR_USAGE);
		ck_assert_str_eq(err.text, "the client fails");
		ck_assert_uint_eq(client.n_batches, fails_at);
	}
}
END_TEST

/* What the parsers of blocks leave to the careful one: copies of the header, byte order marks, other fields than a
 * record has, blanks beside a tab that delimits, a footer, and records below one. */
START_TEST(odd_records_in_any_block)
{
	static const struct {
		const char *text;
		char delimiter;
		bool fails;
	} files[] = {{"a,b\n1,2\na,b\nax,b\n3,4\na,c\na,b\n5,6\n", ',', false},
	             {"a,b\n1,2\n\xEF\xBB\xBF"
	              "a,b\n\xEF\xBB\xBF"
	              "3,4\n\xEF\xBB,4\n\xEF,5\n\xEF\xBB\xBF"
	              "7,8\n",
	              ',', false},
	             {"a\tb\n1\t2\n 3 \t\t\n \t 4\n\t\n5\t6\t\n7\t8\n", '\t', true},
	             {"a,b\n1,2\n3,4\n5,6\n(3 rows)\n", ',', false},
	             {"a,b\n1,2\n3,4\n(2 rows)\n5,6\n7,8\n9,0\n", ',', true},
	             {"a,b\n1,2\n3,4\n5,6\n7,8\n(4 rows)\n9,0\n", ',', true}, /* all in one batch from 7,8 on */
	             {"a,b\n1,2\n(1 row)\n\n\n\n3\n", ',', true}};
	for (size_t file = 0; file < N_OF(files); file++) {
		scratch_write("x.csv", files[file].text, strlen(files[file].text));
		for (size_t size = 1; size < 40; size++) {
			const struct flt_csv_options options = {
			        .delimiter = files[file].delimiter, .header = FLT_HEADER_YES, .block_size = size};
			for (int keeps_fields = 0; keeps_fields < 2; keeps_fields++) {
				enum flt_status status = read_one_by_one("x.csv", &options, keeps_fields);
				ck_assert_int_eq(status, files[file].fails ? FLT_ERR_DATA : FLT_OK);
				read_in_batches("x.csv", &options, (struct wishes){0}, keeps_fields, 2);
				same("odd", file);
			}
		}
	}
}
END_TEST

/* The callbacks of a client in the order in which a run calls them. */
enum call { BEGIN, ADD, FITS, TAKE, IN_ORDER, END_BATCH };
static enum call failing;

static enum flt_status fail_at_call(enum call call, struct flt_error *why)
{
	return call == failing ? flt_fail(why, FLT_ERR_USAGE, "the client fails") : FLT_OK;
}

static enum flt_status begin_or_fail(void *context, size_t slot, struct flt_error *why)
{
	FLT_TRY(fail_at_call(BEGIN, why));
	return begin(context, slot, why);
}

static enum flt_status add_or_fail(void *context, size_t slot, const struct flt_csv_record *record,
                                   struct flt_error *why)
{
	FLT_TRY(fail_at_call(ADD, why));
	return add(context, slot, record, why);
}

static enum flt_status take_or_fail(void *context, size_t slot, struct flt_csv_counts before, struct flt_error *why)
{
	FLT_TRY(fail_at_call(TAKE, why));
	return take(context, slot, before, why);
}

static enum flt_status add_in_order_or_fail(void *context, struct flt_csv_batches *batches,
                                            const struct flt_csv_record *record, struct flt_error *why)
{
	FLT_TRY(fail_at_call(IN_ORDER, why));
	return add_in_order(context, batches, record, why);
}

/* Also runs no task at all, as a client may. */
static enum flt_status end_batch_or_fail(void *context, struct flt_csv_batches *batches, struct flt_error *why)
{
	FLT_TRY(flt_csv_run_tasks(batches, 0, NULL, NULL, why));
	FLT_TRY(fail_at_call(END_BATCH, why));
	return end_batch(context, batches, why);
}

START_TEST(whatever_fails_in_a_client_ends_the_run)
{
	char bytes[4000];
	size_t n = (size_t)sprintf(bytes, "a,b\n");
	while (n < 10 * 80)
		n += (size_t)sprintf(bytes + n, "100,200\n");
	scratch_write("x.csv", bytes, n);
	const struct flt_csv_options options = {.header = FLT_HEADER_YES, .block_size = 80};
	for (failing = BEGIN; failing <= END_BATCH; failing++) {
		for (int keeps_fields = 0; keeps_fields < 2; keeps_fields++) {
			struct flt_csv_client made = make_client((struct wishes){0}, keeps_fields);
			struct flt_csv *csv;
			made.begin = begin_or_fail;
			made.add = add_or_fail;
			made.fits = NULL; /* as if all slots did: no call that could fail */
			made.take = take_or_fail;
			made.add_in_order = add_in_order_or_fail;
			made.end_batch = end_batch_or_fail;
			script_clear(&got);
			ck_assert_int_eq(flt_csv_open("x.csv", &options, &csv, &err), FLT_OK);
			client.n_columns = flt_csv_n_columns(csv);
			enum flt_status status = flt_csv_read_batches(csv, &made, 2, &err);
			flt_csv_free(csv);
			ck_assert_int_eq(status, failing == FITS ? FLT_OK : FLT_ERR_USAGE);
			if (failing != FITS)
				ck_assert_str_eq(err.text, "the client fails");
		}
	}
}
END_TEST

/* The same csv again after a rewind. */
START_TEST(reads_a_file_twice)
{
	char bytes[4000];
	size_t n = (size_t)sprintf(bytes, "a,b\n");
	for (int i = 0; i < 100; i++)
		n += (size_t)sprintf(bytes + n, i % 10 ? "%d,\"x\"\n" : "%d\n", i);
	scratch_write("x.csv", bytes, n);
	struct flt_csv_options options = {
	        .header = FLT_HEADER_YES, .block_size = 80, .skip_bad_rows = true, .rewindable = true};
	ck_assert_int_eq(read_one_by_one("x.csv", &options, true), FLT_OK);
	struct flt_csv *csv;
	ck_assert_int_eq(flt_csv_open("x.csv", &options, &csv, &err), FLT_OK);
	for (int pass = 0; pass < 2; pass++) {
		struct flt_csv_client made = make_client((struct wishes){0}, true);
		script_clear(&got);
		if (pass > 0)
			ck_assert_int_eq(flt_csv_rewind(csv, &err), FLT_OK);
		ck_assert_int_eq(flt_csv_read_batches(csv, &made, 2, &err), FLT_OK);
		ck_assert_uint_eq(flt_csv_n_bad_rows(csv), 10);
		script_print(&got, "%s", flt_csv_bad_rows(csv));
		same("pass", (size_t)pass);
	}
	flt_csv_free(csv);
}
END_TEST

/* More than a block notes the lines of, and bad rows that only the careful parser understands. */
START_TEST(many_bad_rows_in_a_block)
{
	static char bytes[20000];
	const struct flt_csv_options options = {.header = FLT_HEADER_YES, .block_size = 4000, .skip_bad_rows = true};
	size_t n = (size_t)sprintf(bytes, "a,b\n");
	for (int i = 0; n + 20 < sizeof bytes; i++)
		n += (size_t)sprintf(bytes + n,
		                     i == 1500 ? "\"x\" ,1,2\n"
		                     : i % 3   ? "%d,\"x\ny\"\n"
		                     : i % 2   ? "%d\n"
		                               : "%d,2,3\n",
		                     i);
	scratch_write("x.csv", bytes, n);
	ck_assert_int_eq(read_one_by_one("x.csv", &options, false), FLT_OK);
	ck_assert_int_eq(read_in_batches("x.csv", &options, (struct wishes){0}, false, 2), FLT_OK);
	ck_assert_uint_gt(client.n_taken, client.n_in_order);
	same("bad rows", 0);
}
END_TEST

static void fail_each_allocation(enum flt_header header, bool runs_tasks)
{
	const struct flt_csv_options options = {.header = header, .block_size = 5, .skip_bad_rows = true};
	size_t n_failed = 0;
	unsigned long k = 0, n_made;
	ck_assert_int_eq(read_one_by_one("x.csv", &options, true), FLT_OK);
	do {
		flt_alloc_fail_at(++k);
		enum flt_status status =
		        read_in_batches("x.csv", &options, (struct wishes){.runs_tasks = runs_tasks}, true, 2);
		n_made = flt_alloc_fail_at(0);
		n_failed += status != FLT_OK;
		if (status == FLT_OK) /* libcsv asks for less where it does not get enough */
			same("allocation", k);
		else
			ck_assert_msg(status == FLT_ERR_MACHINE && strstr(got.text, "out of memory"), "%lu: %s", k,
			              got.text);
	} while (n_made >= k);
	ck_assert_uint_gt(n_failed, 30);
}

START_TEST(each_allocation_may_fail)
{
	const char text[] =
	        "a,b\nx,y\nx,\"1\n2\"\nlonger,than the others\ny,\"\"\"\"\nz,\"w\" \nz,\"\"\"\" \nv,\nlast\n";
	scratch_write("x.csv", text, strlen(text));
	for (int runs_tasks = 0; runs_tasks < 2; runs_tasks++) {
		fail_each_allocation(FLT_HEADER_YES, runs_tasks);
		fail_each_allocation(FLT_HEADER_NO, runs_tasks);
	}
}
END_TEST

/* The same sentence as one by one, whoever meets the record. */
START_TEST(an_endless_record_in_a_block)
{
	size_t n = FLT_RECORD_LIMIT + 100;
	char *text = malloc(n);
	const struct flt_csv_options options = {.delimiter = ',', .header = FLT_HEADER_YES};
	memset(text, 'x', n);
	memcpy(text, "a,b\n1,2\n3,4\n5,", 14);
	memcpy(text + n - 5, "\n7,8\n", 5);
	scratch_write("x.csv", text, n);
	free(text);
	ck_assert_int_eq(read_one_by_one("x.csv", &options, false), FLT_ERR_DATA);
	ck_assert_int_eq(read_in_batches("x.csv", &options, (struct wishes){0}, false, 2), FLT_ERR_DATA);
	ck_assert_str_eq(err.text,
	                 "x.csv:4: a record of more than 16 MB: add the line end that is missing here, or shorten "
	                 "the text");
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("batches");
	TCase *cases = tcase_create("batches");
	tcase_set_timeout(cases, 240);
	tcase_add_checked_fixture(cases, scratch_enter, scratch_leave);
	tcase_add_test(cases, the_records_of_the_file_in_order);
	tcase_add_test(cases, only_the_first_block_comes_in_order);
	tcase_add_test(cases, batches_grow_to_their_limits);
	tcase_add_test(cases, memory_does_not_grow_with_the_file);
	tcase_add_test(cases, many_bad_rows_in_a_block);
	tcase_add_test(cases, a_client_that_fails_ends_the_run);
	tcase_add_test(cases, odd_records_in_any_block);
	tcase_add_test(cases, whatever_fails_in_a_client_ends_the_run);
	tcase_add_test(cases, reads_a_file_twice);
	tcase_add_test(cases, an_endless_record_in_a_block);
	tcase_add_test(cases, each_allocation_may_fail);
	suite_add_tcase(suite, cases);
	return suite;
}
