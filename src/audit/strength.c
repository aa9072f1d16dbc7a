#include "audit/strength.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audit/deal.h"
#include "audit/interval.h"
#include "audit/levels.h"
#include "audit/tree.h"
#include "base/alloc.h"
#include "base/pool.h"

/* The scratch memory of one worker. */
struct room {
	struct flt_ranking ranking;
	double *present, *sorted;  /* (n) values of a column that are not missing; the same from the highest down */
	uint8_t *tag, *sorted_tag; /* (n) of these rows */
	struct flt_tree_room tree;
	struct flt_level_counts *counts; /* (n_levels + 1) missing comes last */
	struct flt_judged *judged;       /* (n_judged) */
	struct flt_rank_group *groups;   /* (n_judged) */
};

struct measuring {
	const struct flt_table *table;
	const size_t *rows; /* NULL: row i is i */
	struct flt_deal deal;
	struct flt_entropy_table entropy;
	double prior;
	size_t n_levels, n_judged; /* the most that a column needs */
	struct room *rooms;        /* (n_workers) */
	size_t n_rooms;
	struct flt_strength *strength;
};

/* ---- memory ---- */

static void room_release(struct room *room)
{
	flt_ranking_release(&room->ranking);
	flt_free(room->present);
	flt_free(room->sorted);
	flt_free(room->tag);
	flt_free(room->sorted_tag);
	flt_tree_room_release(&room->tree);
	flt_free(room->counts);
	flt_free(room->judged);
	flt_free(room->groups);
}

static enum flt_status room_init(struct room *room, const struct measuring *measuring, struct flt_error *err)
{
	size_t n = measuring->deal.n;
	FLT_TRY(flt_ranking_init(&room->ranking, n, err));
	FLT_TRY(flt_tree_room_init(&room->tree, n, err));
	room->present = flt_alloc(n, sizeof *room->present, err);
	room->sorted = flt_alloc(n, sizeof *room->sorted, err);
	room->tag = flt_alloc(n, sizeof *room->tag, err);
	room->sorted_tag = flt_alloc(n, sizeof *room->sorted_tag, err);
	room->counts = flt_alloc(measuring->n_levels + 1, sizeof *room->counts, err);
	room->judged = flt_alloc(measuring->n_judged, sizeof *room->judged, err);
	room->groups = flt_alloc(measuring->n_judged, sizeof *room->groups, err);
	FLT_TRY_MEMORY(room->present && room->sorted && room->tag && room->sorted_tag && room->counts && room->judged &&
	               room->groups);
	return FLT_OK;
}

static void measuring_release(struct measuring *measuring)
{
	for (size_t i = 0; measuring->rooms && i < measuring->n_rooms; i++)
		room_release(&measuring->rooms[i]);
	flt_free(measuring->rooms);
	flt_entropy_table_release(&measuring->entropy);
	flt_deal_release(&measuring->deal);
}

/* n_levels: the most that a column has. */
static enum flt_status measuring_init(struct measuring *measuring, const uint8_t *label, const uint64_t *group,
                                      size_t n_rows, size_t n_levels, size_t n_rooms, struct flt_error *err)
{
	struct flt_deal *deal = &measuring->deal;
	FLT_TRY(flt_deal_init(deal, label, group, n_rows, err));
	FLT_TRY(flt_entropy_table_init(&measuring->entropy, deal->n, err));
	measuring->prior = (double)deal->n_class[1] / (double)deal->n;
	measuring->n_levels = n_levels < 2 ? 2 : n_levels;
	/* A level of its own has rows enough, so there are not more of these than the rows can fill. */
	size_t most = deal->n / FLT_LEARNT_MIN_ROWS < n_levels ? deal->n / FLT_LEARNT_MIN_ROWS : n_levels;
	measuring->n_judged = FLT_DEAL_FOLDS * (FLT_TREE_LEAVES + most + 2);
	measuring->rooms = flt_alloc_zero(n_rooms, sizeof *measuring->rooms, err);
	FLT_TRY_MEMORY(measuring->rooms);
	measuring->n_rooms = n_rooms;
	for (size_t i = 0; i < n_rooms; i++)
		FLT_TRY(room_init(&measuring->rooms[i], measuring, err));
	return FLT_OK;
}

