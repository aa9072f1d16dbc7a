/*
 * Training: mini-batches through a network, a loss on its logit, an optimizer on its flat parameters, and the choice of
 * the best epoch on validation rows. Results are the same bits at any number of threads. An epoch allocates nothing.
 */
#ifndef NN_TRAIN_H
#define NN_TRAIN_H

#include "base/parcel.h"
#include "nn/mlp.h"

/* Focal loss on the logit, a_y (1 - p_t)^gamma (-ln p_t) (Lin et al. 2017); gamma 0 is BCE to the bit.
 * Weights come from --alpha (a1 = alpha, a0 = 1 - alpha) or --pos-weight (a1 = w, a0 = 1). */
struct flt_loss {
	double gamma;           /* >= 0 */
	double weight_positive; /* a1 > 0; 1 by default */
	double weight_negative; /* a0 > 0; 1 by default */
};

enum flt_loss_kind { FLT_BCE, FLT_FOCAL, FLT_N_LOSSES };
extern const char *const flt_loss_words[];

/* FLT_BCE where gamma is 0. */
enum flt_loss_kind flt_loss_kind(const struct flt_loss *loss);

/* The constant logit that minimises the loss when a share `prevalence` of the rows is positive. */
double flt_loss_optimal_bias(const struct flt_loss *loss, double prevalence);

/* The log-odds behind the logit of a network that minimises the loss (psi, base/log_odds.h). */
double flt_loss_log_odds(const struct flt_loss *loss, double logit);

/* The loss of one row in double, and its derivatives by the logit. */
struct flt_loss_point {
	double value, slope, curvature;
};

struct flt_loss_point flt_loss_point(const struct flt_loss *loss, double logit, bool is_positive);

/* Newton's method is for networks without hidden layers, and finds their optimum (nn/linear.h). */
enum flt_optimizer_kind { FLT_SGD, FLT_ADAM, FLT_ADAMW, FLT_NEWTON, FLT_N_OPTIMIZERS };
extern const char *const flt_optimizer_words[];

/* A factor over the run, a function of t = step / all steps in [0, 1): constant 1; half a cosine from 1 to 0; four
 * cosine waves of growing length that start and end at 0 (RealMLP); 1 for the first half, then half a cosine. */
enum flt_schedule { FLT_CONSTANT_RATE, FLT_COSINE, FLT_COSLOG4, FLT_FLAT_COS, FLT_N_SCHEDULES };
extern const char *const flt_schedule_words[];

double flt_schedule_factor(enum flt_schedule schedule, double t);

/* The order in which an epoch visits its rows, see nn/order.h. */
enum flt_order { FLT_ORDER_ROWS, FLT_ORDER_BLOCKS, FLT_N_ORDERS };
extern const char *const flt_order_words[];

enum { FLT_MAX_EPOCHS = 1000000 };

enum flt_monitor { FLT_MONITOR_AP, FLT_MONITOR_LOSS, FLT_N_MONITORS };
extern const char *const flt_monitor_words[];

