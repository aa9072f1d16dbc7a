/* The words for values of enums, as options spell them: one place for text and JSON. */
#ifndef REPORT_NAMES_H
#define REPORT_NAMES_H

#include "protocol/protocol.h"

const char *flt_name_of_activation(enum flt_activation activation);
const char *flt_name_of_optimizer(enum flt_optimizer_kind optimizer);
const char *flt_name_of_schedule(enum flt_schedule schedule);
const char *flt_name_of_scale(enum flt_scale scale);
const char *flt_name_of_embedding(enum flt_embedding embedding);
const char *flt_name_of_monitor(enum flt_monitor monitor);
const char *flt_name_of_split(enum flt_split_method method);
const char *flt_name_of_row_role(enum flt_row_role part);
const char *flt_name_of_column_use(enum flt_column_use use); /* of a column that is not used: "constant", "id-like" */
const char *flt_name_of_loss(const struct flt_loss *loss);

/* What was done beyond psi: "none", "map", "platt", "isotonic". */
const char *flt_name_of_map(const struct flt_map *map);

/* "28-128-64-1 relu", "28-(9 embedded: 55)-128-1 selu" */
struct shape {
	char text[32 * (FLT_MAX_HIDDEN + 4)];
};

struct shape flt_network_shape(const struct flt_mlp *net);

#endif
