/* Making a preparation from columns, which are copied and checked, and asking it about its features. */
#include "prep/prep.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "prep/contents.h"
#include "prep/spread.h"

static enum flt_status copy_number(struct flt_prep_column *to, const struct flt_prep_column *from,
                                   struct flt_error *err)
{
	to->format = from->format;
	to->has_number = from->has_number;
	to->has_indicator = from->has_indicator;
	to->median = from->median;
	to->center = from->center;
	to->factor = from->factor;
	to->fences = from->fences;
	double *quantiles = flt_alloc(from->n_quantiles, sizeof *quantiles, err);
	FLT_TRY_MEMORY(quantiles);
	for (size_t i = 0; i < from->n_quantiles; i++)
		quantiles[i] = from->quantiles[i];
	to->quantiles = quantiles;
	to->n_quantiles = from->n_quantiles;
	double *steps = flt_alloc(from->n_steps, sizeof *steps, err);
	FLT_TRY_MEMORY(steps);
	for (size_t i = 0; i < from->n_steps; i++)
		steps[i] = from->steps[i];
	to->steps = steps;
	to->n_steps = from->n_steps;
	return FLT_OK;
}

static enum flt_status copy_source(struct flt_prep_column *to, const struct flt_prep_column *from,
                                   struct flt_error *err)
{
	to->part = from->part;
	to->date = from->date;
	to->source = flt_copy_text(from->source, strlen(from->source), err);
	return to->source ? FLT_OK : FLT_ERR_MACHINE;
}

struct ordered {
	const char *text;
	uint32_t level;
};

static int compare_texts(const void *a, const void *b)
{
	return strcmp(((const struct ordered *)a)->text, ((const struct ordered *)b)->text);
}

/* Levels are found by their order, and none may stand there twice. */
static enum flt_status order_levels(struct flt_prep_column *column, struct flt_error *err)
{
	size_t n = column->n_levels + column->n_more;
	struct ordered *ordered = flt_alloc(n, sizeof *ordered, err);
	FLT_TRY_MEMORY(ordered);
	for (size_t i = 0; i < n; i++)
		ordered[i] = (struct ordered){column->levels[i], (uint32_t)i};
	qsort(ordered, n, sizeof *ordered, compare_texts);
	uint32_t *order = flt_alloc(n, sizeof *order, err);
	for (size_t i = 0; order && i < n; i++)
		order[i] = ordered[i].level;
	flt_free(ordered);
	column->order = order;
	FLT_TRY_MEMORY(order);
	for (size_t i = 1; i < n; i++)
		if (strcmp(column->levels[order[i - 1]], column->levels[order[i]]) == 0)
			return flt_fail(err, FLT_ERR_MODEL, "the preparation's column \"%s\" has a level twice",
			                column->name);
	return FLT_OK;
}

static enum flt_status copy_effects(struct flt_prep_column *to, const struct flt_prep_column *from,
                                    struct flt_error *err)
{
	size_t n = flt_prep_n_places(from);
	double *effects = flt_alloc(n, sizeof *effects, err);
	FLT_TRY_MEMORY(effects);
	for (size_t i = 0; i < n; i++)
		effects[i] = from->effects[i];
	to->effects = effects;
	to->center = from->center;
	to->factor = from->factor;
	return FLT_OK;
}

static enum flt_status copy_category(struct flt_prep_column *to, const struct flt_prep_column *from,
                                     struct flt_error *err)
{
	to->has_missing = from->has_missing;
	to->has_other = from->has_other;
	to->has_effects = from->has_effects;
	size_t n = from->n_levels + from->n_more;
	const char **levels = flt_alloc_zero(n, sizeof *levels, err);
	FLT_TRY_MEMORY(levels);
	to->levels = levels;
	to->n_levels = from->n_levels;
	to->n_more = from->n_more;
	for (size_t i = 0; i < n; i++) {
		levels[i] = flt_copy_text(from->levels[i], strlen(from->levels[i]), err);
		FLT_TRY_MEMORY(levels[i]);
	}
	FLT_TRY(order_levels(to, err));
	return from->effects ? copy_effects(to, from, err) : FLT_OK;
}

static enum flt_status copy_profile(struct flt_prep_column *to, const struct flt_prep_column *from,
                                    struct flt_error *err)
{
	size_t n_levels = from->profile.n_rows > 0 ? from->n_levels : 0;
	to->profile = from->profile;
	size_t *level_rows = flt_alloc(n_levels, sizeof *level_rows, err);
	to->profile.level_rows = level_rows;
	FLT_TRY_MEMORY(level_rows);
	for (size_t i = 0; i < n_levels; i++)
		level_rows[i] = from->profile.level_rows[i];
	return FLT_OK;
}

/* Copies the fields that the column's use gives a meaning. Memory belongs to `to` at once, so that flt_prep_free finds
 * it after a failure. */
