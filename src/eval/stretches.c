#include "eval/stretches.h"

#include <math.h>

#include "base/alloc.h"
#include "eval/student.h"

enum { N_STRETCHES = 10 };

/* The rows of which some are hits: positive rows, or alarms. */
struct base {
	const struct flt_candidates *candidates;
	double threshold;
	bool of_recall;
	size_t n, *row;            /* (n) */
	double *time;              /* (n) */
	struct flt_ranking by_age; /* of time: from the latest down */
};

/* Weights. */
struct stretch {
	double of_rows, of_hits;
};

static bool is_alarm(const struct base *base, size_t row)
{
	return flt_candidates_probability(base->candidates, row) >= base->threshold;
}

static bool is_in(const struct base *base, size_t row)
{
	return base->of_recall ? base->candidates->rows->label[row] : is_alarm(base, row);
}

static bool is_hit(const struct base *base, size_t row)
{
	return base->of_recall ? is_alarm(base, row) : base->candidates->rows->label[row];
}

static void base_release(struct base *base)
{
	flt_free(base->row);
	flt_free(base->time);
	flt_ranking_release(&base->by_age);
}

static enum flt_status base_fill(struct base *base, struct flt_error *err)
{
	const struct flt_scored *rows = base->candidates->rows;
	base->row = flt_alloc(rows->n, sizeof *base->row, err);
	base->time = flt_alloc(rows->n, sizeof *base->time, err);
	FLT_TRY_MEMORY(base->row && base->time);
	for (size_t i = 0; i < rows->n; i++)
		if (is_in(base, i)) {
			base->row[base->n] = i;
			base->time[base->n++] = rows->time[i];
		}
	return flt_ranking_make(&base->by_age, base->time, base->n, NULL, err);
}

/* Stretches of equal numbers of rows, as near as equal times, which stay together, allow; so some may be empty. */
static void fill_stretches(const struct base *base, struct stretch stretches[N_STRETCHES])
{
	const struct flt_ranking *by_age = &base->by_age;
	for (size_t i = 0, first = 0; i < base->n; i++) {
		if (by_age->key[i] != by_age->key[first])
			first = i;
		struct stretch *stretch = &stretches[first * N_STRETCHES / base->n];
		size_t row = base->row[by_age->row[i]];
		double weight = flt_row_weight(base->candidates->rows, row);
		stretch->of_rows += weight;
		stretch->of_hits += is_hit(base, row) ? weight : 0;
	}
}

/* The variance of the hits of the stretches, in units of what single rows would give. */
static double spread_of(const struct base *base, const struct stretch stretches[N_STRETCHES], double confidence)
{
	const double *unit = base->candidates->unit, many = 1000;
	double rows = 0, hits = 0, sum = 0, df = -1;
	for (int i = 0; i < N_STRETCHES; i++) {
		rows += stretches[i].of_rows;
		hits += stretches[i].of_hits;
		df += stretches[i].of_rows > 0;
	}
	double share = hits / rows;
	if (!(df > 0 && share > 0 && share < 1))
		return 1;
	double unit_here = base->of_recall ? unit[1] : unit[1] * (1 - share) + unit[0] * share;
	for (int i = 0; i < N_STRETCHES; i++) {
		double distance = stretches[i].of_hits - share * stretches[i].of_rows;
		if (stretches[i].of_rows > 0)
			sum += distance * distance / (stretches[i].of_rows * share * (1 - share) * unit_here);
	}
	double widening = flt_student_quantile(confidence / 100, df) / flt_student_quantile(confidence / 100, many);
	return fmax(1, sum / df * widening * widening);
}

enum flt_status flt_stretches_spread(const struct flt_candidates *candidates, double threshold, bool of_recall,
                                     double confidence, double *spread, struct flt_error *err)
{
	struct base base = {.candidates = candidates, .threshold = threshold, .of_recall = of_recall};
	struct stretch stretches[N_STRETCHES] = {{0}};
	enum flt_status status = FLT_OK;
	FLT_TRY_OUT(base_fill(&base, err));
	fill_stretches(&base, stretches);
	*spread = spread_of(&base, stretches, confidence);
out:
	base_release(&base);
	return status;
}
