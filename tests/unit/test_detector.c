/* A detector in memory: what it says of itself, what it makes of scores, and how it is moved to other rows. */
#include <float.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/random.h"
#include "detector/model.h"
#include "fltrain/stream.h"
#include "suite.h"
#include "temporary.h"

static char *copy(const char *text)
{
	char *made = flt_copy_text(text, strlen(text), NULL);
	ck_assert_ptr_nonnull(made);
	return made;
}

/* x is a number, kind a category with the levels a and b, and the two between are of no use. */
static const char *const levels[] = {"a", "b"};
static const struct flt_prep_column columns[] = {
        {.name = "y", .type = FLT_CATEGORICAL, .use = FLT_NOT_A_FEATURE},
        {.name = "x", .type = FLT_NUMERIC, .use = FLT_USED_NUMERIC, .has_number = true, .factor = 1},
        {.name = "id", .type = FLT_CATEGORICAL, .use = FLT_ID_LIKE},
        {.name = "kind",
         .type = FLT_CATEGORICAL,
         .use = FLT_USED_CATEGORICAL,
         .levels = levels,
         .n_levels = 2,
         .has_other = true},
};

/* Each network gives weight * x - 1. */
static struct flt_detector *detector_of(const float *weights, size_t n_members)
{
	struct flt_detector *detector = flt_alloc_zero(1, sizeof *detector, NULL);
	ck_assert_int_eq(flt_prep_from_columns(FLT_SCALE_NONE, columns, 4, &detector->prep, NULL), FLT_OK);
	detector->members = flt_alloc_zero(n_members, sizeof *detector->members, NULL);
	detector->n_members = n_members;
	for (size_t i = 0; i < n_members; i++) {
		detector->members[i].weight = 1;
		struct flt_mlp_spec spec = {.n_in = flt_prep_n_features(detector->prep)};
		ck_assert_int_eq(flt_mlp_new(&spec, &detector->members[i].net, NULL), FLT_OK);
		float *params = flt_mlp_params(detector->members[i].net);
		params[0] = weights[i];
		params[flt_mlp_n_params(detector->members[i].net) - 1] = -1;
	}
	flt_map_init(&detector->map);
	detector->rule = (struct flt_rule){.kind = FLT_RULE_FIXED, .value = 0.25};
	detector->choice = (struct flt_choice){.threshold = 0.25, .met = true};
	detector->target = copy("y");
	detector->positive = copy("yes");
	detector->negative = copy("no");
	detector->provenance.prevalence = 0.1;
	return detector;
}

static struct flt_detector *simple_detector(void)
{
	return detector_of((const float[]){2}, 1);
}

/* ---- what it is ---- */

START_TEST(says_what_it_is)
{
	struct flt_detector *detector = detector_of((const float[]){2, 3, 4}, 3);
	char rule[FLT_RULE_TEXT];
	flt_detector_rule(detector, rule);
	ck_assert_str_eq(rule, "0.25");
	ck_assert_str_eq(flt_detector_target(detector), "y");
	ck_assert_str_eq(flt_detector_positive(detector), "yes");
	ck_assert_str_eq(flt_detector_negative(detector), "no");
	ck_assert_double_eq(flt_detector_prevalence(detector), 0.1);
	ck_assert_double_eq(flt_detector_threshold(detector), 0.25);
	ck_assert_uint_eq(flt_detector_n_columns(detector), 2);
	ck_assert_str_eq(flt_detector_column_name(detector, 0), "x");
	ck_assert_str_eq(flt_detector_column_name(detector, 1), "kind");
	ck_assert(flt_detector_column_is_numeric(detector, 0));
	ck_assert(!flt_detector_column_is_numeric(detector, 1));
	ck_assert_uint_eq(flt_detector_n_params(detector), 3 * flt_mlp_n_params(detector->members[0].net));
	flt_detector_free(detector);
	flt_detector_free(NULL);
}
END_TEST

static enum flt_target_class class_of(const struct flt_detector *detector, const char *text, const char **alike)
{
	enum flt_target_class class;
	struct flt_class_index index;
	ck_assert_int_eq(flt_detector_index_classes(detector, &index, NULL), FLT_OK);
	ck_assert_int_eq(flt_detector_class_of(detector, &index, text, &class, alike, NULL), FLT_OK);
	flt_class_index_release(&index);
	return class;
}

static bool lists_class(const struct flt_detector *detector, const char *text)
{
	struct flt_class_index index;
	ck_assert_int_eq(flt_detector_index_classes(detector, &index, NULL), FLT_OK);
	bool lists = flt_class_index_lists(&index, text);
	flt_class_index_release(&index);
	return lists;
}

