/*
 * A detector's file: its sections, from a detector (file_write.c) and back (file_read.c).
 *
 * It is an envelope (container/envelope.h) whose texts are the sections, each a JSON object: input (target, classes,
 * how to read), preparation, networks, map, rule, training, figures. Tensors: the weights as F32 "net0.layer0.weight"
 * and so on; as F64 what may be long, the quantiles of a column "preparation.3.knots" or "refit0.3.knots", the effects
 * of levels "preparation.3.effects", and isotonic knots "map.log_odds", "map.probability".
 *
 * What follows suffices to score a record without this program, as tests/differential/score.py does.
 *
 * 1. input. A cell is missing if it is empty or blank, or ?, NA, N/A, NaN, nan or null, or one of the comma-separated
 *    "na" (null: none). In numeric columns an item of "na" that is a number means its value, and other words for
 *    "missing" count too, whatever their case (csv/markers.c lists them: NULL, None, <NA>, #N/A, \N, - and the like).
 *    "decimal" is the decimal mark (null: a point). In the columns of the list "numeric", text is missing. Optional:
 *    "classes", all values of the target in training, with "class_rows", how many rows had each; and of a training file
 *    without a header "file_columns", how many columns it had, and "file_target", which one (from 0) was the target;
 *    "weight", the column that said how many rows a row stands for, and "group", that whose equal values are rows that
 *    hang together, which play no part in scoring.
 *
 * 2. preparation. "columns" are those of the training file in their order. A column whose "use" is numeric gives up
 *    to two numbers: if "number" is true, its value (or "median" if the cell is missing), scaled, clipped to +-1e30 and
 *    rounded to float32; then, if "mark" is true, 1 if the cell is missing, else 0; then, for each of its "steps"
 * (which may be absent), 1 if the value is the step or more, else 0, and 0 if the cell is missing. With "passed_over",
 * which may be absent, a column of any use gives nothing. By "scale", a value x becomes robust     t / sqrt(1 +
 * (t/3)^2), t = (x - center) * factor standard   t = (x - center) * factor; if x is beyond one of its two "fences"
 * (absent: there are none), with the fence scaled likewise to f: f + log(1 + t - f), or below the lower one f - log(1 +
 * f - t) quantile   the normal quantile of x's rank among the knots, a rank within 1e-7 and 1 - 1e-7: the first knot
 * has rank 0, the last 1, steps are equal, between two knots it is linear; x that equals several knots has the middle
 * of the first and last of them none       x Its cells are plain numbers unless it has a "format": numbers with its
 * "decimal" mark, "thousands" between groups of three digits ("": none), "prefix" before and "suffix" behind them; if
 * "parentheses", "trailing_minus", "minus_sign" or "quotes" is true, also as (1) for -1, 1- for -1, U+2212 for the
 * minus and '1' for 1. Blanks may stand between these parts; thousands of " " are blanks of any kind, of "'" also
 * U+2019 (table/number_format.h).
 *
 *    A column whose "use" is categorical has slots: one for each of its "levels", one for missing cells if "missing" is
 *    true, and one for all other texts if "other" is true. Each slot gives 1 if the cell falls into it, else 0. Two
 *    slots give a single number instead: 1 for the first, -1 for the second, 0 for neither. A missing cell without a
 *    slot for missing falls into that for other texts. With "effects", which may be absent, one more number stands
 *    behind the slots: (e - "center") * "factor", clipped and rounded like those of numeric columns, where the tensor
 *    "preparation.3.effects" or "refit0.3.effects" holds e for each of the "levels", then of the "more_levels", then
 *    for missing cells, then for all other texts; a column that is passed over has no such tensor. Columns of any other
 *    use give nothing; "reason", which may be absent, says to people why. Used columns may have a "profile", which
 *    changes no score: of how many fit "rows" how many were "missing", and of the present values the "quantiles" 0, 1,
 *    5, 25, 50, 75, 95, 99 and 100 %, or how many rows had each of the "levels".
 *
 *    "refits", which may be absent, are preparations that learnt their values from some of the rows. Each has a "scale"
 *    and "columns": an object for each column of a use that gives numbers, in their order, with its own "median",
 *    "center", "factor", "fences", "steps" and number of "knots" if it is numeric, "center" and "factor" if it has
 *    effects, and its own "passed_over", in place of those above. The numbers of a column that "silent" lists, counted
 *    from 0, are 0 for every cell. All else is as above.
 *
 * 3. networks. Each of "members" takes these "inputs" numbers, those of the refit number "refit" if it has that key,
 *    and gives a logit. With "embedding" pbld each number of a numeric column (no indicator, no slot) and each effect
 *    become "embedded" numbers, in its place: x itself, then weight cos(2 pi frequency x + phase) + bias, for the i-th
 *    such number with row i of embedding.frequency and embedding.phase ("frequencies" each), the i-th embedded - 1 rows
 *    of embedding.weight and row i of embedding.bias. With "front_scale" all numbers are then multiplied by "scale".
 *    Then follow the linear layers, y = weight x + bias, weight (n_out, n_in) row by row, each but the last followed by
 *    "activation", with softplus(x) = ln(1 + e^x):
 *      relu       max(x, 0)
 *      selu       1.0507009873554805 x for x > 0, else 1.7580993408473766 (e^x - 1)
 *      silu       x / (1 + e^-x)
 *      mish       x tanh(softplus(x))
 *      tanh       tanh(x)
 *
 * 4. score. Of one member its logit; of several the log-odds of the mean of sigmoid(psi(logit)), weighted by each
 *    member's "weight" (absent: 1; only ratios count), where psi has "member_gamma" and "member_log_weight_ratio".
 *    psi(z) of gamma g and log weight ratio r, with p = sigmoid(z) and q = sigmoid(-z):
 *    g z + ln[(g q softplus(z) + p) / (g p softplus(-z) + q)] - r.
 *
 * 5. map. x = psi(score) of "gamma" and "log_weight_ratio". Without knots the log-odds are slope x + intercept; with
 *    "knots" the probability is that of map.probability at x among map.log_odds, linear between two, and that of the
 *    first or last beyond them. "prior_shift" is added to the log-odds; it leads to "prior", which may be absent.
 *
 * 6. rule. A row is positive if its probability is at least "threshold".
 *
 * What changes no score: a member's "kind", a word or two about it, which may be absent. Beside a rule that is a floor
 * of recall or precision stands "floor", with the shares of the held-out rows that are positive at the threshold and at
 * that of the bare estimate, and what a promise has and needs (eval/decision.h; null: does not apply, or no number is
 * enough). Files of versions that had only bare estimates lack it, and their "recall>=0.9" means "recall>=0.9@50".
 * "held_out" of training, which may be absent, says how many held-out rows were positive and how many not.
 * held_out.positive.score and held_out.other.score have their scores, thinned as eval/kept.h says; if they are
 * "weighted", held_out.positive.weight and held_out.other.weight have weights. "sketch" of training, which may be
 * absent too, with the tensor training.rows: hashes of the rows that made the detector, as detector/sketch.h says.
 * "background" of training, which may be absent as well, with the tensor training.background ("rows", "columns"): fit
 * rows that `predict --reasons` measures rows against. A row has a value for each column whose "use" is numeric or
 * categorical, in their order: the number, NaN if it is missing; or the index among "levels" and "more_levels", behind
 * these that of a missing cell, then that of any other text.
 */
