/* The defaults of training, and checks of options whose messages are for the user. */
#include "nn/train_options.h"

#include <math.h>

void flt_train_options_init(struct flt_train_options *options)
{
	*options = (struct flt_train_options){
	        .n_hidden = 2,
	        .hidden = {128, 64},
	        .activation = FLT_RELU,
	        .embedding = FLT_EMBEDDING_NONE,
	        .n_frequencies = 16,
	        .n_embedded = 4,
	        .frequency_sigma = 0.1,
	        .loss = {.gamma = 0, .weight_positive = 1, .weight_negative = 1},
	        .optimizer = FLT_ADAMW,
	        .lr = 1e-3,
	        .beta1 = 0.9,
	        .beta2 = 0.999,
	        .epsilon = 1e-8,
	        .weight_decay = 0.01,
	        .schedule = FLT_COSINE,
	        .batch = 256,
	        .epochs = 100,
	        .patience = 20,
	        .monitor = FLT_MONITOR_AP,
	        .seed = 1,
	};
	for (size_t i = 0; i < FLT_N_GROUPS; i++)
		options->lr_factor[i] = 1;
	options->decay_factor[FLT_GROUP_WEIGHT] = 1;
	options->decay_factor[FLT_GROUP_OUTPUT_WEIGHT] = 1;
}

enum domain { ABOVE_ZERO, FROM_ZERO, FROM_ONE, BELOW_ONE };

struct number {
	const char *what;
	double value;
	enum domain domain;
};

static enum flt_status check_number(const struct number *number, struct flt_error *err)
{
	/* NaN fails each of them. */
	static const char *const words[] = {[ABOVE_ZERO] = "above 0",
	                                    [FROM_ZERO] = "of at least 0",
	                                    [FROM_ONE] = "of at least 1",
	                                    [BELOW_ONE] = "of at least 0 and below 1"};
	double v = number->value;
	const bool holds[] = {
	        [ABOVE_ZERO] = v > 0, [FROM_ZERO] = v >= 0, [FROM_ONE] = v >= 1, [BELOW_ONE] = v >= 0 && v < 1};
	if (isfinite(v) && holds[number->domain])
		return FLT_OK;
	return flt_fail(err, FLT_ERR_USAGE, "%s takes a number %s, not %g", number->what, words[number->domain], v);
}

static enum flt_status check_numbers(const struct flt_train_options *o, struct flt_error *err)
{
	const struct number numbers[] = {
	        {"--lr", o->lr, ABOVE_ZERO},
	        {"--momentum", o->momentum, BELOW_ONE},
	        {"the first beta of adam", o->beta1, BELOW_ONE},
	        {"the second beta of adam", o->beta2, BELOW_ONE},
	        {"the epsilon of adam", o->epsilon, ABOVE_ZERO},
	        {"--weight-decay", o->weight_decay, FROM_ZERO},
	        {"--dropout", o->dropout, BELOW_ONE},
	        {"--clip", o->clip, FROM_ZERO},
	        {"the decay of the running average of weights", o->ema, BELOW_ONE},
	        {"the spread of the embedding's frequencies", o->frequency_sigma, FROM_ZERO},
	        {"--gamma", o->loss.gamma, FROM_ZERO},
	        {"the weight of a positive row", o->loss.weight_positive, ABOVE_ZERO},
	        {"the weight of a negative row", o->loss.weight_negative, ABOVE_ZERO},
	        {"--batch", (double)o->batch, FROM_ONE},
	        {"--negatives", o->negatives, FROM_ZERO},
	        {"--epochs", (double)o->epochs, FROM_ONE},
	};
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		FLT_TRY(check_number(&numbers[i], err));
	for (size_t i = 0; i < FLT_N_GROUPS; i++) {
		struct number lr = {"a group's factor of --lr", o->lr_factor[i], FROM_ZERO};
		struct number decay = {"a group's factor of --weight-decay", o->decay_factor[i], FROM_ZERO};
		FLT_TRY(check_number(&lr, err));
		FLT_TRY(check_number(&decay, err));
	}
	return FLT_OK;
}

enum flt_status flt_train_options_check(const struct flt_train_options *options, struct flt_error *err)
{
	FLT_TRY(check_numbers(options, err));
	if (options->nesterov && (options->optimizer != FLT_SGD || options->momentum == 0))
		return flt_fail(err, FLT_ERR_USAGE, "--nesterov needs --optimizer sgd and a --momentum above 0");
	bool is_linear = options->n_hidden == 0 && options->embedding == FLT_EMBEDDING_NONE && !options->front_scale;
	if (options->optimizer == FLT_NEWTON && !is_linear)
		return flt_fail(
		        err, FLT_ERR_USAGE,
		        "newton is for linear models: networks without hidden layers, embedding and front scale");
	return FLT_OK;
}
