#include "protocol/slices.h"

#include <string.h>

#include "base/alloc.h"
#include "base/words.h"
#include "eval/difference.h"
#include "eval/prior.h"

static const double LEVEL = 0.05; /* of all comparisons together */

FLT_WORDS(flt_slice_figure_words, FLT_N_SLICE_FIGURES, "recall", "precision", "roc_auc");

/* Some of the evaluated rows. */
struct part {
	struct flt_scored rows;
	double *score, *log_odds, *weight;
	uint8_t *label;
	size_t *cluster;
	size_t n_positive;
};

struct slicer {
	const struct flt_evaluation *evaluation;
	struct flt_scored all;
	double positive_weight; /* what moves all rows to evaluation->prior; 0: there is none */
	const size_t *of;       /* (n) the slice of each row */
	size_t *cluster_of;     /* (n_clusters) numbers of clusters within a part */
	struct part part;       /* room for all rows */
	unsigned n_threads;
};

static void sum_classes(const struct flt_scored *rows, double of_class[2])
{
	of_class[0] = of_class[1] = 0;
	for (size_t i = 0; i < rows->n; i++)
		of_class[rows->label[i]] += flt_row_weight(rows, i);
}

static void take_all(struct slicer *slicer)
{
	double of_class[2], prior = slicer->evaluation->prior;
	slicer->all = flt_evaluation_scored(slicer->evaluation);
	sum_classes(&slicer->all, of_class);
	slicer->positive_weight = prior > 0 ? flt_prior_weight(of_class, prior) : 0;
}

/* The share of positive rows in a part, of both classes, where all rows have the prior; 0: as they are. */
static double prior_of(const struct slicer *slicer)
{
	double of_class[2];
	sum_classes(&slicer->part.rows, of_class);
	double positive = slicer->positive_weight * of_class[1];
	return positive / (positive + of_class[0]);
}

static enum flt_status slicer_init(struct slicer *slicer, struct flt_error *err)
{
	struct part *part = &slicer->part;
	take_all(slicer);
	const struct flt_scored *all = &slicer->all;
	part->score = flt_alloc(all->n, sizeof *part->score, err);
	part->log_odds = flt_alloc(all->n, sizeof *part->log_odds, err);
	part->label = flt_alloc(all->n, sizeof *part->label, err);
	part->weight = all->weight ? flt_alloc(all->n, sizeof *part->weight, err) : NULL;
	part->cluster = all->cluster ? flt_alloc(all->n, sizeof *part->cluster, err) : NULL;
	slicer->cluster_of = flt_alloc(all->n_clusters, sizeof *slicer->cluster_of, err);
	FLT_TRY_MEMORY(part->score && part->log_odds && part->label && slicer->cluster_of);
	FLT_TRY_MEMORY((part->weight || !all->weight) && (part->cluster || !all->cluster));
	return FLT_OK;
}

static void slicer_release(struct slicer *slicer)
{
	flt_free(slicer->part.score);
	flt_free(slicer->part.log_odds);
	flt_free(slicer->part.label);
	flt_free(slicer->part.weight);
	flt_free(slicer->part.cluster);
	flt_free(slicer->cluster_of);
}

/* Fills slicer->part with the rows of a slice, or with all others. */
static void take(struct slicer *slicer, size_t slice, bool rest)
{
	const struct flt_scored *all = &slicer->all;
	struct part *part = &slicer->part;
	size_t n = 0, n_clusters = 0;
	part->n_positive = 0;
	for (size_t i = 0; i < all->n_clusters; i++)
		slicer->cluster_of[i] = SIZE_MAX;
	for (size_t i = 0; i < all->n; i++) {
		if ((slicer->of[i] == slice) == rest)
			continue;
		part->score[n] = all->score[i];
		part->log_odds[n] = all->log_odds[i];
		part->label[n] = all->label[i];
		part->n_positive += all->label[i];
		if (part->weight)
			part->weight[n] = all->weight[i];
		if (part->cluster) {
			size_t *number = &slicer->cluster_of[all->cluster[i]];
			*number = *number == SIZE_MAX ? n_clusters++ : *number;
			part->cluster[n] = *number;
		}
		n++;
	}
	part->rows = (struct flt_scored){.n = n,
	                                 .score = part->score,
	                                 .log_odds = part->log_odds,
	                                 .label = part->label,
	                                 .weight = part->weight,
	                                 .cluster = part->cluster,
	                                 .n_clusters = n_clusters};
}

static enum flt_status evaluate_part(const struct slicer *slicer, enum flt_chance_effort chance,
                                     struct flt_figures *figures, bool *has_figures, struct flt_error *err)
{
	const struct flt_evaluation *evaluation = slicer->evaluation;
	const struct part *part = &slicer->part;
	struct flt_evaluate_options options = {.threshold = evaluation->detector->choice.threshold,
	                                       .seed = evaluation->seed,
	                                       .chance = chance,
	                                       .n_threads = slicer->n_threads};
	*has_figures = part->n_positive > 0 && part->n_positive < part->rows.n;
	if (*has_figures) {
		options.prior = prior_of(slicer);
		return flt_evaluation_figures(&part->rows, &options, figures, err);
	}
	*figures = (struct flt_figures){.n_rows = part->rows.n, .n_positive = part->n_positive};
	if (part->rows.n > 0) {
		FLT_TRY(flt_point_at(&part->rows, options.threshold, 0, &figures->chosen, err));
		FLT_TRY(flt_point_at(&part->rows, 0.5, 0, &figures->at_half, err));
	}
	return FLT_OK;
}

