/*
 * The threshold of a bag: `rate:F` asks for a share of alarms, read off held-out scores of the rows that the bag was
 * fitted on; fresh rows should give as many. Each table is drawn anew, with a linear or a curved boundary, and a bag
 * by the default recipe, or of plain networks alone, is fitted on 1,000 rows of it. The table says alarms got
 * per 100 asked for, in the mean of the tables, instead of how often a promise held.
 *
 * Which rows came into the table moves its 20th highest score by a fifth. What that does is known, and taken out: the
 * members that leave a row out score it as they do fresh rows, so the k-th highest of n such scores is exceeded by
 * k / (n + 1) of the fresh ones, on average over tables. What a table gives beyond that is subtracted.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "coverage.h"
#include "detector/score.h"
#include "protocol/bag_folds.h"
#include "protocol/bag_scores.h"
#include "protocol/fit.h"

enum { N_INPUTS = 6, N_FIT = 1000, N_FRESH = 4000, N_RATES = 3, EACH = 10 };

static const double rates[N_RATES] = {0.02, 0.05, 0.1};

struct world {
	bool is_curved;
	enum flt_recipe recipe;
	uint64_t seed;
	/* (n tables) alarms got over alarms asked for, without the luck of the fit rows; with thresholds read off the
	 * scores of the members that left the row out, as they are */
	double (*got)[N_RATES], (*uncorrected)[N_RATES];
};

static void write_rows(FILE *file, const struct world *world, struct flt_random *random, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		double x[N_INPUTS];
		for (size_t c = 0; c < N_INPUTS; c++) {
			x[c] = flt_random_normal(random);
			fprintf(file, "%.6g,", x[c]);
		}
		double log_odds = world->is_curved ? -3.2 + 1.5 * sin(2 * x[0]) + 1.2 * x[1] * x[2]
		                                   : -3.2 + 1.2 * x[0] + 0.9 * x[1] - 0.7 * x[2];
		fprintf(file, "%d\n", flt_random_uniform(random) < 1 / (1 + exp(-log_odds)));
	}
}

/* Fit rows first, then fresh ones. */
static struct flt_table *draw_table(const struct world *world, size_t number)
{
	char path[] = "/tmp/fltrain-coverage-XXXXXX";
	struct flt_random random;
	struct flt_table *table;
	struct flt_error err;
	flt_random_init(&random, world->seed, "bag rate", number);
	int descriptor = mkstemp(path);
	FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
	if (!file) {
		perror("coverage");
		exit(EXIT_FAILURE);
	}
	fputs("a,b,c,d,e,f,y\n", file);
	write_rows(file, world, &random, N_FIT + N_FRESH);
	fclose(file);
	struct flt_table_options options = {.target = "y", .positive = "1", .n_threads = 1};
	coverage_must(flt_table_read(path, &options, &table, &err), &err);
	unlink(path);
	return table;
}

static struct flt_detector *fit_bag(const struct world *world, const struct flt_table *table, const size_t *rows,
                                    struct flt_fit_result *result)
{
	struct flt_fit_options options;
	struct flt_detector *detector;
	struct flt_error err;
	flt_fit_options_init(&options);
	options.fixed = 0;
	options.recipe = world->recipe;
	options.prep.scale = FLT_SCALE_STANDARD;
	options.train.n_threads = 1;
	options.identical = FLT_IDENTICAL_APART;
	coverage_must(flt_fit(table, rows, N_FIT, NULL, 0, &options, NULL, &detector, result, &err), &err);
	return detector;
}

/* ---- the luck of the fit rows ---- */

/* Scores by sets of members that leave out the same fold. */
struct sets {
	const struct flt_detector *detector;
	const struct flt_bag_folds *folds; /* NULL: fresh rows, of which set 0 is that of fold 0 */
	size_t n_folds;
	struct flt_bag_scores scores;
};

static size_t turn_of(const struct flt_detector *detector, size_t member)
{
	size_t turn = 0;
	for (size_t m = 0; m < member; m++)
		turn += !detector->members[m].kind ||
		        strcmp(detector->members[m].kind, detector->members[member].kind) == 0;
	return turn;
}

static void add_logits(void *context, size_t member, size_t first, const float *logit, size_t n)
{
	struct sets *sets = context;
	size_t turn = turn_of(sets->detector, member), n_folds = sets->n_folds;
	for (size_t i = 0; i < n; i++) {
		size_t set = turn % n_folds;
		if (sets->folds) {
			struct flt_left_out left_out = flt_bag_left_out(sets->folds, turn);
			set = (set + n_folds - left_out.of[first + i]) % n_folds;
		}
		flt_bag_scores_add(&sets->scores, first + i, set, sets->detector->members[member].weight,
		                   (double)logit[i]);
	}
}

static struct sets score_sets(const struct flt_detector *detector, const struct flt_table *table, const size_t *rows,
                              size_t n, size_t n_folds, const struct flt_bag_folds *folds)
{
	struct sets sets = {.detector = detector, .folds = folds, .n_folds = n_folds};
	struct flt_error err;
	coverage_must(flt_bag_scores_init(&sets.scores, n, n_folds, NULL, &err), &err);
	coverage_must(flt_detector_score_members(detector, table, rows, n, 1, add_logits, &sets, &err), &err);
	return sets;
}

static int descending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x < y) - (x > y);
}

