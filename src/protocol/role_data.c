#include "protocol/role_data.h"

#include "base/alloc.h"

void flt_role_data_release(struct flt_role_data *data)
{
	flt_free(data->own_x);
	flt_free(data->label);
	flt_free(data->weight);
	*data = (struct flt_role_data){0};
}

static enum flt_status take_weights(struct flt_role_data *data, const double *weight, const size_t *rows, double unit,
                                    struct flt_error *err)
{
	data->weight = flt_alloc(data->n_rows, sizeof *data->weight, err);
	FLT_TRY_MEMORY(data->weight);
	for (size_t i = 0; i < data->n_rows; i++)
		data->weight[i] = (float)(weight[rows[i]] / unit);
	return FLT_OK;
}

enum flt_status flt_role_data_take(struct flt_role_data *data, const struct flt_table *table, const size_t *rows,
                                   size_t n_rows, double unit, struct flt_error *err)
{
	const uint8_t *label = flt_table_labels(table);
	const double *weight = flt_table_weights(table);
	*data = (struct flt_role_data){.n_rows = n_rows};
	data->label = flt_alloc(n_rows, sizeof *data->label, err);
	FLT_TRY_MEMORY(data->label);
	for (size_t i = 0; i < n_rows; i++)
		data->label[i] = label[rows[i]];
	return weight ? take_weights(data, weight, rows, unit, err) : FLT_OK;
}

enum flt_status flt_role_data_prepare(struct flt_role_data *data, const struct flt_prep *prep,
                                      const struct flt_table *table, const size_t *rows,
                                      const struct flt_prep_options *learnt, unsigned n_threads, struct flt_error *err)
{
	data->x = data->own_x = flt_alloc(data->n_rows, flt_prep_n_features(prep) * sizeof *data->own_x, err);
	FLT_TRY_MEMORY(data->own_x);
	if (learnt)
		return flt_prep_apply_learnt(prep, table, rows, data->n_rows, learnt, data->own_x, err);
	return flt_prep_apply(prep, table, rows, data->n_rows, n_threads, data->own_x, err);
}
