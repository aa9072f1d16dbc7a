/* From score to probability to decision. */
#include <math.h>

#include "base/alloc.h"
#include "detector/model.h"

_Static_assert((int)FLT_RULE_TEXT == (int)FLT_RULE_SIZE, "a rule as text has the same size in private and in public");

double flt_detector_log_odds(const struct flt_detector *detector, double score)
{
	return flt_map_log_odds(&detector->map, score);
}

double flt_detector_probability(const struct flt_detector *detector, double score)
{
	return flt_sigmoid(flt_detector_log_odds(detector, score));
}

void flt_detector_probabilities(const struct flt_detector *detector, const double *score, size_t n, double *probability)
{
	for (size_t i = 0; i < n; i++)
		probability[i] = flt_detector_probability(detector, score[i]);
}

bool flt_detector_is_positive(const struct flt_detector *detector, double probability)
{
	return probability >= detector->choice.threshold;
}

static bool is_positive_score(const struct flt_detector *detector, double score)
{
	return flt_detector_is_positive(detector, flt_detector_probability(detector, score));
}

bool flt_detector_is_positive_row(const struct flt_detector *detector, double score, size_t row)
{
	const struct flt_cut *cut = &detector->choice.cut;
	if (cut->is_set)
		return score > cut->score || (score == cut->score && row <= cut->row);
	return is_positive_score(detector, score);
}

double flt_detector_threshold(const struct flt_detector *detector)
{
	return detector->choice.threshold;
}

void flt_detector_rule(const struct flt_detector *detector, char rule[FLT_RULE_TEXT])
{
	flt_rule_format(&detector->rule, rule, FLT_RULE_TEXT);
}

double flt_detector_threshold_score(const struct flt_detector *detector)
{
	double low = -1e6, high = 1e6; /* negative, positive */
	if (!is_positive_score(detector, high))
		return NAN;
	if (is_positive_score(detector, low))
		return -HUGE_VAL;
	for (double middle = 0; middle > low && middle < high; middle = low + (high - low) / 2)
		*(is_positive_score(detector, middle) ? &high : &low) = middle;
	return high;
}

/* ---- choosing anew ---- */

/* log_odds (n), to be freed; as in training, or moved to the prior. */
static enum flt_status map_scores(const struct flt_map *map, const double *score, size_t n, double **log_odds,
                                  struct flt_error *err)
{
	*log_odds = flt_alloc(n, sizeof **log_odds, err);
	FLT_TRY_MEMORY(*log_odds);
	for (size_t i = 0; i < n; i++)
		(*log_odds)[i] = flt_map_log_odds(map, score[i]);
	return FLT_OK;
}

enum flt_status flt_detector_choose(struct flt_detector *detector, const struct flt_rule *rule,
                                    const struct flt_scored *rows, struct flt_error *err)
{
	struct flt_choice choice;
	FLT_TRY(flt_rule_choose(rule, rows, &choice, err));
	detector->rule = *rule;
	detector->choice = choice;
	flt_free(detector->provenance.rule_sha256); /* of the file that chose the former threshold */
	detector->provenance.rule_sha256 = NULL;
	return FLT_OK;
}

enum flt_status flt_detector_choose_threshold(struct flt_detector *detector, const char *rule, const double *score,
                                              const unsigned char *label, size_t n, struct flt_error *err)
{
	struct flt_rule parsed;
	double *log_odds;
	FLT_TRY(flt_rule_parse(rule, &parsed, err));
	if (!label && flt_rule_needs(&parsed) == FLT_RULE_NEEDS_LABELS)
		return flt_fail(err, FLT_ERR_USAGE, "the rule %s needs rows whose class is known", rule);
	FLT_TRY(map_scores(&detector->map, score, n, &log_odds, err));
	struct flt_scored rows = {.n = n, .score = score, .log_odds = log_odds, .label = label};
	enum flt_status status = flt_detector_choose(detector, &parsed, &rows, err);
	flt_free(log_odds);
	return status;
}
