#include "protocol/protocol.h"

#include <math.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "csv_file.h"
#include "run_experiment.h"
#include "suite.h"

static const struct flt_table_options plain = {.drop = "day,customer"};
static const struct flt_split_options fifths = {.test_fraction = 0.2, .validation_fraction = 0.2, .seed = 1};

static struct flt_fit_options quick(void)
{
	struct flt_fit_options options;
	flt_fit_options_init(&options);
	options.train.n_hidden = 1;
	options.train.hidden[0] = 8;
	options.train.epochs = 6;
	options.train.batch = 64;
	options.train.lr = 0.01;
	options.train.loss.gamma = 2;
	options.train.seed = 1;
	options.train.n_threads = 1;
	options.calibrate = FLT_CALIBRATE_MAP;
	return options;
}

static struct flt_experiment *run(const struct flt_table *table, const struct flt_table *test_table,
                                  const struct flt_split_options *split, const struct flt_fit_options *options)
{
	struct flt_experiment *experiment;
	struct flt_error err = {0};
	enum flt_status status = run_experiment(table, test_table, split, options, NULL, &experiment, &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	return experiment;
}

static bool is_same_net(const struct flt_mlp *a, const struct flt_mlp *b)
{
	size_t n = flt_mlp_n_params(a);
	return n == flt_mlp_n_params(b) &&
	       memcmp(flt_mlp_params_const(a), flt_mlp_params_const(b), n * sizeof(float)) == 0;
}

/* Weights, map and threshold: what must not depend on test rows. */
static bool is_same_detector(const struct flt_detector *a, const struct flt_detector *b)
{
	bool same = a->n_members == b->n_members && a->choice.threshold == b->choice.threshold &&
	            a->map.slope == b->map.slope && a->map.intercept == b->map.intercept;
	for (size_t i = 0; same && i < a->n_members; i++)
		same = is_same_net(a->members[i].net, b->members[i].net);
	return same;
}

/* Values of the same type that no other row has. */
static void change_features(struct csv_row *row, size_t i)
{
	row->amount = isnan(row->amount) ? row->amount : 1e6 + 7.25 * (double)i;
	row->age += 1000 + (int)i;
	row->kind = row->kind == csv_kinds[2] ? csv_kinds[0] : csv_kinds[2];
}

/* Runs on the file as it is, and with the features of one role's rows changed. */
static bool changing_rows_keeps_detector(enum flt_row_role role, const struct flt_table_options *reading,
                                         enum flt_calibration calibrate, size_t n_members)
{
	static struct csv_file file;
	struct flt_fit_options options = quick();
	options.calibrate = calibrate;
	options.n_members = n_members;
	csv_simulate(&file, 1);
	struct flt_table *before = csv_read(&file, reading);
	struct flt_experiment *first = run(before, NULL, &fifths, &options);
	for (size_t i = 0; i < first->split.n_rows[role]; i++)
		change_features(&file.rows[first->split.rows[role][i]], i);
	struct flt_table *after = csv_read(&file, reading);
	struct flt_experiment *second = run(after, NULL, &fifths, &options);
	ck_assert_uint_eq(first->split.n_rows[FLT_TEST], second->split.n_rows[FLT_TEST]);
	ck_assert_mem_eq(first->split.rows[FLT_TEST], second->split.rows[FLT_TEST],
	                 first->split.n_rows[FLT_TEST] * sizeof(size_t));
	bool same = is_same_detector(first->detector, second->detector);
	if (role == FLT_TEST)
		ck_assert_double_ne(first->evaluation.figures.ap.value, second->evaluation.figures.ap.value);
	flt_experiment_free(first);
	flt_experiment_free(second);
	flt_table_free(before);
	flt_table_free(after);
	return same;
}

START_TEST(test_rows_influence_nothing)
{
	static const enum flt_calibration maps[] = {FLT_CALIBRATE_MAP, FLT_CALIBRATE_AUTO, FLT_CALIBRATE_PLATT};
	for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
		ck_assert(changing_rows_keeps_detector(FLT_TEST, &plain, maps[i], 1));
	ck_assert(changing_rows_keeps_detector(FLT_TEST, &plain, FLT_CALIBRATE_AUTO, 3));
	struct flt_table_options by_time = {.time = "day", .drop = "customer"};
	ck_assert(changing_rows_keeps_detector(FLT_TEST, &by_time, FLT_CALIBRATE_MAP, 1));
	struct flt_table_options by_group = {.group = "customer", .drop = "day"};
	ck_assert(changing_rows_keeps_detector(FLT_TEST, &by_group, FLT_CALIBRATE_MAP, 1));
}
END_TEST

/* The test above can fail: rows of other roles do have influence. */
START_TEST(other_rows_do_have_influence)
{
	ck_assert(!changing_rows_keeps_detector(FLT_FIT, &plain, FLT_CALIBRATE_MAP, 1));
	ck_assert(!changing_rows_keeps_detector(FLT_VALIDATION, &plain, FLT_CALIBRATE_MAP, 1));
}
END_TEST

START_TEST(threads_change_nothing)
{
	static struct csv_file file;
	csv_simulate(&file, 2);
	struct flt_table *table = csv_read(&file, &plain);
	struct flt_experiment *of[3];
	for (unsigned n = 1; n <= 3; n++) {
		struct flt_fit_options options = quick();
		options.train.n_threads = n;
		of[n - 1] = run(table, NULL, &fifths, &options);
	}
	for (int i = 1; i < 3; i++) {
		ck_assert(is_same_detector(of[0]->detector, of[i]->detector));
		ck_assert_mem_eq(of[0]->evaluation.score, of[i]->evaluation.score,
		                 of[0]->evaluation.n_rows * sizeof(double));
		ck_assert_mem_eq(&of[0]->evaluation.figures, &of[i]->evaluation.figures,
		                 sizeof of[0]->evaluation.figures);
	}
	for (int i = 0; i < 3; i++)
		flt_experiment_free(of[i]);
	flt_table_free(table);
}
END_TEST

/* A bag: without validation rows, each of three networks leaves out a fold of the fit rows. */
START_TEST(test_rows_do_not_influence_a_bag)
{
	static struct csv_file file;
	struct flt_fit_options options = quick();
	struct flt_split_options no_validation = {.test_fraction = 0.2, .seed = 1};
	options.n_members = 3;
	options.calibrate = FLT_CALIBRATE_PLATT;
	csv_simulate(&file, 13);
	struct flt_table *before = csv_read(&file, &plain);
	struct flt_experiment *first = run(before, NULL, &no_validation, &options);
	ck_assert(first->fit.out_of_fold);
	ck_assert_uint_eq(first->detector->n_members, 3);
	for (size_t i = 0; i < first->evaluation.n_rows; i++)
		change_features(&file.rows[first->evaluation.rows[i]], i);
	struct flt_table *after = csv_read(&file, &plain);
	options.train.n_threads = 3;
	struct flt_experiment *second = run(after, NULL, &no_validation, &options);
	ck_assert(is_same_detector(first->detector, second->detector));
	ck_assert_double_ne(first->evaluation.figures.ap.value, second->evaluation.figures.ap.value);
	flt_experiment_free(first);
	flt_experiment_free(second);
	flt_table_free(before);
	flt_table_free(after);
}
END_TEST

START_TEST(without_test_or_validation_rows_others_take_their_role)
{
	static struct csv_file file;
	csv_simulate(&file, 3);
	struct flt_table *table = csv_read(&file, &plain);
	struct flt_fit_options options = quick();
	static const struct {
		double test, validation;
		enum flt_row_role role, chosen_on;
		enum flt_evaluated_rows evaluated_on;
	} cases[] = {{0.2, 0.2, FLT_TEST, FLT_VALIDATION, FLT_EVALUATED_TEST},
	             {0, 0.2, FLT_VALIDATION, FLT_VALIDATION, FLT_EVALUATED_VALIDATION},
	             {0.2, 0, FLT_TEST, FLT_FIT, FLT_EVALUATED_TEST},
	             {0, 0, FLT_FIT, FLT_FIT, FLT_EVALUATED_FIT}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct flt_split_options split = {
		        .test_fraction = cases[i].test, .validation_fraction = cases[i].validation, .seed = 1};
		struct flt_experiment *experiment = run(table, NULL, &split, &options);
		ck_assert_int_eq(experiment->evaluation.evaluated_on, cases[i].evaluated_on);
		ck_assert_int_eq(experiment->fit.chosen_on, cases[i].chosen_on);
		ck_assert_uint_eq(experiment->evaluation.n_rows, experiment->split.n_rows[cases[i].role]);
		ck_assert_uint_eq(experiment->evaluation.figures.n_positive,
		                  experiment->split.n_positive[cases[i].role]);
		if (cases[i].chosen_on == FLT_FIT)
			ck_assert_uint_eq(experiment->fit.train[0].epochs, options.train.epochs);
		flt_experiment_free(experiment);
	}
	flt_table_free(table);
}
END_TEST

/* Half of the test file's rows are rows of the training file. */
START_TEST(test_file_is_evaluated_with_and_without_shared_rows)
{
	static struct csv_file file, other;
	csv_simulate(&file, 4);
	csv_simulate(&other, 5);
	memcpy(other.rows, file.rows, CSV_ROWS / 2 * sizeof *other.rows);
	struct flt_table *table = csv_read(&file, &plain), *test;
	struct flt_error err;
	csv_write(&other);
	ck_assert_int_eq(flt_table_read_like(table, other.path, &plain, &test, &err), FLT_OK);
	unlink(other.path);
	struct flt_fit_options options = quick();
	struct flt_experiment *experiment = run(table, test, &fifths, &options);
	ck_assert_int_eq(experiment->evaluation.evaluated_on, FLT_EVALUATED_TEST);
	ck_assert_uint_eq(experiment->evaluation.n_rows, CSV_ROWS);
	ck_assert_uint_eq(experiment->split.n_rows[FLT_TEST], 0);
	const struct flt_evaluation *evaluation = &experiment->evaluation;
	const size_t half = CSV_ROWS / 2;
	double ap;
	ck_assert_uint_eq(evaluation->n_seen, half);
	ck_assert_int_eq(flt_average_precision(&(struct flt_scored){.n = half,
	                                                            .score = evaluation->score + half,
	                                                            .label = evaluation->label + half},
	                                       &ap, NULL),
	                 FLT_OK);
	ck_assert_double_eq(evaluation->ap_unseen, ap);
	ck_assert_double_ne(ap, evaluation->figures.ap.value);
	flt_experiment_free(experiment);
	flt_table_free(test);
	flt_table_free(table);
}
END_TEST

START_TEST(test_file_needs_both_classes)
{
	static struct csv_file file, other;
	csv_simulate(&file, 4);
	struct flt_table *table = csv_read(&file, &plain);
	struct flt_fit_options options = quick();
	for (int label = 0; label < 2; label++) {
		struct flt_table *test;
		struct flt_experiment *experiment;
		struct flt_error err;
		csv_simulate(&other, 5);
		for (size_t i = 0; i < CSV_ROWS; i++)
			other.rows[i].label = label;
		csv_write(&other);
		ck_assert_int_eq(flt_table_read_like(table, other.path, &plain, &test, &err), FLT_OK);
		unlink(other.path);
		ck_assert_int_eq(run_experiment(table, test, &fifths, &options, NULL, &experiment, &err), FLT_ERR_DATA);
		ck_assert_ptr_nonnull(strstr(err.text, label ? ": 600 of its 600 rows are \"1\"; a test needs rows"
		                                             : ": 0 of its 600 rows are \"1\"; a test needs rows"));
		flt_table_free(test);
	}
	flt_table_free(table);
}
END_TEST

START_TEST(test_file_with_a_single_row_of_a_class_is_enough)
{
	static struct csv_file file, other;
	csv_simulate(&file, 4);
	struct flt_table *table = csv_read(&file, &plain);
	struct flt_fit_options options = quick();
	for (int label = 0; label < 2; label++) {
		struct flt_table *test;
		struct flt_error err;
		csv_simulate(&other, 5);
		for (size_t i = 0; i < CSV_ROWS; i++)
			other.rows[i].label = i == 7 ? label : !label;
		csv_write(&other);
		ck_assert_int_eq(flt_table_read_like(table, other.path, &plain, &test, &err), FLT_OK);
		unlink(other.path);
		struct flt_experiment *experiment = run(table, test, &fifths, &options);
		ck_assert_uint_eq(experiment->evaluation.figures.n_positive, label ? 1 : CSV_ROWS - 1);
		flt_experiment_free(experiment);
		flt_table_free(test);
	}
	flt_table_free(table);
}
END_TEST

START_TEST(seconds_are_those_of_the_run)
{
	static struct csv_file file;
	csv_simulate(&file, 15);
	struct flt_table *table = csv_read(&file, &plain);
	struct flt_fit_options options = quick();
	double start = flt_clock_seconds();
	struct flt_experiment *experiment = run(table, NULL, &fifths, &options);
	double elapsed = flt_clock_seconds() - start;
	const struct flt_fit_result *fit = &experiment->fit;
	ck_assert(fit->seconds_prepare > 0 && fit->seconds_train > 0 && experiment->evaluation.seconds > 0);
	ck_assert_double_le(fit->seconds_prepare + fit->seconds_train + experiment->evaluation.seconds, elapsed);
	flt_experiment_free(experiment);
	flt_table_free(table);
}
END_TEST

/* Validation rows may have a map of their own; rows that were trained on have psi alone. */
START_TEST(automatic_calibration_needs_rows_that_were_not_trained_on)
{
	static struct csv_file file;
	csv_simulate(&file, 16);
	struct flt_table *table = csv_read(&file, &plain);
	struct flt_fit_options options = quick();
	options.calibrate = FLT_CALIBRATE_AUTO;
	options.train.epochs = 1;
	options.train.lr = 1e-4;
	for (int is_validated = 0; is_validated < 2; is_validated++) {
		struct flt_split_options how = {
		        .test_fraction = 0.1, .validation_fraction = is_validated ? 0.5 : 0, .seed = 1};
		struct flt_split split;
		struct flt_detector *detector;
		struct flt_fit_result result;
		ck_assert_int_eq(flt_split_make(table, &how, &split, NULL), FLT_OK);
		ck_assert_int_eq(flt_fit(table, split.rows[FLT_FIT], split.n_rows[FLT_FIT], split.rows[FLT_VALIDATION],
		                         split.n_rows[FLT_VALIDATION], &options, NULL, &detector, &result, NULL),
		                 FLT_OK);
		const struct flt_map *map = &detector->map;
		const struct flt_held_out *by = &result.chosen_by;
		struct flt_map fitted = {.gamma = map->gamma, .log_weight_ratio = map->log_weight_ratio, .slope = 1};
		struct flt_scored rows = flt_held_out_scored(by);
		ck_assert_int_eq(flt_map_fit(&fitted, FLT_CALIBRATE_AUTO, &rows, NULL), FLT_OK);
		ck_assert_int_eq(flt_map_kind(&fitted), FLT_CALIBRATE_PLATT);
		ck_assert_int_eq(flt_map_kind(map), is_validated ? FLT_CALIBRATE_PLATT : FLT_CALIBRATE_MAP);
		flt_map_release(&fitted);
		flt_fit_result_release(&result);
		flt_detector_free(detector);
		flt_split_release(&split);
	}
	flt_table_free(table);
}
END_TEST

START_TEST(weights_and_monitor_are_resolved_on_their_own_rows)
{
	static struct csv_file file;
	csv_simulate(&file, 6);
	struct flt_table *table = csv_read(&file, &plain);
	struct flt_fit_options options = quick();
	options.balance = true;
	options.train.loss.weight_positive = 2;
	struct flt_experiment *experiment = run(table, NULL, &fifths, &options);
	double n_positive = (double)experiment->split.n_positive[FLT_FIT];
	double n_negative = (double)experiment->split.n_rows[FLT_FIT] - n_positive;
	ck_assert_double_eq(experiment->fit.roster.kinds[0].train.loss.weight_positive, 2 * (n_negative / n_positive));
	ck_assert_double_eq(experiment->fit.roster.kinds[0].train.loss.weight_negative, 1);
	ck_assert_double_eq(experiment->detector->map.log_weight_ratio, log(2 * (n_negative / n_positive)));
	ck_assert_uint_lt(experiment->split.n_positive[FLT_VALIDATION], FLT_FEW_POSITIVES);
	ck_assert_int_eq(experiment->fit.roster.kinds[0].train.monitor, FLT_MONITOR_LOSS);
	flt_experiment_free(experiment);
	struct flt_split_options half = {.test_fraction = 0.1, .validation_fraction = 0.8, .seed = 1};
	options.balance = false;
	experiment = run(table, NULL, &half, &options);
	ck_assert_uint_ge(experiment->split.n_positive[FLT_VALIDATION], FLT_FEW_POSITIVES);
	ck_assert_int_eq(experiment->fit.roster.kinds[0].train.monitor, FLT_MONITOR_AP);
	flt_experiment_free(experiment);
	flt_table_free(table);
}
END_TEST

START_TEST(threshold_means_the_same_as_a_score)
{
	static struct csv_file file;
	csv_simulate(&file, 7);
	struct flt_table *table = csv_read(&file, &plain);
	struct flt_fit_options options = quick();
	options.calibrate = FLT_CALIBRATE_PLATT;
	struct flt_experiment *experiment = run(table, NULL, &fifths, &options);
	size_t n_alarms = 0;
	for (size_t i = 0; i < experiment->evaluation.n_rows; i++)
		n_alarms += experiment->evaluation.score[i] >= experiment->evaluation.threshold_score;
	struct flt_confusion confusion = experiment->evaluation.figures.chosen.confusion;
	ck_assert_double_eq((double)n_alarms, confusion.tp + confusion.fp);
	flt_experiment_free(experiment);
	flt_table_free(table);
}
END_TEST

static bool stop_at_two(void *context, const struct flt_epoch *epoch)
{
	++*(size_t *)context;
	return epoch->epoch == 2;
}

START_TEST(caller_can_stop)
{
	static struct csv_file file;
	csv_simulate(&file, 8);
	struct flt_table *table = csv_read(&file, &plain);
	struct flt_fit_options options = quick();
	struct flt_experiment *experiment;
	struct flt_error err;
	size_t n_calls = 0;
	struct flt_hooks hooks = {.on_epoch = stop_at_two, .context = &n_calls};
	ck_assert_int_eq(run_experiment(table, NULL, &fifths, &options, &hooks, &experiment, &err), FLT_OK);
	ck_assert_uint_eq(n_calls, 2);
	ck_assert(experiment->fit.stopped);
	ck_assert_ptr_null(experiment->detector);
	flt_experiment_free(experiment);
	flt_table_free(table);
}
END_TEST

/* A learning rate that explodes at once leaves nothing; one that starts at 0 leaves the first epochs. */
START_TEST(divergence_is_an_error_with_the_best_weights)
{
	static struct csv_file file;
	csv_simulate(&file, 9);
	struct flt_table *table = csv_read(&file, &plain);
	struct flt_fit_options options = quick();
	options.train.optimizer = FLT_SGD;
	options.train.weight_decay = 1000;
	options.train.lr = 1e30;
	options.train.schedule = FLT_CONSTANT_RATE;
	struct flt_experiment *experiment;
	struct flt_error err = {0};
	ck_assert_int_eq(run_experiment(table, NULL, &fifths, &options, NULL, &experiment, &err), FLT_ERR_DIVERGED);
	ck_assert_ptr_null(experiment);
	options.train.lr = 100;
	options.train.schedule = FLT_COSLOG4;
	options.train.batch = CSV_ROWS;
	options.train.epochs = 200;
	ck_assert_int_eq(run_experiment(table, NULL, &fifths, &options, NULL, &experiment, &err), FLT_ERR_DIVERGED);
	ck_assert_ptr_nonnull(strstr(err.text, "diverged"));
	ck_assert_ptr_nonnull(experiment);
	ck_assert(experiment->diverged);
	ck_assert_uint_lt(experiment->fit.train[0].epochs, 200);
	ck_assert(isfinite(experiment->evaluation.figures.log_loss));
	flt_experiment_free(experiment);
	flt_table_free(table);
}
END_TEST

/* At such a learning rate one of two networks diverges in its first epoch and the other in its second. What is left
 * scores with its own logit, so the map and the threshold are chosen on logits of the fit rows too. */
START_TEST(last_network_of_a_bag_is_no_bag)
{
	static struct csv_file file;
	csv_simulate(&file, 9);
	struct flt_table *table = csv_read(&file, &plain);
	struct flt_fit_options options = quick();
	struct flt_split_options no_validation = {.test_fraction = 0.2, .seed = 1};
	options.n_members = 2;
	options.train.epochs = 2;
	options.train.optimizer = FLT_SGD;
	options.train.lr = 1.2e6;
	options.train.loss.gamma = 0;
	options.train.schedule = FLT_CONSTANT_RATE;
	options.train.seed = 2;
	struct flt_split split;
	struct flt_detector *detector;
	struct flt_fit_result result;
	ck_assert_int_eq(flt_split_make(table, &no_validation, &split, NULL), FLT_OK);
	ck_assert_int_eq(flt_fit(table, split.rows[FLT_FIT], split.n_rows[FLT_FIT], NULL, 0, &options, NULL, &detector,
	                         &result, NULL),
	                 FLT_ERR_DIVERGED);
	ck_assert_uint_eq(detector->n_members, 1);
	ck_assert(!result.out_of_fold);
	const struct flt_held_out *by = &result.chosen_by;
	double *score = flt_alloc(by->n_rows, sizeof *score, NULL);
	ck_assert_uint_eq(by->n_rows, split.n_rows[FLT_FIT]);
	ck_assert_int_eq(flt_detector_score(detector, table, by->rows, by->n_rows, 1, score, NULL), FLT_OK);
	ck_assert_mem_eq(by->score, score, by->n_rows * sizeof *score);
	flt_free(score);
	flt_fit_result_release(&result);
	flt_detector_free(detector);
	flt_split_release(&split);
	flt_table_free(table);
}
END_TEST

START_TEST(calibration_on_rows_trained_on_is_refused)
{
	static struct csv_file file;
	csv_simulate(&file, 10);
	struct flt_table *table = csv_read(&file, &plain);
	struct flt_fit_options options = quick();
	struct flt_split_options no_validation = {.test_fraction = 0.2, .seed = 1};
	options.calibrate = FLT_CALIBRATE_PLATT;
	struct flt_experiment *experiment;
	struct flt_error err;
	ck_assert_int_eq(run_experiment(table, NULL, &no_validation, &options, NULL, &experiment, &err), FLT_ERR_USAGE);
	ck_assert_ptr_null(experiment);
	ck_assert_str_eq(err.text, "--calibrate platt needs validation rows, which were not trained on; give "
	                           "--validation-fraction, or --calibrate map");
	flt_table_free(table);
}
END_TEST

/* The score of two members against the formula, and against what one member says when both are the same. */
START_TEST(members_are_averaged_as_probabilities)
{
	static struct csv_file file;
	csv_simulate(&file, 11);
	struct flt_table *table = csv_read(&file, &plain);
	struct flt_fit_options options = quick();
	struct flt_experiment *a = run(table, NULL, &fifths, &options);
	options.train.seed = 2;
	struct flt_experiment *b = run(table, NULL, &fifths, &options);
	struct flt_detector_member members[2] = {a->detector->members[0], b->detector->members[0]};
	struct flt_detector pair = *a->detector;
	pair.members = members;
	pair.n_members = 2;
	pair.member_gamma = 2;
	flt_map_init(&pair.map);
	struct flt_error err;
	double *score = flt_alloc(a->evaluation.n_rows, sizeof *score, NULL),
	       *other = flt_alloc(a->evaluation.n_rows, sizeof *other, NULL);
	ck_assert_int_eq(
	        flt_detector_score(b->detector, table, a->evaluation.rows, a->evaluation.n_rows, 1, other, &err),
	        FLT_OK);
	ck_assert_int_eq(flt_detector_score(&pair, table, a->evaluation.rows, a->evaluation.n_rows, 2, score, &err),
	                 FLT_OK);
	for (size_t i = 0; i < a->evaluation.n_rows; i++) {
		double p = (flt_sigmoid(flt_focal_log_odds(a->evaluation.score[i], 2, 0)) +
		            flt_sigmoid(flt_focal_log_odds(other[i], 2, 0))) /
		           2;
		ck_assert_double_eq_tol(flt_sigmoid(score[i]), p, 1e-14);
	}
	members[1] = members[0];
	ck_assert_int_eq(flt_detector_score(&pair, table, a->evaluation.rows, a->evaluation.n_rows, 2, score, &err),
	                 FLT_OK);
	for (size_t i = 0; i < a->evaluation.n_rows; i++)
		ck_assert_double_eq_tol(score[i], a->evaluation.log_odds[i], 1e-12);
	flt_free(score);
	flt_free(other);
	flt_experiment_free(a);
	flt_experiment_free(b);
	flt_table_free(table);
}
END_TEST

START_TEST(every_failed_allocation_is_an_error)
{
	static struct csv_file file;
	csv_simulate(&file, 12);
	file.n_rows = 120;
	struct flt_table *table = csv_read(&file, &plain);
	struct flt_fit_options options = quick();
	options.train.epochs = 1;
	struct flt_experiment *experiment;
	struct flt_error err;
	enum flt_status status;
	unsigned long k = 0;
	size_t before = flt_alloc_live();
	do {
		experiment = (void *)&file; /* is set to NULL on failure */
		flt_alloc_fail_at(++k);
		status = run_experiment(table, NULL, &fifths, &options, NULL, &experiment, &err);
		unsigned long n_allocations = flt_alloc_fail_at(0);
		ck_assert((status == FLT_OK) == (n_allocations < k)); /* no failure goes unnoticed */
		ck_assert(status == FLT_OK || (status == FLT_ERR_MACHINE && !experiment));
		ck_assert(status == FLT_OK || flt_alloc_live() == before);
	} while (status != FLT_OK);
	ck_assert_uint_gt(k, 30);
	flt_experiment_free(experiment);
	flt_table_free(table);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("protocol");
	TCase *tcase = tcase_create("all");
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_rows_influence_nothing);
	tcase_add_test(tcase, other_rows_do_have_influence);
	tcase_add_test(tcase, threads_change_nothing);
	tcase_add_test(tcase, test_rows_do_not_influence_a_bag);
	tcase_add_test(tcase, without_test_or_validation_rows_others_take_their_role);
	tcase_add_test(tcase, test_file_is_evaluated_with_and_without_shared_rows);
	tcase_add_test(tcase, test_file_needs_both_classes);
	tcase_add_test(tcase, test_file_with_a_single_row_of_a_class_is_enough);
	tcase_add_test(tcase, seconds_are_those_of_the_run);
	tcase_add_test(tcase, automatic_calibration_needs_rows_that_were_not_trained_on);
	tcase_add_test(tcase, weights_and_monitor_are_resolved_on_their_own_rows);
	tcase_add_test(tcase, threshold_means_the_same_as_a_score);
	tcase_add_test(tcase, caller_can_stop);
	tcase_add_test(tcase, divergence_is_an_error_with_the_best_weights);
	tcase_add_test(tcase, last_network_of_a_bag_is_no_bag);
	tcase_add_test(tcase, calibration_on_rows_trained_on_is_refused);
	tcase_add_test(tcase, members_are_averaged_as_probabilities);
	tcase_add_test(tcase, every_failed_allocation_is_an_error);
	suite_add_tcase(suite, tcase);
	return suite;
}
