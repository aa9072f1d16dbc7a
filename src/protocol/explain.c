/*
 * The work is bounded by multiplications, so that explaining takes seconds whatever the model: the sample is as large
 * as they allow. Importance takes a scoring of each of its rows for each unit and repeat, effects two for each column
 * and twice more for its slices by another, and interactions one for each pair.
 */
#include "protocol/explain.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/pool.h"
#include "eval/prior.h"
#include "protocol/explain_categories.h"

/* Products of weights and inputs: some seconds on two cores. */
static const double WORK = 1.2e11, BRIEF_WORK = 2e10;

enum {
	REPEATS = 3,
	MOST_EFFECTS = 8,
	MOST_INTERACTING = 5,
	BRIEF_EFFECTS = 6,
	BRIEF_INTERACTING = 3,
	MOST_ASSOCIATED = 200, /* units that are looked at for associations */
	MOST_ROWS = 20000,     /* more tell little more */
	LEAST_ROWS = 1000,     /* whatever it takes: intervals of fewer hold less often than they say */
	BRIEF_ROWS = 500,
};

static size_t n_repeats_of(const struct flt_explain_options *options)
{
	return options->n_repeats ? options->n_repeats : options->is_brief ? 1 : REPEATS;
}

static size_t n_effects_of(const struct flt_explain_options *options)
{
	return options->is_brief ? BRIEF_EFFECTS : MOST_EFFECTS;
}

static size_t n_interacting_of(const struct flt_explain_options *options)
{
	return options->is_brief ? BRIEF_INTERACTING : MOST_INTERACTING;
}

/* How often a row is scored for the effect of a column, on average: two ends of a bin, or each category. */
static double scorings_of_effect(const struct flt_detector *detector)
{
	double sum = 0, n_used = 0;
	for (size_t c = 0; c < flt_prep_n_columns(detector->prep); c++) {
		struct flt_prep_column column = flt_prep_column(detector->prep, c);
		bool is_numeric = column.use == FLT_USED_NUMERIC;
		if (!is_numeric && column.use != FLT_USED_CATEGORICAL)
			continue;
		n_used++;
		sum += is_numeric ? 2
		                  : fmin((double)(column.n_levels + column.n_more + 2), FLT_MOST_EXPLAINED_CATEGORIES);
	}
	return n_used > 0 ? sum / n_used : 0;
}

/* How often each row of the sample is scored. */
static double count_scorings(const struct flt_detector *detector, const struct flt_explain_options *options)
{
	size_t n_pairs = n_interacting_of(options) * (n_interacting_of(options) - 1) / 2;
	return (double)(flt_explain_n_units(detector) * n_repeats_of(options) + n_pairs) +
	       scorings_of_effect(detector) * (double)(n_effects_of(options) + 1);
}

/* Products for each row of the sample. */
static double work_of_row(const struct flt_detector *detector, const struct flt_explain_options *options)
{
	const double overhead = 2000; /* of a row in each network, as products */
	double of_row = (double)flt_detector_n_params(detector) + overhead * (double)detector->n_members;
	return of_row * count_scorings(detector, options);
}

/* How far the work is, in scorings. */
struct pace {
	const struct flt_explain_options *options;
	double n_done, n_all, of_effect;
};

static void add_scorings(void *context, double n_times)
{
	struct pace *pace = context;
	pace->n_done += n_times;
	if (pace->options->on_share)
		pace->options->on_share(pace->options->context, fmin(pace->n_done / pace->n_all, 1));
}

size_t flt_explain_n_rows(const struct flt_detector *detector, const struct flt_explain_options *options)
{
	if (options->n_rows)
		return options->n_rows;
	double n = (options->is_brief ? BRIEF_WORK : WORK) / work_of_row(detector, options);
	return (size_t)fmin(fmax(n, options->is_brief ? BRIEF_ROWS : LEAST_ROWS), MOST_ROWS);
}

double flt_explain_seconds(const struct flt_detector *detector, size_t n_rows,
                           const struct flt_explain_options *options)
{
	const double a_second = 1e10; /* products of one thread */
	size_t n_most = flt_explain_n_rows(detector, options);
	double n = (double)(n_rows < n_most ? n_rows : n_most);
	return n * work_of_row(detector, options) / a_second / flt_pool_size(options->n_threads);
}

/* ---- the order of importance ---- */

