/*
 * The two halves of the detector's file (file.c): parts, which are what the container holds, from a detector and back.
 *
 * Metadata, one JSON text each: input (target, classes, how to read), preparation, networks, map, rule, training,
 * figures. Tensors: the weights as F32 "net0.layer0.weight" and so on; as F64 what may be long, the quantiles of a
 * column "preparation.3.knots" and isotonic knots "map.log_odds", "map.probability".
 *
 * What follows suffices to score a record without this program, as tests/differential/score.py does.
 *
 * 1. input. A cell is missing if it is empty or one of the comma-separated "na" (null: ?,NA,N/A,NaN,nan,null).
 *    "decimal" is the decimal mark (null: a point). In the columns of the list "numeric", text is missing.
 *
 * 2. preparation. "columns" are those of the training file in their order. One whose "use" is numeric gives: if
 *    "number", x = its value, or "median" where it is missing, scaled, cut to +-1e30, as float32; behind it, if "mark",
 *    1 where it is missing, else 0. By "scale", x becomes
 *      robust     t / sqrt(1 + (t/3)^2), t = (x - center) * factor
 *      standard   (x - center) * factor
 *      quantile   the normal quantile of x's rank among the knots, a rank within 1e-7 and 1 - 1e-7: the first knot has
 *                 rank 0, the last 1, steps are equal, between two knots it is linear; x that equals several knots has
 *                 the middle of the first and last of them
 *      none       x
 *    One whose "use" is categorical has slots: its "levels", one for missing if "missing", one for all other texts if
 *    "other". Each slot gives 1 for a cell that takes it, else 0; where there are two slots, they give a single number
 *    instead, 1 for the first and -1 for the second, 0 for neither. A missing cell without a slot of its own takes that
 *    of other texts. Columns of any other use give nothing.
 *
 * 3. networks. Each of "members" takes these "inputs" numbers and gives a logit. With "embedding" pbld each number of a
 *    numeric column (not a mark, not a slot) becomes "embedded" numbers, in its place: x itself, then
 *    weight cos(2 pi frequency x + phase) + bias, for the i-th such number with row i of embedding.frequency and
 *    embedding.phase ("frequencies" each), the i-th embedded - 1 rows of embedding.weight and row i of embedding.bias.
 *    With "front_scale" all numbers are then multiplied by "scale". Then follow the linear layers, y = weight x + bias,
 *    weight (n_out, n_in) row by row, each but the last followed by "activation", with softplus(x) = ln(1 + e^x):
 *      relu       max(x, 0)
 *      selu       1.0507009873554805 x for x > 0, else 1.7580993408473766 (e^x - 1)
 *      silu       x / (1 + e^-x)
 *      mish       x tanh(softplus(x))
 *      tanh       tanh(x)
 *
 * 4. score. Of one member its logit; of several the log-odds of the mean of sigmoid(psi(logit)), where psi has
 *    "member_gamma" and "member_log_weight_ratio". psi(z) of gamma g and log weight ratio r, with p = sigmoid(z) and
 *    q = sigmoid(-z): g z + ln[(g q softplus(z) + p) / (g p softplus(-z) + q)] - r.
 *
 * 5. map. x = psi(score) of "gamma" and "log_weight_ratio". Without knots the log-odds are slope x + intercept; with
 *    "knots" the probability is that of map.probability at x among map.log_odds, linear between two, and that of the
 *    first or last beyond them. "prior_shift" is added to the log-odds.
 *
 * 6. rule. Positive is what has a probability of at least "threshold".
 */
#ifndef DETECTOR_FILE_H
#define DETECTOR_FILE_H

#include <jansson.h>

#include "base/json.h"
#include "container/safetensors.h"
#include "detector/model.h"

enum flt_part_text {
	PART_INPUT,
	PART_PREPARATION,
	PART_NETWORKS,
	PART_MAP,
	PART_RULE,
	PART_TRAINING,
	PART_FIGURES,
	N_PARTS
};

extern const char *const flt_section_names[N_PARTS];

/* One figure of flt_figures: its name in the file and its place. */
struct flt_figure_field {
	const char *name;
	size_t offset;
	bool is_count; /* size_t, else double */
};

extern const struct flt_figure_field flt_figure_fields[];
extern const size_t flt_n_figure_fields;

/* The parts of a detector. Data of tensors are borrowed from it. */
struct flt_parts {
	char *text[N_PARTS];
	struct flt_safetensor *tensors;
	char (*names)[80]; /* (n_tensors) */
	size_t n_tensors;
};

enum flt_status flt_parts_write(const struct flt_detector *detector, struct flt_parts *parts, struct flt_error *err);
void flt_parts_release(struct flt_parts *parts);

/* Fills a zeroed detector from a container whose digest was checked or not: nothing of it is trusted. On failure the
 * detector holds what it got, to be freed. */
enum flt_status flt_parts_read(const struct flt_safetensors *file, struct flt_detector *detector,
                               struct flt_error *err);

/* flt_detector_from_bytes; without the digest's check a fuzzer gets at what lies behind it. */
enum flt_status flt_detector_parse(const unsigned char *bytes, size_t n_bytes, bool check_digest,
                                   struct flt_detector **detector, struct flt_error *err);

#endif
