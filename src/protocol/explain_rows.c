#include "protocol/explain_rows.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log_odds.h"
#include "detector/altered.h"
#include "eval/prior.h"

void flt_explain_rows_release(struct flt_explain_rows *rows)
{
	flt_cell_columns_free(rows->columns);
	flt_free(rows->score);
	flt_free(rows->log_odds);
	flt_free(rows->finite);
	flt_free(rows->weight);
	flt_free(rows->label);
	flt_free(rows->cluster);
	*rows = (struct flt_explain_rows){0};
}

struct flt_scored flt_explain_rows_scored(const struct flt_explain_rows *rows)
{
	return (struct flt_scored){.n = rows->n,
	                           .score = rows->score,
	                           .log_odds = rows->log_odds,
	                           .label = rows->label,
	                           .weight = rows->weight,
	                           .cluster = rows->cluster,
	                           .n_clusters = rows->n_clusters};
}

double flt_explain_rows_mean(const struct flt_explain_rows *rows)
{
	double sum = 0, all = 0;
	for (size_t i = 0; i < rows->n; i++) {
		sum += rows->weight[i] * flt_sigmoid(rows->log_odds[i]);
		all += rows->weight[i];
	}
	return sum / all;
}

double flt_explain_finite(const struct flt_detector *detector, double score)
{
	if (flt_map_kind(&detector->map) != FLT_CALIBRATE_ISOTONIC)
		return flt_detector_log_odds(detector, score);
	return flt_focal_log_odds(score, detector->map.gamma, detector->map.log_weight_ratio);
}

/* ---- which rows ---- */

/* A row as the detector scored it. */
static enum flt_status offer(struct flt_class_sample *drawn, const struct flt_detector *detector, size_t number,
                             double score, bool is_labelled, bool is_positive, size_t *slot, struct flt_error *err)
{
	if (!is_labelled)
		return flt_class_sample_offer_any(drawn, number, slot, err);
	return flt_class_sample_offer(drawn, number, is_positive, flt_detector_probability(detector, score),
	                              fmax(flt_detector_prior(detector), 1e-9), slot, err);
}

/* ---- from the population ---- */

static enum flt_status make_room(struct flt_explain_rows *rows, size_t n,
                                 const struct flt_explain_population *population, struct flt_error *err)
{
	*rows = (struct flt_explain_rows){.n = n, .n_of = population->n, .n_clusters = population->n_clusters};
	rows->score = flt_alloc(n, sizeof *rows->score, err);
	rows->log_odds = flt_alloc(n, sizeof *rows->log_odds, err);
	rows->finite = flt_alloc(n, sizeof *rows->finite, err);
	rows->weight = flt_alloc(n, sizeof *rows->weight, err);
	rows->label = population->label ? flt_alloc(n, sizeof *rows->label, err) : NULL;
	rows->cluster = population->cluster ? flt_alloc(n, sizeof *rows->cluster, err) : NULL;
	FLT_TRY_MEMORY(rows->score && rows->log_odds && rows->finite && rows->weight);
	FLT_TRY_MEMORY(rows->label || !population->label);
	FLT_TRY_MEMORY(rows->cluster || !population->cluster);
	return FLT_OK;
}

static void take_row(struct flt_explain_rows *rows, size_t at, const struct flt_detector *detector,
                     const struct flt_explain_population *population, const struct flt_drawn_row *drawn,
                     double threshold)
{
	size_t row = drawn->row;
	rows->score[at] = population->score[row];
	rows->log_odds[at] = flt_detector_log_odds(detector, rows->score[at]);
	rows->finite[at] = flt_explain_finite(detector, rows->score[at]);
	rows->weight[at] = flt_priority_weight(drawn, threshold) * (population->weight ? population->weight[row] : 1);
	if (rows->cluster)
		rows->cluster[at] = population->cluster[row];
	if (!rows->label)
		return;
	rows->label[at] = population->label[row];
	rows->n_positive += rows->label[at];
}

static enum flt_status weigh_to_prior(struct flt_explain_rows *rows, double prior, struct flt_error *err)
{
	struct flt_scored scored = flt_explain_rows_scored(rows);
	if (prior <= 0 || !rows->label)
		return FLT_OK;
	double *weight = flt_alloc(rows->n, sizeof *weight, err);
	FLT_TRY_MEMORY(weight);
	flt_prior_weights(&scored, prior, weight);
	flt_free(rows->weight);
	rows->weight = weight;
	return FLT_OK;
}

/* Takes the drawn rows of both classes in the order of their numbers, and lists them: order (n). */
static enum flt_status take_rows(struct flt_explain_rows *rows, const struct flt_detector *detector,
                                 const struct flt_explain_population *population, const struct flt_class_sample *drawn,
                                 const struct flt_drawn_row **order, struct flt_error *err)
{
	const struct flt_priority *of_class = drawn->of_class;
	size_t n = flt_class_sample_n(drawn), next[2] = {0, 0};
	FLT_TRY(make_room(rows, n, population, err));
	for (size_t i = 0; i < n; i++) {
		int y = next[0] == of_class[0].n ||
		        (next[1] < of_class[1].n && of_class[1].rows[next[1]].row < of_class[0].rows[next[0]].row);
		order[i] = &of_class[y].rows[next[y]++];
		take_row(rows, i, detector, population, order[i], drawn->threshold[y]);
	}
	return weigh_to_prior(rows, population->prior, err);
}

