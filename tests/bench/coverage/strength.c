/*
 * The intervals of a column's strength alone. The true strength is that of a tree learnt from four fifths of the rows,
 * as in cross-validation: the mean over 40 such trees, each judged on 200,000 other rows. Columns are a shifted normal
 * (the higher the more positive), the same where a quarter of the positive rows are like the negative ones, and a copy
 * of the class with mistakes.
 */
#include <stdio.h>
#include <stdlib.h>

#include "audit/strength.h"
#include "audit/tree.h"
#include "eval/rank_groups.h"
#include "coverage.h"

enum { N_TREES = 40, N_JUDGED = 200000, MOST_ROWS = 20000 };

enum kind { SHIFTED, MIXED, COPY, N_KINDS };

static const char *const kind_names[N_KINDS] = {"shifted", "mixed", "copy"};

struct setting {
	enum kind kind;
	double size; /* of the shift, or the share of mistakes */
	size_t n_rows, n_positive;
	double ap, roc_auc; /* the truth */
};

/* The first n_positive rows are positive: folds are dealt class by class, so their order means nothing. */
static void draw(const struct setting *setting, size_t n_rows, size_t n_positive, double *number, uint8_t *label,
                 struct flt_random *random)
{
	for (size_t i = 0; i < n_rows; i++) {
		label[i] = i < n_positive;
		bool stands_out = label[i] && (setting->kind == SHIFTED || flt_random_uniform(random) > 0.25);
		if (setting->kind == COPY)
			number[i] = label[i] != (flt_random_uniform(random) < setting->size);
		else
			number[i] = flt_random_normal(random) + (stands_out ? setting->size : 0);
	}
}

static int from_the_highest(const void *a, const void *b)
{
	double x = ((const struct flt_judged *)a)->score, y = ((const struct flt_judged *)b)->score;
	return (x < y) - (x > y);
}

/* Learns one tree and judges it on many rows. */
static void judge_tree(const struct setting *setting, struct flt_random *random, double *ap, double *roc_auc)
{
	size_t n_learnt = setting->n_rows * 4 / 5, n = n_learnt + N_JUDGED;
	double share = (double)setting->n_positive / (double)setting->n_rows,
	       *number = coverage_alloc(n, sizeof *number), *sorted = coverage_alloc(n, sizeof *sorted);
	uint8_t *label = coverage_alloc(n, 1), *tag = coverage_alloc(n, 1);
	struct flt_ranking ranking;
	struct flt_tree_room room;
	struct flt_entropy_table table;
	struct flt_error err;
	struct flt_judged judged[FLT_TREE_LEAVES];
	struct flt_rank_group group[FLT_TREE_LEAVES];
	coverage_must(flt_ranking_init(&ranking, n, &err), &err);
	coverage_must(flt_tree_room_init(&room, n, &err), &err);
	coverage_must(flt_entropy_table_init(&table, n, &err), &err);
	draw(setting, n_learnt, setting->n_positive * 4 / 5, number, label, random);
	draw(setting, N_JUDGED, (size_t)(share * N_JUDGED), number + n_learnt, label + n_learnt, random);
	flt_ranking_sort(&ranking, number, n);
	for (size_t i = 0; i < n; i++) {
		size_t row = ranking.row[i];
		sorted[i] = number[row];
		tag[i] = (uint8_t)(2 * (row < n_learnt) + label[row]); /* fold 0 is judged */
	}
	size_t n_leaves = flt_tree_judge(&room, &table, sorted, tag, n, 0, share, judged);
	qsort(judged, n_leaves, sizeof *judged, from_the_highest);
	for (size_t i = 0; i < n_leaves; i++)
		group[i] = (struct flt_rank_group){judged[i].n[1], judged[i].n[0]};
	*ap = flt_rank_groups_average_precision(group, n_leaves);
	*roc_auc = flt_rank_groups_roc_auc(group, n_leaves);
	flt_entropy_table_release(&table);
	flt_tree_room_release(&room);
	flt_ranking_release(&ranking);
	free(number);
	free(sorted);
	free(label);
	free(tag);
}

static void find_truth(struct setting *setting, uint64_t seed)
{
	struct flt_random random;
	flt_random_init(&random, seed, "trees", 0);
	setting->ap = setting->roc_auc = 0;
	for (size_t i = 0; i < N_TREES; i++) {
		double ap, roc_auc;
		judge_tree(setting, &random, &ap, &roc_auc);
		setting->ap += ap / N_TREES;
		setting->roc_auc += roc_auc / N_TREES;
	}
}

enum { AP, ROC_AUC, N_PROMISES };

static void try_column(const void *context, struct flt_random *random, bool *held)
{
	const struct setting *setting = context;
	double *number = coverage_alloc(setting->n_rows, sizeof *number);
	uint8_t *label = coverage_alloc(setting->n_rows, 1);
	struct flt_strength strength;
	struct flt_error err;
	draw(setting, setting->n_rows, setting->n_positive, number, label, random);
	coverage_must(flt_strength_of_numbers(number, label, setting->n_rows, &strength, &err), &err);
	held[AP] = coverage_holds(&strength.ap, setting->ap);
	held[ROC_AUC] = coverage_holds(&strength.roc_auc, setting->roc_auc);
	free(number);
	free(label);
}

/* Three shares of positive rows to a row of the table, as far as the sizes make sense. */
static void try_shares(struct coverage *coverage, enum kind kind, double size, size_t n_positive)
{
	static const double shares[] = {0.01, 0.05, 0.3};
	size_t kept[N_PROMISES][3], counts[COVERAGE_MAX_PROMISES], n = 0;
	char world[120];
	int length =
	        snprintf(world, sizeof world, "%s %g, %zu positive rows among", kind_names[kind], size, n_positive);
	for (size_t k = 0; k < 3; k++) {
		struct setting setting = {kind, size, (size_t)((double)n_positive / shares[k]), n_positive, 0, 0};
		if (setting.n_rows > MOST_ROWS || setting.n_rows < 50)
			continue;
		find_truth(&setting, coverage->seed);
		coverage_count(coverage, try_column, &setting, N_PROMISES, counts);
		for (size_t p = 0; p < N_PROMISES; p++)
			kept[p][n] = counts[p];
		n++;
		length += snprintf(world + length, sizeof world - (size_t)length, "%s %zu", n > 1 ? "," : "",
		                   setting.n_rows);
	}
	coverage_row(coverage, "strength: PR-AUC", world, "95", kept[AP], n);
	coverage_row(coverage, "strength: ROC-AUC", world, "95", kept[ROC_AUC], n);
}

void coverage_strength(struct coverage *coverage)
{
	static const double sizes[N_KINDS][3] = {{0, 1, 4}, {1, 2, 8}, {0.1, 0.01, 0.001}};
	static const size_t positives[] = {10, 25, 100, 500};
	for (enum kind kind = 0; kind < N_KINDS; kind++)
		for (size_t s = 0; s < 3; s++)
			for (size_t p = 0; p < 4; p++)
				try_shares(coverage, kind, sizes[kind][s], positives[p]);
}