struct flt_train_options {
	/* the network */
	size_t n_hidden;
	size_t hidden[FLT_MAX_HIDDEN];
	enum flt_activation activation;
	bool front_scale;
	enum flt_embedding embedding;
	size_t n_frequencies, n_embedded;
	double frequency_sigma; /* embedding frequencies start as N(0, sigma^2) */
	/* initialisation and dropout */
	bool zero_output_bias;   /* start at 0 instead of the loss's own optimum */
	bool zero_output_weight; /* the last layer's weights start at 0 */
	bool ntp; /* neural tangent parametrisation: x W / sqrt(n_in) + b with W, b from N(0, 1). Implemented as the
	             equivalent: weights that start with variance 1 / n_in and learn at lr / sqrt(n_in) (adam) or
	             lr / n_in (sgd) */
	double dropout; /* [0, 1) after each hidden activation */
	enum flt_schedule dropout_schedule;
	/* loss and optimizer */
	struct flt_loss loss;
	enum flt_optimizer_kind optimizer;
	double lr, momentum, beta1, beta2, epsilon,
	        weight_decay; /* decay: L2 for sgd, adam and newton, decoupled for adamw; never on biases */
	bool choose_decay;    /* newton: weight_decay is not given but chosen on validation rows */
	bool nesterov;
	enum flt_schedule schedule, decay_schedule; /* of lr, and of weight_decay on top of lr's */
	double lr_factor[FLT_N_GROUPS];             /* of each group of parameters; 1 by default */
	double decay_factor[FLT_N_GROUPS];          /* by default 1 for weights, 0 for all else */
	double clip;                                /* largest norm of the gradient; 0: off */
	size_t batch, epochs;
	double negatives; /* negative rows for each positive one in an epoch, see nn/order.h; 0: all. Newton takes all
	                   */
	enum flt_order order; /* of the rows in an epoch; newton takes them all at once */
	/* the choice of the best weights */
	double ema;               /* decay of a running average of the weights, validated beside them; 0: off */
	size_t patience;          /* epochs without a better one before it stops; 0: never stops early */
	enum flt_monitor monitor; /* of validation rows; the last of equally good epochs is kept; without validation
	                             rows, the last epoch */
	uint64_t seed;
	unsigned n_threads; /* 0: all; never changes a result */
};

void flt_train_options_init(struct flt_train_options *options); /* the defaults of the library */

/* Rows to train on or to validate with; everything is borrowed. numeric, weight and rows may be NULL.
 *
 * A mini-batch's gradient is sum(w dl) / (its rows x the mean weight of all rows), not sum(w dl) / sum(w): the latter
 * would count a heavy row less in the mini-batch of another heavy row, and its mean over mini-batches is not the
 * gradient of the whole loss. With all rows in one mini-batch both are the same. */
struct flt_data {
	const float *x;       /* (n_rows, n_in) */
	const uint8_t *label; /* (n_rows) */
	const float *weight;  /* (n_rows) how many rows each stands for, > 0, in any unit; NULL: each for one */
	size_t n_rows;
	size_t n_in;
	const bool *numeric; /* (n_in) the inputs that an embedding embeds; NULL: all */
	const size_t *rows;  /* (n_rows) which rows of x, label and weight to use, so that several networks can learn
	                        from  different rows of one matrix; NULL: the first n_rows. Not for validation */
};

/* One line of the epoch log. */
struct flt_epoch {
	size_t member, n_members; /* the network's number, from 0, and how many there are; flt_train says 0 of 1 */
	size_t epoch, n_epochs;   /* from 1; the most there can be */
	double lr;                /* at the last step; NaN with newton, whose epochs are optima, one for each l2 */
	double l2;                /* newton: the penalty; else 0 */
	double loss;              /* weighted mean over the epoch's rows, as trained on */
	double validation_loss, validation_ap; /* NaN without validation rows; loss is the mean, by rows' weights, of
	                                          the training loss's formula. AP is NaN where a draw of the rows judges
	                                          (nn/monitor.h), too */
	double gradient_total, gradient_easy, gradient_positive; /* sums of |dL/dz| over the epoch; easy: p_t > 0.9 */
	bool best;                                               /* better than, or as good as, all before: kept */
	bool averaged; /* the running average did better, and the validation figures are those of the average */
	bool last;     /* training ends with it, perhaps before n_epochs */
	bool restored; /* it was not trained now: the state that training started from had it */
	double share;  /* of the work planned for all n_members networks, this network's; flt_train says 1 */
};

struct flt_train_result {
	size_t epochs, best_epoch; /* completed; the one whose weights are kept */
	struct flt_epoch best;
	float output_bias; /* at the start */
};

/* Called after each epoch, on the calling thread; may be NULL. Returning true ends training after this epoch. */
typedef bool flt_on_epoch(void *context, const struct flt_epoch *epoch);