/* ---- a table ---- */

static enum flt_status offer_all(struct flt_class_sample *drawn, const struct flt_detector *detector,
                                 const struct flt_explain_population *population, struct flt_error *err)
{
	bool is_labelled = population->label;
	size_t ignored;
	for (size_t i = 0; i < population->n; i++)
		FLT_TRY(offer(drawn, detector, i, population->score[i], is_labelled,
		              is_labelled && population->label[i], &ignored, err));
	return FLT_OK;
}

/* Rows of an experiment may have been scored by some of the networks only. */
static enum flt_status score_anew(struct flt_explain_rows *rows, const struct flt_detector *detector,
                                  unsigned n_threads, struct flt_error *err)
{
	const struct flt_altered as_they_are = {flt_cell_columns_all(rows->columns),
	                                        flt_cell_columns_rows(rows->columns), rows->n, rows->score};
	FLT_TRY(flt_detector_score_altered(detector, &as_they_are, 1, n_threads, err));
	for (size_t i = 0; i < rows->n; i++) {
		rows->log_odds[i] = flt_detector_log_odds(detector, rows->score[i]);
		rows->finite[i] = flt_explain_finite(detector, rows->score[i]);
	}
	return FLT_OK;
}

enum flt_status flt_explain_rows_of_table(struct flt_explain_rows *rows, const struct flt_detector *detector,
                                          const struct flt_table *table, const size_t *numbers,
                                          const struct flt_explain_population *population,
                                          const struct flt_explain_sampling *options, struct flt_error *err)
{
	struct flt_class_sample drawn;
	const struct flt_drawn_row **order = NULL;
	size_t *chosen = NULL;
	enum flt_status status;
	flt_class_sample_begin(&drawn, options->n_most, options->seed);
	FLT_TRY_OUT(offer_all(&drawn, detector, population, err));
	flt_class_sample_end(&drawn);
	size_t n = flt_class_sample_n(&drawn);
	order = flt_alloc(n, sizeof *order, err);
	chosen = flt_alloc(n, sizeof *chosen, err);
	FLT_TRY_MEMORY_OUT(order && chosen);
	FLT_TRY_OUT(take_rows(rows, detector, population, &drawn, order, err));
	for (size_t i = 0; i < n; i++)
		chosen[i] = numbers[order[i]->row];
	FLT_TRY_OUT(flt_cell_columns_new_for(detector->prep, n, &rows->columns, err));
	FLT_TRY_OUT(flt_cell_columns_take(rows->columns, detector->prep, table, chosen, n, err));
	status = score_anew(rows, detector, options->n_threads, err);
out:
	flt_free(order);
	flt_free(chosen);
	flt_class_sample_release(&drawn);
	return status;
}

/* ---- a file ---- */

static bool is_listed(const struct flt_explain_sample *sample, const char *name)
{
	for (size_t i = sample->n_names; i-- > 0;)
		if (strcmp(sample->names[i], name) == 0)
			return true;
	return false;
}

/* The parts of dates need their source, once. */
static enum flt_status list_names(struct flt_explain_sample *sample, struct flt_error *err)
{
	const struct flt_prep *prep = sample->detector->prep;
	sample->names = flt_alloc(flt_prep_n_columns(prep), sizeof *sample->names, err);
	FLT_TRY_MEMORY(sample->names);
	for (size_t c = 0; c < flt_prep_n_columns(prep); c++) {
		struct flt_prep_column column = flt_prep_column(prep, c);
		if (column.use != FLT_USED_NUMERIC && column.use != FLT_USED_CATEGORICAL)
			continue;
		if (!column.source)
			sample->names[sample->n_names++] = column.name;
		else if (!is_listed(sample, column.source))
			sample->names[sample->n_names++] = column.source;
	}
	return FLT_OK;
}

enum flt_status flt_explain_sample_init(struct flt_explain_sample *sample, const struct flt_detector *detector,
                                        size_t n_most, uint64_t seed, size_t n_more, struct flt_error *err)
{
	*sample = (struct flt_explain_sample){.detector = detector};
	flt_class_sample_begin(&sample->drawn, n_most, seed);
	FLT_TRY(list_names(sample, err));
	sample->extra = flt_alloc(sample->n_names + n_more, sizeof *sample->extra, err);
	FLT_TRY_MEMORY(sample->extra);
	for (size_t i = 0; i < sample->n_names; i++)
		sample->extra[i] = (struct flt_stream_extra){sample->names[i], NULL};
	return FLT_OK;
}

