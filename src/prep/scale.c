/*
 * Quantiles are selected, not sorted for: 300,000 values need only five of them, and a partition that puts one rank in
 * its place narrows the search for the others. Pivots are drawn at random, so no order of a file's rows makes selection
 * slow; the draws do not affect the result.
 */
#include "prep/scale.h"

#include <assert.h>
#include <math.h>

#include "base/alloc.h"
#include "base/random.h"

static void swap(double *x, double *y)
{
	double swapped = *x;
	*x = *y;
	*y = swapped;
}

static size_t median_of_three(const double *values, size_t a, size_t b, size_t c)
{
	if (values[a] > values[b]) {
		size_t swapped = a;
		a = b;
		b = swapped;
	}
	return values[c] < values[a] ? a : values[c] > values[b] ? b : c;
}

/* Moves the values below the pivot (or_equal: or equal to it) to the front of values[first, end); returns where they
 * end. Lomuto's partition: it swaps at each step, but has no branch to mispredict. */
static size_t partition(double *values, size_t first, size_t end, double pivot, bool or_equal)
{
	size_t front = first;
	for (size_t i = first; i < end; i++) {
		double value = values[i];
		values[i] = values[front];
		values[front] = value;
		front += or_equal ? value <= pivot : value < pivot;
	}
	return front;
}

/* Puts the value of that rank in its place in values[low, high): none larger before it, none smaller behind. */
static void place_rank(double *values, size_t low, size_t high, size_t rank, struct flt_random *random)
{
	while (high - low > 1) {
		size_t drawn[3];
		for (int i = 0; i < 3; i++)
			drawn[i] = low + flt_random_below(random, high - low);
		swap(&values[low], &values[median_of_three(values, drawn[0], drawn[1], drawn[2])]);
		double pivot = values[low];
		size_t place = partition(values, low + 1, high, pivot, false) - 1;
		swap(&values[low], &values[place]);
		if (rank == place)
			return;
		if (rank < place) {
			high = place;
			continue;
		}
		/* If few values are below the pivot, many may equal it; removing these one by one would be quadratic.
		 */
		bool is_lopsided = place - low < (high - low) / 8;
		low = is_lopsided ? partition(values, place + 1, high, pivot, true) : place + 1;
		if (rank < low)
			return;
	}
}

/* Places all ranks (ascending, distinct), the middle one first. */
static void place_ranks(double *values, size_t low, size_t high, const size_t *ranks, size_t n_ranks,
                        struct flt_random *random)
{
	while (n_ranks) {
		size_t middle = n_ranks / 2, rank = ranks[middle];
		place_rank(values, low, high, rank, random);
		place_ranks(values, low, rank, ranks, middle, random);
		low = rank + 1;
		ranks += middle + 1;
		n_ranks -= middle + 1;
	}
}

/* Interpolates between x <= y without overflow; exact at both ends. Rounding is monotonic: a larger share never gives a
 * smaller result, and none beyond y. */
static double between(double x, double y, double share)
{
	double difference = y - x;
	if (difference == 0)
		return x;
	return isfinite(difference) ? x + difference * share : x * (1 - share) + y * share;
}

double flt_median(double *values, size_t n)
{
	assert(n >= 1);
	struct flt_random random;
	size_t ranks[2] = {(n - 1) / 2, n / 2};
	flt_random_init(&random, 0, "quantiles", 0);
	place_ranks(values, 0, n, ranks, ranks[1] > ranks[0] ? 2 : 1, &random);
	return ranks[1] > ranks[0] ? between(values[ranks[0]], values[ranks[1]], 0.5) : values[ranks[0]];
}

enum flt_status flt_quantiles(double *values, size_t n, size_t n_steps, double *quantiles, struct flt_error *err)
{
	assert(n >= 1 && n_steps >= 1);
	struct flt_random random;
	size_t n_ranks = 0;
	size_t *ranks = flt_alloc(n_steps + 1, 2 * sizeof *ranks, err);
	FLT_TRY_MEMORY(ranks);
	/* Quantile i lies at i * (n - 1) / n_steps: a whole rank and a fraction of the way to the next one. */
	for (size_t i = 0; i <= n_steps; i++)
		for (size_t next = 0; next < 2; next++) {
			size_t rank = i * (n - 1) / n_steps + next;
			if (rank < n && (n_ranks == 0 || rank > ranks[n_ranks - 1]))
				ranks[n_ranks++] = rank;
		}
	flt_random_init(&random, 0, "quantiles", 0);
	place_ranks(values, 0, n, ranks, n_ranks, &random);
	for (size_t i = 0; i <= n_steps; i++) {
		size_t rank = i * (n - 1) / n_steps, rest = i * (n - 1) % n_steps;
		quantiles[i] =
		        rest ? between(values[rank], values[rank + 1], (double)rest / (double)n_steps) : values[rank];
	}
	flt_free(ranks);
	return FLT_OK;
}

/* Works on halves, since the range of finite numbers may overflow; 1e-30 keeps the factor of a tiny range finite. */
double flt_robust_factor(const double quartiles[5])
{
	double half_iqr = 0.5 * quartiles[3] - 0.5 * quartiles[1];
	if (quartiles[3] > quartiles[1])
		return 0.5 / (half_iqr + 0.5e-30);
	return 1 / (0.5 * quartiles[4] - 0.5 * quartiles[0] + 1e-30);
}