enum flt_state_vector {
	FLT_STATE_PARAMS, /* the weights */
	FLT_STATE_FIRST,  /* the optimizer's momentum, or mean of gradients; NULL with newton */
	FLT_STATE_SECOND, /* mean of squared gradients; NULL with sgd and newton */
	FLT_STATE_MEAN,   /* the running average of the weights; NULL with ema 0 */
	FLT_STATE_BEST,   /* the weights of the best epoch; NULL during the first */
	FLT_N_STATE_VECTORS
};

/* The whole state of a training: resumed from here, with the same options and rows, it ends in the same bits as if it
 * had never stopped. The order of rows, dropout and schedules follow from the step's number; the best epoch and
 * patience follow from the logged epochs. Everything is borrowed. */
struct flt_train_state {
	size_t n_params;
	const float *vectors[FLT_N_STATE_VECTORS]; /* (n_params) each, or NULL */
	size_t n_steps;                            /* done, over all epochs */
	size_t n_steps_at_most;                    /* if no epoch is left out; 0: not known. Not read */
	double sums[4]; /* over the steps of the current epoch: loss, |dL/dz| of all, easy and positive rows */
	size_t n_epochs;
	const struct flt_epoch *epochs; /* (n_epochs) the completed ones; member and best are not read */
	bool ended;                     /* training is over; not read */
};

/* Called on the calling thread before each step and once at the end of training. The state is valid during the call
 * only. Returning true stops training here. */
typedef bool flt_between_steps(void *context, const struct flt_train_state *state);

/* Processes that train one network together (nn/team.h). All call flt_train with the same options, rows and state to
 * resume from, and end with the same network. */
struct flt_team {
	size_t n, own; /* processes, and the number of this one */
	/* Waits for all, once each has the memory that it needs. Fails on all if one of them has failed. */
	enum flt_status (*meet)(void *context, struct flt_error *err);
	/* Sends out[i] (n) to process i, and fills in[i] (n) with what that one sends, which has as many bytes; what is
	 * this process's own stays. All call it in the same order. state_holds: the state that between_steps was shown
	 * last is valid during the call, too. */
	void (*trade)(void *context, const struct flt_parcel *out, const struct flt_parcel *in, bool state_holds);
	void *context;
};

/* In a team only between_steps can stop training, on any process: then all stop before the same step. */
struct flt_train_hooks {
	flt_on_epoch *on_epoch; /* on resuming, called again for the epochs of `from` */
	flt_between_steps *between_steps;
	const struct flt_train_state *from; /* the state to resume from; NULL: start anew */
	const struct flt_team *team;        /* NULL, or for Newton's method: this process trains alone */
	void *context;
};

/* flt_train's peak memory, without the data but with the network it returns. */
struct flt_train_memory {
	size_t n_params;
	double n_bytes;
};

/* fit->x and fit->label may be NULL. FLT_ERR_USAGE if flt_train would refuse the network's shape. */
enum flt_status flt_train_memory(const struct flt_train_options *options, const struct flt_data *fit,
                                 size_t n_validation, struct flt_train_memory *memory, struct flt_error *err);

/* The shards that the batches of a training have, but for the last of an epoch: no more processes have a part in it. */
size_t flt_train_n_shards(const struct flt_train_options *options, size_t n_rows);

/* validation, hooks and each hook may be NULL. *mlp (flt_mlp_free) has the weights of the best epoch, after a stop by a
 * hook (no error) and after FLT_ERR_DIVERGED too; it is NULL if no epoch was completed. FLT_ERR_MODEL: the state to
 * resume from does not belong to this training. */
enum flt_status flt_train(const struct flt_train_options *options, const struct flt_data *fit,
                          const struct flt_data *validation, const struct flt_train_hooks *hooks, struct flt_mlp **mlp,
                          struct flt_train_result *result, struct flt_error *err);

#endif
