/*
 * Folds are bins with equal targets. A group larger than a fold would be most of the fold it is in, so it is not dealt:
 * its rows are fitted on in every fold.
 */
#include <stdio.h>

#include "base/alloc.h"
#include "split/assign.h"
#include "split/check.h"
#include "split/deal.h"
#include "split/groups.h"
#include "split/split.h"

struct fold_job {
	const struct flt_table *table;
	size_t n; /* rows */
	size_t n_groups;
	uint32_t (*size)[2];
	uint32_t *order;  /* (n_groups) scratch */
	uint32_t *bin_of; /* (n_groups) */
	uint64_t seed;
	const char *parts;   /* of the options */
	bool ties_identical; /* rows, not only those of a group */
};

/* Equal targets in whole rows. The last folds get the spare rows of class 0 and the first those of class 1, so that no
 * fold gets one of each before every fold has a spare row. */
static void set_targets(struct flt_bin *bins, size_t k, const size_t n[2])
{
	for (size_t f = 0; f < k; f++) {
		bins[f] = (struct flt_bin){.limit = SIZE_MAX};
		bins[f].target[1] = n[1] / k + (f < n[1] % k);
		bins[f].target[0] = n[0] / k + (k - 1 - f < n[0] % k);
	}
}

/* Deals into k folds. *works: every fold has a row of each class. */
static enum flt_status deal_folds(const struct fold_job *job, size_t k, bool *works, struct flt_error *err)
{
	size_t n_movable = 0, n[2] = {0, 0};
	struct flt_random random;
	struct flt_bin *bins = flt_alloc(k, sizeof *bins, err);
	FLT_TRY_MEMORY(bins);
	for (size_t g = 0; g < job->n_groups; g++) {
		job->bin_of[g] = FLT_ALWAYS_FIT;
		if ((size_t)job->size[g][0] + job->size[g][1] > job->n / k)
			continue;
		job->order[n_movable++] = (uint32_t)g;
		n[0] += job->size[g][0];
		n[1] += job->size[g][1];
	}
	set_targets(bins, k, n);
	flt_random_init(&random, job->seed, "folds", 0);
	enum flt_status status = flt_deal(job->order, n_movable, job->size, bins, k, &random, job->bin_of, err);
	*works = true;
	for (size_t f = 0; f < k; f++)
		*works = *works && bins[f].dealt[0] > 0 && bins[f].dealt[1] > 0;
	flt_free(bins);
	return status;
}

/* The error for k folds that do not work. */
static enum flt_status fail_folds(const struct fold_job *job, size_t k, struct flt_error *err)
{
	size_t n[2] = {0, 0};
	char parts[64];
	for (size_t g = 0; g < job->n_groups; g++)
		for (int c = 0; c < 2; c++)
			n[c] += job->size[g][c];
	int rare = n[1] <= n[0];
	snprintf(parts, sizeof parts, "%zu folds", k);
	const char *name = job->parts ? job->parts : parts;
	if (n[rare] >= k)
		return flt_split_fail_groups(job->table,
		                             &(struct flt_tied_rows){job->size, job->n_groups, job->ties_identical},
		                             name, "", err);
	return flt_table_blame_guess(
	        job->table,
	        flt_fail(err, FLT_ERR_DATA, "%s: %s need %zu rows of class \"%s\", but there %s %zu",
	                 flt_table_path(job->table), name, k, flt_split_class_text(job->table, rare),
	                 n[rare] == 1 ? "is" : "are", n[rare]),
	        err);
}

static enum flt_status make_folds(const struct fold_job *job, size_t k, struct flt_error *err)
{
	bool works = false;
	if (k <= job->n)
		FLT_TRY(deal_folds(job, k, &works, err));
	return works ? FLT_OK : fail_folds(job, k, err);
}

static enum flt_status deal_groups(const struct flt_table *table, const size_t *rows, size_t n,
                                   const struct flt_fold_options *options, uint32_t *fold, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	enum flt_identical identical = options->identical;
	struct flt_row_groups groups = {0};
	struct fold_job job = {.table = table, .n = n, .seed = options->seed, .parts = options->parts};
	FLT_TRY(flt_identical_resolve(table, 1, &identical, err));
	job.ties_identical = identical != FLT_IDENTICAL_APART;
	struct flt_row_ties ties = {.identity = identical, .column = true};
	FLT_TRY(flt_row_groups_make(table, rows, n, ties, 1, &groups, err));
	job.n_groups = groups.n_groups;
	job.size = flt_row_groups_sizes(&groups, table, rows, n, err);
	job.order = flt_alloc(groups.n_groups, sizeof *job.order, err);
	job.bin_of = flt_alloc(groups.n_groups, sizeof *job.bin_of, err);
	FLT_TRY_MEMORY_OUT(job.size && job.order && job.bin_of);
	FLT_TRY_OUT(make_folds(&job, options->n_folds, err));
	for (size_t i = 0; i < n; i++)
		fold[i] = job.bin_of[groups.of[i]];
out:
	flt_row_groups_release(&groups);
	flt_free(job.size);
	flt_free(job.order);
	flt_free(job.bin_of);
	return status;
}

enum flt_status flt_split_folds(const struct flt_table *table, const size_t *rows, size_t n,
                                const struct flt_fold_options *options, uint32_t *fold, struct flt_error *err)
{
	if (options->n_folds < 2 || options->n_folds >= FLT_ALWAYS_FIT - 1)
		return flt_fail(err, FLT_ERR_USAGE, "--folds %zu is out of range: use 2 or more", options->n_folds);
	if (flt_table_role(table, FLT_TIME) != SIZE_MAX)
		return flt_fold_by_time(table, rows, n, options, fold, err);
	return deal_groups(table, rows, n, options, fold, err);
}
