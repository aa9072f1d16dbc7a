/*
 * How true are the printed probabilities? On the shipped sets the true one of each row is known (`make truth`).
 *
 *	probabilities [--ensemble] DATA.csv TRUTH.csv ...
 *
 * For BCE and focal loss with several gammas, over five seeds: the mean absolute difference between printed and true
 * probability on test rows, which neither training nor calibration has seen, with its standard error over the seeds.
 * One network (--preset fast) is trained for each line and seed; its scores are then mapped in three ways: as they are
 *(the raw sigmoid), through psi, and through psi and Platt scaling that was fitted on the validation rows. With
 *--ensemble there is a second table: the default model, eight networks, with --calibrate auto.
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csv/reader.h"
#include "protocol/protocol.h"

enum { N_SEEDS = 5, N_LOSSES = 5, N_MAPS = 3, MAX_SETS = 8 };

static const double gammas[N_LOSSES] = {0, 0.5, 1, 2, 5};

static void need(enum flt_status status, const struct flt_error *err)
{
	if (status == FLT_OK)
		return;
	fprintf(stderr, "%s\n", err->text);
	exit((int)status);
}

struct set {
	const char *path;
	struct flt_table *table;
	double *truth; /* by data record */
};

static double *read_truth(const char *path, size_t n_rows)
{
	struct flt_error err;
	struct flt_csv *csv;
	struct flt_csv_options options = {.header = FLT_HEADER_YES};
	double *truth = calloc(n_rows, sizeof *truth);
	need(flt_csv_open(path, &options, &csv, &err), &err);
	for (;;) {
		struct flt_csv_record record;
		bool is_end;
		need(flt_csv_next(csv, &record, &is_end, &err), &err);
		if (is_end)
			break;
		size_t row = strtoul(record.fields[0].text, NULL, 10);
		if (!truth || row < 1 || row > n_rows)
			exit(1);
		truth[row - 1] = strtod(record.fields[1].text, NULL);
	}
	flt_csv_free(csv);
	return truth;
}

/* ---- one run ---- */

static double mean_difference(const struct set *set, const struct flt_map *map, const struct flt_split *split,
                              const double *score)
{
	double sum = 0;
	size_t n = split->n_rows[FLT_TEST];
	for (size_t i = 0; i < n; i++) {
		size_t record = flt_table_row_number(set->table, split->rows[FLT_TEST][i]) - 1;
		sum += fabs(flt_sigmoid(flt_map_log_odds(map, score[i])) - set->truth[record]);
	}
	return sum / (double)n;
}

static double *score_part(const struct set *set, const struct flt_detector *detector, const struct flt_split *split,
                          enum flt_row_role part)
{
	struct flt_error err;
	double *score = malloc(split->n_rows[part] * sizeof *score);
	if (!score)
		exit(1);
	need(flt_detector_score(detector, set->table, split->rows[part], split->n_rows[part], 0, score, &err), &err);
	return score;
}

static void measure_maps(const struct set *set, struct flt_detector *detector, const struct flt_split *split,
                         double difference[N_MAPS])
{
	struct flt_error err;
	struct flt_map raw, platt;
	size_t n = split->n_rows[FLT_VALIDATION];
	uint8_t *label = malloc(n);
	double *test = score_part(set, detector, split, FLT_TEST);
	double *validation = score_part(set, detector, split, FLT_VALIDATION);
	if (!label)
		exit(1);
	for (size_t i = 0; i < n; i++)
		label[i] = flt_table_labels(set->table)[split->rows[FLT_VALIDATION][i]];
	flt_map_init(&raw);
	flt_map_init(&platt);
	platt.gamma = detector->map.gamma;
	platt.log_weight_ratio = detector->map.log_weight_ratio;
	struct flt_scored rows = {.n = n, .score = validation, .label = label};
	need(flt_map_fit(&platt, FLT_CALIBRATE_PLATT, &rows, &err), &err);
	difference[0] = mean_difference(set, &raw, split, test);
	difference[1] = mean_difference(set, &detector->map, split, test);
	difference[2] = mean_difference(set, &platt, split, test);
	flt_map_release(&raw);
	flt_map_release(&platt);
	free(label);
	free(test);
	free(validation);
}

static void run(const struct set *set, double gamma, uint64_t seed, bool ensemble, double difference[N_MAPS])
{
	struct flt_error err;
	struct flt_split split;
	struct flt_detector *detector;
	struct flt_fit_result result;
	struct flt_fit_options options;
	/* Several members choose on rows that each of them leaves out, and need no validation part. */
	struct flt_split_options parts = {
	        .test_fraction = 0.2, .validation_fraction = ensemble ? 0 : 0.2, .seed = seed};
	flt_fit_options_init(&options);
	options.fixed = 0; /* all by the recipe, as the program does it */
	options.prep.scale = FLT_SCALE_STANDARD;
	options.preset = ensemble ? FLT_PRESET_DEFAULT : FLT_PRESET_FAST;
	options.n_members = ensemble ? 0 : 1;
	options.calibrate = ensemble ? FLT_CALIBRATE_AUTO : FLT_CALIBRATE_MAP;
	options.train.loss.gamma = gamma;
	options.train.seed = seed;
	need(flt_split_make(set->table, &parts, &split, &err), &err);
	need(flt_fit(set->table, split.rows[FLT_FIT], split.n_rows[FLT_FIT], split.rows[FLT_VALIDATION],
	             split.n_rows[FLT_VALIDATION], &options, NULL, &detector, &result, &err),
	     &err);
	if (ensemble) {
		double *test = score_part(set, detector, &split, FLT_TEST);
		difference[0] = mean_difference(set, &detector->map, &split, test);
		free(test);
	} else {
		measure_maps(set, detector, &split, difference);
	}
	flt_detector_free(detector);
	flt_split_release(&split);
}