static double rank_of(const struct flt_explained_importance *importance)
{
	const struct flt_importance *figures = &importance->figures;
	return isnan(figures->ap.value) ? figures->moves.value : figures->ap.value;
}

static int by_importance(const void *a, const void *b)
{
	const struct flt_explained_importance *x = a, *y = b;
	double first = rank_of(x), second = rank_of(y);
	if (first == second) {
		first = x->figures.moves.value;
		second = y->figures.moves.value;
	}
	if (first != second)
		return first > second ? -1 : 1;
	return (x->unit > y->unit) - (x->unit < y->unit);
}

static enum flt_status find_importance(const struct flt_explain_shuffles *shuffles, struct flt_explanation *explanation,
                                       struct flt_error *err)
{
	size_t n = explanation->units.n;
	explanation->importance = flt_alloc(n, sizeof *explanation->importance, err);
	FLT_TRY_MEMORY(explanation->importance);
	struct flt_importance *figures = flt_alloc(n, sizeof *figures, err);
	FLT_TRY_MEMORY(figures);
	enum flt_status status = flt_explain_importance(shuffles, figures, err);
	for (size_t u = 0; u < n; u++)
		explanation->importance[u] = (struct flt_explained_importance){.unit = u, .figures = figures[u]};
	flt_free(figures);
	FLT_TRY(status);
	qsort(explanation->importance, n, sizeof *explanation->importance, by_importance);
	return FLT_OK;
}

/* ---- what follows for the most important units ---- */

static enum flt_status find_effects(const struct flt_explain_shuffles *shuffles, size_t n_most, struct pace *pace,
                                    struct flt_explanation *explanation, struct flt_error *err)
{
	explanation->effects = flt_alloc_zero(n_most, sizeof *explanation->effects, err);
	FLT_TRY_MEMORY(explanation->effects);
	for (size_t i = 0; i < explanation->units.n; i++) {
		const struct flt_explain_unit *unit = &explanation->units.units[explanation->importance[i].unit];
		for (size_t k = 0; k < unit->n_columns; k++) {
			if (explanation->n_effects == n_most)
				return FLT_OK;
			struct flt_explained_effect *effect = &explanation->effects[explanation->n_effects++];
			FLT_TRY(flt_explain_column(shuffles->detector, shuffles->rows, unit->columns[k],
			                           shuffles->n_threads, effect, err));
			add_scorings(pace, pace->of_effect);
			effect->rank = i;
			if (effect->n_points > 1)
				continue;
			flt_explained_effect_release(effect); /* it has one value in all rows */
			explanation->n_effects--;
		}
	}
	return FLT_OK;
}

static int by_figure(const void *a, const void *b)
{
	const struct flt_explained_interaction *x = a, *y = b;
	if (x->figure.value != y->figure.value)
		return x->figure.value > y->figure.value ? -1 : 1;
	return 0;
}

static enum flt_status find_interactions(const struct flt_explain_shuffles *shuffles, size_t n_most,
                                         struct flt_explanation *explanation, struct flt_error *err)
{
	size_t units[MOST_INTERACTING], n = explanation->units.n < n_most ? explanation->units.n : n_most;
	if (n < 2)
		return FLT_OK;
	for (size_t i = 0; i < n; i++)
		units[i] = explanation->importance[i].unit;
	size_t n_pairs = n * (n - 1) / 2;
	explanation->interactions = flt_alloc(n_pairs, sizeof *explanation->interactions, err);
	FLT_TRY_MEMORY(explanation->interactions);
	FLT_TRY(flt_explain_interactions(shuffles, units, n, explanation->interactions, err));
	explanation->n_interactions = n_pairs;
	qsort(explanation->interactions, n_pairs, sizeof *explanation->interactions, by_figure);
	return FLT_OK;
}

static enum flt_status find_correlations(const struct flt_explain_rows *rows, struct flt_explanation *explanation,
                                         struct flt_error *err)
{
	size_t order[MOST_ASSOCIATED],
	        n = explanation->units.n < MOST_ASSOCIATED ? explanation->units.n : MOST_ASSOCIATED;
	for (size_t i = 0; i < n; i++)
		order[i] = explanation->importance[i].unit;
	return flt_correlations_find(rows, &explanation->units, order, n, &explanation->correlations, err);
}

/* ---- all of it ---- */

