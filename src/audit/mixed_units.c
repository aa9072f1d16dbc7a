#include "audit/mixed_units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/number.h"
#include "base/pool.h"
#include "base/random.h"
#include "eval/sample.h"

enum {
	MOST_VALUES = 4000, /* looked at */
	LEAST_VALUES = 100,
	LEAST_PART = 30,     /* of them, on either side */
	LEAST_DISTINCT = 20, /* a code of few values has no unit */
	LOWEST = -30,
	HIGHEST = 30, /* places: powers of ten */
	N_PLACES = HIGHEST - LOWEST + 1,
	MOST_PLACES = 3, /* that are tried as the usual one */
};

/* Chosen so that a column multiplied by 100 in some of its rows is found in 11 of 12 public sets (make bench-faults);
 * in the other, the digits of standardised values hide the factor. */
static const double least_share = 0.02, least_usual = 0.3, most_apart = 0.3, least_far = 0.6;

/* The power of ten of the last digit that a number shows: -2 for 12.34, 2 for 1200. */
static int last_place(double value)
{
	char text[FLT_NUMBER_SIZE];
	int place = 0, n_zeros = 0;
	flt_number_format(value, text);
	const char *exponent = strchr(text, 'e'), *end = exponent ? exponent : text + strlen(text);
	const char *point = memchr(text, '.', (size_t)(end - text));
	if (point)
		place = -(int)(end - point - 1);
	for (const char *at = end; !point && at > text && at[-1] == '0'; at--)
		n_zeros++;
	place += n_zeros + (exponent ? (int)strtol(exponent + 1, NULL, 10) : 0);
	return place < LOWEST ? LOWEST : place > HIGHEST ? HIGHEST : place;
}

/* A sample of a column's values but for zeros, with the last place of each. */
struct sample {
	double *value, *fine, *round; /* (n), and scratch for two parts of them */
	signed char *place;           /* (n) */
	size_t n;
};

static void draw(const struct flt_column *column, size_t n_rows, uint64_t index, struct sample *sample)
{
	struct flt_random random;
	size_t n_seen = 0;
	flt_random_init(&random, 1, "units", index);
	sample->n = 0;
	for (size_t row = 0; row < n_rows; row++) {
		double value = flt_number_at(&column->numbers, row);
		if (isnan(value) || !(value < 0 || value > 0))
			continue;
		size_t at = n_seen < MOST_VALUES ? n_seen : flt_random_below(&random, n_seen + 1);
		n_seen++;
		if (at < MOST_VALUES)
			sample->value[at] = value;
	}
	sample->n = n_seen < MOST_VALUES ? n_seen : MOST_VALUES;
	for (size_t i = 0; i < sample->n; i++)
		sample->place[i] = (signed char)last_place(sample->value[i]);
}

/* The places that most values end in, the most frequent first. */
static size_t usual_places(const struct sample *sample, int places[MOST_PLACES])
{
	size_t n[N_PLACES] = {0}, n_found = 0;
	for (size_t i = 0; i < sample->n; i++)
		n[sample->place[i] - LOWEST]++;
	while (n_found < MOST_PLACES) {
		size_t best = 0;
		for (size_t i = 1; i < N_PLACES; i++)
			if (n[i] > n[best])
				best = i;
		if (n[best] == 0)
			break;
		places[n_found++] = (int)best + LOWEST;
		n[best] = 0;
	}
	return n_found;
}

/* The largest distance between the distribution functions of two sorted samples, the second divided by `by`. */
static double distance(const double *a, size_t n_a, const double *b, size_t n_b, double by)
{
	double largest = 0;
	for (size_t i = 0, k = 0; i < n_a && k < n_b;) {
		double at = fmin(a[i], b[k] / by);
		while (i < n_a && a[i] <= at)
			i++;
		while (k < n_b && b[k] / by <= at)
			k++;
		largest = fmax(largest, fabs((double)i / (double)n_a - (double)k / (double)n_b));
	}
	return largest;
}

static bool is_large_enough(size_t n, size_t n_all)
{
	return n >= LEAST_PART && (double)n >= least_share * (double)n_all;
}

static size_t count_distinct(const double *sorted, size_t n)
{
	size_t n_distinct = n > 0;
	for (size_t i = 1; i < n; i++)
		n_distinct += sorted[i] > sorted[i - 1];
	return n_distinct;
}