#ifndef DETECTOR_FILE_H
#define DETECTOR_FILE_H

#include <jansson.h>

#include "base/json.h"
#include "container/safetensors.h"
#include "detector/model.h"

enum flt_section {
	FLT_SECTION_INPUT,
	FLT_SECTION_PREPARATION,
	FLT_SECTION_NETWORKS,
	FLT_SECTION_MAP,
	FLT_SECTION_RULE,
	FLT_SECTION_TRAINING,
	FLT_SECTION_FIGURES,
	FLT_N_SECTIONS
};

extern const char *const flt_section_names[FLT_N_SECTIONS];
extern const char *const flt_kept_words[2]; /* of label 0 and 1: how tensors of held-out rows begin */

/* The sections of a detector and its tensors, whose data are borrowed from it. */
enum { FLT_TENSOR_NAME = 80 }; /* "net10000.embedding.frequency" is shorter */

struct flt_sections {
	char *text[FLT_N_SECTIONS];
	struct flt_safetensor *tensors;
	char (*names)[FLT_TENSOR_NAME]; /* (n_tensors) */
	size_t n_tensors;
};

enum flt_status flt_sections_write(const struct flt_detector *detector, struct flt_sections *sections,
                                   struct flt_error *err);
void flt_sections_release(struct flt_sections *sections);

/* Fills a zeroed detector with an initialised map, from the tensors of a file and its sections. None of it is trusted,
 * whether its digest was checked or not. On failure the detector holds what was read, to be freed. */
enum flt_status flt_sections_read(const struct flt_safetensors *file, const char *const texts[FLT_N_SECTIONS],
                                  struct flt_detector *detector, struct flt_error *err);

/* As flt_detector_from_bytes. check_digest false lets a fuzzer reach the code after the digest. */
enum flt_status flt_detector_parse(const unsigned char *bytes, size_t n_bytes, bool check_digest,
                                   struct flt_detector **detector, struct flt_error *err);

#endif