START_TEST(tells_the_class_of_a_text)
{
	struct flt_detector *detector = simple_detector();
	struct flt_input *input = &detector->input;
	const char *alike;
	input->positive = flt_alloc_zero(2, sizeof(char *), NULL);
	input->positive[input->n_positive++] = copy("1");
	input->positive[input->n_positive++] = copy("Yes");
	ck_assert_int_eq(class_of(detector, "1", &alike), FLT_CLASS_POSITIVE);
	ck_assert_int_eq(class_of(detector, "1.0", &alike), FLT_CLASS_POSITIVE);
	ck_assert_int_eq(class_of(detector, "1\xC2\xA0", &alike), FLT_CLASS_POSITIVE); /* a no-break space */
	ck_assert_int_eq(class_of(detector, "01", &alike), FLT_CLASS_NEGATIVE);
	ck_assert_ptr_null(alike);
	ck_assert_int_eq(class_of(detector, "Yes", &alike), FLT_CLASS_POSITIVE);
	ck_assert_int_eq(class_of(detector, "0", &alike), FLT_CLASS_NEGATIVE); /* every other text is */
	ck_assert_int_eq(class_of(detector, " yes", &alike), FLT_CLASS_UNKNOWN);
	ck_assert_str_eq(alike, "Yes");
	input->negative = flt_alloc_zero(1, sizeof(char *), NULL);
	input->negative[input->n_negative++] = copy("0");
	ck_assert_int_eq(class_of(detector, "0.0", &alike), FLT_CLASS_NEGATIVE);
	ck_assert_int_eq(class_of(detector, "3", &alike), FLT_CLASS_UNKNOWN);
	ck_assert_ptr_null(alike);
	ck_assert(lists_class(detector, "Yes"));
	ck_assert(!lists_class(detector, "yes"));
	flt_detector_free(detector);
}
END_TEST

/* Where several classes are negative, the list of all of them tells new ones. */
START_TEST(tells_new_classes)
{
	struct flt_detector *detector = simple_detector();
	struct flt_input *input = &detector->input;
	const char *alike;
	static const char *const texts[] = {"fraud", "ok", "review"};
	input->positive = flt_alloc_zero(1, sizeof(char *), NULL);
	input->positive[input->n_positive++] = copy("fraud");
	input->classes = flt_alloc_zero(3, sizeof(char *), NULL);
	input->class_rows = flt_alloc_zero(3, sizeof(size_t), NULL);
	for (size_t i = 0; i < 3; i++)
		input->classes[input->n_classes++] = copy(texts[i]);
	ck_assert_int_eq(class_of(detector, "review", &alike), FLT_CLASS_NEGATIVE);
	ck_assert_int_eq(class_of(detector, "spam", &alike), FLT_CLASS_UNKNOWN);
	ck_assert_ptr_null(alike);
	ck_assert_int_eq(class_of(detector, "OK", &alike), FLT_CLASS_UNKNOWN);
	ck_assert_str_eq(alike, "ok");
	ck_assert(lists_class(detector, "review"));
	flt_detector_free(detector);
}
END_TEST

/* Two members and a file with each value of the target: what the JSON says is complete, and its memory is given back.
 */
START_TEST(writes_json_that_parses)
{
	static const char *const sections[] = {"input", "preparation", "networks", "map",
	                                       "rule",  "training",    "figures"};
	struct flt_detector *detector = detector_of((const float[]){2, 3}, 2);
	size_t live = flt_alloc_live();
	char *members, text[20000];
	ck_assert_int_eq(flt_detector_to_json(detector, &members, NULL), FLT_OK);
	snprintf(text, sizeof text, "{%s}", members);
	flt_release(members);
	ck_assert_uint_eq(flt_alloc_live(), live);
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_uint_eq(json_object_size(json), 7);
	for (size_t i = 0; i < 7; i++)
		ck_assert(json_is_object(json_object_get(json, sections[i])));
	json_decref(json);
	flt_detector_free(detector);
}
END_TEST

/* ---- scores and decisions ---- */

enum { N_NAMES = 2 };

static enum flt_status score_cells(const struct flt_detector *detector, const char *const *cells, size_t n_rows,
                                   double *score, size_t *bad_row, struct flt_error *err)
{
	static const char *const names[N_NAMES] = {"x", "kind"};
	struct flt_scorer *scorer;
	ck_assert_int_eq(flt_scorer_new(detector, names, N_NAMES, NULL, &scorer, NULL), FLT_OK);
	enum flt_status status = flt_scorer_score(scorer, cells, n_rows, score, bad_row, err);
	flt_scorer_free(scorer);
	return status;
}

static double score_of(const struct flt_detector *detector, double x)
{
	char cell[32];
	const char *const cells[N_NAMES] = {cell, "a"};
	double score;
	snprintf(cell, sizeof cell, "%.17g", x);
	ck_assert_int_eq(score_cells(detector, cells, 1, &score, NULL, NULL), FLT_OK);
	return score;
}

START_TEST(several_networks_give_the_log_odds_of_their_mean)
{
	static const float weights[] = {2, -1, 0.5F};
	struct flt_detector *detector = detector_of(weights, 3);
	detector->member_gamma = 1.5;
	detector->member_log_weight_ratio = 0.7;
	for (double x = -4; x < 4; x += 0.37) {
		double sum = 0;
		for (size_t i = 0; i < 3; i++)
			sum += flt_sigmoid(flt_focal_log_odds((double)(weights[i] * (float)x - 1), 1.5, 0.7));
		ck_assert_double_eq_tol(score_of(detector, x), flt_logit(sum / 3), 1e-6);
	}
	flt_detector_free(detector);
}
END_TEST

