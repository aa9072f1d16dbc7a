#include "eval/patterns.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "eval/sample.h"

static enum flt_status stratum_alloc(struct flt_stratum *stratum, size_t n_rows, size_t n_groups, struct flt_error *err)
{
	size_t most = n_groups > n_rows / FLT_N_PREDICTED ? n_rows : n_groups * FLT_N_PREDICTED;
	stratum->n_rows = n_rows;
	stratum->pattern = flt_alloc(most, sizeof *stratum->pattern, err);
	stratum->start = flt_alloc_zero(most + 1, sizeof *stratum->start, err);
	stratum->pattern_of = flt_alloc(n_rows, sizeof *stratum->pattern_of, err);
	FLT_TRY_MEMORY(stratum->pattern && stratum->start && stratum->pattern_of);
	return FLT_OK;
}

/* Adds the patterns that the rows of one group and class need; id[predicted] becomes the pattern's number. */
static void add_patterns(struct flt_stratum *stratum, size_t group, const uint32_t in_pattern[FLT_N_PREDICTED],
                         uint32_t id[FLT_N_PREDICTED])
{
	for (uint32_t predicted = 0; predicted < FLT_N_PREDICTED; predicted++) {
		if (!in_pattern[predicted])
			continue;
		size_t pattern = stratum->n_patterns++;
		id[predicted] = (uint32_t)pattern;
		stratum->pattern[pattern] = (struct flt_pattern){(uint32_t)group, predicted};
		stratum->start[pattern + 1] = stratum->start[pattern] + in_pattern[predicted];
		for (uint32_t k = stratum->start[pattern]; k < stratum->start[pattern + 1]; k++)
			stratum->pattern_of[k] = (uint32_t)pattern;
	}
}

/* Sorts the rows (n) of one group into patterns. */
static void fill_group(struct flt_patterns *patterns, size_t group, const uint32_t *row, size_t n, const uint8_t *label,
                       const uint8_t *predicted)
{
	uint32_t in_pattern[2][FLT_N_PREDICTED] = {{0}}, id[2][FLT_N_PREDICTED] = {{0}};
	for (size_t i = 0; i < n; i++) {
		assert(!predicted || predicted[row[i]] < FLT_N_PREDICTED);
		in_pattern[label[row[i]]][predicted ? predicted[row[i]] : 0]++;
	}
	for (int y = 0; y < 2; y++)
		add_patterns(&patterns->stratum[y], group, in_pattern[y], id[y]);
	for (size_t i = 0; i < n; i++)
		patterns->pattern_of_row[row[i]] = id[label[row[i]]][predicted ? predicted[row[i]] : 0];
}

enum flt_status flt_patterns_init(struct flt_patterns *patterns, const struct flt_ranking *ranking,
                                  const uint8_t *label, const uint8_t *predicted, struct flt_error *err)
{
	*patterns = (struct flt_patterns){0};
	enum flt_status status = FLT_OK;
	FLT_TRY_OUT(flt_rank_groups_init(&patterns->groups, ranking, label, err));
	const struct flt_rank_groups *groups = &patterns->groups;
	patterns->pattern_of_row = flt_alloc(groups->n_rows, sizeof *patterns->pattern_of_row, err);
	FLT_TRY_MEMORY_OUT(patterns->pattern_of_row);
	FLT_TRY_OUT(stratum_alloc(&patterns->stratum[0], groups->n_rows - groups->n_positive, groups->n, err));
	FLT_TRY_OUT(stratum_alloc(&patterns->stratum[1], groups->n_positive, groups->n, err));
	const uint32_t *row = ranking->row;
	for (size_t g = 0; g < groups->n; g++) {
		size_t n = (size_t)(groups->group[g].n_positive + groups->group[g].n_negative);
		fill_group(patterns, g, row, n, label, predicted);
		row += n;
	}
out:
	if (status != FLT_OK)
		flt_patterns_release(patterns);
	return status;
}

void flt_patterns_release(struct flt_patterns *patterns)
{
	for (int y = 0; y < 2; y++) {
		flt_free(patterns->stratum[y].pattern);
		flt_free(patterns->stratum[y].start);
		flt_free(patterns->stratum[y].pattern_of);
	}
	flt_free(patterns->pattern_of_row);
	flt_rank_groups_release(&patterns->groups);
	*patterns = (struct flt_patterns){0};
}

/* Deals n draws to the patterns [first, last): one by one where there are few draws a pattern, else by halving the
 * range with a binomial draw, which costs about as much as DRAWS_PER_PATTERN single draws. Both give the same
 * distribution. */
static void deal(const struct flt_stratum *stratum, struct flt_random *random, uint32_t *count, size_t first,
                 size_t last, uint64_t n)
{
	enum { DRAWS_PER_PATTERN = 24 };
	if (n == 0)
		return;
	if (last - first == 1) {
		count[first] += (uint32_t)n;
		return;
	}
	uint64_t start = stratum->start[first], n_rows = stratum->start[last] - start;
	if (n / DRAWS_PER_PATTERN < last - first) {
		struct flt_below below = flt_below_init(n_rows);
		for (; n > 0; n--)
			count[stratum->pattern_of[start + flt_below_draw(&below, random)]]++;
		return;
	}
	size_t middle = first + (last - first) / 2;
	uint64_t left = flt_binomial(random, n, stratum->start[middle] - start, n_rows);
	deal(stratum, random, count, first, middle, left);
	deal(stratum, random, count, middle, last, n - left);
}

void flt_stratum_draw(const struct flt_stratum *stratum, struct flt_random *random, uint32_t *count)
{
	memset(count, 0, stratum->n_patterns * sizeof *count);
	deal(stratum, random, count, 0, stratum->n_patterns, stratum->n_rows);
}

void flt_patterns_weigh(const struct flt_patterns *patterns, const uint32_t *count_negative,
                        const uint32_t *count_positive, struct flt_rank_group *group, struct flt_predicted *predicted)
{
	memset(group, 0, patterns->groups.n * sizeof *group);
	*predicted = (struct flt_predicted){0};
	const struct flt_stratum *negative = &patterns->stratum[0], *positive = &patterns->stratum[1];
	for (size_t c = 0; c < negative->n_patterns; c++) {
		group[negative->pattern[c].group].n_negative += count_negative[c];
		predicted->tally[0][negative->pattern[c].predicted] += count_negative[c];
	}
	for (size_t c = 0; c < positive->n_patterns; c++) {
		group[positive->pattern[c].group].n_positive += count_positive[c];
		predicted->tally[1][positive->pattern[c].predicted] += count_positive[c];
	}
}

struct flt_confusion flt_predicted_confusion(const struct flt_predicted *predicted, unsigned point)
{
	double called[2] = {0, 0}, all[2] = {0, 0};
	for (int y = 0; y < 2; y++) {
		for (uint32_t bits = 0; bits < FLT_N_PREDICTED; bits++) {
			all[y] += predicted->tally[y][bits];
			called[y] += bits >> point & 1 ? predicted->tally[y][bits] : 0;
		}
	}
	return (struct flt_confusion){
	        .tp = called[1], .fp = called[0], .fn = all[1] - called[1], .tn = all[0] - called[0]};
}
