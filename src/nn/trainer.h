/*
 * Training steps (step.c), and what they share. A batch is cut into shards whose size depends on the batch alone; each
 * shard writes its gradient to a buffer of its own, and the buffers are added up along a fixed tree (shard_tree.h). So
 * results are the same bits at any number of threads.
 *
 * Nothing is allocated after flt_trainer_new.
 */
#ifndef NN_TRAINER_H
#define NN_TRAINER_H

#include "base/pool.h"
#include "nn/optimizer.h"
#include "nn/pass.h"
#include "nn/team.h"

/* What the rows weigh. */
struct flt_data_mass {
	double mean;       /* weight of a row; 1 if they have none */
	double prevalence; /* the share of all weight that positive rows hold */
};

enum { FLT_CHUNK_PARAMS = 1 << 14 }; /* the last bits of the gradient's norm depend on it */

struct flt_trainer {
	const struct flt_train_options *options; /* borrowed */
	const struct flt_data *fit;              /* borrowed */
	struct flt_mlp *mlp;                     /* owned until taken */
	struct flt_focal focal;                  /* the loss */
	struct flt_focal epoch_focal; /* the same, of an epoch's rows: their weights make up for those left out */
	double visited;               /* share of the rows that an epoch visits */
	struct flt_optimizer optimizer;
	struct flt_pool *pool;
	size_t n_workers;
	struct flt_pass *passes;    /* (n_workers) */
	struct flt_weights weights; /* of the current step, or of a validation */
	uint8_t *labels;            /* (n_workers, shard_rows), as the rows in passes */
	float *row_weights;         /* (n_workers, shard_rows); NULL: the rows have none */
	struct flt_data_mass mass;  /* of fit */
	size_t batch, shard_rows, n_shards;
	size_t stride;              /* of gradients: n_params rounded up to a whole cache line */
	float *gradients;           /* (n_shards, stride); the first becomes the batch's */
	struct flt_loss_sums *sums; /* (n_shards) */
	size_t n_chunks;
	double *squares; /* (n_chunks) of the gradient, for clipping: of FLT_CHUNK_PARAMS each */
	size_t n_slices;
	size_t *slice_begins;        /* (n_slices + 1) first parameter of each task of an update, and the end */
	float *mean;                 /* (n_params) running average of the weights; NULL: off */
	const struct flt_team *team; /* borrowed; NULL: none */
	struct flt_team_post post;   /* of the team */
	bool has_stopped;            /* in a team: a process of it wanted to, and the last step was not made */
};

/* Makes and initialises the network too; the data's prevalence sets its output bias. */
enum flt_status flt_trainer_new(const struct flt_train_options *options, const struct flt_data *fit,
                                struct flt_trainer **trainer, struct flt_error *err);
void flt_trainer_free(struct flt_trainer *trainer);

/* Before the first step: each is made by all processes of the team, which is borrowed. */
enum flt_status flt_trainer_join(struct flt_trainer *trainer, const struct flt_team *team, struct flt_error *err);

/* The shape of the network that these options give for inputs like fit's. */
struct flt_mlp_spec flt_trainer_spec(const struct flt_train_options *options, const struct flt_data *fit);

/* The bytes of a trainer with a network of that shape; fit->x and fit->label may be NULL. */
double flt_trainer_memory(const struct flt_train_options *options, const struct flt_data *fit,
                          const struct flt_mlp *mlp);

size_t flt_data_count_positive(const struct flt_data *data);

struct flt_data_mass flt_data_mass(const struct flt_data *data);

struct flt_step {
	const uint32_t *rows; /* (n_rows) of fit->x: this batch */
	size_t n_rows;        /* <= batch */
	size_t n_next;        /* rows that lie behind these and come next: they are fetched early; 0: not known */
	unsigned long number; /* from 0, over all epochs: names the dropout masks */
	double t;             /* share of the run that is done, [0, 1) */
	bool wants_stop;      /* in a team */
};

/* Makes one step; *sums becomes the batch's. False, with the weights unchanged, if the loss is not finite. In a team
 * that stops, has_stopped is set and nothing changes. Anyone else who changes mlp->params between steps must call
 * flt_weights_set. */
bool flt_trainer_step(struct flt_trainer *trainer, const struct flt_step *step, struct flt_loss_sums *sums);

/* The logits (n) by the packed weights of the rows of x that `rows` names, see flt_predict. In a team each process
 * scores a slice of them. */
void flt_trainer_predict(struct flt_trainer *trainer, const float *x, const uint32_t *rows, size_t n, float *logit);

#endif
