/*
 * Scores of a tile of rows. The caller prepares the rows, as often as the members of the detector have different
 * preparations; their networks run, and their logits become one score.
 */
#ifndef DETECTOR_TILE_H
#define DETECTOR_TILE_H

#include "detector/model.h"
#include "nn/predict.h"

/* Room for a tile. Zero-initialised, made by flt_tile_init, released whatever that returned. */
struct flt_tile {
	float *x;                       /* (max_rows, the features of the widest preparation) */
	float *logit;                   /* (max_rows) */
	double *log_q;                  /* (max_rows), or NULL: one network */
	struct flt_predictor predictor; /* for any of the networks */
};

/* n_threads run each network. */
enum flt_status flt_tile_init(struct flt_tile *tile, const struct flt_detector *detector, size_t max_rows,
                              unsigned n_threads, struct flt_error *err);
void flt_tile_release(struct flt_tile *tile);

size_t flt_tile_n_features(const struct flt_detector *detector); /* of the widest preparation */

/* Writes the tile's rows as the preparation has them. */
typedef enum flt_status flt_prepare(void *context, const struct flt_prep *prep, float *x, struct flt_error *err);

/* A tile's rows, and who prepares them. */
struct flt_tile_rows {
	flt_prepare *prepare;
	void *context; /* of prepare */
	size_t n;
	const struct flt_weights *packed; /* (n_members) by flt_pack_members, or NULL: they are packed for each tile */
};

/* The weights of all members, packed for many tiles; threads may share them. Borrows the detector. On failure *packed
 * is NULL. */
enum flt_status flt_pack_members(const struct flt_detector *detector, struct flt_weights **packed,
                                 struct flt_error *err);
void flt_packed_members_free(struct flt_weights *packed, size_t n_members); /* NULL is fine */

/* Gets the logits (n) of one member. */
typedef enum flt_status flt_take_logits(void *context, size_t member, const float *logit, struct flt_error *err);

/* Runs all members on the rows. Each preparation that a member uses is asked for once, that of the detector first. */
enum flt_status flt_tile_each(struct flt_tile *tile, const struct flt_detector *detector,
                              const struct flt_tile_rows *rows, flt_take_logits *take, void *context,
                              struct flt_error *err);

/* score (n) of the rows. On FLT_ERR_DATA of a network *bad_row is the row. */
enum flt_status flt_tile_score(struct flt_tile *tile, const struct flt_detector *detector,
                               const struct flt_tile_rows *rows, double *score, size_t *bad_row, struct flt_error *err);

#endif