/* How many times as many fresh scores exceed the threshold of each rate as do on average; and that threshold. */
static void find_luck(const struct flt_detector *detector, const struct flt_table *table, const size_t *rows,
                      const struct flt_roster *roster, double luck[N_RATES], double threshold[N_RATES])
{
	struct flt_fold_options options = {
	        .n_folds = roster->n_folds, .seed = roster->kinds[0].train.seed, .identical = FLT_IDENTICAL_APART};
	struct flt_bag_folds folds;
	struct flt_error err;
	double held_out[N_FIT];
	size_t n_turns = turn_of(detector, detector->n_members - 1) + 1;
	coverage_must(flt_bag_folds_deal(table, rows, N_FIT, n_turns, &options, &folds, &err), &err);
	struct sets fit = score_sets(detector, table, rows, N_FIT, folds.n_folds, &folds);
	struct sets fresh = score_sets(detector, table, rows + N_FIT, N_FRESH, folds.n_folds, NULL);
	const struct flt_sums *fit_sums = &fit.scores.held_out, *sums = &fresh.scores.sets;
	for (size_t i = 0; i < N_FIT; i++)
		held_out[i] = fit_sums->log_p[i] - fit_sums->log_q[i];
	qsort(held_out, N_FIT, sizeof *held_out, descending);
	for (size_t r = 0; r < N_RATES; r++) {
		double k = rates[r] * N_FIT, n = (double)N_FRESH * (double)folds.n_folds, above = 0;
		threshold[r] = held_out[(size_t)(k + 0.5) - 1];
		for (size_t i = 0; i < folds.n_folds * N_FRESH; i++)
			above += sums->log_p[i] - sums->log_q[i] >= threshold[r];
		luck[r] = above / n / (k / (N_FIT + 1));
	}
	flt_bag_scores_release(&fit.scores);
	flt_bag_scores_release(&fresh.scores);
	flt_bag_folds_release(&folds);
}

/* ---- tables ---- */

static void try_table(void *context, size_t number, size_t worker)
{
	const struct world *world = context;
	struct flt_table *table = draw_table(world, number);
	size_t rows[N_FIT + N_FRESH];
	double score[N_FRESH], luck[N_RATES], raw[N_RATES];
	struct flt_fit_result result;
	struct flt_error err;
	(void)worker;
	for (size_t i = 0; i < N_FIT + N_FRESH; i++)
		rows[i] = i;
	struct flt_detector *detector = fit_bag(world, table, rows, &result);
	struct flt_scored held_out = flt_held_out_scored(&result.chosen_by);
	coverage_must(flt_detector_score(detector, table, rows + N_FIT, N_FRESH, 1, score, &err), &err);
	find_luck(detector, table, rows, &result.roster, luck, raw);
	for (size_t r = 0; r < N_RATES; r++) {
		struct flt_rule rule = {.kind = FLT_RULE_RATE, .value = rates[r]};
		struct flt_choice choice;
		size_t n_alarms = 0, n_raw = 0;
		coverage_must(flt_rule_choose(&rule, &held_out, &choice, &err), &err);
		for (size_t i = 0; i < N_FRESH; i++) {
			n_alarms += flt_is_positive(flt_detector_log_odds(detector, score[i]), choice.threshold);
			n_raw += score[i] >= raw[r];
		}
		world->got[number][r] = (double)n_alarms / N_FRESH / rates[r] - (luck[r] - 1);
		world->uncorrected[number][r] = (double)n_raw / N_FRESH / rates[r] - (luck[r] - 1);
	}
	flt_detector_free(detector);
	flt_fit_result_release(&result);
	flt_table_free(table);
}

static void print_row(const struct world *world, const char *scores, double (*got)[N_RATES], size_t n)
{
	double error = 0;
	printf("| alarms of `rate:0.02`, `0.05`, `0.1` | %s boundary, %s networks, %s, %zu tables | 100 | ",
	       world->is_curved ? "curved" : "linear", flt_recipe_words[world->recipe], scores, n);
	for (size_t r = 0; r < N_RATES; r++) {
		double sum = 0, square = 0;
		for (size_t i = 0; i < n; i++) {
			sum += got[i][r];
			square += got[i][r] * got[i][r];
		}
		double mean = sum / (double)n, variance = square / (double)n - mean * mean;
		error = fmax(error, sqrt(fmax(variance, 0) / (double)n));
		printf("%s%.1f", r ? ", " : "", 100 * mean);
	}
	printf(" | %.1f |\n", 100 * error);
	fflush(stdout);
}

/* A bag takes as long as thousands of test sets. */
void coverage_bag_rate(struct coverage *coverage)
{
	size_t n = coverage->n / EACH + 2;
	for (int w = 0; w < 4; w++) {
		struct world world = {.is_curved = w / 2,
		                      .recipe = w % 2 ? FLT_RECIPE_PLAIN : FLT_RECIPE_POOL,
		                      .seed = coverage->seed++};
		world.got = coverage_alloc(n, sizeof *world.got);
		world.uncorrected = coverage_alloc(n, sizeof *world.uncorrected);
		flt_pool_run(coverage->pool, n, try_table, &world);
		print_row(&world, "corrected scores", world.got, n);
		print_row(&world, "scores as they are", world.uncorrected, n);
		free(world.got);
		free(world.uncorrected);
	}
}