/* Values are summed in independent lanes, which is faster and loses less to rounding, then the lanes in order. The
 * number of lanes shows in the last bits of the result. */
enum { SUM_LANES = 8 };

static double sum_lanes(const double lanes[SUM_LANES])
{
	double sum = 0;
	for (size_t l = 0; l < SUM_LANES; l++)
		sum += lanes[l];
	return sum;
}

static double largest_of(const double *values, size_t n)
{
	double largest = 0;
	for (size_t i = 0; i < n; i++)
		largest = fabs(values[i]) > largest ? fabs(values[i]) : largest;
	return largest;
}

void flt_mean_and_sd(const double *values, size_t n, double *mean, double *sd)
{
	enum { MAX_EXPONENT = 1000 };
	double largest = largest_of(values, n), sums[SUM_LANES] = {0}, squares[SUM_LANES] = {0};
	/* A power of two brings the largest value near 1; only values too small to matter are rounded. The limit keeps
	 * unit and per_unit normal numbers. */
	int exponent = ilogb(largest) + 1;
	exponent = exponent < -MAX_EXPONENT ? -MAX_EXPONENT : exponent > MAX_EXPONENT ? MAX_EXPONENT : exponent;
	double unit = ldexp(1, exponent), per_unit = ldexp(1, -exponent);
	for (size_t i = 0; i < n; i++)
		sums[i % SUM_LANES] += values[i] * per_unit;
	double scaled_mean = sum_lanes(sums) / (double)n;
	for (size_t i = 0; i < n; i++) {
		double distance = values[i] * per_unit - scaled_mean;
		squares[i % SUM_LANES] += distance * distance;
	}
	*mean = scaled_mean * unit;
	*sd = sqrt(sum_lanes(squares) / (double)n) * unit;
}

static double polynomial(const double *coefficients, int degree, double x)
{
	double sum = coefficients[degree];
	for (int i = degree - 1; i >= 0; i--)
		sum = sum * x + coefficients[i];
	return sum;
}

/* Algorithm AS 241, PPND16 (Wichura 1988), without the third of its rational approximations, for p below 1.4e-11. */
const double flt_normal_near[2][FLT_NORMAL_COEFFICIENTS] = {
        {3.3871328727963666080e0, 1.3314166789178437745e+2, 1.9715909503065514427e+3, 1.3731693765509461125e+4,
         4.5921953931549871457e+4, 6.7265770927008700853e+4, 3.3430575583588128105e+4, 2.5090809287301226727e+3},
        {1.0, 4.2313330701600911252e+1, 6.8718700749205790830e+2, 5.3941960214247511077e+3, 2.1213794301586595867e+4,
         3.9307895800092710610e+4, 2.8729085735721942674e+4, 5.2264952788528545610e+3}};
const double flt_normal_far[2][FLT_NORMAL_COEFFICIENTS] = {
        {1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
         1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4},
        {1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1, 1.48103976427480074590e-1,
         1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9}};

double flt_normal_quantile(double p)
{
	enum { DEGREE = FLT_NORMAL_COEFFICIENTS - 1 };
	double q = p - 0.5;
	if (fabs(q) <= 0.425) {
		double r = 0.180625 - q * q;
		return q * polynomial(flt_normal_near[0], DEGREE, r) / polynomial(flt_normal_near[1], DEGREE, r);
	}
	double r = sqrt(-log(q < 0 ? p : 1 - p)) - 1.6;
	double x = polynomial(flt_normal_far[0], DEGREE, r) / polynomial(flt_normal_far[1], DEGREE, r);
	return q < 0 ? -x : x;
}

/* Counts the quantiles below the value (or_equal: or equal to it) by a binary search without a branch to mispredict. */
static size_t count_below(const double *quantiles, size_t n_quantiles, double value, bool or_equal)
{
	const double *first = quantiles;
	for (size_t n = n_quantiles; n > 0;) {
		size_t half = (n + 1) / 2;
		double probe = first[half - 1];
		first += (probe < value || (or_equal && probe <= value)) ? half : 0;
		n -= half;
	}
	return (size_t)(first - quantiles);
}

/* The fraction of the distribution below the value. */
static double rank_among(const double *quantiles, size_t n_quantiles, double value)
{
	size_t below = count_below(quantiles, n_quantiles, value, false), not_above = below;
	if (below < n_quantiles && quantiles[below] <= value)
		not_above += count_below(quantiles + below, n_quantiles - below, value, true);
	double last = (double)(n_quantiles - 1);
	if (not_above > below)
		return ((double)below + (double)(not_above - 1)) / 2 / last;
	if (below == 0)
		return 0;
	if (below == n_quantiles)
		return 1;
	double left = quantiles[below - 1], range = quantiles[below] - left;
	double share =
	        isfinite(range) ? (value - left) / range : (value / 2 - left / 2) / (quantiles[below] / 2 - left / 2);
	return ((double)(below - 1) + share) / last;
}

double flt_normal_score(const double *quantiles, size_t n, double value)
{
	double rank = rank_among(quantiles, n, value);
	return flt_normal_quantile(rank < FLT_LEAST_RANK       ? FLT_LEAST_RANK
	                           : rank > 1 - FLT_LEAST_RANK ? 1 - FLT_LEAST_RANK
	                                                       : rank);
}