/* Whether the values that end at `from` or above are `factor` times as large as the others. */
static bool try_parts(const struct sample *sample, int usual, int from, double factor, double *closest,
                      struct flt_mixed_units *units)
{
	size_t n_fine = 0, n_round = 0, n_usual = 0;
	for (size_t i = 0; i < sample->n; i++) {
		if (sample->place[i] < from)
			sample->fine[n_fine++] = sample->value[i];
		else
			sample->round[n_round++] = sample->value[i];
		n_usual += sample->place[i] == usual;
	}
	if (!is_large_enough(n_fine, sample->n) || !is_large_enough(n_round, sample->n) ||
	    (double)n_usual < least_usual * (double)n_fine)
		return false;
	flt_sort_doubles(sample->fine, n_fine);
	flt_sort_doubles(sample->round, n_round);
	double apart = distance(sample->fine, n_fine, sample->round, n_round, factor);
	double far = distance(sample->fine, n_fine, sample->round, n_round, 1);
	if (apart >= fmin(most_apart, *closest) || far < least_far ||
	    count_distinct(sample->fine, n_fine) < LEAST_DISTINCT)
		return false;
	*closest = apart;
	*units = (struct flt_mixed_units){
	        .factor = factor,
	        .share = (double)n_round / (double)sample->n,
	        .median = {flt_quantile_sorted(sample->fine, n_fine, 0.5),
	                   flt_quantile_sorted(sample->round, n_round, 0.5)},
	};
	return true;
}

static void find_in(const struct flt_column *column, size_t n_rows, uint64_t index, struct sample *sample,
                    struct flt_mixed_units *units)
{
	int usual[MOST_PLACES], from = 0;
	double closest = 1;
	draw(column, n_rows, index, sample);
	if (sample->n < LEAST_VALUES)
		return;
	for (size_t i = 0, n = usual_places(sample, usual); i < n; i++)
		for (int power = 2; power <= 3; power++)
			if (try_parts(sample, usual[i], usual[i] + power, power == 2 ? 100 : 1000, &closest, units))
				from = usual[i] + power;
	if (units->factor <= 0)
		return;
	while (isnan(flt_number_at(&column->numbers, units->first)) ||
	       !(fabs(flt_number_at(&column->numbers, units->first)) > 0) ||
	       last_place(flt_number_at(&column->numbers, units->first)) < from)
		units->first++;
}

/* ---- all columns ---- */

/* Shared by all columns, which workers take one by one. */
struct job {
	const struct flt_table *table;
	struct flt_mixed_units *units; /* (n_columns) */
	struct sample *samples;        /* (n_workers) */
};

static void find_in_column(void *context, size_t index, size_t worker)
{
	struct job *job = context;
	struct flt_column column = flt_table_column(job->table, index);
	if (column.role == FLT_FEATURE && column.numbers.cells && !column.source)
		find_in(&column, flt_table_n_rows(job->table), index, &job->samples[worker], &job->units[index]);
}

static enum flt_status sample_init(struct sample *sample, struct flt_error *err)
{
	sample->value = flt_alloc(3 * (size_t)MOST_VALUES, sizeof *sample->value, err);
	FLT_TRY_MEMORY(sample->value);
	sample->fine = sample->value + MOST_VALUES;
	sample->round = sample->fine + MOST_VALUES;
	sample->place = flt_alloc(MOST_VALUES, sizeof *sample->place, err);
	FLT_TRY_MEMORY(sample->place);
	return FLT_OK;
}

enum flt_status flt_mixed_units_find(const struct flt_table *table, unsigned n_threads, struct flt_mixed_units *units,
                                     struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t n_columns = flt_table_n_columns(table), n_workers;
	struct flt_pool *pool;
	FLT_TRY(flt_pool_new_for(flt_table_n_rows(table) * n_columns, n_threads, &pool, err));
	n_workers = flt_pool_n_threads(pool);
	struct job job = {.table = table, .units = units};
	for (size_t i = 0; i < n_columns; i++)
		units[i] = (struct flt_mixed_units){0};
	job.samples = flt_alloc_zero(n_workers, sizeof *job.samples, err);
	FLT_TRY_MEMORY_OUT(job.samples);
	for (size_t i = 0; i < n_workers; i++)
		FLT_TRY_OUT(sample_init(&job.samples[i], err));
	flt_pool_run(pool, n_columns, find_in_column, &job);
out:
	for (size_t i = 0; job.samples && i < n_workers; i++) {
		flt_free(job.samples[i].value);
		flt_free(job.samples[i].place);
	}
	flt_free(job.samples);
	flt_pool_free(pool);
	return status;
}
