/*
 * Training of a linear model, a network without hidden layers, to its optimum. Each epoch is the optimum for one
 * penalty (l2 of nn/newton.h). Where the penalty is to be chosen, epochs go from a strong one to a weak one, each from
 * the last one's weights, and the monitored figure of the validation rows chooses; they end when it gets worse. Without
 * validation rows the penalty is that of scikit-learn's default, C = 1: 1 / the weight of all rows.
 */
#ifndef NN_LINEAR_H
#define NN_LINEAR_H

#include "nn/train.h"

/* The most epochs. */
size_t flt_linear_n_epochs(const struct flt_train_options *options);

/* As flt_train, for FLT_NEWTON; the options are valid. */
enum flt_status flt_linear_train(const struct flt_train_options *options, const struct flt_data *fit,
                                 const struct flt_data *validation, const struct flt_train_hooks *hooks,
                                 struct flt_mlp **mlp, struct flt_train_result *result, struct flt_error *err);

/* As flt_train_memory, beside what every training needs. */
double flt_linear_memory(const struct flt_train_options *options, const struct flt_data *fit,
                         const struct flt_mlp *mlp);

#endif
