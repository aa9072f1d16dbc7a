#include "export/reduce.h"

#include <string.h>

#include "base/alloc.h"
#include "export/c_quantise.h"

/* ---- members ---- */

/* How many members weigh more than this one, or as much and stand before it. */
static size_t rank_of(const struct flt_detector *detector, size_t member)
{
	size_t rank = 0;
	double weight = detector->members[member].weight;
	for (size_t i = 0; i < detector->n_members; i++)
		rank += detector->members[i].weight > weight || (i < member && detector->members[i].weight >= weight);
	return rank;
}

static void keep_members(struct flt_detector *detector, const bool *keeps)
{
	size_t n = 0;
	for (size_t i = 0; i < detector->n_members; i++) {
		if (keeps[i]) {
			detector->members[n++] = detector->members[i];
			continue;
		}
		flt_mlp_free(detector->members[i].net);
		flt_free(detector->members[i].kind);
	}
	detector->n_members = n;
}

enum flt_status flt_reduce_members(struct flt_detector *detector, size_t n, struct flt_error *err)
{
	if (n >= detector->n_members)
		return FLT_OK;
	bool *keeps = flt_alloc(detector->n_members, sizeof *keeps, err);
	FLT_TRY_MEMORY(keeps);
	for (size_t i = 0; i < detector->n_members; i++)
		keeps[i] = rank_of(detector, i) < n;
	keep_members(detector, keeps);
	flt_free(keeps);
	if (n == 1) {
		detector->map.gamma = detector->member_gamma;
		detector->map.log_weight_ratio = detector->member_log_weight_ratio;
	}
	return FLT_OK;
}

/* ---- precision ---- */

static void quantise(float *w, const struct flt_tensor *shape)
{
	for (size_t row = 0; row < shape->n_rows; row++, w += shape->n_cols) {
		float unit = flt_c_unit(w, shape->n_cols);
		for (size_t i = 0; i < shape->n_cols; i++)
			w[i] = (float)flt_c_quantise(w[i], unit) * unit;
	}
}

void flt_reduce_precision(struct flt_detector *detector)
{
	for (size_t m = 0; m < detector->n_members; m++) {
		struct flt_mlp *net = detector->members[m].net;
		for (size_t i = 0; i < flt_mlp_n_tensors(net); i++) {
			struct flt_tensor shape = flt_mlp_tensor(net, i);
			if (shape.group == FLT_GROUP_WEIGHT || shape.group == FLT_GROUP_OUTPUT_WEIGHT)
				quantise(flt_mlp_params(net) + shape.offset, &shape);
		}
	}
}
