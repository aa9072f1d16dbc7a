/*
 * Whether the intervals of a column's strength hold what they promise: draws many tables of one column whose strength
 * is known, and counts how often the interval holds it.
 *
 * usage: strength_coverage [SAMPLES]
 *
 * The true strength is that of a tree learnt from four fifths of the rows, as in cross-validation: the mean over 40
 * such trees, each judged on 200,000 other rows. Columns are a shifted normal (the higher the more positive), the same
 * where a quarter of the positive rows are like the negative ones, and a copy of the class with mistakes.
 */
#include <stdio.h>
#include <stdlib.h>

#include "audit/strength.h"
#include "audit/tree.h"
#include "base/random.h"
#include "eval/rank_groups.h"

enum { N_TREES = 40, N_JUDGED = 200000, MOST_ROWS = 20000 };

enum kind { SHIFTED, MIXED, COPY, N_KINDS };

static const char *const kind_names[N_KINDS] = {"shifted", "mixed", "copy"};

struct setting {
	enum kind kind;
	double size; /* of the shift, or the share of mistakes */
	size_t n_rows, n_positive;
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

static void *allocate(size_t n, size_t size)
{
	void *memory = malloc(n * size);
	if (!memory) {
		fputs("strength_coverage: out of memory\n", stderr);
		exit(EXIT_FAILURE);
	}
	return memory;
}

static void must(enum flt_status status, const struct flt_error *err)
{
	if (status == FLT_OK)
		return;
	fprintf(stderr, "strength_coverage: %s\n", err->text);
	exit(EXIT_FAILURE);
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
	double share = (double)setting->n_positive / (double)setting->n_rows, *number = allocate(n, sizeof *number),
	       *sorted = allocate(n, sizeof *sorted);
	uint8_t *label = allocate(n, 1), *tag = allocate(n, 1);
	struct flt_ranking ranking;
	struct flt_tree_room room;
	struct flt_entropy_table table;
	struct flt_error err;
	struct flt_judged judged[FLT_TREE_LEAVES];
	struct flt_rank_group group[FLT_TREE_LEAVES];
	must(flt_ranking_init(&ranking, n, &err), &err);
	must(flt_tree_room_init(&room, n, &err), &err);
	must(flt_entropy_table_init(&table, n, &err), &err);
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

static bool holds(const struct flt_interval *interval, double truth)
{
	return interval->lo <= truth && truth <= interval->hi;
}

static void try_setting(const struct setting *setting, size_t n_samples, uint64_t seed)
{
	struct flt_random random;
	struct flt_error err;
	double ap = 0, roc_auc = 0, mean_ap = 0, mean_auc = 0, *number = allocate(setting->n_rows, sizeof *number);
	uint8_t *label = allocate(setting->n_rows, 1);
	size_t n_ap = 0, n_auc = 0;
	flt_random_init(&random, seed, "coverage", 0);
	for (size_t i = 0; i < N_TREES; i++) {
		double one_ap, one_auc;
		judge_tree(setting, &random, &one_ap, &one_auc);
		ap += one_ap / N_TREES;
		roc_auc += one_auc / N_TREES;
	}
	for (size_t i = 0; i < n_samples; i++) {
		struct flt_strength strength;
		draw(setting, setting->n_rows, setting->n_positive, number, label, &random);
		must(flt_strength_of_numbers(number, label, setting->n_rows, &strength, &err), &err);
		n_ap += holds(&strength.ap, ap);
		n_auc += holds(&strength.roc_auc, roc_auc);
		mean_ap += strength.ap.value / (double)n_samples;
		mean_auc += strength.roc_auc.value / (double)n_samples;
	}
	printf("%-8s %5g %6zu %8zu   %.3f %.3f %5.1f %%   %.3f %.3f %5.1f %%\n", kind_names[setting->kind],
	       setting->size, setting->n_rows, setting->n_positive, ap, mean_ap, 100 * (double)n_ap / (double)n_samples,
	       roc_auc, mean_auc, 100 * (double)n_auc / (double)n_samples);
	fflush(stdout);
	free(number);
	free(label);
}

int main(int argc, char **argv)
{
	static const double sizes[N_KINDS][3] = {{0, 1, 4}, {1, 2, 8}, {0.1, 0.01, 0.001}},
	                    shares[] = {0.01, 0.05, 0.3};
	static const size_t positives[] = {10, 25, 100, 500};
	size_t n_samples = argc > 1 ? (size_t)atol(argv[1]) : 400;
	uint64_t seed = 0;
	puts("                                   average precision         ROC-AUC");
	puts("column    size   rows positive    true  mean  covered    true  mean  covered");
	for (enum kind kind = 0; kind < N_KINDS; kind++)
		for (size_t s = 0; s < 3; s++)
			for (size_t p = 0; p < 4; p++)
				for (size_t k = 0; k < 3; k++) {
					size_t n_rows = (size_t)((double)positives[p] / shares[k]);
					if (n_rows > MOST_ROWS || n_rows < 50)
						continue;
					struct setting setting = {kind, sizes[kind][s], n_rows, positives[p]};
					try_setting(&setting, n_samples, ++seed);
				}
	return EXIT_SUCCESS;
}
