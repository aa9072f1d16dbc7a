#include "export/view.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

/* ---- columns and values ---- */

static bool is_read(const struct flt_prep_column *column)
{
	return column->use == FLT_USED_NUMERIC || column->use == FLT_USED_CATEGORICAL;
}

static enum flt_view_type type_of(const struct flt_prep_column *column)
{
	return column->use == FLT_USED_CATEGORICAL ? FLT_VIEW_CATEGORY
	       : column->source                    ? FLT_VIEW_DATE
	                                           : FLT_VIEW_NUMBER;
}

static struct flt_view_column column_of(const struct flt_prep_column *learnt)
{
	struct flt_view_column column = {.name = learnt->source ? learnt->source : learnt->name,
	                                 .type = type_of(learnt),
	                                 .format = learnt->format,
	                                 .date = learnt->date};
	if (!column.format.decimal)
		column.format.decimal = '.';
	return column;
}

static struct flt_view_value value_of(const struct flt_prep_column *learnt, size_t column)
{
	return (struct flt_view_value){.column = column,
	                               .type = type_of(learnt),
	                               .part = learnt->part,
	                               .levels = learnt->levels,
	                               .n_levels = learnt->n_levels + learnt->n_more,
	                               .order = learnt->order};
}

/* Reads which columns are named in the list of --numeric. */
static enum flt_status mark_numeric(struct flt_view *view, const char *list, struct flt_error *err)
{
	struct flt_names names;
	FLT_TRY(flt_names_split(list ? list : "", &names, err));
	for (size_t c = 0; c < view->n_columns; c++)
		for (size_t i = 0; i < names.n; i++)
			view->columns[c].text_is_missing |= strcmp(view->columns[c].name, names.items[i]) == 0;
	flt_names_release(&names);
	return FLT_OK;
}

/* column_of_prep (columns of the preparation): the view's column, or SIZE_MAX. */
static enum flt_status fill_columns(struct flt_view *view, const size_t *column_of_prep, struct flt_error *err)
{
	const struct flt_prep *prep = view->detector->prep;
	size_t n = flt_prep_n_columns(prep);
	view->columns = flt_alloc_zero(flt_detector_n_columns(view->detector), sizeof *view->columns, err);
	FLT_TRY_MEMORY(view->columns);
	view->values = flt_alloc_zero(n, sizeof *view->values, err);
	FLT_TRY_MEMORY(view->values);
	for (size_t c = 0; c < n; c++) {
		struct flt_prep_column learnt = flt_prep_column(prep, c);
		if (!is_read(&learnt))
			continue;
		if (column_of_prep[c] == view->n_columns)
			view->columns[view->n_columns++] = column_of(&learnt);
		view->values[view->n_values++] = value_of(&learnt, column_of_prep[c]);
	}
	return mark_numeric(view, view->detector->input.numeric, err);
}

/* ---- preparations ---- */

static enum flt_status fill_places(struct flt_view_block *block, struct flt_error *err)
{
	const struct flt_prep_column *column = &block->column;
	size_t n = flt_prep_n_places(column), input;
	block->slot = flt_alloc(n, sizeof *block->slot, err);
	FLT_TRY_MEMORY(block->slot);
	block->slot_value = flt_alloc_zero(n, sizeof *block->slot_value, err);
	FLT_TRY_MEMORY(block->slot_value);
	for (size_t p = 0; p < n; p++)
		block->slot[p] =
		        flt_inputs_of_place(column, p, &input, &block->slot_value[p]) ? block->first + input : SIZE_MAX;
	if (!column->has_effects)
		return FLT_OK;
	block->effect_input = block->first + block->width - 1;
	block->effect = flt_alloc(n, sizeof *block->effect, err);
	FLT_TRY_MEMORY(block->effect);
	for (size_t p = 0; p < n; p++)
		block->effect[p] = flt_inputs_effect(column, p);
	return FLT_OK;
}

static void fill_number(struct flt_view_block *block)
{
	const struct flt_prep_column *column = &block->column;
	size_t input = 0;
	if (column->has_number) {
		block->scaled = flt_inputs_is_silent(column, input) ? SIZE_MAX : block->first + input;
		input++;
	}
	if (column->has_indicator) {
		block->indicator = flt_inputs_is_silent(column, input) ? SIZE_MAX : block->first + input;
		input++;
	}
	block->first_step = column->n_steps > 0 ? block->first + input : SIZE_MAX;
}

