#include "attainable.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* One row as the ranking sees it. A copy shares the label of the row that it copies, in each redraw too. */
struct ranked {
	double truth;
	size_t original;
};

static int by_falling_truth(const void *left, const void *right)
{
	const struct ranked *a = left, *b = right;
	if (a->truth != b->truth)
		return a->truth < b->truth ? 1 : -1;
	return (a->original > b->original) - (a->original < b->original);
}

/* Mean over the positives of the precision at their place, rows of equal truth counted as one place. */
static double average_precision(const struct ranked *ranked, size_t n, const bool *label)
{
	double sum = 0;
	size_t positives = 0;
	for (size_t start = 0, end; start < n; start = end) {
		size_t found = 0;
		for (end = start; end < n && ranked[end].truth == ranked[start].truth; end++)
			found += label[ranked[end].original];
		positives += found;
		sum += (double)found * (double)positives / (double)end;
	}
	return positives ? sum / (double)positives : 0;
}

static void redraw(const struct row *rows, size_t n, struct source *source, bool *label)
{
	for (size_t i = 0; i < n; i++)
		label[i] = draw_uniform(source) < rows[i].truth;
}

bool attainable_compute(const struct scenario *scenario, const struct row *rows, struct attainable *result)
{
	size_t n = scenario->n_rows;
	struct ranked *ranked = malloc(n * sizeof *ranked);
	bool *label = malloc(n * sizeof *label);
	bool done = false;
	if (!ranked || !label)
		goto out;
	for (size_t i = 0; i < n; i++) {
		ranked[i] = (struct ranked){rows[i].truth, rows[i].original};
		label[i] = rows[i].positive;
	}
	qsort(ranked, n, sizeof *ranked, by_falling_truth);
	result->of_file = average_precision(ranked, n, label);

	struct source source = source_open(scenario->seed, STREAM_REDRAWS);
	double sum = 0, squares = 0;
	for (int k = 0; k < N_REDRAWS; k++) {
		redraw(rows, n, &source, label);
		double ap = average_precision(ranked, n, label);
		sum += ap;
		squares += ap * ap;
	}
	result->mean = sum / N_REDRAWS;
	result->deviation = sqrt((squares - sum * result->mean) / (N_REDRAWS - 1));
	done = true;
out:
	free(label);
	free(ranked);
	return done;
}
