/*
 * Folds are parts with equal targets. Each fold is tested once against a network that was fitted on the others, so a
 * group larger than a fold is left out of the deal: it would be the fold that it is in.
 */

#include "base/alloc.h"
#include "split/deal.h"
#include "split/methods.h"

struct fold_job {
	const struct flt_table *table;
	size_t n; /* rows */
	size_t n_groups;
	size_t (*size)[2];
	size_t *order;     /* (n_groups) scratch */
	uint32_t *part_of; /* (n_groups) */
	uint64_t seed;
};

/* Equal targets in whole rows; the folds that get one row more of one class are not the first to get one of the other.
 */
static void set_targets(struct flt_deal_part *parts, size_t k, const size_t n[2])
{
	for (size_t f = 0; f < k; f++) {
		parts[f] = (struct flt_deal_part){.limit = SIZE_MAX};
		parts[f].target[1] = n[1] / k + (f < n[1] % k);
		parts[f].target[0] = n[0] / k + (k - 1 - f < n[0] % k);
	}
}

/* Deals into k folds; *works says whether each has a row of each class. */
static enum flt_status deal_folds(const struct fold_job *job, size_t k, bool *works, struct flt_error *err)
{
	size_t n_movable = 0, n[2] = {0, 0};
	struct flt_random random;
	struct flt_deal_part *parts = flt_alloc(k, sizeof *parts, err);
	if (!parts)
		return FLT_ERR_MACHINE;
	for (size_t g = 0; g < job->n_groups; g++) {
		job->part_of[g] = FLT_ALWAYS_FIT;
		if (job->size[g][0] + job->size[g][1] > job->n / k)
			continue;
		job->order[n_movable++] = g;
		n[0] += job->size[g][0];
		n[1] += job->size[g][1];
	}
	set_targets(parts, k, n);
	flt_random_init(&random, job->seed, "folds", 0);
	enum flt_status status = flt_deal(job->order, n_movable, job->size, parts, k, &random, job->part_of, err);
	*works = true;
	for (size_t f = 0; f < k; f++)
		*works = *works && parts[f].dealt[0] > 0 && parts[f].dealt[1] > 0;
	flt_free(parts);
	return status;
}

/* The error for k folds that do not work: names the rarer class and the largest number of folds below k that does. */
static enum flt_status fail_folds(const struct fold_job *job, size_t k, struct flt_error *err)
{
	size_t n[2] = {0, 0}, n_with[2] = {0, 0};
	for (size_t g = 0; g < job->n_groups; g++)
		for (int c = 0; c < 2; c++) {
			n[c] += job->size[g][c];
			n_with[c] += job->size[g][c] > 0;
		}
	int rare = n_with[1] <= n_with[0];
	const char *together = n_with[rare] < n[rare] ? " in groups that stay together" : "";
	size_t fewer = n_with[rare] < k ? n_with[rare] : k - 1;
	for (bool works; fewer >= 2; fewer--) {
		enum flt_status status = deal_folds(job, fewer, &works, err);
		if (status)
			return status;
		if (works)
			return flt_fail(
			        err, FLT_ERR_DATA,
			        "%s: %zu folds need a row of class \"%s\" each, but there are %zu%s; --folds %zu works",
			        flt_table_path(job->table), k, flt_class_text(job->table, rare), n[rare], together,
			        fewer);
	}
	return flt_fail(
	        err, FLT_ERR_DATA,
	        "%s: %zu folds need a row of class \"%s\" each, but there %s %zu%s, which no number of folds can "
	        "share; add rows of that class",
	        flt_table_path(job->table), k, flt_class_text(job->table, rare), n[rare] == 1 ? "is" : "are", n[rare],
	        together);
}

enum flt_status flt_split_folds(const struct flt_table *table, const size_t *rows, size_t n, size_t k, uint64_t seed,
                                uint32_t *fold, struct flt_error *err)
{
	struct flt_row_groups groups = {0};
	struct fold_job job = {.table = table, .n = n, .seed = seed};
	bool works = false;
	if (k < 2 || k >= FLT_ALWAYS_FIT)
		return flt_fail(err, FLT_ERR_USAGE, "--folds %zu is out of bounds: there are at least 2", k);
	enum flt_status status = flt_row_groups_make(table, rows, n, true, 1, &groups, err);
	if (status)
		return status;
	status = FLT_ERR_MACHINE;
	job.n_groups = groups.n_groups;
	job.size = flt_group_sizes(table, &groups, rows, n, err);
	job.order = flt_alloc(groups.n_groups, sizeof *job.order, err);
	job.part_of = flt_alloc(groups.n_groups, sizeof *job.part_of, err);
	if (!job.size || !job.order || !job.part_of)
		goto out;
	status = FLT_OK;
	if (k <= n && (status = deal_folds(&job, k, &works, err)))
		goto out;
	if (!works)
		status = fail_folds(&job, k, err);
	for (size_t i = 0; !status && i < n; i++)
		fold[i] = job.part_of[groups.of[i]];
out:
	flt_row_groups_release(&groups);
	flt_free(job.size);
	flt_free(job.order);
	flt_free(job.part_of);
	return status;
}
