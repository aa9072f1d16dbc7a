/*
 * The rows that an epoch visits, and in which order: each epoch's depend on its number alone, so that a training can
 * resume in any of them.
 *
 * Of a rare class each row tells much, and of the common one many tell the same. So an epoch may visit all positive
 * rows and a draw of the negative ones, another for each epoch, which stand for all of them in the loss: its gradient
 * is right on average, and with k negative rows for each positive one about 1 / k of what the rows tell is lost
 * (Fithian and Hastie 2014).
 *
 * By rows: all rows are shuffled. By blocks: the rows are cut into blocks, the blocks are shuffled, and then the rows
 * within each window of so many blocks that follow each other in that order. So a row can come at any time of an epoch,
 * and next to rows from anywhere, but what is read during a window is a few dozen long pieces of the matrix, which is
 * how data larger than memory have to be read. A matrix that is no longer than a window is shuffled as by rows.
 */
#ifndef NN_ORDER_H
#define NN_ORDER_H

#include "nn/train.h"

enum {
	FLT_BLOCK_VALUES = 1 << 16, /* inputs of a block's rows, at least a row's: 256 KB */
	FLT_WINDOW_BLOCKS = 128,    /* 32 MB */
};

/* How many rows an epoch visits. */
struct flt_epoch_rows {
	size_t n, n_negative;
	double stand_for; /* so many negative rows, each of those that are visited, of which there is one at least; 1:
	                     all are */
};

struct flt_epoch_rows flt_epoch_rows(const struct flt_train_options *options, size_t n_rows, size_t n_positive);

/* Keeps the positive ones of rows (n_rows of data) and a draw of the others, each draw equally likely, as they follow
 * each other: visited->n in all. Seed, name and number name the draw. */
void flt_draw_negatives(const struct flt_data *data, const struct flt_epoch_rows *visited, uint64_t seed,
                        const char *name, uint64_t number, uint32_t *rows);

struct flt_row_order {
	const struct flt_train_options *options; /* borrowed, as is the next */
	const struct flt_data *data;
	struct flt_epoch_rows visited;
	size_t block_rows, n_blocks; /* 0 by rows */
	uint32_t *blocks;            /* (n_blocks) as shuffled */
	uint32_t *rows;              /* (n_rows) of data->x, in the epoch's order: the first visited.n count */
};

/* Rows are numbered in 32 bits. Release it after a failure, too. */
enum flt_status flt_row_order_init(struct flt_row_order *order, const struct flt_train_options *options,
                                   const struct flt_data *data, struct flt_error *err);
void flt_row_order_release(struct flt_row_order *order);

/* Puts the rows of the epoch, from 1, into its order. */
void flt_row_order_shuffle(struct flt_row_order *order, size_t epoch);

/* Whether each window can be expected to hold positive rows: false where they lie together in fewer blocks than four a
 * window. data->x may be NULL. */
bool flt_row_order_is_even(const struct flt_train_options *options, const struct flt_data *data);

/* Its bytes. */
double flt_row_order_memory(const struct flt_train_options *options, const struct flt_data *data);

#endif