/* ---- figures ---- */

static int from_the_highest_score(const void *a, const void *b)
{
	const struct flt_judged *x = a, *y = b;
	if (x->score < y->score || x->score > y->score)
		return x->score < y->score ? 1 : -1;
	return (x->fold > y->fold) - (x->fold < y->fold);
}

static bool are_of_a_size(const struct flt_judged *a, const struct flt_judged *b)
{
	return a->n_learnt <= 2 * (size_t)b->n_learnt && b->n_learnt <= 2 * (size_t)a->n_learnt;
}

/* Ranks the groups that judged (n) makes; returns their number. A leaf and its counterparts in the other folds are one
 * group, though their scores differ a little: a fold that holds more positive rows than its share leaves fewer to learn
 * from, so ranks of the same leaf among folds would go against the class. Counterparts are those next to each other in
 * the order of scores, of about the same size, and at most one from each fold. */
static size_t rank(const struct flt_deal *deal, struct flt_judged *judged, size_t n, struct flt_rank_group *groups)
{
	size_t n_groups = 0, first = 0;
	unsigned folds = 0; /* bit f: the last group, which begins with `first`, has rows of fold f */
	qsort(judged, n, sizeof *judged, from_the_highest_score);
	for (size_t i = 0; i < n; i++) {
		unsigned fold = 1u << judged[i].fold;
		bool is_tied = i > 0 && !(judged[i].score < judged[i - 1].score);
		bool is_counterpart = !(folds & fold) && are_of_a_size(&judged[first], &judged[i]);
		if (i == 0 || (!is_tied && !is_counterpart)) {
			groups[n_groups++] = (struct flt_rank_group){0, 0};
			folds = 0;
			first = i;
		}
		folds |= fold;
		groups[n_groups - 1].n_negative += (uint32_t)(judged[i].n[0] * deal->weight[0]);
		groups[n_groups - 1].n_positive += (uint32_t)(judged[i].n[1] * deal->weight[1]);
	}
	return n_groups;
}

/* ---- columns ---- */

static size_t row_of(const struct measuring *measuring, size_t i)
{
	size_t place = measuring->deal.place[i];
	return measuring->rows ? measuring->rows[place] : place;
}

static void count(struct flt_level_counts *counts, uint8_t tag)
{
	counts->n[flt_tag_fold(tag)][flt_tag_label(tag)]++;
}

static struct flt_interval judge_missing(const struct measuring *measuring, struct room *room,
                                         const struct flt_level_counts is_missing[2])
{
	size_t n = 0;
	for (unsigned fold = 0; fold < FLT_DEAL_FOLDS; fold++)
		n += flt_levels_judge(is_missing, 2, fold, measuring->prior, room->judged + n);
	n = rank(&measuring->deal, room->judged, n, room->groups);
	return flt_ap_interval(room->groups, n, measuring->deal.n_class);
}

/* Separates present and missing values, and sorts those. Returns their number. */
static size_t sort_numbers(const struct measuring *measuring, struct room *room, const struct flt_numbers *numbers,
                           struct flt_level_counts is_missing[2])
{
	const struct flt_deal *deal = &measuring->deal;
	size_t n = 0;
	memset(is_missing, 0, 2 * sizeof *is_missing);
	for (size_t i = 0; i < deal->n; i++) {
		double value = flt_number_at(numbers, row_of(measuring, i));
		count(&is_missing[isnan(value)], deal->tag[i]);
		if (isnan(value))
			continue;
		room->present[n] = value;
		room->tag[n++] = deal->tag[i];
	}
	flt_ranking_sort(&room->ranking, room->present, n);
	for (size_t i = 0; i < n; i++) {
		room->sorted[i] = room->present[room->ranking.row[i]];
		room->sorted_tag[i] = room->tag[room->ranking.row[i]];
	}
	return n;
}