static void compare(struct flt_slice_comparison *comparison, bool is_made, const struct flt_interval *of_slice,
                    const struct flt_interval *of_rest)
{
	*comparison = (struct flt_slice_comparison){.is_made = is_made, .of_slice = *of_slice, .of_rest = *of_rest};
	comparison->p = comparison->p_adjusted = is_made ? flt_difference_p(of_slice, of_rest) : 1;
}

static size_t count_called(const struct slicer *slicer)
{
	const struct flt_scored *rows = &slicer->part.rows;
	double threshold = slicer->evaluation->detector->choice.threshold;
	size_t n = 0;
	for (size_t i = 0; i < rows->n; i++)
		n += flt_is_positive(rows->log_odds[i], threshold);
	return n;
}

static double weight_called(const struct flt_figures *figures)
{
	return figures->chosen.confusion.tp + figures->chosen.confusion.fp;
}

static void compare_all(struct flt_slice *slice, const struct flt_figures *rest, bool rest_has_figures)
{
	const struct flt_figures *own = &slice->figures;
	compare(&slice->comparison[FLT_SLICE_RECALL], own->n_positive > 0 && rest->n_positive > 0, &own->chosen.recall,
	        &rest->chosen.recall);
	compare(&slice->comparison[FLT_SLICE_PRECISION], weight_called(own) > 0 && weight_called(rest) > 0,
	        &own->chosen.precision, &rest->chosen.precision);
	compare(&slice->comparison[FLT_SLICE_ROC_AUC], slice->has_figures && rest_has_figures, &own->roc_auc,
	        &rest->roc_auc);
}

static enum flt_status evaluate_slices(struct slicer *slicer, const struct flt_slicing *slicing, const char *column,
                                       struct flt_slices *slices, struct flt_error *err)
{
	for (size_t i = 0; i < slicing->n_slices; i++) {
		struct flt_slice *slice = &slices->slices[slices->n++];
		*slice = (struct flt_slice){.column = column,
		                            .kind = slicing->slices[i].kind,
		                            .lo = slicing->slices[i].lo,
		                            .hi = slicing->slices[i].hi};
		memcpy(slice->name, slicing->slices[i].name, sizeof slice->name);
		take(slicer, i, false);
		FLT_TRY(evaluate_part(slicer, FLT_CHANCE_QUICK, &slice->figures, &slice->has_figures, err));
		slice->n_called = count_called(slicer);
		if (i == 1 && slicing->n_slices == 2) /* its rest is the first */
			continue;
		struct flt_figures rest;
		bool rest_has_figures;
		take(slicer, i, true);
		FLT_TRY(evaluate_part(slicer, FLT_CHANCE_NONE, &rest, &rest_has_figures, err));
		compare_all(slice, &rest, rest_has_figures);
	}
	return FLT_OK;
}

static enum flt_status add_column(const struct flt_evaluation *evaluation, const struct flt_slicing_column *column,
                                  unsigned n_threads, struct flt_slices *slices, struct flt_error *err)
{
	struct flt_slicing slicing;
	struct slicer slicer = {.evaluation = evaluation, .n_threads = n_threads};
	enum flt_status status = FLT_OK;
	FLT_TRY_OUT(flt_slicing_make(column, FLT_MOST_SLICES - slices->n, &slicing, err));
	slicer.of = slicing.of;
	FLT_TRY_OUT(slicer_init(&slicer, err));
	FLT_TRY_OUT(evaluate_slices(&slicer, &slicing, column->name, slices, err));
out:
	slicer_release(&slicer);
	flt_slicing_release(&slicing);
	return status;
}

/* Corrects for looking at many slices. */
static enum flt_status adjust(struct flt_slices *slices, struct flt_error *err)
{
	enum { MOST = FLT_MOST_SLICES * FLT_N_SLICE_FIGURES };
	struct flt_slice_comparison *made[MOST];
	double p[MOST];
	size_t n = 0;
	for (size_t i = 0; i < slices->n; i++)
		for (size_t c = 0; c < FLT_N_SLICE_FIGURES; c++)
			if (slices->slices[i].comparison[c].is_made) {
				p[n] = slices->slices[i].comparison[c].p;
				made[n++] = &slices->slices[i].comparison[c];
			}
	slices->n_comparisons = n;
	FLT_TRY(flt_holm(p, n, err));
	for (size_t i = 0; i < n; i++) {
		made[i]->p_adjusted = p[i];
		made[i]->differs = p[i] < LEVEL;
	}
	for (size_t i = 0; i < slices->n; i++) {
		bool differs = false;
		for (size_t c = 0; c < FLT_N_SLICE_FIGURES; c++)
			differs |= slices->slices[i].comparison[c].differs;
		slices->n_different += differs;
	}
	return FLT_OK;
}

enum flt_status flt_slices_make(const struct flt_evaluation *evaluation, const struct flt_slice_columns *columns,
                                unsigned n_threads, struct flt_slices *slices, struct flt_error *err)
{
	*slices = (struct flt_slices){0};
	slices->slices = flt_alloc(FLT_MOST_SLICES, sizeof *slices->slices, err);
	FLT_TRY_MEMORY(slices->slices);
	for (size_t c = 0; c < columns->n; c++) {
		const struct flt_kept_column *kept = &columns->rows->kept[c];
		const struct flt_slicing_column column = {
		        .name = columns->names[c],
		        .texts = &kept->texts,
		        .code = kept->code,
		        .n = evaluation->n_rows,
		        .decimal = columns->decimal,
		        .delimiter = columns->delimiter,
		        .na = columns->na ? columns->na : evaluation->detector->input.na,
		};
		FLT_TRY(add_column(evaluation, &column, n_threads, slices, err));
	}
	return adjust(slices, err);
}

void flt_slices_release(struct flt_slices *slices)
{
	flt_free(slices->slices);
	*slices = (struct flt_slices){0};
}