/* Against sums of probabilities, where these are far from 0 and 1. */
START_TEST(members_count_by_their_weights)
{
	static const float weights[] = {2, -1, 0.5F};
	struct flt_detector *detector = detector_of(weights, 3);
	detector->members[0].weight = 0.5;
	detector->members[1].weight = 3;
	detector->members[2].weight = 1e-3;
	for (double x = -4; x < 4; x += 0.37) {
		double sum = 0, all = 0;
		for (size_t i = 0; i < 3; i++) {
			double weight = detector->members[i].weight;
			sum += weight / (1 + exp(-(double)(weights[i] * (float)x - 1)));
			all += weight;
		}
		ck_assert_double_eq_tol(score_of(detector, x), log(sum / (all - sum)), 1e-6);
	}
	flt_detector_free(detector);
}
END_TEST

/* 1 - p is 0 in double; the logit of the mean of two such members still is that of either. */
START_TEST(weights_do_not_cost_the_ends_of_the_scale)
{
	struct flt_detector *detector = detector_of((const float[]){1, 1}, 2);
	detector->members[0].weight = 1e300;
	detector->members[1].weight = 1e-300;
	for (double x = -600; x <= 600; x += 150)
		ck_assert_double_eq_tol(score_of(detector, x), x - 1, 1e-9);
	flt_detector_free(detector);
}
END_TEST

START_TEST(only_ratios_of_weights_count)
{
	static const float weights[] = {2, -1, 0.5F};
	struct flt_detector *plain = detector_of(weights, 3), *equal = detector_of(weights, 3);
	for (size_t i = 0; i < 3; i++)
		equal->members[i].weight = 1.0 / 3;
	for (double x = -4; x < 4; x += 0.37)
		ck_assert_double_eq(score_of(plain, x), score_of(equal, x));
	flt_detector_free(plain);
	flt_detector_free(equal);
}
END_TEST

/* A preparation that halves x, beside the detector's own. */
static void add_refit(struct flt_detector *detector, size_t member)
{
	struct flt_prep_column views[4];
	for (size_t i = 0; i < 4; i++)
		views[i] = flt_prep_column_unlearnt(detector->prep, i);
	views[1].factor = 0.5;
	detector->refits = flt_alloc_zero(1, sizeof *detector->refits, NULL);
	detector->n_refits = 1;
	ck_assert_int_eq(flt_prep_from_columns(FLT_SCALE_STANDARD, views, 4, &detector->refits[0], NULL), FLT_OK);
	detector->members[member].prep = detector->refits[0];
}

START_TEST(a_member_scores_by_its_own_preparation)
{
	for (size_t own = 0; own < 3; own++) {
		static const float weights[] = {2, -1, 0.5F};
		struct flt_detector *detector = detector_of(weights, 3);
		float halved[3];
		for (size_t i = 0; i < 3; i++)
			halved[i] = i == own ? weights[i] / 2 : weights[i];
		struct flt_detector *expected = detector_of(halved, 3);
		add_refit(detector, own);
		ck_assert_ptr_eq(flt_detector_prep_of(detector, own), detector->refits[0]);
		ck_assert_ptr_eq(flt_detector_prep_of(detector, (own + 1) % 3), detector->prep);
		for (double x = -4; x < 4; x += 0.37) /* members may be added up in another order */
			ck_assert_double_eq_tol(score_of(detector, x), score_of(expected, x), 1e-12);
		flt_detector_free(detector);
		flt_detector_free(expected);
	}
}
END_TEST

START_TEST(a_single_member_may_have_a_preparation_of_its_own)
{
	struct flt_detector *detector = detector_of((const float[]){2}, 1);
	detector->members[0].weight = 7; /* of no effect */
	add_refit(detector, 0);
	ck_assert_double_eq(score_of(detector, 3), 2);
	flt_detector_free(detector);
}
END_TEST

START_TEST(a_score_beyond_float_is_refused_by_its_row)
{
	struct flt_detector *detector = detector_of((const float[]){FLT_MAX, 1}, 2);
	static const char *const cells[3 * N_NAMES] = {"0", "a", "0", "a", "8", "a"};
	size_t bad_row = 9;
	double score[3];
	struct flt_error err;
	ck_assert_int_eq(score_cells(detector, cells, 3, score, &bad_row, &err), FLT_ERR_DATA);
	ck_assert_uint_eq(bad_row, 2);
	ck_assert_int_eq(score_cells(detector, cells, 2, score, &bad_row, &err), FLT_OK);
	flt_detector_free(detector);
}
END_TEST

/* The lowest score that is positive: the double below it is not. */
START_TEST(the_threshold_as_a_score_is_exact)
{
	static const double thresholds[] = {0.25, 0.5, 0.001, 0.999, 1e-12};
	struct flt_detector *detector = simple_detector();
	detector->map.gamma = 2;
	detector->map.slope = 0.37;
	detector->map.intercept = -0.1;
	for (size_t i = 0; i < sizeof thresholds / sizeof *thresholds; i++) {
		detector->choice.threshold = thresholds[i];
		double score = flt_detector_threshold_score(detector), below = nextafter(score, -HUGE_VAL);
		ck_assert(flt_detector_is_positive(detector, flt_detector_probability(detector, score)));
		ck_assert(!flt_detector_is_positive(detector, flt_detector_probability(detector, below)));
	}
	detector->choice.threshold = 0;
	ck_assert(flt_detector_threshold_score(detector) == -HUGE_VAL);
	detector->choice.threshold = 1;
	detector->map.slope = 1e-6;
	ck_assert(isnan(flt_detector_threshold_score(detector)));
	flt_detector_free(detector);
}
END_TEST

/* ---- other rows than in training ---- */

