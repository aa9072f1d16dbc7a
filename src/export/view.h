/*
 * A detector as plain data for those who write it in another language: what it needs of a record, what its preparations
 * make of that, and the networks with their weights. All values are those that scoring applies.
 *
 * A record has columns. A column gives one value, or, if it holds dates, one for each part that is used. A preparation
 * turns each value into a block of inputs (prep/inputs.h); a value without a block has no part in it. Each member reads
 * the inputs of one preparation.
 *
 *	for each member m:  x = inputs of the record by preps[m.prep]        (float32)
 *	                    z = the network's logit of x
 *	score = z of the only member, or the log-odds of the mean of sigmoid(psi(z)) by weight (flt_mean_log_odds_add)
 *	log-odds = flt_map_log_odds(map, score);  probability = sigmoid;  positive: probability >= threshold
 *
 * Everything in a view is owned by it or borrowed from its detector, which must outlive it.
 */
#ifndef EXPORT_VIEW_H
#define EXPORT_VIEW_H

#include "detector/model.h"
#include "prep/inputs.h"

/* What the cells of a column are. */
enum flt_view_type { FLT_VIEW_NUMBER, FLT_VIEW_CATEGORY, FLT_VIEW_DATE };

/* A column that records must have, in the order of the training file. */
struct flt_view_column {
	const char *name; /* as in the file: any text, UTF-8 as a rule; no two are the same */
	enum flt_view_type type;
	struct flt_number_format format; /* of a number's cells; its decimal mark is set */
	struct flt_date_format date;     /* of a date's */
	bool text_is_missing;            /* --numeric: a cell that is no number (or date) is missing, not an error */
};

/* A number, a category, or a part of a date: what preparations start from. */
struct flt_view_value {
	size_t column;             /* of the view */
	enum flt_view_type type;   /* that of the column */
	enum flt_date_part part;   /* of a date: the value is flt_date_part(seconds since 1970-01-01, part) */
	const char *const *levels; /* (n_levels) of a category: its known levels, which have places 0, 1 ...; then come
	                            * the place of missing, and that of all other texts */
	size_t n_levels;
	const uint32_t *order; /* (n_levels) the levels by rising bytes */
};

/* What a preparation makes of a value: width inputs, from its input number `first` on. */
struct flt_view_block {
	size_t value; /* of the view */
	size_t first, width;
	/* All that was learnt of the value (prep/prep.h): median, center, factor, fences, quantiles, steps. */
	struct flt_prep_column column;

	/* Of a number. An input without one, or that is silent (always 0), is SIZE_MAX. Steps are never silent. */
	size_t scaled, indicator, first_step; /* numbers of the preparation's inputs */

	/* Of a category, at each place (n_levels of the value + 2): which input of the preparation is not 0, or
	 * SIZE_MAX, and its value; and the input of the effect, which is number `effect_input`. */
	size_t *slot;        /* (n_places) NULL for numbers */
	float *slot_value;   /* (n_places) 1 or -1 */
	float *effect;       /* (n_places) or NULL: it has none */
	size_t effect_input; /* SIZE_MAX: it has none */
};

/* A preparation that some member uses. How numbers are scaled: flt_scale (prep/prep.h), then clipped to
 * +-FLT_LARGEST_FEATURE (prep/scale.h), in double; then float. */
struct flt_view_prep {
	enum flt_scale scale;
	size_t n_inputs;
	struct flt_view_block *blocks; /* (n_blocks) in the order of their inputs */
	size_t n_blocks;
};

struct flt_view_member {
	size_t prep;               /* of the view */
	const struct flt_mlp *net; /* shape: flt_mlp_spec */
	struct flt_mlp_spec spec;  /* which inputs are embedded: spec.numeric */
	const float *params;       /* (flt_mlp_n_params) flt_mlp_tensor says where each tensor lies */
	double log_weight;         /* ln(weight / weight of the first member) */
	double share;              /* of all weights, 0 to 1 */
	size_t detector_member;    /* its number in the detector */
};

struct flt_view {
	const struct flt_detector *detector; /* map, choice.threshold, member_gamma ..., target, positive, input.na */
	struct flt_view_column *columns;     /* (n_columns) */
	size_t n_columns;
	struct flt_view_value *values; /* (n_values) */
	size_t n_values;
	struct flt_view_prep *preps; /* (n_preps) */
	size_t n_preps;
	struct flt_view_member *members; /* (n_members) in the order in which scoring adds them up */
	size_t n_members;
	bool is_mean;      /* the score is a mean; else the logit of the only member */
	size_t max_inputs; /* of the widest preparation */
};

/* End *view by flt_view_free. */
enum flt_status flt_view_new(const struct flt_detector *detector, struct flt_view **view, struct flt_error *err);
void flt_view_free(struct flt_view *view); /* NULL is fine */

/* The tensor of that name ("layer0.weight", "embedding.phase", "scale"), and its first number; NULL if the network has
 * none. */
const float *flt_view_tensor(const struct flt_view_member *member, const char *name, struct flt_tensor *tensor);

#endif