/* Fills room->judged and returns the number of its groups. */
static size_t judge_numbers(const struct measuring *measuring, struct room *room, const struct flt_numbers *numbers,
                            struct flt_level_counts is_missing[2], struct flt_telling *telling)
{
	size_t n_judged = 0, n = sort_numbers(measuring, room, numbers, is_missing);
	for (unsigned fold = 0; fold < FLT_DEAL_FOLDS; fold++) {
		n_judged += flt_tree_judge(&room->tree, &measuring->entropy, room->sorted, room->sorted_tag, n, fold,
		                           measuring->prior, room->judged + n_judged);
		n_judged += flt_levels_judge(&is_missing[1], 1, fold, measuring->prior, room->judged + n_judged);
	}
	flt_telling_offer_numbers(telling, room->sorted, room->sorted_tag, n, measuring->deal.weight);
	return n_judged;
}

static size_t judge_levels(const struct measuring *measuring, struct room *room, const int32_t *codes, size_t n_levels,
                           struct flt_level_counts is_missing[2], struct flt_telling *telling)
{
	const struct flt_deal *deal = &measuring->deal;
	size_t n_judged = 0;
	memset(is_missing, 0, 2 * sizeof *is_missing);
	memset(room->counts, 0, (n_levels + 1) * sizeof *room->counts);
	for (size_t i = 0; i < deal->n; i++) {
		int32_t code = codes[row_of(measuring, i)];
		count(&is_missing[code < 0], deal->tag[i]);
		count(&room->counts[code < 0 ? n_levels : (size_t)code], deal->tag[i]);
	}
	for (unsigned fold = 0; fold < FLT_DEAL_FOLDS; fold++)
		n_judged +=
		        flt_levels_judge(room->counts, n_levels + 1, fold, measuring->prior, room->judged + n_judged);
	flt_telling_offer_levels(telling, room->counts, n_levels, deal->weight);
	return n_judged;
}

static void measure(const struct measuring *measuring, struct room *room, const struct flt_column *column,
                    struct flt_strength *strength)
{
	const struct flt_deal *deal = &measuring->deal;
	struct flt_level_counts is_missing[2];
	struct flt_telling *telling = &strength->telling;
	size_t n = column->numbers.cells
	                   ? judge_numbers(measuring, room, &column->numbers, is_missing, telling)
	                   : judge_levels(measuring, room, column->codes, column->n_levels, is_missing, telling);
	flt_telling_offer_missing(telling, is_missing, deal->weight);
	n = rank(deal, room->judged, n, room->groups);
	strength->is_measured = true;
	strength->n_positive = deal->n_class[1] * deal->weight[1];
	strength->n_rows = strength->n_positive + deal->n_class[0] * deal->weight[0];
	strength->chance = (double)strength->n_positive / (double)strength->n_rows;
	strength->ap = flt_ap_interval(room->groups, n, deal->n_class);
	strength->roc_auc = flt_roc_auc_interval(room->groups, n, deal->n_class);
	strength->missing_ap = judge_missing(measuring, room, is_missing);
}

static bool is_measurable(const struct flt_column *column)
{
	return column->role == FLT_FEATURE && (column->numbers.cells || column->codes);
}

static void measure_column(void *context, size_t task, size_t worker)
{
	struct measuring *measuring = context;
	struct flt_column column = flt_table_column(measuring->table, task);
	if (is_measurable(&column))
		measure(measuring, &measuring->rooms[worker], &column, &measuring->strength[task]);
}

static size_t most_levels(const struct flt_table *table)
{
	size_t most = 0;
	for (size_t i = 0; i < flt_table_n_columns(table); i++) {
		struct flt_column column = flt_table_column(table, i);
		if (is_measurable(&column) && column.n_levels > most)
			most = column.n_levels;
	}
	return most;
}

static bool has_both(const uint8_t *label, size_t n)
{
	size_t n_positive = 0;
	for (size_t i = 0; i < n; i++)
		n_positive += label[i];
	return n_positive > 0 && n_positive < n;
}