static bool has_both_classes(const uint8_t *label, size_t n)
{
	size_t n_positive = 0;
	for (size_t i = 0; label && i < n; i++)
		n_positive += label[i];
	return n_positive > 0 && n_positive < n;
}

static double prevalence_of(const struct flt_explain_population *population)
{
	double sum = 0, all = 0;
	for (size_t i = 0; population->label && i < population->n; i++) {
		double weight = population->weight ? population->weight[i] : 1;
		sum += population->label[i] ? weight : 0;
		all += weight;
	}
	return all > 0 ? sum / all : (double)NAN;
}

static enum flt_status measure_all_rows(const struct flt_explain_population *population,
                                        struct flt_explanation *explanation, struct flt_error *err)
{
	struct flt_scored all = {.n = population->n,
	                         .score = population->score,
	                         .label = population->label,
	                         .weight = population->weight};
	explanation->has_labels = has_both_classes(population->label, population->n);
	explanation->prevalence = prevalence_of(population);
	explanation->ap = (double)NAN;
	if (!explanation->has_labels)
		return FLT_OK;
	if (population->prior <= 0)
		return flt_average_precision(&all, &explanation->ap, err);
	double *weight = flt_alloc(all.n, sizeof *weight, err);
	FLT_TRY_MEMORY(weight);
	all = flt_prior_weights(&all, population->prior, weight);
	enum flt_status status = flt_average_precision(&all, &explanation->ap, err);
	flt_free(weight);
	return status;
}

static enum flt_status explain_units(const struct flt_explain_shuffles *shuffles,
                                     const struct flt_explain_options *options, struct pace *pace,
                                     struct flt_explanation *explanation, struct flt_error *err)
{
	FLT_TRY(find_importance(shuffles, explanation, err));
	FLT_TRY(find_correlations(shuffles->rows, explanation, err));
	FLT_TRY(find_effects(shuffles, n_effects_of(options), pace, explanation, err));
	FLT_TRY(find_interactions(shuffles, n_interacting_of(options), explanation, err));
	return flt_explain_together(shuffles, explanation->interactions, explanation->n_interactions,
	                            &explanation->together, err);
}

static enum flt_status explain_rows(const struct flt_detector *detector, const struct flt_explain_rows *rows,
                                    const struct flt_explain_options *options, struct flt_explanation *explanation,
                                    struct flt_error *err)
{
	size_t n_repeats = n_repeats_of(options);
	explanation->n_rows = rows->n;
	explanation->n_positive = rows->n_positive;
	explanation->n_of = rows->n_of;
	explanation->n_repeats = n_repeats;
	FLT_TRY(flt_explain_units_make(&explanation->units, detector, options->groups, options->n_groups, err));
	size_t *partner = flt_alloc(n_repeats, rows->n * sizeof *partner, err);
	FLT_TRY_MEMORY(partner);
	flt_pairs_draw(rows->weight, rows->n, n_repeats, options->seed, partner);
	struct pace pace = {.options = options,
	                    .n_all = count_scorings(detector, options),
	                    .of_effect = scorings_of_effect(detector)};
	const struct flt_explain_shuffles shuffles = {.detector = detector,
	                                              .rows = rows,
	                                              .units = &explanation->units,
	                                              .n_repeats = n_repeats,
	                                              .partner = partner,
	                                              .n_threads = options->n_threads,
	                                              .on_scored = add_scorings,
	                                              .context = &pace};
	enum flt_status status = explain_units(&shuffles, options, &pace, explanation, err);
	flt_free(partner);
	return status;
}

enum flt_status flt_explain_check(const struct flt_detector *detector, const struct flt_explain_options *options,
                                  struct flt_error *err)
{
	struct flt_explain_units units;
	enum flt_status status = flt_explain_units_make(&units, detector, options->groups, options->n_groups, err);
	flt_explain_units_release(&units);
	return status;
}

static enum flt_status explain_sample(const struct flt_explain_population *population,
                                      struct flt_explain_sample *sample, const struct flt_reading_options *reading,
                                      const struct flt_explain_options *options, struct flt_explanation *explanation,
                                      struct flt_error *err)
{
	struct flt_explain_rows rows = {0};
	enum flt_status status;
	FLT_TRY_OUT(measure_all_rows(population, explanation, err));
	FLT_TRY_OUT(flt_explain_rows_of_sample(&rows, sample, population, reading, err));
	status = explain_rows(sample->detector, &rows, options, explanation, err);
out:
	flt_explain_rows_release(&rows);
	return status;
}

