#include "report/names.h"

#include <stdio.h>

const char *flt_name_of_activation(enum flt_activation activation)
{
	static const char *const names[] = {"relu", "selu", "silu", "mish", "tanh"};
	return names[activation];
}

const char *flt_name_of_optimizer(enum flt_optimizer_kind optimizer)
{
	static const char *const names[] = {"sgd", "adam", "adamw"};
	return names[optimizer];
}

const char *flt_name_of_schedule(enum flt_schedule schedule)
{
	static const char *const names[] = {"constant", "cosine", "coslog4", "flat-cos"};
	return names[schedule];
}

const char *flt_name_of_scale(enum flt_scale scale)
{
	static const char *const names[] = {"robust", "standard", "quantile", "none"};
	return names[scale];
}

const char *flt_name_of_embedding(enum flt_embedding embedding)
{
	static const char *const names[] = {"none", "pbld"};
	return names[embedding];
}

const char *flt_name_of_monitor(enum flt_monitor monitor)
{
	return monitor == FLT_MONITOR_AP ? "ap" : "loss";
}

const char *flt_name_of_split(enum flt_split_method method)
{
	static const char *const names[] = {"stratified", "time", "group"};
	return names[method];
}

const char *flt_name_of_row_role(enum flt_row_role part)
{
	static const char *const names[] = {"fit", "validation", "test"};
	return names[part];
}

const char *flt_name_of_column_use(enum flt_column_use use)
{
	switch (use) {
	case FLT_CONSTANT:
		return "constant";
	case FLT_ALL_MISSING:
		return "all missing";
	case FLT_ID_LIKE:
		return "id-like";
	case FLT_DATES:
		return "dates";
	default:
		return "used";
	}
}

const char *flt_name_of_loss(const struct flt_loss *loss)
{
	return loss->gamma > 0 ? "focal" : "bce";
}

const char *flt_name_of_map(const struct flt_map *map)
{
	if (map->n_breakpoints > 0)
		return "isotonic";
	if (map->slope != 1 || map->intercept != 0)
		return "platt";
	return map->gamma != 0 || map->log_weight_ratio != 0 ? "map" : "none";
}

struct shape flt_network_shape(const struct flt_mlp *net)
{
	struct flt_mlp_spec spec = flt_mlp_spec(net);
	struct shape shape;
	size_t n_embedded = 0, size = sizeof shape.text;
	size_t length = (size_t)snprintf(shape.text, size, "%zu", spec.n_in);
	for (size_t i = 0; spec.embedding != FLT_EMBEDDING_NONE && i < spec.n_in; i++)
		n_embedded += !spec.numeric || spec.numeric[i];
	if (n_embedded)
		length += (size_t)snprintf(shape.text + length, size - length, "-(%zu embedded: %zu)", n_embedded,
		                           spec.n_in + n_embedded * (spec.n_embedded - 1));
	for (size_t i = 0; i < spec.n_hidden; i++)
		length += (size_t)snprintf(shape.text + length, size - length, "-%zu", spec.hidden[i]);
	snprintf(shape.text + length, size - length, "-1 %s",
	         spec.n_hidden ? flt_name_of_activation(spec.activation) : "logistic regression");
	return shape;
}