START_TEST(a_prior_moves_the_log_odds_by_its_own)
{
	struct flt_detector *detector = simple_detector();
	struct flt_error err;
	detector->map.intercept = 0.3;
	ck_assert_int_eq(flt_detector_set_prior(detector, 0.4, &err), FLT_OK);
	ck_assert_double_eq(flt_detector_log_odds(detector, 2), 2.3 + (flt_logit(0.4) - flt_logit(0.1)));
	ck_assert_int_eq(flt_detector_set_prior(detector, 0.1, &err), FLT_OK); /* not on top of the last */
	ck_assert_double_eq(flt_detector_log_odds(detector, 2), 2.3);
	ck_assert_double_eq(flt_detector_probability(detector, 2), flt_sigmoid(2.3));
	flt_detector_free(detector);
}
END_TEST

START_TEST(refuses_what_is_no_prior)
{
	static const double refused[] = {0, 1, -0.1, 1.1, NAN};
	struct flt_detector *detector = simple_detector();
	struct flt_error err;
	double prior, score = 1;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		ck_assert_int_eq(flt_detector_set_prior(detector, refused[i], &err), FLT_ERR_USAGE);
	ck_assert_double_eq(detector->map.prior_shift, 0);
	ck_assert_int_eq(flt_detector_estimate_prior(detector, &score, 0, &prior, &err), FLT_ERR_DATA);
	for (double prevalence = 0; prevalence <= 1; prevalence++) {
		detector->provenance.prevalence = prevalence;
		ck_assert_int_eq(flt_detector_set_prior(detector, 0.4, &err), FLT_ERR_MODEL);
		ck_assert_int_eq(flt_detector_estimate_prior(detector, &score, 1, &prior, &err), FLT_ERR_MODEL);
	}
	flt_detector_free(detector);
}
END_TEST

/* Scores on which the classes overlap, the first n_positive of them positive. */
static struct flt_scored overlapping(size_t n, size_t n_positive)
{
	static double score[4000];
	static uint8_t label[4000];
	struct flt_random random;
	flt_random_init(&random, 3, "rows", 0);
	for (size_t i = 0; i < n; i++) {
		label[i] = i < n_positive;
		score[i] = flt_random_normal(&random) - 4 + 2 * label[i];
	}
	return (struct flt_scored){.n = n, .score = score, .label = label};
}

/* A detector whose threshold a rule has chosen on 4,000 held-out rows, of which it keeps the scores. */
static struct flt_detector *detector_by(const char *rule)
{
	struct flt_detector *detector = simple_detector();
	struct flt_scored rows = overlapping(4000, 400);
	struct flt_error err = {0};
	detector->map.intercept = 0.25;
	ck_assert_int_eq(flt_kept_init(&detector->held_out, &rows, &err), FLT_OK);
	ck_assert_msg(flt_detector_choose_threshold(detector, rule, rows.score, rows.label, rows.n, &err) == FLT_OK,
	              "%s", err.text);
	return detector;
}

static size_t n_alarms(const struct flt_detector *detector, const struct flt_scored *rows)
{
	size_t n = 0;
	for (size_t i = 0; i < rows->n; i++)
		n += flt_detector_is_positive(detector, flt_detector_probability(detector, rows->score[i]));
	return n;
}

START_TEST(the_same_rows_stay_positive_where_the_prior_means_nothing_to_the_rule)
{
	static const char *const rules[] = {"recall>=0.8@50", "recall>=0.8", "top:70", "rate:0.03"};
	static const double priors[] = {1e-6, 0.003, 0.2, 0.95};
	struct flt_scored rows = overlapping(4000, 400);
	for (size_t r = 0; r < sizeof rules / sizeof *rules; r++) {
		struct flt_detector *detector = detector_by(rules[r]);
		size_t n = n_alarms(detector, &rows);
		ck_assert_uint_gt(n, 50);
		for (size_t p = 0; p < 4; p++) {
			double before = flt_detector_threshold(detector);
			ck_assert_int_eq(flt_detector_rule_under_prior(detector), FLT_RULE_MOVES);
			ck_assert_int_eq(flt_detector_set_prior(detector, priors[p], NULL), FLT_OK);
			ck_assert_double_ne(flt_detector_threshold(detector), before);
			ck_assert_uint_eq(n_alarms(detector, &rows), n);
		}
		flt_detector_free(detector);
	}
}
END_TEST

START_TEST(a_probability_stays_under_any_prior)
{
	static const char *const rules[] = {"0.25", "cost:1:9"};
	for (size_t r = 0; r < 2; r++) {
		struct flt_detector *detector = detector_by(rules[r]);
		double before = flt_detector_threshold(detector);
		ck_assert_int_eq(flt_detector_rule_under_prior(detector), FLT_RULE_STAYS);
		ck_assert_int_eq(flt_detector_set_prior(detector, 0.003, NULL), FLT_OK);
		ck_assert_double_eq(flt_detector_threshold(detector), before);
		flt_detector_free(detector);
	}
}
END_TEST

/* Rows whose clusters and times are gone still count by what these showed. Here pairs of rows, or a spread over time of
 * 2, are half as many, so that the threshold for a precision is higher than that of single rows. */