static enum flt_status fill_prep(const struct flt_prep *prep, struct flt_view_prep *to, struct flt_error *err)
{
	size_t n = flt_prep_n_columns(prep), value = 0;
	*to = (struct flt_view_prep){.scale = flt_prep_scale(prep)};
	to->blocks = flt_alloc_zero(n, sizeof *to->blocks, err);
	FLT_TRY_MEMORY(to->blocks);
	for (size_t c = 0; c < n; c++) {
		struct flt_prep_column column = flt_prep_column(prep, c);
		if (!is_read(&column))
			continue;
		size_t width = flt_inputs_width(&column), first = to->n_inputs;
		value++;
		if (width == 0)
			continue;
		struct flt_view_block *block = &to->blocks[to->n_blocks++];
		*block = (struct flt_view_block){.value = value - 1,
		                                 .first = first,
		                                 .width = width,
		                                 .column = column,
		                                 .scaled = SIZE_MAX,
		                                 .indicator = SIZE_MAX,
		                                 .first_step = SIZE_MAX,
		                                 .effect_input = SIZE_MAX};
		to->n_inputs += width;
		if (column.use == FLT_USED_CATEGORICAL)
			FLT_TRY(fill_places(block, err));
		else
			fill_number(block);
	}
	return FLT_OK;
}

/* ---- members ---- */

static void add_member(struct flt_view *view, size_t member)
{
	const struct flt_detector *detector = view->detector;
	const struct flt_mlp *net = detector->members[member].net;
	view->members[view->n_members++] = (struct flt_view_member){
	        .prep = view->n_preps - 1,
	        .net = net,
	        .spec = flt_mlp_spec(net),
	        .params = flt_mlp_params_const(net),
	        .log_weight = log(detector->members[member].weight) - log(detector->members[0].weight),
	        .share = flt_detector_share(detector, member),
	        .detector_member = member};
}

/* Adds the members that learnt with prep, NULL being the detector's own, and prep itself if there are any. */
static enum flt_status add_members_of(struct flt_view *view, const struct flt_prep *prep, struct flt_error *err)
{
	const struct flt_detector *detector = view->detector;
	bool is_there = false;
	for (size_t i = 0; i < detector->n_members; i++) {
		if (detector->members[i].prep != prep)
			continue;
		if (!is_there)
			FLT_TRY(fill_prep(prep ? prep : detector->prep, &view->preps[view->n_preps++], err));
		is_there = true;
		add_member(view, i);
	}
	return FLT_OK;
}

static enum flt_status fill_members(struct flt_view *view, struct flt_error *err)
{
	const struct flt_detector *detector = view->detector;
	view->preps = flt_alloc_zero(detector->n_refits + 1, sizeof *view->preps, err);
	FLT_TRY_MEMORY(view->preps);
	view->members = flt_alloc_zero(detector->n_members, sizeof *view->members, err);
	FLT_TRY_MEMORY(view->members);
	FLT_TRY(add_members_of(view, NULL, err));
	for (size_t i = 0; i < detector->n_refits; i++)
		FLT_TRY(add_members_of(view, detector->refits[i], err));
	for (size_t i = 0; i < view->n_preps; i++)
		if (view->preps[i].n_inputs > view->max_inputs)
			view->max_inputs = view->preps[i].n_inputs;
	return FLT_OK;
}

/* ---- life ---- */

static enum flt_status fill(struct flt_view *view, struct flt_error *err)
{
	size_t n = flt_prep_n_columns(view->detector->prep);
	size_t *column_of_prep = flt_alloc(n, sizeof *column_of_prep, err);
	FLT_TRY_MEMORY(column_of_prep);
	flt_detector_columns_of(view->detector, column_of_prep);
	enum flt_status status = fill_columns(view, column_of_prep, err);
	flt_free(column_of_prep);
	return status == FLT_OK ? fill_members(view, err) : status;
}

enum flt_status flt_view_new(const struct flt_detector *detector, struct flt_view **view, struct flt_error *err)
{
	*view = flt_alloc_zero(1, sizeof **view, err);
	FLT_TRY_MEMORY(*view);
	(*view)->detector = detector;
	(*view)->is_mean = detector->n_members > 1;
	enum flt_status status = fill(*view, err);
	if (status != FLT_OK) {
		flt_view_free(*view);
		*view = NULL;
	}
	return status;
}

void flt_view_free(struct flt_view *view)
{
	if (!view)
		return;
	for (size_t p = 0; p < view->n_preps; p++) {
		for (size_t b = 0; b < view->preps[p].n_blocks; b++) {
			flt_free(view->preps[p].blocks[b].slot);
			flt_free(view->preps[p].blocks[b].slot_value);
			flt_free(view->preps[p].blocks[b].effect);
		}
		flt_free(view->preps[p].blocks);
	}
	flt_free(view->columns);
	flt_free(view->values);
	flt_free(view->preps);
	flt_free(view->members);
	flt_free(view);
}

const float *flt_view_tensor(const struct flt_view_member *member, const char *name, struct flt_tensor *tensor)
{
	for (size_t i = 0; i < flt_mlp_n_tensors(member->net); i++) {
		*tensor = flt_mlp_tensor(member->net, i);
		if (strcmp(tensor->name, name) == 0)
			return member->params + tensor->offset;
	}
	return NULL;
}