void flt_explain_sample_release(struct flt_explain_sample *sample)
{
	for (int y = 0; y < 2; y++) {
		for (size_t i = 0; i < sample->capacity[y]; i++)
			flt_text_buffer_release(&sample->cells[y][i]);
		flt_free(sample->cells[y]);
	}
	flt_class_sample_release(&sample->drawn);
	flt_free(sample->names);
	flt_free(sample->extra);
	flt_free(sample->cell);
	*sample = (struct flt_explain_sample){0};
}

static enum flt_status keep_cells(struct flt_explain_sample *sample, int y, size_t slot, const char *const *cells,
                                  struct flt_error *err)
{
	size_t before = sample->capacity[y];
	FLT_TRY(flt_grow((void **)&sample->cells[y], &sample->capacity[y], slot + 1, sizeof *sample->cells[y], err));
	if (sample->capacity[y] > before)
		memset(sample->cells[y] + before, 0, (sample->capacity[y] - before) * sizeof *sample->cells[y]);
	struct flt_text_buffer *kept = &sample->cells[y][slot];
	kept->length = 0;
	for (size_t i = 0; i < sample->n_names; i++)
		FLT_TRY(flt_text_buffer_append(kept, cells[i], strlen(cells[i]) + 1, err));
	return FLT_OK;
}

enum flt_status flt_explain_sample_offer(struct flt_explain_sample *sample, size_t number, double score,
                                         bool is_labelled, bool is_positive, const char *const *cells,
                                         struct flt_error *err)
{
	size_t slot;
	FLT_TRY(offer(&sample->drawn, sample->detector, number, score, is_labelled, is_positive, &slot, err));
	return slot == SIZE_MAX ? FLT_OK : keep_cells(sample, is_positive, slot, cells, err);
}

/* Points to the cells of a row that was kept. */
static void find_cells(const struct flt_explain_sample *sample, int y, const struct flt_drawn_row *drawn,
                       const char **cell)
{
	const char *at = sample->cells[y][drawn->slot].bytes;
	for (size_t i = 0; i < sample->n_names; i++, at += strlen(at) + 1)
		cell[i] = at;
}

static enum flt_status read_cells(struct flt_explain_rows *rows, const struct flt_explain_sample *sample,
                                  const struct flt_reading_options *reading, struct flt_error *err)
{
	struct flt_scorer *scorer;
	FLT_TRY(flt_scorer_new(sample->detector, sample->names, sample->n_names, reading, &scorer, err));
	const struct flt_cell_reader *reader = flt_scorer_reader(scorer);
	enum flt_status status;
	FLT_TRY_OUT(flt_cell_columns_new(reader, rows->n, &rows->columns, err));
	status = flt_cell_reader_read(reader, sample->cell, rows->n, rows->columns, NULL, err);
out:
	flt_scorer_free(scorer);
	return status;
}

enum flt_status flt_explain_rows_of_sample(struct flt_explain_rows *rows, struct flt_explain_sample *sample,
                                           const struct flt_explain_population *population,
                                           const struct flt_reading_options *reading, struct flt_error *err)
{
	enum flt_status status;
	flt_class_sample_end(&sample->drawn);
	size_t n = flt_class_sample_n(&sample->drawn);
	const struct flt_drawn_row **order = flt_alloc(n, sizeof *order, err);
	FLT_TRY_MEMORY(order);
	sample->cell = flt_alloc(n, sample->n_names * sizeof *sample->cell, err);
	FLT_TRY_MEMORY_OUT(sample->cell);
	FLT_TRY_OUT(take_rows(rows, sample->detector, population, &sample->drawn, order, err));
	for (size_t i = 0; i < n; i++)
		find_cells(sample, rows->label && rows->label[i], order[i], sample->cell + i * sample->n_names);
	status = read_cells(rows, sample, reading, err);
out:
	flt_free(order);
	return status;
}

/* ---- from other rows ---- */

enum flt_status flt_explain_rows_select(struct flt_explain_rows *rows, const struct flt_detector *detector,
                                        const struct flt_explain_rows *from, const size_t *numbers, size_t n,
                                        struct flt_error *err)
{
	const struct flt_explain_population like = {
	        .n = n, .label = from->label, .cluster = from->cluster, .n_clusters = from->n_clusters};
	FLT_TRY(make_room(rows, n, &like, err));
	for (size_t i = 0; i < n; i++) {
		size_t row = numbers[i];
		rows->score[i] = from->score[row];
		rows->log_odds[i] = from->log_odds[row];
		rows->finite[i] = from->finite[row];
		rows->weight[i] = from->weight[row];
		if (rows->cluster)
			rows->cluster[i] = from->cluster[row];
		if (rows->label)
			rows->label[i] = from->label[row];
		rows->n_positive += rows->label ? rows->label[i] : 0;
	}
	FLT_TRY(flt_cell_columns_new_for(detector->prep, n, &rows->columns, err));
	flt_cell_columns_select(rows->columns, detector->prep, from->columns, numbers, n);
	return FLT_OK;
}
