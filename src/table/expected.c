#include "table/expected.h"

#include "base/alloc.h"
#include "table/contents.h"

static enum flt_status add(struct flt_expected *expected, const char *name, struct flt_error *err)
{
	if (!name)
		return FLT_OK;
	FLT_TRY(flt_grow((void **)&expected->names, &expected->capacity, expected->n + 1, sizeof *expected->names,
	                 err));
	expected->names[expected->n++] = name;
	return FLT_OK;
}

static enum flt_status add_list(struct flt_expected *expected, const char *list, struct flt_error *err)
{
	struct flt_names *names = &expected->lists[expected->n_lists];
	FLT_TRY(flt_names_split(list, names, err));
	expected->n_lists++;
	for (size_t i = 0; i < names->n; i++)
		FLT_TRY(add(expected, names->items[i], err));
	return FLT_OK;
}

enum flt_status flt_expect_options(const struct flt_table_options *options, struct flt_expected *expected,
                                   struct flt_error *err)
{
	*expected = (struct flt_expected){0};
	FLT_TRY(add(expected, options->target, err));
	FLT_TRY(add(expected, options->id, err));
	FLT_TRY(add(expected, options->time, err));
	FLT_TRY(add(expected, options->group, err));
	FLT_TRY(add(expected, options->weight, err));
	FLT_TRY(add_list(expected, options->drop, err));
	FLT_TRY(add_list(expected, options->date, err));
	FLT_TRY(add_list(expected, options->categorical, err));
	return add_list(expected, options->numeric, err);
}

enum flt_status flt_expect_model(const struct flt_table *model, struct flt_expected *expected, struct flt_error *err)
{
	*expected = (struct flt_expected){0};
	for (size_t i = 0; i < model->n_columns; i++)
		FLT_TRY(add(expected, model->columns[i].name, err));
	return FLT_OK;
}

void flt_expected_release(struct flt_expected *expected)
{
	for (size_t i = 0; i < expected->n_lists; i++)
		flt_names_release(&expected->lists[i]);
	flt_free(expected->names);
	*expected = (struct flt_expected){0};
}