enum flt_status flt_explain_labelled(const struct flt_detector *detector, const struct flt_labelled_rows *rows,
                                     const struct flt_stream *stream, const struct flt_reading_options *reading,
                                     const struct flt_explain_options *options, struct flt_explanation *explanation,
                                     struct flt_error *err)
{
	struct flt_explain_population population = {.n = rows->n,
	                                            .score = rows->score,
	                                            .label = rows->has_target ? rows->label : NULL,
	                                            .weight = rows->weight,
	                                            .prior = rows->prior};
	size_t *cluster;
	*explanation = (struct flt_explanation){0};
	if (rows->n == 0)
		return flt_fail(err, FLT_ERR_DATA, "%s: has no rows to explain the model on; choose another file",
		                flt_stream_name(stream));
	assert(rows->sample->detector == detector);
	explanation->is_starred = flt_is_training_data(detector, flt_stream_sha256(stream)) ||
	                          flt_overlap_of(detector, rows->n_sampled, rows->n_found).is_starred;
	FLT_TRY(flt_labelled_rows_clusters(rows, stream, &cluster, &population.n_clusters, err));
	population.cluster = cluster;
	enum flt_status status = explain_sample(&population, rows->sample, reading, options, explanation, err);
	flt_free(cluster);
	return status;
}

static struct flt_explain_population population_of(const struct flt_evaluation *evaluation)
{
	return (struct flt_explain_population){.n = evaluation->n_rows,
	                                       .score = evaluation->score,
	                                       .label = evaluation->label,
	                                       .weight = evaluation->weight,
	                                       .cluster = evaluation->cluster,
	                                       .n_clusters = evaluation->n_clusters,
	                                       .prior = evaluation->prior};
}

enum flt_status flt_explain_sampled(const struct flt_evaluation *evaluation, struct flt_explain_sample *sample,
                                    const struct flt_reading_options *reading,
                                    const struct flt_explain_options *options, struct flt_explanation *explanation,
                                    struct flt_error *err)
{
	const struct flt_explain_population population = population_of(evaluation);
	*explanation = (struct flt_explanation){.is_starred = evaluation->is_starred};
	return explain_sample(&population, sample, reading, options, explanation, err);
}

/* Left-out rows were ranked by the networks that had not seen them, while shuffled rows are ranked by all. */
static enum flt_status measure_by_all_networks(const struct flt_explain_rows *rows, struct flt_explanation *explanation,
                                               struct flt_error *err)
{
	const struct flt_scored scored = flt_explain_rows_scored(rows);
	return explanation->has_labels ? flt_average_precision(&scored, &explanation->ap, err) : FLT_OK;
}

enum flt_status flt_explain_evaluation(const struct flt_evaluation *evaluation, const struct flt_table *table,
                                       const struct flt_explain_options *options, struct flt_explanation *explanation,
                                       struct flt_error *err)
{
	const struct flt_explain_population population = population_of(evaluation);
	const struct flt_explain_sampling sampling = {.n_most = flt_explain_n_rows(evaluation->detector, options),
	                                              .seed = options->seed,
	                                              .n_threads = options->n_threads};
	struct flt_explain_rows rows = {0};
	enum flt_status status;
	*explanation = (struct flt_explanation){.is_starred = evaluation->is_starred};
	FLT_TRY_OUT(measure_all_rows(&population, explanation, err));
	FLT_TRY_OUT(flt_explain_rows_of_table(&rows, evaluation->detector, table, evaluation->rows, &population,
	                                      &sampling, err));
	if (evaluation->evaluated_on == FLT_EVALUATED_LEFT_OUT)
		FLT_TRY_OUT(measure_by_all_networks(&rows, explanation, err));
	status = explain_rows(evaluation->detector, &rows, options, explanation, err);
out:
	flt_explain_rows_release(&rows);
	return status;
}

void flt_explanation_release(struct flt_explanation *explanation)
{
	for (size_t i = 0; i < explanation->n_effects; i++)
		flt_explained_effect_release(&explanation->effects[i]);
	flt_free(explanation->effects);
	flt_explained_together_release(&explanation->together);
	flt_free(explanation->interactions);
	flt_free(explanation->importance);
	flt_correlations_release(&explanation->correlations);
	flt_explain_units_release(&explanation->units);
	*explanation = (struct flt_explanation){0};
}