START_TEST(a_floor_that_is_chosen_anew_knows_what_its_rows_tell)
{
	double threshold[3];
	for (int known = 0; known < 3; known++) {
		struct flt_detector *detector = detector_by("precision>=0.5");
		for (int label = 0; label < 2 && known == 1; label++)
			detector->held_out.unit[label] = 2;
		detector->choice.spread = known == 2 ? 2 : 1;
		ck_assert_int_eq(flt_detector_set_prior(detector, 0.3, NULL), FLT_OK); /* twice: what is known stays */
		ck_assert_int_eq(flt_detector_set_prior(detector, 0.2, NULL), FLT_OK);
		threshold[known] = flt_detector_threshold(detector);
		ck_assert(detector->choice.met);
		flt_detector_free(detector);
	}
	ck_assert_double_gt(threshold[1], threshold[0]);
	ck_assert_double_eq(threshold[2], threshold[1]);
}
END_TEST

/* As if chosen on rows that come in that share: here each positive row ten times as often. */
START_TEST(a_rule_that_depends_on_the_prior_is_chosen_anew)
{
	enum { N = 4000, N_POSITIVE = 400, TIMES = 10 };
	static const char *const rules[] = {"f1", "fbeta:2", "precision>=0.6"};
	static double score[N + (TIMES - 1) * N_POSITIVE];
	static uint8_t label[N + (TIMES - 1) * N_POSITIVE];
	struct flt_scored rows = overlapping(N, N_POSITIVE);
	size_t n = 0;
	for (size_t i = 0; i < N; i++) {
		for (size_t k = 0; k < (rows.label[i] ? TIMES : 1); k++) {
			score[n] = rows.score[i];
			label[n++] = rows.label[i];
		}
	}
	double prior = (double)(TIMES * N_POSITIVE) / (double)n;
	for (size_t r = 0; r < 3; r++) {
		struct flt_detector *detector = detector_by(rules[r]), *other = detector_by("0.5");
		double before = flt_detector_threshold(detector);
		ck_assert_int_eq(flt_detector_rule_under_prior(detector), FLT_RULE_IS_CHOSEN_ANEW);
		ck_assert_int_eq(flt_detector_set_prior(detector, prior, NULL), FLT_OK);
		ck_assert_double_ne(flt_detector_threshold(detector), before);
		ck_assert_int_eq(flt_detector_set_prior(other, prior, NULL), FLT_OK);
		ck_assert_int_eq(flt_detector_choose_threshold(other, rules[r], score, label, n, NULL), FLT_OK);
		if (r < 2) /* floors count rows, and copies are no evidence */
			ck_assert_double_eq_tol(flt_detector_threshold(detector), flt_detector_threshold(other), 2e-3);
		flt_kept_release(&detector->held_out);
		before = flt_detector_threshold(detector);
		ck_assert_int_eq(flt_detector_rule_under_prior(detector), FLT_RULE_CANNOT_FOLLOW);
		ck_assert_int_eq(flt_detector_set_prior(detector, 0.01, NULL), FLT_OK);
		ck_assert_double_eq(flt_detector_threshold(detector), before);
		flt_detector_free(detector);
		flt_detector_free(other);
	}
}
END_TEST

/* Held-out rows of a tenth, new rows of a third: the estimate moves there, whatever prior was set before. */
START_TEST(estimates_a_prior_from_scores)
{
	struct flt_detector *detector = detector_by("f1");
	struct flt_prior prior, again;
	double value;
	struct flt_scored rows = overlapping(3000, 1000);
	ck_assert_int_eq(flt_detector_judge_prior(detector, rows.score, rows.n, 1, &prior, NULL), FLT_OK);
	ck_assert(prior.moves && !prior.disagrees && !prior.why[0]);
	ck_assert_double_eq(prior.own, 0.1);
	ck_assert_double_eq(prior.value, prior.share);
	ck_assert(prior.lo < 1.0 / 3 && 1.0 / 3 < prior.hi && prior.hi - prior.lo < 0.2);
	ck_assert(prior.adjusted_lo < 1.0 / 3 && 1.0 / 3 < prior.adjusted_hi);
	ck_assert_int_eq(flt_detector_set_prior(detector, 0.7, NULL), FLT_OK);
	ck_assert_int_eq(flt_detector_judge_prior(detector, rows.score, rows.n, 2, &again, NULL), FLT_OK);
	ck_assert_double_eq(again.own, 0.7);
	ck_assert_double_eq(again.share, prior.share);
	ck_assert_double_eq(again.hi, prior.hi);
	ck_assert_int_eq(flt_detector_estimate_prior(detector, rows.score, rows.n, &value, NULL), FLT_OK);
	ck_assert_double_eq(value, prior.value);
	/* A prior that the interval holds stays. */
	ck_assert_int_eq(flt_detector_set_prior(detector, prior.lo, NULL), FLT_OK);
	ck_assert_int_eq(flt_detector_judge_prior(detector, rows.score, rows.n, 1, &again, NULL), FLT_OK);
	ck_assert(!again.moves);
	ck_assert_double_eq(again.value, prior.lo);
	flt_detector_free(detector);
}
END_TEST

