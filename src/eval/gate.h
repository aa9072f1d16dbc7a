/*
 * Gates: minimum or maximum values of figures in one line of text, so that a script can reject a worse model.
 *
 *   ap>=0.6,recall@precision=0.9>=0.3,ap.lo>=0.5,ece<=0.01
 *
 * A gate is FIGURE>=NUMBER or FIGURE<=NUMBER. FIGURE is ap, roc_auc, precision, recall, f1, mcc (at the chosen
 * threshold), alarms_per_10000, each also with .lo or .hi for a bound of its 95 % interval; or accuracy, log_loss,
 * brier, ece; or precision@k=K, recall@k=K, recall@precision=P with a K or P that struct flt_figures holds.
 */
#ifndef EVAL_GATE_H
#define EVAL_GATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "eval/metrics.h"

enum { FLT_MAX_GATES = 32, FLT_GATE_SIZE = 64 };

struct flt_gate {
	char text[FLT_GATE_SIZE]; /* "recall@precision=0.9>=0.3" */
	size_t name_length;       /* of the figure's name at the start of text */
	int figure;               /* private to gate.c, like the next */
	size_t offset;
	double at;     /* K or P */
	bool at_least; /* >=, else <= */
	bool exactly;  /* = */
	double bound;
};

struct flt_gates {
	size_t n;
	struct flt_gate gate[FLT_MAX_GATES];
};

/* Reads a comma-separated list; FLT_ERR_USAGE names what it does not understand. */
enum flt_status flt_gate_parse(const char *text, struct flt_gates *gates, struct flt_error *err);

/* FLT_ERR_GATE names each failed gate and by how much it failed; FLT_ERR_USAGE a K or P that these figures lack. A
 * figure that is not a number fails its gate. */
enum flt_status flt_gate_check(const struct flt_gates *gates, const struct flt_figures *figures, struct flt_error *err);

/* The same for any named values, with FIGURE=NUMBER too: names ends with NULL, example is a gate that works, for
 * messages. values are in the order of the names; one that is NaN fails its gate. */
enum flt_status flt_gate_parse_among(const char *text, const char *const *names, const char *example,
                                     struct flt_gates *gates, struct flt_error *err);
enum flt_status flt_gate_check_values(const struct flt_gates *gates, const double *values, struct flt_error *err);

#endif
