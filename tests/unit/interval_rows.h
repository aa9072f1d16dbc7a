/* Arrays for the rows of tests of intervals, and their figures. */
#ifndef INTERVAL_ROWS_H
#define INTERVAL_ROWS_H

#include <check.h>
#include <string.h>

#include "eval/metrics.h"

enum { MOST = 6000 };

static double score[MOST], log_odds[MOST], weight[MOST];
static uint8_t label[MOST];
static size_t cluster[MOST];

static inline struct flt_figures evaluate(const struct flt_scored *rows, double threshold, double prior)
{
	struct flt_figures figures;
	struct flt_evaluate_options options = {.threshold = threshold, .prior = prior, .seed = 3, .n_threads = 1};
	memset(&figures, 0, sizeof figures);
	ck_assert_int_eq(flt_evaluate(rows, &options, &figures, NULL), FLT_OK);
	return figures;
}

#endif