static enum flt_status copy_column(struct flt_prep_column *to, const struct flt_prep_column *from,
                                   struct flt_error *err)
{
	to->type = from->type;
	to->use = from->use;
	to->silent = from->silent;
	to->is_passed_over = from->is_passed_over;
	to->name = flt_copy_text(from->name, strlen(from->name), err);
	FLT_TRY_MEMORY(to->name);
	if (from->source)
		FLT_TRY(copy_source(to, from, err));
	if (from->use == FLT_USED_NUMERIC || from->use == FLT_USED_CATEGORICAL)
		FLT_TRY(copy_profile(to, from, err));
	if (from->reason) {
		to->reason = flt_copy_text(from->reason, strlen(from->reason), err);
		FLT_TRY_MEMORY(to->reason);
	}
	if (from->use == FLT_USED_NUMERIC)
		return copy_number(to, from, err);
	return from->use == FLT_USED_CATEGORICAL ? copy_category(to, from, err) : FLT_OK;
}

/* The name of the column's feature number `place`. The caller owns it; NULL if memory ran out. */
static char *feature_name(const struct flt_prep_column *column, size_t place, struct flt_error *err)
{
	const char *join = "", *end = "";
	char threshold[32];
	size_t n_before = (size_t)column->has_number + column->has_indicator;
	if (column->use == FLT_USED_NUMERIC && place >= n_before) {
		join = " >= ";
		snprintf(threshold, sizeof threshold, "%.6g", column->steps[place - n_before]);
		end = threshold;
	} else if (column->use == FLT_USED_NUMERIC) {
		end = column->has_number && place == 0 ? "" : " missing";
	} else if (place == flt_prep_slots_width(column)) {
		end = " target statistic";
	} else if (place < column->n_levels) {
		join = "=";
		end = column->levels[place];
	} else {
		end = column->has_missing && place == column->n_levels ? " missing" : " other";
	}
	size_t length = strlen(column->name);
	char *name = flt_alloc(length + strlen(join) + strlen(end) + 1, 1, err);
	if (!name)
		return NULL;
	memcpy(name, column->name, length);
	strcpy(name + length, join);
	strcat(name + length, end);
	return name;
}

static enum flt_status name_features(struct flt_prep *prep, struct flt_error *err)
{
	size_t n = 0;
	for (size_t c = 0; c < prep->n_columns; c++)
		n += flt_prep_width(&prep->columns[c]);
	prep->features = flt_alloc_zero(n, sizeof *prep->features, err);
	prep->is_numeric = flt_alloc_zero(n, sizeof *prep->is_numeric, err);
	FLT_TRY_MEMORY(prep->features && prep->is_numeric);
	for (size_t c = 0; c < prep->n_columns; c++) {
		const struct flt_prep_column *column = &prep->columns[c];
		for (size_t place = 0; place < flt_prep_width(column); place++, prep->n_features++) {
			char *name = feature_name(column, place, err);
			FLT_TRY_MEMORY(name);
			prep->features[prep->n_features] = name;
			prep->is_numeric[prep->n_features] = column->use == FLT_USED_NUMERIC
			                                             ? column->has_number && place == 0
			                                             : place == flt_prep_slots_width(column);
		}
	}
	return FLT_OK;
}

static enum flt_status describe_spread(struct flt_prep *prep, struct flt_error *err)
{
	char text[FLT_SPREAD_TEXT];
	for (size_t c = 0; c < prep->n_columns; c++) {
		flt_spread_text(prep->scale, &prep->columns[c], text);
		if (!text[0])
			continue;
		prep->columns[c].spread = flt_copy_text(text, strlen(text), err);
		FLT_TRY_MEMORY(prep->columns[c].spread);
	}
	return FLT_OK;
}

static enum flt_status copy_columns(struct flt_prep *prep, const struct flt_prep_column *columns, size_t n_columns,
                                    struct flt_error *err)
{
	prep->columns = flt_alloc_zero(n_columns, sizeof *prep->columns, err);
	FLT_TRY_MEMORY(prep->columns);
	for (size_t c = 0; c < n_columns; c++) {
		prep->n_columns++;
		FLT_TRY(copy_column(&prep->columns[c], &columns[c], err));
	}
	return FLT_OK;
}

enum flt_status flt_prep_from_columns(enum flt_scale scale, const struct flt_prep_column *columns, size_t n_columns,
                                      struct flt_prep **out, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	*out = NULL;
	FLT_TRY(flt_prep_check(scale, columns, n_columns, err));
	struct flt_prep *prep = flt_alloc_zero(1, sizeof *prep, err);
	FLT_TRY_MEMORY(prep);
	prep->scale = scale;
	prep->n_owners = 1;
	FLT_TRY_OUT(copy_columns(prep, columns, n_columns, err));
	FLT_TRY_OUT(describe_spread(prep, err));
	FLT_TRY_OUT(name_features(prep, err));
	*out = prep;
	prep = NULL;
out:
	flt_prep_free(prep);
	return status;
}

