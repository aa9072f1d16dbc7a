/*
 * Largest groups first, in seeded order among equals; each goes to the part with room for all of its rows that is
 * furthest below its shares of the classes in the group, or where no part has room, to the one that it overfills least.
 *
 * Single rows come last and find room exactly where some is left: with whole targets that add up to all rows, a table
 * without groups is dealt to the row.
 *
 * "Furthest" is relative to the share, so that large groups spread over the parts in proportion and do not all land in
 * the largest part.
 *
 * Most groups are single rows. Once shuffled, to look up the size of each would be a walk through memory in no order:
 * so it is written beside the group's number before, where it is 1, and only larger ones are looked up.
 */
#include "split/deal.h"

#include <assert.h>

#include "base/alloc.h"

static double share_of(size_t rows, size_t target)
{
	return (double)rows / (double)(target ? target : 1);
}

/* The rows that a part would hold beyond its targets, as shares of them; 0 where the group has room. */
static double overfill(const struct flt_deal_part *part, const size_t size[2])
{
	double sum = 0;
	for (int c = 0; c < 2; c++) {
		size_t held = part->dealt[c] + size[c];
		if (size[c] && held > part->target[c])
			sum += share_of(held - part->target[c], part->target[c]);
	}
	return sum;
}

/* How far the part is below its shares of the classes in the group. */
static double want(const struct flt_deal_part *part, const size_t size[2])
{
	double sum = 0;
	for (int c = 0; c < 2; c++)
		if (size[c])
			sum += 1 - share_of(part->dealt[c], part->target[c]);
	return sum;
}

/* The best of the parts whose limit is at least `rows`, ties drawn; n_parts if there is none. */
static size_t best_part(const struct flt_deal_part *parts, size_t n_parts, const size_t size[2], size_t rows,
                        struct flt_random *random)
{
	size_t best = n_parts, n_tied = 0;
	double least = 0, most = 0;
	for (size_t p = 0; p < n_parts; p++) {
		if (parts[p].limit < rows)
			continue;
		double over = overfill(&parts[p], size), wanted = want(&parts[p], size);
		if (n_tied && (over > least || (!(over < least) && wanted < most)))
			continue;
		if (over < least || wanted > most)
			n_tied = 0;
		n_tied++;
		if (n_tied == 1 || flt_random_below(random, n_tied) == 0)
			best = p;
		least = over;
		most = wanted;
	}
	return best;
}

static size_t rows_of(const size_t size[2])
{
	return size[0] + size[1];
}

/* A group and its size in one word: number << 2 | kind. */
enum kind { SINGLE_NEGATIVE, SINGLE_POSITIVE, LARGER };

static void mark_kinds(size_t *order, size_t n, const size_t (*size)[2])
{
	for (size_t i = 0; i < n; i++) {
		const size_t *group = size[order[i]];
		enum kind kind = rows_of(group) != 1 ? LARGER : group[1] ? SINGLE_POSITIVE : SINGLE_NEGATIVE;
		order[i] = order[i] << 2 | kind;
	}
}

static const size_t *size_of(const size_t (*size)[2], size_t marked)
{
	static const size_t single[2][2] = {{1, 0}, {0, 1}};
	enum kind kind = marked & 3;
	return kind == LARGER ? size[marked >> 2] : single[kind];
}

/* A stable counting sort by size, largest first. */
static enum flt_status sort_by_size(size_t *order, size_t n, const size_t (*size)[2], struct flt_error *err)
{
	size_t largest = 0;
	for (size_t i = 0; i < n; i++)
		if (rows_of(size_of(size, order[i])) > largest)
			largest = rows_of(size_of(size, order[i]));
	size_t *next = flt_alloc_zero(largest + 2, sizeof *next, err); /* [largest - rows]: where the next one goes */
	size_t *sorted = flt_alloc(n, sizeof *sorted, err);
	enum flt_status status = next && sorted ? FLT_OK : FLT_ERR_MACHINE;
	if (status)
		goto out;
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

enum flt_status flt_deal(size_t *order, size_t n, const size_t (*size)[2], struct flt_deal_part *parts, size_t n_parts,
                         struct flt_random *random, uint32_t *part_of, struct flt_error *err)
{
	assert(n_parts > 0 && n_parts < UINT32_MAX);
	mark_kinds(order, n, size);
	flt_random_shuffle(random, order, n);
	enum flt_status status = sort_by_size(order, n, size, err);
	for (size_t i = 0; !status && i < n; i++) {
		const size_t *group = size_of(size, order[i]);
		size_t part = best_part(parts, n_parts, group, rows_of(group), random);
		if (part == n_parts)
			part = best_part(parts, n_parts, group, 0, random);
		parts[part].dealt[0] += group[0];
		parts[part].dealt[1] += group[1];
		order[i] >>= 2;
		part_of[order[i]] = (uint32_t)part;
	}
	return status;
}