START_TEST(says_why_no_prior_can_be_estimated)
{
	static const struct {
		size_t n_positive;
		const char *says;
	} cases[] = {{0, "keeps no held-out scores"}, {19, "19 positive rows, and an estimate takes 20"}};
	struct flt_detector *detector = simple_detector();
	struct flt_prior prior;
	struct flt_scored rows;
	for (size_t c = 0; c < 2; c++) {
		rows = overlapping(1000, cases[c].n_positive);
		ck_assert_int_eq(flt_kept_init(&detector->held_out, &rows, NULL), FLT_OK);
		ck_assert_int_eq(flt_detector_judge_prior(detector, rows.score, rows.n, 1, &prior, NULL), FLT_OK);
		ck_assert_msg(strstr(prior.why, cases[c].says), "%s", prior.why);
		ck_assert(!prior.moves && isnan(prior.share) && isnan(prior.hi) && isnan(prior.adjusted_count));
		ck_assert_double_eq(prior.value, 0.1);
		flt_kept_release(&detector->held_out);
	}
	rows = overlapping(1000, 500);
	for (size_t i = 0; i < rows.n; i++)
		((uint8_t *)rows.label)[i] = i % 2; /* whatever the score */
	ck_assert_int_eq(flt_kept_init(&detector->held_out, &rows, NULL), FLT_OK);
	ck_assert_int_eq(flt_detector_judge_prior(detector, rows.score, rows.n, 1, &prior, NULL), FLT_OK);
	ck_assert_msg(strstr(prior.why, "do not tell"), "%s", prior.why);
	flt_detector_free(detector);
}
END_TEST

START_TEST(chooses_a_threshold)
{
	static const double score[] = {-3, -1, 0, 2};
	static const unsigned char label[] = {0, 1, 0, 1};
	struct flt_detector *detector = simple_detector();
	char rule[FLT_RULE_TEXT];
	struct flt_error err;
	detector->map.intercept = 0.5;
	ck_assert_int_eq(flt_detector_choose_threshold(detector, "top:2", score, NULL, 4, &err), FLT_OK);
	ck_assert_double_le(flt_detector_threshold(detector), flt_sigmoid(0.5));
	ck_assert_double_gt(flt_detector_threshold(detector), flt_sigmoid(-0.5));
	flt_detector_rule(detector, rule);
	ck_assert_str_eq(rule, "top:2");
	ck_assert_int_eq(flt_detector_choose_threshold(detector, "recall>=1", score, label, 4, &err), FLT_OK);
	ck_assert_double_le(flt_detector_threshold(detector), flt_sigmoid(-0.5));
	ck_assert_double_gt(flt_detector_threshold(detector), flt_sigmoid(-2.5));
	ck_assert_int_eq(flt_detector_choose_threshold(detector, "cost:1:3", NULL, NULL, 0, &err), FLT_OK);
	ck_assert_double_eq(flt_detector_threshold(detector), 0.25);

	ck_assert_int_eq(flt_detector_choose_threshold(detector, "recall>=1", score, NULL, 4, &err), FLT_ERR_USAGE);
	ck_assert_int_eq(flt_detector_choose_threshold(detector, "tops", score, NULL, 4, &err), FLT_ERR_USAGE);
	ck_assert_int_eq(flt_detector_choose_threshold(detector, "f1", score, NULL, 0, &err), FLT_ERR_DATA);
	ck_assert_double_eq(flt_detector_threshold(detector), 0.25);
	flt_detector_rule(detector, rule);
	ck_assert_str_eq(rule, "cost:1:3");
	flt_detector_free(detector);
}
END_TEST

/* ---- describing the table it was trained on ---- */

static char path[TEMPORARY_SIZE];

static void write_file(const char *text)
{
	FILE *file = temporary_file(path);
	fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
}

static void describe(struct flt_detector *detector, const struct flt_table_options *options)
{
	struct flt_table *table;
	struct flt_error err = {0};
	ck_assert_msg(flt_table_read(path, options, &table, &err) == FLT_OK, "%s", err.text);
	ck_assert_int_eq(flt_detector_describe(detector, table, options, NULL), FLT_OK);
	flt_table_free(table);
	unlink(path);
}

START_TEST(describes_both_classes_where_each_has_one_value)
{
	struct flt_detector *detector = simple_detector();
	struct flt_table_options options = {.target = "y", .id = "id", .decimal = ',', .numeric = "x", .na = "none"};
	write_file("id;x;y\nA;1,5;no\nB;none;yes\nC;3;no\nD;1;no\nE;2;yes\nF;4;no\n");
	describe(detector, &options);
	const struct flt_input *input = &detector->input;
	ck_assert_uint_eq(input->n_positive, 1);
	ck_assert_str_eq(input->positive[0], "yes");
	ck_assert_uint_eq(input->n_negative, 1);
	ck_assert_str_eq(input->negative[0], "no");
	ck_assert_str_eq(input->id, "id");
	ck_assert_str_eq(input->numeric, "x");
	ck_assert_str_eq(input->na, "none");
	ck_assert_int_eq(input->decimal, ',');
	flt_detector_free(detector);
}
END_TEST

/* The negative values are no list then: whatever is not positive is negative. A second description replaces the first.
 */
START_TEST(describes_the_positive_class_where_the_rest_is_negative)
{
	struct flt_detector *detector = simple_detector();
	struct flt_table_options options = {.target = "y", .positive = "1,2", .decimal = '.'};
	for (int times = 0; times < 2; times++) {
		write_file("x,y\n1,1\n2,0\n3,2\n4,3\n5,0\n6,4\n7,1\n");
		describe(detector, &options);
		const struct flt_input *input = &detector->input;
		ck_assert_uint_eq(input->n_positive, 2);
		ck_assert_str_eq(input->positive[0], "1");
		ck_assert_str_eq(input->positive[1], "2");
		ck_assert_uint_eq(input->n_negative, 0);
		ck_assert_int_eq(input->decimal, '\0');
		ck_assert_ptr_null(input->id);
	}
	flt_detector_free(detector);
}
END_TEST

