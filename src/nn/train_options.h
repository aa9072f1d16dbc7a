#ifndef NN_TRAIN_OPTIONS_H
#define NN_TRAIN_OPTIONS_H

#include "nn/train.h"

/* FLT_ERR_USAGE if training with these options makes no sense. flt_mlp_new checks the network's shape. */
enum flt_status flt_train_options_check(const struct flt_train_options *options, struct flt_error *err);

#endif
