/* For tests: labelled rows with scores, as tests/reference/ stores them: name, labels, scores. */
#ifndef SCORED_ROWS_H
#define SCORED_ROWS_H

#include <stdint.h>

#include "eval/scored.h"
#include "reference_csv.h"

enum { MAX_STORED_ROWS = 2000, MAX_SCORED_ROWS = 30000 };

struct rows {
	size_t n;
	double score[MAX_SCORED_ROWS];
	uint8_t label[MAX_SCORED_ROWS];
};

/* The score is the log-odds, too. */
static inline struct flt_scored rows_scored(const struct rows *rows)
{
	return (struct flt_scored){.n = rows->n, .score = rows->score, .log_odds = rows->score, .label = rows->label};
}

static inline void rows_read(const struct reference_csv *csv, struct rows *rows)
{
	double labels[MAX_STORED_ROWS];
	rows->n = reference_csv_list(csv, 1, labels, MAX_STORED_ROWS);
	ck_assert_uint_eq(reference_csv_list(csv, 2, rows->score, MAX_STORED_ROWS), rows->n);
	for (size_t i = 0; i < rows->n; i++)
		rows->label[i] = labels[i] > 0;
}

#endif
