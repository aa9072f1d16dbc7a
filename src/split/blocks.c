/*
 * Blocks of time: rows in the order of time, cut into parts of equal numbers of rows, as near as equal times, which
 * stay together, allow.
 */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "split/assign.h"
#include "split/check.h"
#include "split/times.h"

struct block_job {
	const struct flt_table *table;
	const size_t *rows; /* (n) */
	size_t n;
	double *times;   /* (n) ascending */
	double *from;    /* (n + 1) the time at which a block begins */
	uint32_t *block; /* (n) */
};

static double time_of(const struct block_job *job, size_t i)
{
	const struct flt_column column = flt_table_column(job->table, flt_table_role(job->table, FLT_TIME));
	return flt_number_at(&column.numbers, job->rows[i]);
}

/* Where blocks begin; false if there are fewer times than blocks, or two cuts fall together. */
static bool cut(struct block_job *job, size_t n_blocks)
{
	size_t last = 0;
	job->from[0] = -INFINITY;
	for (size_t b = 1; b < n_blocks; b++) {
		size_t wanted = (size_t)llround((double)b * (double)job->n / (double)n_blocks);
		size_t at = wanted < job->n ? flt_time_boundary(job->times, job->n, wanted) : 0;
		if (at <= last)
			return false;
		job->from[b] = job->times[at];
		last = at;
	}
	return true;
}

static uint32_t block_of(const struct block_job *job, size_t n_blocks, double time)
{
	uint32_t low = 0, high = (uint32_t)n_blocks;
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;
		*(time >= job->from[middle] ? &low : &high) = middle;
	}
	return low;
}

/* The times between which both parts have rows of both classes: (after, until]. */
struct division {
	double after, until;
};

/* Of the rows in the first n_blocks. */
static struct division find_limits(const struct block_job *job, size_t n_blocks)
{
	const uint8_t *label = flt_table_labels(job->table);
	double first[2] = {INFINITY, INFINITY}, last[2] = {-INFINITY, -INFINITY};
	for (size_t i = 0; i < job->n; i++) {
		if (job->block[i] >= n_blocks)
			continue;
		int class = label[job->rows[i]] != 0;
		first[class] = fmin(first[class], time_of(job, i));
		last[class] = fmax(last[class], time_of(job, i));
	}
	return (struct division){fmax(first[0], first[1]), fmin(last[0], last[1])};
}

/* Fills block. *works: each has a row of each class, and with `divides` the first can be divided so that both parts
 * have one. */
static enum flt_status make_blocks(struct block_job *job, size_t n_blocks, bool divides, bool *works,
                                   struct flt_error *err)
{
	const uint8_t *label = flt_table_labels(job->table);
	*works = n_blocks <= job->n && cut(job, n_blocks);
	if (!*works)
		return FLT_OK;
	size_t(*n_of)[2] = flt_alloc_zero(n_blocks, sizeof *n_of, err);
	FLT_TRY_MEMORY(n_of);
	for (size_t i = 0; i < job->n; i++) {
		job->block[i] = block_of(job, n_blocks, time_of(job, i));
		n_of[job->block[i]][label[job->rows[i]] != 0]++;
	}
	for (size_t b = 0; b < n_blocks; b++)
		*works = *works && n_of[b][0] > 0 && n_of[b][1] > 0;
	flt_free(n_of);
	struct division limits = find_limits(job, 1);
	*works = *works && (!divides || limits.after < limits.until);
	return FLT_OK;
}

static enum flt_status try_folds(struct block_job *job, const struct flt_fold_options *options, size_t n_folds,
                                 bool *works, struct flt_error *err)
{
	return make_blocks(job, n_folds + options->is_chained, options->is_chained && options->is_validated, works,
	                   err);
}

/* The error for folds that do not work: names the largest number of folds below it that does. */
static enum flt_status fail_blocks(struct block_job *job, const struct flt_fold_options *options, struct flt_error *err)
{
	const char *first = !options->is_chained    ? ""
	                    : options->is_validated ? ", and so do fit and validation before the first"
	                                            : ", and so does fit before the first";
	size_t most = options->n_folds <= job->n ? options->n_folds : job->n;
	for (size_t fewer = most - 1; fewer >= 2; fewer--) {
		bool works;
		FLT_TRY(try_folds(job, options, fewer, &works, err));
		if (works)
			return flt_fail(err, FLT_ERR_DATA,
			                "%s: by time, each of %zu folds needs rows of both classes at times of its "
			                "own%s; --folds %zu works",
			                flt_table_path(job->table), options->n_folds, first, fewer);
	}
	return flt_fail(err, FLT_ERR_DATA,
	                "%s: by time, each of %zu folds needs rows of both classes at times of its own%s, and no "
	                "number of folds gives that; leave --time out (--drop keeps its column out of the features)",
	                flt_table_path(job->table), options->n_folds, first);
}

static enum flt_status job_init(struct block_job *job, const struct flt_table *table, const size_t *rows, size_t n,
                                struct flt_error *err)
{
	*job = (struct block_job){.table = table, .rows = rows, .n = n};
	job->times = flt_alloc(n, sizeof *job->times, err);
	job->from = flt_alloc(n + 1, sizeof *job->from, err);
	job->block = flt_alloc_zero(n, sizeof *job->block, err);
	FLT_TRY_MEMORY(job->times && job->from && job->block);
	return flt_sort_times(table, rows, n, job->times, err);
}

static void job_release(struct block_job *job)
{
	flt_free(job->times);
	flt_free(job->from);
	flt_free(job->block);
}

enum flt_status flt_fold_by_time(const struct flt_table *table, const size_t *rows, size_t n,
                                 const struct flt_fold_options *options, uint32_t *fold, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	struct block_job job;
	bool works;
	FLT_TRY_OUT(job_init(&job, table, rows, n, err));
	FLT_TRY_OUT(try_folds(&job, options, options->n_folds, &works, err));
	if (!works)
		FLT_TRY_OUT(fail_blocks(&job, options, err));
	for (size_t i = 0; i < n; i++) /* with a chain, block 0 becomes FLT_ALWAYS_FIT */
		fold[i] = job.block[i] - options->is_chained;
out:
	job_release(&job);
	return status;
}

/* ---- the latest rows ---- */

static bool divides(const struct block_job *job, const struct division *limits, size_t at)
{
	return at > 0 && at < job->n && job->times[at - 1] < job->times[at] && job->times[at] > limits->after &&
	       job->times[at] <= limits->until;
}

/* The boundary nearest to the wanted one that leaves both classes on both sides; 0 if there is none. */
static size_t find_division(const struct block_job *job, size_t wanted)
{
	struct division limits = find_limits(job, 1);
	for (size_t away = 0; away <= job->n; away++) {
		if (divides(job, &limits, wanted + away))
			return wanted + away;
		if (away < wanted && divides(job, &limits, wanted - away))
			return wanted - away;
	}
	return 0;
}

enum flt_status flt_split_latest(const struct flt_table *table, const size_t *rows, size_t n, double share,
                                 uint8_t *is_late, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	struct block_job job;
	FLT_TRY_OUT(job_init(&job, table, rows, n, err)); /* all rows are in block 0 */
	size_t at = find_division(&job, (size_t)llround(fmax(1 - share, 0) * (double)n));
	if (at == 0)
		status = flt_fail(err, FLT_ERR_DATA,
		                  "%s: wherever %zu rows are divided by time, one part has rows of one class only",
		                  flt_table_path(table), n);
	for (size_t i = 0; at && i < n; i++)
		is_late[i] = time_of(&job, i) >= job.times[at];
out:
	job_release(&job);
	return status;
}
