#include "eval/kept.h"

#include <stdbool.h>

#include "base/alloc.h"
#include "eval/drawn.h"
#include "eval/metrics.h"

enum { ALL_UP_TO = 2048 };

size_t flt_kept_group(size_t first, size_t n_rows)
{
	size_t size = 1 + first / ALL_UP_TO;
	return size < n_rows - first ? size : n_rows - first;
}

size_t flt_kept_n(size_t n_rows)
{
	size_t n = 0;
	for (size_t first = 0; first < n_rows; first += flt_kept_group(first, n_rows))
		n++;
	return n;
}

static double sum_of(const struct flt_scored *rows, const uint32_t *row, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += rows->weight[row[i]];
	return sum;
}

/* row (n_rows): the rows of the class from the highest score down. */
static enum flt_status thin(struct flt_kept_class *class, const struct flt_scored *rows, const uint32_t *row,
                            struct flt_error *err)
{
	size_t n = flt_kept_n(class->n_rows), size;
	class->score = flt_alloc(n, sizeof *class->score, err);
	FLT_TRY_MEMORY(class->score);
	class->weight = rows->weight ? flt_alloc(n, sizeof *class->weight, err) : NULL;
	FLT_TRY_MEMORY(class->weight || !rows->weight);
	for (size_t first = 0; first < class->n_rows; first += size) {
		size = flt_kept_group(first, class->n_rows);
		if (rows->weight)
			class->weight[class->n] = sum_of(rows, row + first, size);
		class->score[class->n++] = rows->score[row[first + (size - 1) / 2]];
	}
	return FLT_OK;
}

static bool has_both_classes(const struct flt_scored *rows)
{
	size_t n_positive = 0;
	for (size_t i = 0; i < rows->n; i++)
		n_positive += rows->label[i];
	return n_positive > 0 && n_positive < rows->n;
}

static enum flt_status find_units(struct flt_kept *kept, const struct flt_scored *rows, struct flt_error *err)
{
	double number[2], weight[2] = {0, 0};
	FLT_TRY(flt_independent_clusters(rows, number, err));
	for (size_t i = 0; i < rows->n; i++)
		weight[rows->label[i]] += flt_row_weight(rows, i);
	for (int label = 0; label < 2; label++)
		kept->unit[label] = weight[label] / number[label];
	return FLT_OK;
}

enum flt_status flt_kept_init(struct flt_kept *kept, const struct flt_scored *rows, struct flt_error *err)
{
	struct flt_ranking ranking;
	enum flt_status status = FLT_OK;
	*kept = (struct flt_kept){0};
	if (!has_both_classes(rows))
		return FLT_OK;
	uint32_t *row = flt_alloc(rows->n, sizeof *row, err);
	FLT_TRY_MEMORY(row);
	FLT_TRY_OUT(flt_ranking_make(&ranking, rows->score, rows->n, NULL, err));
	FLT_TRY_OUT(find_units(kept, rows, err));
	for (int label = 0; label < 2; label++) {
		struct flt_kept_class *class = &kept->of[label];
		for (size_t i = 0; i < rows->n; i++)
			if (rows->label[ranking.row[i]] == label)
				row[class->n_rows++] = ranking.row[i];
		FLT_TRY_OUT(thin(class, rows, row, err));
	}
out:
	flt_ranking_release(&ranking);
	flt_free(row);
	return status;
}

void flt_kept_release(struct flt_kept *kept)
{
	for (int label = 0; label < 2; label++) {
		flt_free(kept->of[label].score);
		flt_free(kept->of[label].weight);
	}
	*kept = (struct flt_kept){0};
}

size_t flt_kept_n_rows(const struct flt_kept *kept)
{
	return kept->of[0].n_rows + kept->of[1].n_rows;
}

static void expand_class(const struct flt_kept_class *class, uint8_t label, struct flt_kept_rows *expanded)
{
	size_t size;
	for (size_t first = 0, i = 0; first < class->n_rows; first += size, i++) {
		size = flt_kept_group(first, class->n_rows);
		for (size_t j = 0; j < size; j++) {
			size_t row = expanded->rows.n++;
			expanded->score[row] = class->score[i];
			expanded->label[row] = label;
			expanded->weight[row] = class->weight ? class->weight[i] / (double)size : 1;
		}
	}
}

enum flt_status flt_kept_expand(const struct flt_kept *kept, struct flt_kept_rows *expanded, struct flt_error *err)
{
	size_t n = flt_kept_n_rows(kept);
	*expanded = (struct flt_kept_rows){0};
	expanded->score = flt_alloc(n, sizeof *expanded->score, err);
	expanded->log_odds = flt_alloc(n, sizeof *expanded->log_odds, err);
	expanded->weight = flt_alloc(n, sizeof *expanded->weight, err);
	expanded->label = flt_alloc(n, sizeof *expanded->label, err);
	FLT_TRY_MEMORY(expanded->score && expanded->log_odds && expanded->weight && expanded->label);
	expanded->rows = (struct flt_scored){.score = expanded->score,
	                                     .log_odds = expanded->log_odds,
	                                     .label = expanded->label,
	                                     .weight = expanded->weight,
	                                     .unit = {kept->unit[0], kept->unit[1]}};
	for (uint8_t label = 0; label < 2; label++)
		expand_class(&kept->of[label], label, expanded);
	return FLT_OK;
}

void flt_kept_rows_release(struct flt_kept_rows *expanded)
{
	flt_free(expanded->score);
	flt_free(expanded->log_odds);
	flt_free(expanded->weight);
	flt_free(expanded->label);
	*expanded = (struct flt_kept_rows){0};
}
