/*
 * Groups are dealt largest first, in seeded order among groups of equal size. Each goes to a bin with room for all of
 * its rows, to the one that is furthest below its target for the classes in the group; if no bin has room, to the one
 * that it overfills least.
 *
 * Single rows come last and go exactly where room is left: if the targets are whole rows that add up to all rows, a
 * table without groups is split exactly to target.
 *
 * "Furthest below" is relative to the target, so large groups spread over the bins in proportion instead of all landing
 * in the largest bin.
 *
 * Most groups are single rows. After the shuffle, looking up each size would be a random walk through memory, so the
 * kind of a group is packed beside its number beforehand, and only sizes above 1 are looked up.
 */
#include "split/deal.h"

#include <assert.h>

#include "base/alloc.h"
#include "table/table.h"

static double relative(size_t rows, size_t target)
{
	return (double)rows / (double)(target ? target : 1);
}

/* The rows that the bin would hold beyond its targets, relative to them; 0 if the bin has room for the group. */
static double overfill(const struct flt_bin *bin, const uint32_t size[2])
{
	double sum = 0;
	for (int c = 0; c < 2; c++) {
		size_t held = bin->dealt[c] + size[c];
		if (size[c] && held > bin->target[c])
			sum += relative(held - bin->target[c], bin->target[c]);
	}
	return sum;
}

/* How far the bin is below its targets for the classes in the group. */
static double shortfall(const struct flt_bin *bin, const uint32_t size[2])
{
	double sum = 0;
	for (int c = 0; c < 2; c++)
		if (size[c])
			sum += 1 - relative(bin->dealt[c], bin->target[c]);
	return sum;
}

/* Finds the best of the bins whose limit is at least `rows`; draws among ties. n_bins if there is none. */
static size_t best_bin(const struct flt_bin *bins, size_t n_bins, const uint32_t size[2], size_t rows,
                       struct flt_random *random)
{
	size_t best = n_bins, n_tied = 0;
	double least = 0, most = 0;
	for (size_t b = 0; b < n_bins; b++) {
		if (bins[b].limit < rows)
			continue;
		double over = overfill(&bins[b], size), missing = shortfall(&bins[b], size);
		if (n_tied && (over > least || (!(over < least) && missing < most)))
			continue;
		if (over < least || missing > most)
			n_tied = 0;
		n_tied++;
		if (n_tied == 1 || flt_random_below(random, n_tied) == 0)
			best = b;
		least = over;
		most = missing;
	}
	return best;
}

static size_t rows_of(const uint32_t size[2])
{
	return (size_t)size[0] + size[1];
}

/* A group and its size, packed into one word: number << KIND_BITS | kind. */
enum kind { SINGLE_NEGATIVE, SINGLE_POSITIVE, LARGER };
enum { KIND_BITS = 2, KIND_MASK = 3 };

static void pack_kinds(uint32_t *order, size_t n, const uint32_t (*size)[2])
{
	for (size_t i = 0; i < n; i++) {
		const uint32_t *group = size[order[i]];
		enum kind kind = rows_of(group) != 1 ? LARGER : group[1] ? SINGLE_POSITIVE : SINGLE_NEGATIVE;
		order[i] = order[i] << KIND_BITS | (uint32_t)kind;
	}
}

static const uint32_t *size_of(const uint32_t (*size)[2], uint32_t packed)
{
	static const uint32_t single[2][2] = {{1, 0}, {0, 1}};
	enum kind kind = packed & KIND_MASK;
	return kind == LARGER ? size[packed >> KIND_BITS] : single[kind];
}

/* A stable counting sort of packed groups by size, largest first. */
static enum flt_status sort_by_size(uint32_t *order, size_t n, const uint32_t (*size)[2], struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t largest = 0, smallest = SIZE_MAX;
	for (size_t i = 0; i < n; i++) {
		size_t rows = rows_of(size_of(size, order[i]));
		largest = rows > largest ? rows : largest;
		smallest = rows < smallest ? rows : smallest;
	}
	if (largest <= smallest)
		return FLT_OK;
	size_t *next = flt_alloc_zero(largest + 2, sizeof *next, err); /* [largest - rows]: where the next group goes */
	uint32_t *sorted = flt_alloc(n, sizeof *sorted, err);
	FLT_TRY_MEMORY_OUT(next && sorted);
	for (size_t i = 0; i < n; i++)
		next[largest - rows_of(size_of(size, order[i])) + 1]++;
	for (size_t s = 0; s < largest; s++)
		next[s + 1] += next[s];
	for (size_t i = 0; i < n; i++)
		sorted[next[largest - rows_of(size_of(size, order[i]))]++] = order[i];
	for (size_t i = 0; i < n; i++)
		order[i] = sorted[i];
out:
	flt_free(next);
	flt_free(sorted);
	return status;
}

enum flt_status flt_deal(uint32_t *order, size_t n, const uint32_t (*size)[2], struct flt_bin *bins, size_t n_bins,
                         struct flt_random *random, uint32_t *bin_of, struct flt_error *err)
{
	static_assert(FLT_MOST_ROWS <= UINT32_MAX >> KIND_BITS, "a group and its kind fit into a word");
	assert(n_bins > 0 && n_bins < UINT32_MAX);
	pack_kinds(order, n, size);
	flt_random_shuffle_32(random, order, n);
	FLT_TRY(sort_by_size(order, n, size, err));
	for (size_t i = 0; i < n; i++) {
		const uint32_t *group = size_of(size, order[i]);
		size_t bin = best_bin(bins, n_bins, group, rows_of(group), random);
		if (bin == n_bins)
			bin = best_bin(bins, n_bins, group, 0, random);
		bins[bin].dealt[0] += group[0];
		bins[bin].dealt[1] += group[1];
		order[i] >>= KIND_BITS;
		bin_of[order[i]] = (uint32_t)bin;
	}
	return FLT_OK;
}
