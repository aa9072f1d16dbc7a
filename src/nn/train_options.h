#ifndef NN_TRAIN_OPTIONS_H
#define NN_TRAIN_OPTIONS_H

#include "nn/train.h"

/* FLT_ERR_USAGE and one sentence if training with them makes no sense. The network's shape is flt_mlp_new's to check.
 */
enum flt_status flt_train_options_check(const struct flt_train_options *options, struct flt_error *err);

#endif
