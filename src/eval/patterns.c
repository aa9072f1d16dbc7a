#include "eval/patterns.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"

static enum flt_status stratum_alloc(struct flt_stratum *stratum, size_t n_rows, size_t n_groups, struct flt_error *err)
{
	size_t most = n_groups > n_rows / FLT_N_PREDICTED ? n_rows : n_groups * FLT_N_PREDICTED;
	stratum->pattern = flt_alloc(most, sizeof *stratum->pattern, err);
	FLT_TRY_MEMORY(stratum->pattern);
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
	const struct flt_scored rows = {.n = ranking->n, .label = label};
	FLT_TRY_OUT(flt_rank_groups_init(&patterns->groups, ranking, &rows, err));
	const struct flt_rank_groups *groups = &patterns->groups;
	patterns->pattern_of_row = flt_alloc(groups->n_rows, sizeof *patterns->pattern_of_row, err);
	FLT_TRY_MEMORY_OUT(patterns->pattern_of_row);
	FLT_TRY_OUT(stratum_alloc(&patterns->stratum[0], groups->n_rows - groups->n_positive, groups->n, err));
	FLT_TRY_OUT(stratum_alloc(&patterns->stratum[1], groups->n_positive, groups->n, err));
	for (size_t g = 0, first = 0; g < groups->n; first = groups->end[g++])
		fill_group(patterns, g, ranking->row + first, groups->end[g] - first, label, predicted);
out:
	if (status != FLT_OK)
		flt_patterns_release(patterns);
	return status;
}

void flt_patterns_release(struct flt_patterns *patterns)
{
	for (int y = 0; y < 2; y++) {
		flt_free(patterns->stratum[y].pattern);
	}
	flt_free(patterns->pattern_of_row);
	flt_rank_groups_release(&patterns->groups);
	*patterns = (struct flt_patterns){0};
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