START_TEST(describes_every_value_of_a_class)
{
	enum { N_VALUES = 101 };
	struct flt_detector *detector = simple_detector();
	char rows[N_VALUES * 10] = "x,y\n1,no\n", values[N_VALUES * 5] = "";
	for (int i = 0; i < N_VALUES; i++) {
		sprintf(rows + strlen(rows), "1,v%d\n", i);
		sprintf(values + strlen(values), "%sv%d", i ? "," : "", i);
	}
	struct flt_table_options options = {.target = "y", .positive = values, .decimal = '.'};
	write_file(rows);
	describe(detector, &options);
	ck_assert_uint_eq(detector->input.n_positive, N_VALUES);
	ck_assert_str_eq(detector->input.positive[N_VALUES - 1], "v100");
	ck_assert_uint_eq(detector->input.n_classes, N_VALUES + 1);
	ck_assert_str_eq(detector->input.classes[0], "no");
	ck_assert_uint_eq(detector->input.class_rows[0], 1);
	flt_detector_free(detector);
}
END_TEST

/* A thousand classes are listed; more are too many for a model file. */
START_TEST(lists_a_thousand_classes)
{
	enum { MOST = 1000 };
	char *rows = flt_alloc(MOST + 2, 16, NULL);
	for (int n = MOST; n <= MOST + 1; n++) {
		struct flt_detector *detector = simple_detector();
		struct flt_table_options options = {.target = "y", .positive = "v0", .decimal = '.'};
		strcpy(rows, "x,y\n");
		size_t length = strlen(rows);
		for (int i = 0; i < n; i++)
			length += (size_t)sprintf(rows + length, "1,v%d\n", i);
		write_file(rows);
		describe(detector, &options);
		ck_assert_uint_eq(detector->input.n_classes, n > MOST ? 0 : (size_t)n);
		ck_assert_uint_eq(detector->input.n_file_columns, 0);
		flt_detector_free(detector);
	}
	flt_free(rows);
}
END_TEST

START_TEST(knows_the_columns_of_a_file_without_a_header)
{
	struct flt_detector *detector = simple_detector();
	struct flt_table_options options = {.target = "c2", .header = FLT_HEADER_NO, .decimal = '.'};
	write_file("1,no,3\n2,yes,4\n2,no,4\n");
	describe(detector, &options);
	ck_assert_uint_eq(detector->input.n_file_columns, 3);
	ck_assert_uint_eq(detector->input.file_target, 1);
	flt_detector_free(detector);
}
END_TEST

START_TEST(scoring_a_table_fails_cleanly_wherever_memory_runs_out)
{
	struct flt_detector *detector = detector_of((const float[]){2, 3}, 2);
	struct flt_table_options options = {.target = "y", .positive = "yes"};
	struct flt_table *table;
	const size_t rows[] = {2, 0, 1};
	double score[3];
	unsigned long k = 0, n_made;
	write_file("x,id,kind,y\n1,A,a,no\n2,B,b,yes\n3,C,a,no\n");
	ck_assert_int_eq(flt_table_read(path, &options, &table, NULL), FLT_OK);
	do {
		struct flt_error err = {.text = ""};
		flt_alloc_fail_at(++k);
		enum flt_status status = flt_detector_score(detector, table, rows, 3, 1, score, &err);
		n_made = flt_alloc_fail_at(0);
		ck_assert_int_eq(status, n_made >= k ? FLT_ERR_MACHINE : FLT_OK);
		ck_assert(status == FLT_OK || strstr(err.text, "out of memory"));
	} while (n_made >= k);
	ck_assert_uint_gt(k, 3); /* the features, the logits, and the second sum of logarithms */
	flt_table_free(table);
	flt_detector_free(detector);
	unlink(path);
}
END_TEST

/* ---- files ---- */

START_TEST(scores_a_file_at_once_or_row_by_row)
{
	static const char *const names[] = {"kind", "x"};
	static const char *const cells[3][2] = {{"a", "1"}, {"b", ""}, {"c", "-2.5"}};
	struct flt_detector *detector = simple_detector();
	double *probability, one;
	size_t n;
	write_file("x,kind\n1,a\n,b\n-2.5,c\n");
	ck_assert_int_eq(flt_score_file(detector, path, 2, &probability, &n, NULL), FLT_OK);
	ck_assert_uint_eq(n, 3);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(flt_score_row(detector, names, cells[i], 2, &one, NULL), FLT_OK);
		ck_assert_double_eq(one, probability[i]);
	}
	ck_assert_double_eq_tol(probability[0], flt_sigmoid(1), 1e-7);
	ck_assert_double_eq_tol(probability[2], flt_sigmoid(-6), 1e-7);
	flt_release(probability);
	ck_assert_int_eq(flt_score_row(detector, names, cells[0], 1, &one, NULL), FLT_ERR_DATA);
	unlink(path);
	ck_assert_int_eq(flt_score_file(detector, path, 2, &probability, &n, NULL), FLT_ERR_DATA);
	ck_assert(!probability && n == 0);
	flt_detector_free(detector);
}
END_TEST