/* The groups of the rows, or NULL if the table has none. A row without a group is one of its own. */
static enum flt_status find_groups(const struct measuring *measuring, size_t n_rows, uint64_t **groups,
                                   struct flt_error *err)
{
	size_t column = flt_table_role(measuring->table, FLT_GROUP);
	*groups = NULL;
	if (column == SIZE_MAX)
		return FLT_OK;
	struct flt_column view = flt_table_column(measuring->table, column);
	*groups = flt_alloc(n_rows, sizeof **groups, err);
	FLT_TRY_MEMORY(*groups);
	for (size_t i = 0; i < n_rows; i++) {
		size_t row = measuring->rows[i];
		uint64_t own = UINT64_MAX - row, number;
		if (view.codes) {
			(*groups)[i] = view.codes[row] < 0 ? own : (uint64_t)view.codes[row];
		} else {
			double value = flt_number_at(&view.numbers, row);
			memcpy(&number, &value, sizeof number);
			(*groups)[i] = isnan(value) ? own : number;
		}
	}
	return FLT_OK;
}

static enum flt_status measure_columns(struct measuring *measuring, const uint8_t *label, size_t n_rows,
                                       unsigned n_threads, struct flt_error *err)
{
	size_t n_columns = flt_table_n_columns(measuring->table);
	struct flt_pool *pool = NULL;
	uint64_t *groups = NULL;
	enum flt_status status = FLT_OK;
	if (!has_both(label, n_rows))
		return FLT_OK;
	FLT_TRY_OUT(find_groups(measuring, n_rows, &groups, err));
	FLT_TRY_OUT(flt_pool_new_for(n_rows * n_columns, n_threads, &pool, err));
	FLT_TRY_OUT(measuring_init(measuring, label, groups, n_rows, most_levels(measuring->table),
	                           flt_pool_n_threads(pool), err));
	flt_pool_run(pool, n_columns, measure_column, measuring);
out:
	flt_free(groups);
	measuring_release(measuring);
	flt_pool_free(pool);
	return status;
}

enum flt_status flt_strength_of_columns(const struct flt_table *table, const size_t *rows, const uint8_t *label,
                                        size_t n_rows, unsigned n_threads, struct flt_strength *strength,
                                        struct flt_error *err)
{
	struct measuring measuring = {.table = table, .rows = rows, .strength = strength};
	uint8_t *class = NULL;
	memset(strength, 0, flt_table_n_columns(table) * sizeof *strength);
	if (!label) {
		class = flt_alloc(n_rows, sizeof *class, err);
		FLT_TRY_MEMORY(class);
		for (size_t i = 0; i < n_rows; i++)
			class[i] = flt_table_labels(table)[rows[i]];
	}
	enum flt_status status = measure_columns(&measuring, label ? label : class, n_rows, n_threads, err);
	flt_free(class);
	return status;
}

enum flt_status flt_strength_of_cells(const double *numbers, const int32_t *codes, size_t n_levels,
                                      const uint8_t *label, size_t n_rows, struct flt_strength *strength,
                                      struct flt_error *err)
{
	struct measuring measuring = {0};
	struct flt_column column = {.numbers = flt_numbers_of(numbers), .codes = codes, .n_levels = n_levels};
	enum flt_status status = FLT_OK;
	*strength = (struct flt_strength){0};
	if (!has_both(label, n_rows))
		return FLT_OK;
	FLT_TRY_OUT(measuring_init(&measuring, label, NULL, n_rows, n_levels, 1, err));
	measure(&measuring, &measuring.rooms[0], &column, strength);
out:
	measuring_release(&measuring);
	return status;
}

enum flt_status flt_strength_of_numbers(const double *numbers, const uint8_t *label, size_t n_rows,
                                        struct flt_strength *strength, struct flt_error *err)
{
	return flt_strength_of_cells(numbers, NULL, 0, label, n_rows, strength, err);
}
