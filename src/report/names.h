/* Names of losses, probability maps and network shapes, which are structs rather than enums. */
#ifndef REPORT_NAMES_H
#define REPORT_NAMES_H

#include "protocol/protocol.h"

const char *flt_name_of_loss(const struct flt_loss *loss);

/* How a score becomes a probability, in the words of --calibrate: "none", "map", "platt" or "isotonic". */
const char *flt_name_of_map(const struct flt_map *map);

/* "28-128-64-1 relu", "28-(9 embedded: 55)-128-1 selu" */
struct shape {
	char text[32 * (FLT_MAX_HIDDEN + 4)];
};

struct shape flt_network_shape(const struct flt_mlp_spec *spec);

#endif