START_TEST(a_stream_says_what_it_read)
{
	struct flt_detector *detector = simple_detector();
	struct flt_stream_options options = {
	        .reading = {.skip_bad_rows = true, .header = FLT_HEADER_YES, .delimiter = ';', .decimal = ','},
	        .needs_sha256 = true};
	struct flt_stream *stream;
	const char *first;
	double *score;
	size_t n, length;
	write_file("x;kind;id\n1,5;a;A\n2\n3;z;B\n");
	ck_assert_int_eq(flt_stream_open(detector, path, &options, &stream, NULL), FLT_OK);
	ck_assert_int_eq(flt_stream_scores(stream, &score, &n, NULL), FLT_OK);
	ck_assert_uint_eq(n, 2);
	ck_assert_double_eq(score[0], 2);
	ck_assert_double_eq(score[1], 5);
	flt_release(score);
	ck_assert_str_eq(flt_stream_name(stream), path);
	ck_assert_uint_eq(flt_stream_n_columns(stream), 3);
	ck_assert_str_eq(flt_stream_column_name(stream, 2), "id");
	ck_assert_ptr_null(flt_stream_id_name(stream));
	ck_assert_ptr_nonnull(flt_stream_header(stream, &length));
	ck_assert_uint_eq(length, 9);
	ck_assert_int_eq(flt_stream_delimiter(stream), ';');
	ck_assert_int_eq(flt_stream_decimal(stream), ',');
	ck_assert_uint_eq(flt_stream_n_rows(stream), 2);
	ck_assert_uint_eq(flt_stream_n_skipped(stream), 1);
	ck_assert_str_eq(flt_stream_skipped_lines(stream), "lines 3");
	ck_assert_uint_eq(strlen(flt_stream_sha256(stream)), 64);
	ck_assert_uint_eq(flt_stream_n_unlearnt(stream, 1, &first), 1);
	ck_assert_str_eq(first, "z");
	flt_stream_free(stream);
	options.reading.decimal = '.';
	options.needs_sha256 = false;
	detector->input.id = copy("id");
	ck_assert_int_eq(flt_stream_open(detector, path, &options, &stream, NULL), FLT_OK);
	ck_assert_int_eq(flt_stream_decimal(stream), '.');
	ck_assert_str_eq(flt_stream_id_name(stream), "id");
	ck_assert_int_eq(flt_stream_scores(stream, &score, &n, NULL), FLT_ERR_DATA); /* 1,5 is no number then */
	ck_assert(!score && n == 0);
	ck_assert_ptr_null(flt_stream_sha256(stream));
	flt_stream_free(stream);
	options.reading.decimal = detector->input.decimal = '\0';
	ck_assert_int_eq(flt_stream_open(detector, path, &options, &stream, NULL), FLT_OK);
	ck_assert_int_eq(flt_stream_decimal(stream), '.');
	flt_stream_free(stream);
	unlink(path);
	flt_detector_free(detector);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("detector");
	TCase *tcase = tcase_create("detector");
	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, says_what_it_is);
	tcase_add_test(tcase, tells_the_class_of_a_text);
	tcase_add_test(tcase, tells_new_classes);
	tcase_add_test(tcase, writes_json_that_parses);
	tcase_add_test(tcase, several_networks_give_the_log_odds_of_their_mean);
	tcase_add_test(tcase, members_count_by_their_weights);
	tcase_add_test(tcase, weights_do_not_cost_the_ends_of_the_scale);
	tcase_add_test(tcase, only_ratios_of_weights_count);
	tcase_add_test(tcase, a_member_scores_by_its_own_preparation);
	tcase_add_test(tcase, a_single_member_may_have_a_preparation_of_its_own);
	tcase_add_test(tcase, a_score_beyond_float_is_refused_by_its_row);
	tcase_add_test(tcase, the_threshold_as_a_score_is_exact);
	tcase_add_test(tcase, a_prior_moves_the_log_odds_by_its_own);
	tcase_add_test(tcase, refuses_what_is_no_prior);
	tcase_add_test(tcase, the_same_rows_stay_positive_where_the_prior_means_nothing_to_the_rule);
	tcase_add_test(tcase, a_probability_stays_under_any_prior);
	tcase_add_test(tcase, a_floor_that_is_chosen_anew_knows_what_its_rows_tell);
	tcase_add_test(tcase, a_rule_that_depends_on_the_prior_is_chosen_anew);
	tcase_add_test(tcase, estimates_a_prior_from_scores);
	tcase_add_test(tcase, says_why_no_prior_can_be_estimated);
	tcase_add_test(tcase, chooses_a_threshold);
	tcase_add_test(tcase, describes_both_classes_where_each_has_one_value);
	tcase_add_test(tcase, describes_the_positive_class_where_the_rest_is_negative);
	tcase_add_test(tcase, describes_every_value_of_a_class);
	tcase_add_test(tcase, lists_a_thousand_classes);
	tcase_add_test(tcase, knows_the_columns_of_a_file_without_a_header);
	tcase_add_test(tcase, scoring_a_table_fails_cleanly_wherever_memory_runs_out);
	tcase_add_test(tcase, scores_a_file_at_once_or_row_by_row);
	tcase_add_test(tcase, a_stream_says_what_it_read);
	return suite;
}