struct flt_prep *flt_prep_hold(struct flt_prep *prep)
{
	prep->n_owners++;
	return prep;
}

void flt_prep_free(struct flt_prep *prep)
{
	if (!prep || --prep->n_owners > 0)
		return;
	for (size_t c = 0; c < prep->n_columns; c++) {
		struct flt_prep_column *column = &prep->columns[c];
		for (size_t i = 0; column->levels && i < column->n_levels + column->n_more; i++)
			flt_free((void *)column->levels[i]);
		flt_free((void *)column->levels);
		flt_free((void *)column->order);
		flt_free((void *)column->effects);
		flt_free((void *)column->quantiles);
		flt_free((void *)column->steps);
		flt_free((void *)column->profile.level_rows);
		flt_free((void *)column->name);
		flt_free((void *)column->source);
		flt_free((void *)column->reason);
		flt_free((void *)column->spread);
	}
	for (size_t i = 0; i < prep->n_features; i++)
		flt_free(prep->features[i]);
	flt_free(prep->features);
	flt_free(prep->is_numeric);
	flt_free(prep->columns);
	flt_free(prep);
}

size_t flt_prep_n_features(const struct flt_prep *prep)
{
	return prep->n_features;
}

const char *flt_prep_feature(const struct flt_prep *prep, size_t feature)
{
	assert(feature < prep->n_features);
	return prep->features[feature];
}

void flt_prep_feature_columns(const struct flt_prep *prep, size_t *column)
{
	for (size_t c = 0; c < prep->n_columns; c++)
		for (size_t place = 0; place < flt_prep_width(&prep->columns[c]); place++)
			*column++ = c;
}

bool flt_prep_feature_is_numeric(const struct flt_prep *prep, size_t feature)
{
	assert(feature < prep->n_features);
	return prep->is_numeric[feature];
}

enum flt_column_use flt_prep_use(const struct flt_prep *prep, size_t column)
{
	assert(column < prep->n_columns);
	return prep->columns[column].use;
}

size_t flt_prep_n_used(const struct flt_prep *prep, enum flt_column_use use)
{
	size_t n = 0;
	for (size_t c = 0; c < prep->n_columns; c++)
		n += prep->columns[c].use == use;
	return n;
}

size_t flt_prep_n_steps(const struct flt_prep *prep)
{
	size_t n = 0;
	for (size_t c = 0; c < prep->n_columns; c++)
		n += prep->columns[c].n_steps;
	return n;
}

size_t flt_prep_n_effects(const struct flt_prep *prep)
{
	size_t n = 0;
	for (size_t c = 0; c < prep->n_columns; c++)
		n += prep->columns[c].use == FLT_USED_CATEGORICAL && prep->columns[c].has_effects;
	return n;
}

enum flt_scale flt_prep_scale(const struct flt_prep *prep)
{
	return prep->scale;
}

size_t flt_prep_n_columns(const struct flt_prep *prep)
{
	return prep->n_columns;
}

/* n if no level has the text. */
static size_t find_level(const struct flt_prep_column *column, const char *text, size_t n)
{
	size_t low = 0, high = n;
	if (!column->order) {
		while (low < n && strcmp(column->levels[low], text) != 0)
			low++;
		return low;
	}
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(column->levels[column->order[middle]], text);
		if (order == 0)
			return column->order[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return n;
}

size_t flt_prep_place(const struct flt_prep_column *column, const char *text)
{
	size_t n = column->n_levels + column->n_more;
	if (!text)
		return n;
	size_t level = find_level(column, text, n);
	return level < n ? level : n + 1;
}

int flt_prep_slot_of(const struct flt_prep_column *column, size_t place)
{
	if (place < column->n_levels)
		return (int)place;
	if (place == column->n_levels + column->n_more && column->has_missing)
		return (int)column->n_levels;
	return column->has_other ? (int)flt_prep_n_slots(column) - 1 : FLT_NO_SLOT;
}

int flt_prep_slot(const struct flt_prep_column *column, const char *text)
{
	return flt_prep_slot_of(column, flt_prep_place(column, text));
}

struct flt_prep_column flt_prep_column(const struct flt_prep *prep, size_t column)
{
	assert(column < prep->n_columns);
	return prep->columns[column];
}

struct flt_prep_column flt_prep_column_unlearnt(const struct flt_prep *base, size_t column)
{
	struct flt_prep_column unlearnt = flt_prep_column(base, column);
	unlearnt.reason = NULL;
	unlearnt.silent = 0;
	unlearnt.is_passed_over = false;
	unlearnt.steps = NULL;
	unlearnt.n_steps = 0;
	unlearnt.median = unlearnt.center = unlearnt.factor = 0;
	unlearnt.fences = (struct flt_fences){0};
	unlearnt.spread = NULL;
	unlearnt.effects = NULL;
	unlearnt.quantiles = NULL;
	unlearnt.n_quantiles = 0;
	unlearnt.profile = (struct flt_profile){0};
	return unlearnt;
}
