/*
 * The best cut by entropy never lies between two rows of the same class (Fayyad and Irani 1992), so neighbouring values
 * whose rows are all of one class are joined into a run first. A rare class leaves few runs, however many rows there
 * are. The tree then grows by the leaf whose best cut gains most.
 */
#include "audit/tree.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"

/* Neighbouring values, from the highest down to the lowest, and the learnt rows that hold them. */
struct flt_run {
	double highest, lowest;
	uint32_t n[2];
};

struct leaf {
	size_t begin, end; /* its runs */
	uint32_t n[2];
	size_t cut; /* the best: runs from here on go to the lower leaf; 0: there is none */
	uint32_t n_above[2];
	double gain;
};

enum flt_status flt_entropy_table_init(struct flt_entropy_table *table, size_t n, struct flt_error *err)
{
	table->n_log_n = flt_alloc(n + 1, sizeof *table->n_log_n, err);
	FLT_TRY_MEMORY(table->n_log_n);
	table->n_log_n[0] = 0;
	for (size_t i = 1; i <= n; i++)
		table->n_log_n[i] = (double)i * log((double)i);
	return FLT_OK;
}

void flt_entropy_table_release(struct flt_entropy_table *table)
{
	flt_free(table->n_log_n);
	table->n_log_n = NULL;
}

enum flt_status flt_tree_room_init(struct flt_tree_room *room, size_t n_rows, struct flt_error *err)
{
	room->run = flt_alloc(n_rows, sizeof *room->run, err);
	FLT_TRY_MEMORY(room->run);
	return FLT_OK;
}

void flt_tree_room_release(struct flt_tree_room *room)
{
	flt_free(room->run);
	room->run = NULL;
}

static bool is_pure(const struct flt_run *run, unsigned class)
{
	return run->n[!class] == 0;
}

/* Joins the last two of n runs if they hold the same class alone. */
static size_t join_last(struct flt_run *run, size_t n)
{
	if (n < 2)
		return n;
	struct flt_run *before = &run[n - 2], *last = &run[n - 1];
	for (unsigned class = 0; class < 2; class ++)
		if (is_pure(before, class) && is_pure(last, class)) {
			before->lowest = last->lowest;
			before->n[class] += last->n[class];
			return n - 1;
		}
	return n;
}

static size_t make_runs(struct flt_run *run, const double *value, const uint8_t *tag, size_t n, unsigned fold)
{
	size_t n_runs = 0;
	double last = NAN;
	for (size_t i = 0; i < n; i++) {
		if (flt_tag_fold(tag[i]) == fold)
			continue;
		if (!(value[i] == last)) {
			n_runs = join_last(run, n_runs);
			last = value[i];
			run[n_runs++] = (struct flt_run){.highest = last, .lowest = last};
		}
		run[n_runs - 1].n[flt_tag_label(tag[i])]++;
	}
	return join_last(run, n_runs);
}

/* The entropy of n rows, in nats, times their number. */
static double entropy(const struct flt_entropy_table *table, uint32_t n_negative, uint32_t n_positive)
{
	const double *n_log_n = table->n_log_n;
	return n_log_n[n_negative + n_positive] - n_log_n[n_negative] - n_log_n[n_positive];
}

static void find_cut(const struct flt_entropy_table *table, const struct flt_run *run, struct leaf *leaf)
{
	uint32_t above[2] = {0, 0};
	double whole = entropy(table, leaf->n[0], leaf->n[1]);
	leaf->cut = 0;
	leaf->gain = 1e-9 * whole; /* less is rounding */
	for (size_t i = leaf->begin; i + 1 < leaf->end; i++) {
		above[0] += run[i].n[0];
		above[1] += run[i].n[1];
		uint32_t below[2] = {leaf->n[0] - above[0], leaf->n[1] - above[1]};
		if (above[0] + above[1] < FLT_LEARNT_MIN_ROWS || below[0] + below[1] < FLT_LEARNT_MIN_ROWS)
			continue;
		double gain = whole - entropy(table, above[0], above[1]) - entropy(table, below[0], below[1]);
		if (gain > leaf->gain) {
			leaf->gain = gain;
			leaf->cut = i + 1;
			leaf->n_above[0] = above[0];
			leaf->n_above[1] = above[1];
		}
	}
}

/* Cuts leaf i in two; the lower part takes the next place. */
static void cut_leaf(struct leaf *leaf, size_t n_leaves, size_t i)
{
	memmove(&leaf[i + 1], &leaf[i], (n_leaves - i) * sizeof *leaf);
	struct leaf *above = &leaf[i], *below = &leaf[i + 1];
	*below = (struct leaf){.begin = above->cut, .end = above->end};
	above->end = above->cut;
	for (unsigned class = 0; class < 2; class ++) {
		below->n[class] = above->n[class] - above->n_above[class];
		above->n[class] = above->n_above[class];
	}
}

static size_t best_leaf(const struct leaf *leaf, size_t n_leaves)
{
	size_t best = SIZE_MAX;
	for (size_t i = 0; i < n_leaves; i++)
		if (leaf[i].cut && (best == SIZE_MAX || leaf[i].gain > leaf[best].gain))
			best = i;
	return best;
}

/* Returns the number of leaves, from the highest values down. */
static size_t grow(const struct flt_entropy_table *table, const struct flt_run *run, size_t n_runs,
                   struct leaf leaf[FLT_TREE_LEAVES])
{
	size_t n_leaves = 1;
	leaf[0] = (struct leaf){.begin = 0, .end = n_runs};
	for (size_t i = 0; i < n_runs; i++) {
		leaf[0].n[0] += run[i].n[0];
		leaf[0].n[1] += run[i].n[1];
	}
	find_cut(table, run, &leaf[0]);
	while (n_leaves < FLT_TREE_LEAVES) {
		size_t i = best_leaf(leaf, n_leaves);
		if (i == SIZE_MAX)
			break;
		cut_leaf(leaf, n_leaves++, i);
		find_cut(table, run, &leaf[i]);
		find_cut(table, run, &leaf[i + 1]);
	}
	return n_leaves;
}

/* Halfway between the runs on either side of a cut: values above it belong to the upper leaf. */
static double threshold(const struct flt_run *run, size_t cut)
{
	double above = run[cut - 1].lowest, below = run[cut].highest, middle = above / 2 + below / 2;
	return middle < above ? middle : below;
}

size_t flt_tree_judge(const struct flt_tree_room *room, const struct flt_entropy_table *table, const double *value,
                      const uint8_t *tag, size_t n, unsigned fold, double prior,
                      struct flt_judged judged[FLT_TREE_LEAVES])
{
	struct leaf leaf[FLT_TREE_LEAVES + 1] = {0};
	size_t n_runs = make_runs(room->run, value, tag, n, fold), n_leaves = grow(table, room->run, n_runs, leaf);
	size_t i = 0;
	for (size_t k = 0; k < n_leaves; k++) {
		bool is_last = k + 1 == n_leaves;
		double least = is_last ? 0 : threshold(room->run, leaf[k].end);
		judged[k] = (struct flt_judged){.score = flt_smoothed_share(leaf[k].n, prior),
		                                .fold = fold,
		                                .n_learnt = leaf[k].n[0] + leaf[k].n[1]};
		for (; i < n && (is_last || value[i] > least); i++)
			if (flt_tag_fold(tag[i]) == fold)
				judged[k].n[flt_tag_label(tag[i])]++;
	}
	return n_leaves;
}
