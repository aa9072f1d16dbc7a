#include "report/names.h"

#include <stdio.h>

const char *flt_name_of_loss(const struct flt_loss *loss)
{
	return flt_loss_words[flt_loss_kind(loss)];
}

const char *flt_name_of_map(const struct flt_map *map)
{
	return flt_calibration_words[flt_map_kind(map)];
}

struct shape flt_network_shape(const struct flt_mlp_spec *spec)
{
	struct shape shape;
	size_t n_embedded = 0, size = sizeof shape.text;
	size_t length = (size_t)snprintf(shape.text, size, "%zu", spec->n_in);
	for (size_t i = 0; spec->embedding != FLT_EMBEDDING_NONE && i < spec->n_in; i++)
		n_embedded += !spec->numeric || spec->numeric[i];
	if (n_embedded)
		length += (size_t)snprintf(shape.text + length, size - length, "-(%zu embedded: %zu)", n_embedded,
		                           spec->n_in + n_embedded * (spec->n_embedded - 1));
	for (size_t i = 0; i < spec->n_hidden; i++)
		length += (size_t)snprintf(shape.text + length, size - length, "-%zu", spec->hidden[i]);
	snprintf(shape.text + length, size - length, "-1 %s",
	         spec->n_hidden ? flt_activation_words[spec->activation] : "logistic regression");
	return shape;
}