/* ---- tables ---- */

struct spread {
	double mean, se;
};

static struct spread spread_of(const double *values, size_t n)
{
	struct spread spread = {0, 0};
	for (size_t i = 0; i < n; i++)
		spread.mean += values[i] / (double)n;
	for (size_t i = 0; i < n; i++)
		spread.se += (values[i] - spread.mean) * (values[i] - spread.mean);
	spread.se = sqrt(spread.se / (double)(n - 1) / (double)n);
	return spread;
}

static void name_loss(double gamma, char name[32])
{
	if (gamma > 0)
		snprintf(name, 32, "focal, gamma %g", gamma);
	else
		snprintf(name, 32, "bce");
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* Prints a set's lines and keeps each line's means. */
static void one_network(const struct set *set, double mean[N_LOSSES][N_MAPS])
{
	for (size_t loss = 0; loss < N_LOSSES; loss++) {
		double values[N_MAPS][N_SEEDS];
		for (size_t seed = 0; seed < N_SEEDS; seed++) {
			double difference[N_MAPS];
			run(set, gammas[loss], seed + 1, false, difference);
			for (size_t map = 0; map < N_MAPS; map++)
				values[map][seed] = difference[map];
		}
		char name[32];
		name_loss(gammas[loss], name);
		printf("| %s | %s |", base_name(set->path), name);
		for (size_t map = 0; map < N_MAPS; map++) {
			struct spread spread = spread_of(values[map], N_SEEDS);
			mean[loss][map] = spread.mean;
			printf(" %.5f +- %.5f |", spread.mean, spread.se);
		}
		putchar('\n');
		fflush(stdout);
	}
}

/* What psi takes back of what the raw sigmoid errs more than BCE does, and how close that comes to BCE. */
static void print_aim(const struct set *sets, size_t n_sets, double mean[MAX_SETS][N_LOSSES][N_MAPS])
{
	puts("\n| set | loss | of the raw excess over bce, psi removes | psi / bce | psi + Platt / bce + Platt |\n"
	     "|---|---|---|---|---|");
	for (size_t s = 0; s < n_sets; s++) {
		double bce = mean[s][0][1], bce_platt = mean[s][0][2];
		for (size_t loss = 1; loss < N_LOSSES; loss++) {
			double raw = mean[s][loss][0], psi = mean[s][loss][1];
			char name[32];
			name_loss(gammas[loss], name);
			printf("| %s | %s | %.1f %% | %.3f | %.3f |\n", base_name(sets[s].path), name,
			       100 * (raw - psi) / (raw - bce), psi / bce, mean[s][loss][2] / bce_platt);
		}
	}
}

static void default_model(const struct set *sets, size_t n_sets)
{
	static const double shown[] = {0, 2};
	puts("\n| set | loss | default model, --calibrate auto |\n|---|---|---|");
	for (size_t s = 0; s < n_sets; s++) {
		for (size_t loss = 0; loss < sizeof shown / sizeof *shown; loss++) {
			double values[N_SEEDS], difference[N_MAPS];
			for (size_t seed = 0; seed < N_SEEDS; seed++) {
				run(&sets[s], shown[loss], seed + 1, true, difference);
				values[seed] = difference[0];
			}
			struct spread spread = spread_of(values, N_SEEDS);
			char name[32];
			name_loss(shown[loss], name);
			printf("| %s | %s | %.5f +- %.5f |\n", base_name(sets[s].path), name, spread.mean, spread.se);
			fflush(stdout);
		}
	}
}

int main(int argc, char **argv)
{
	bool ensemble = argc > 1 && strcmp(argv[1], "--ensemble") == 0;
	static struct set sets[MAX_SETS];
	static double mean[MAX_SETS][N_LOSSES][N_MAPS];
	size_t n_sets = 0;
	for (int i = 1 + ensemble; i + 1 < argc && n_sets < MAX_SETS; i += 2) {
		struct flt_error err;
		struct flt_table_options options = {0};
		struct set *set = &sets[n_sets++];
		set->path = argv[i];
		need(flt_table_read(argv[i], &options, &set->table, &err), &err);
		set->truth = read_truth(argv[i + 1], flt_table_n_rows(set->table));
	}
	if (n_sets == 0) {
		fputs("usage: probabilities [--ensemble] DATA.csv TRUTH.csv ...\n", stderr);
		return 2;
	}
	puts("Mean absolute difference between printed and true probability on test rows, mean +- standard error over\n"
	     "five seeds; one network (--preset fast).\n\n| set | loss | raw sigmoid | psi | psi + Platt "
	     "|\n|---|---|---|---|---|");
	for (size_t s = 0; s < n_sets; s++)
		one_network(&sets[s], mean[s]);
	print_aim(sets, n_sets, mean);
	if (ensemble)
		default_model(sets, n_sets);
	for (size_t s = 0; s < n_sets; s++) {
		flt_table_free(sets[s].table);
		free(sets[s].truth);
	}
	return 0;
}
