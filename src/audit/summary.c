#include "audit/summary.h"

#include <math.h>

#include "base/alloc.h"
#include "base/pool.h"
#include "eval/metrics.h"

/* Shared by all columns, which workers take one by one. */
struct summary_job {
	const struct flt_table *table;
	struct flt_column_summary *summaries; /* (n_columns) */
	struct room {
		double *values; /* (n_rows) */
		struct flt_ranking ranking;
	} * rooms;                /* (n_workers) */
	struct flt_error *errors; /* (n_workers) only memory can run out */
};

static void summarize_numbers(const struct flt_column *column, size_t n_rows, struct room *room,
                              struct flt_column_summary *summary)
{
	const struct flt_ranking *ranking = &room->ranking;
	size_t n = 0;
	summary->min = summary->median = summary->max = NAN;
	for (size_t row = 0; row < n_rows; row++) {
		double value = flt_number_at(&column->numbers, row);
		if (!isnan(value))
			room->values[n++] = value + 0.0; /* -0 becomes 0 */
	}
	if (n == 0)
		return;
	flt_ranking_sort(&room->ranking, room->values, n);
	for (size_t i = 0; i < n; i++)
		summary->n_distinct += i == 0 || ranking->key[i] != ranking->key[i - 1];
	summary->max = room->values[ranking->row[0]];
	summary->min = room->values[ranking->row[n - 1]];
	double above = room->values[ranking->row[(n - 1) / 2]], below = room->values[ranking->row[n / 2]];
	summary->median = below / 2 + above / 2;
}

/* Puts a level among the most frequent so far. */
static void rank_level(const char *text, size_t n, struct flt_column_summary *summary)
{
	size_t at = summary->n_top;
	while (at > 0 && summary->top[at - 1].n < n)
		at--;
	if (at == FLT_TOP_LEVELS)
		return;
	if (summary->n_top < FLT_TOP_LEVELS)
		summary->n_top++;
	for (size_t i = summary->n_top - 1; i > at; i--)
		summary->top[i] = summary->top[i - 1];
	summary->top[at].text = text;
	summary->top[at].n = n;
}

static enum flt_status summarize_levels(const struct flt_table *table, size_t index, struct flt_column_summary *summary,
                                        struct flt_error *err)
{
	const struct flt_column view = flt_table_column(table, index), *column = &view;
	size_t *n = flt_alloc_zero(column->n_levels, sizeof *n, err);
	FLT_TRY_MEMORY(n);
	for (size_t row = 0; row < flt_table_n_rows(table); row++) {
		int32_t code = flt_table_code(table, index, row);
		if (code >= 0)
			n[code]++;
	}
	for (size_t level = 0; level < column->n_levels; level++) {
		summary->n_distinct += n[level] > 0;
		if (n[level] > 0)
			rank_level(column->levels[level], n[level], summary);
	}
	flt_free(n);
	return FLT_OK;
}

static void summarize_one(void *context, size_t index, size_t worker)
{
	struct summary_job *job = context;
	struct flt_column column = flt_table_column(job->table, index);
	size_t n_rows = flt_table_n_rows(job->table);
	struct flt_error err = {0};
	if (column.numbers.cells)
		summarize_numbers(&column, n_rows, &job->rooms[worker], &job->summaries[index]);
	else if (column.levels && summarize_levels(job->table, index, &job->summaries[index], &err))
		job->errors[worker] = err;
}

static enum flt_status make_rooms(struct summary_job *job, size_t n_workers, struct flt_error *err)
{
	size_t n_rows = flt_table_n_rows(job->table);
	job->rooms = flt_alloc_zero(n_workers, sizeof *job->rooms, err);
	job->errors = flt_alloc_zero(n_workers, sizeof *job->errors, err);
	FLT_TRY_MEMORY(job->rooms && job->errors);
	for (size_t i = 0; i < n_workers; i++) {
		job->rooms[i].values = flt_alloc(n_rows, sizeof *job->rooms[i].values, err);
		FLT_TRY_MEMORY(job->rooms[i].values);
		FLT_TRY(flt_ranking_init(&job->rooms[i].ranking, n_rows, err));
	}
	return FLT_OK;
}

static void release_rooms(struct summary_job *job, size_t n_workers)
{
	for (size_t i = 0; job->rooms && i < n_workers; i++) {
		flt_free(job->rooms[i].values);
		flt_ranking_release(&job->rooms[i].ranking);
	}
	flt_free(job->rooms);
	flt_free(job->errors);
}

enum flt_status flt_summarize_columns(const struct flt_table *table, unsigned n_threads,
                                      struct flt_column_summary *summaries, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t n_columns = flt_table_n_columns(table), n_workers;
	struct summary_job job = {.table = table, .summaries = summaries};
	struct flt_pool *pool;
	FLT_TRY(flt_pool_new_for(flt_table_n_rows(table) * n_columns, n_threads, &pool, err));
	n_workers = flt_pool_n_threads(pool);
	for (size_t i = 0; i < n_columns; i++)
		summaries[i] = (struct flt_column_summary){0};
	FLT_TRY_OUT(make_rooms(&job, n_workers, err));
	flt_pool_run(pool, n_columns, summarize_one, &job);
	for (size_t i = 0; i < n_workers; i++)
		if (job.errors[i].status)
			FLT_TRY_OUT(flt_fail(err, job.errors[i].status, "%s", job.errors[i].text));
out:
	flt_pool_free(pool);
	release_rooms(&job, n_workers);
	return status;
}
