/* Evaluations and what they star, the provenance of a detector, and the epoch log. */
#include "protocol/evaluation.h"

#include <math.h>

#include "base/alloc.h"
#include "csv_file.h"
#include "protocol/epoch_log.h"
#include "protocol/experiment.h"
#include "protocol/labelled.h"
#include "run_experiment.h"
#include "suite.h"

static struct flt_fit_options quick(void)
{
	struct flt_fit_options options;
	flt_fit_options_init(&options);
	options.train.n_hidden = 1;
	options.train.hidden[0] = 4;
	options.train.epochs = 3;
	options.train.batch = 64;
	options.train.lr = 0.01;
	options.train.loss = (struct flt_loss){.gamma = 1, .weight_positive = 2, .weight_negative = 1};
	options.train.n_threads = 1;
	return options;
}

static struct flt_experiment *run(const struct flt_table *table, const struct flt_table *test_table, double test,
                                  double validation, const struct flt_fit_options *options)
{
	struct flt_split_options split = {.test_fraction = test, .validation_fraction = validation, .seed = 1};
	struct flt_experiment *experiment;
	struct flt_error err = {0};
	enum flt_status status = run_experiment(table, test_table, &split, options, NULL, &experiment, &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	return experiment;
}

/* The later the day, the more positives: with a split by time each role has a prevalence of its own. */
static struct flt_table *drifting_table(const struct flt_table_options *reading)
{
	static struct csv_file file;
	csv_simulate(&file, 21);
	for (size_t i = 0; i < CSV_ROWS; i++)
		file.rows[i].label = i % 12 == 0 || (i > 360 && i % 4 == 0) || (i > 480 && i % 3 == 0);
	return csv_read(&file, reading);
}

static struct flt_table *plain_table(void)
{
	static struct csv_file file;
	static const struct flt_table_options reading = {.drop = "day,customer"};
	csv_simulate(&file, 22);
	return csv_read(&file, &reading);
}

START_TEST(rows_without_influence_carry_no_star)
{
	static const struct {
		double test, validation;
		size_t n_members;
		const char *threshold; /* rule; NULL: F1 */
		enum flt_evaluated_rows evaluated_on;
		enum flt_threshold_rows chosen_on;
		bool is_starred, threshold_is_starred;
	} cases[] = {
	        {0.2, 0.2, 1, NULL, FLT_EVALUATED_TEST, FLT_CHOSEN_ON_VALIDATION, false, false},
	        {0.2, 0, 1, NULL, FLT_EVALUATED_TEST, FLT_CHOSEN_ON_FIT, false, true},
	        {0.2, 0, 1, "0.3", FLT_EVALUATED_TEST, FLT_CHOSEN_ON_FIT, false, false},
	        {0.2, 0, 1, "cost:1:5", FLT_EVALUATED_TEST, FLT_CHOSEN_ON_FIT, false, false},
	        {0.2, 0, 1, "recall>=0.5", FLT_EVALUATED_TEST, FLT_CHOSEN_ON_FIT, false, true},
	        {0.2, 0, 3, NULL, FLT_EVALUATED_TEST, FLT_CHOSEN_ON_LEFT_OUT, false, false},
	        {0, 0.2, 1, NULL, FLT_EVALUATED_VALIDATION, FLT_CHOSEN_ON_VALIDATION, true, false},
	        {0, 0, 3, NULL, FLT_EVALUATED_LEFT_OUT, FLT_CHOSEN_ON_LEFT_OUT, true, false},
	        {0, 0, 1, NULL, FLT_EVALUATED_FIT, FLT_CHOSEN_ON_FIT, true, true},
	};
	struct flt_table *table = plain_table();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct flt_fit_options options = quick();
		options.n_members = cases[i].n_members;
		if (cases[i].threshold)
			ck_assert_int_eq(flt_rule_parse(cases[i].threshold, &options.rule, NULL), FLT_OK);
		struct flt_experiment *experiment = run(table, NULL, cases[i].test, cases[i].validation, &options);
		const struct flt_evaluation *evaluation = &experiment->evaluation;
		ck_assert_int_eq(evaluation->evaluated_on, cases[i].evaluated_on);
		ck_assert_int_eq(evaluation->threshold_chosen_on, cases[i].chosen_on);
		ck_assert(evaluation->is_starred == cases[i].is_starred);
		ck_assert(evaluation->point_is_starred == cases[i].is_starred);
		ck_assert(evaluation->threshold_is_starred == cases[i].threshold_is_starred);
		ck_assert(!evaluation->is_training_data);
		const struct flt_held_out *by = &experiment->fit.chosen_by;
		if (cases[i].is_starred) { /* the rows that chose, with the scores that they chose by */
			ck_assert_uint_eq(evaluation->n_rows, by->n_rows);
			ck_assert_mem_eq(evaluation->rows, by->rows, by->n_rows * sizeof *by->rows);
			ck_assert_mem_eq(evaluation->score, by->score, by->n_rows * sizeof *by->score);
		}
		flt_experiment_free(experiment);
	}
	flt_table_free(table);
	ck_assert_uint_eq(flt_alloc_live(), 0);
}
END_TEST

START_TEST(evaluation_measures_rows_one_by_one)
{
	struct flt_table *table = plain_table();
	struct flt_fit_options options = quick();
	for (size_t n_members = 1; n_members <= 2; n_members++) {
		options.n_members = n_members;
		options.train.seed = 5;
		struct flt_experiment *experiment = run(table, NULL, 0.2, 0.2, &options);
		const struct flt_evaluation *evaluation = &experiment->evaluation;
		double raw = 0;
		size_t n_positive = 0;
		struct flt_confusion counts = {0};
		ck_assert_ptr_eq(evaluation->detector, experiment->detector);
		ck_assert_uint_eq(evaluation->seed, 5);
		for (size_t i = 0; i < evaluation->n_rows; i++) {
			double probability = flt_evaluation_probability(evaluation, i);
			bool label = evaluation->label[i], predicted = flt_evaluation_is_positive(evaluation, i);
			ck_assert_uint_eq(label, flt_table_labels(table)[evaluation->rows[i]]);
			ck_assert(predicted == (probability >= experiment->detector->choice.threshold));
			ck_assert_double_eq(probability, flt_sigmoid(flt_detector_log_odds(experiment->detector,
			                                                                   evaluation->score[i])));
			*(label ? predicted ? &counts.tp : &counts.fn : predicted ? &counts.fp : &counts.tn) += 1;
			raw += flt_sigmoid(evaluation->score[i]) / (double)evaluation->n_rows;
			n_positive += label;
		}
		ck_assert_mem_eq(&counts, &evaluation->figures.chosen.confusion, sizeof counts);
		ck_assert_double_eq(evaluation->prevalence, (double)n_positive / (double)evaluation->n_rows);
		ck_assert(!evaluation->majority_is_positive);
		if (n_members == 1)
			ck_assert_double_eq_tol(evaluation->raw_mean_probability, raw, 1e-12);
		else
			ck_assert_double_nan(evaluation->raw_mean_probability);
		ck_assert(evaluation->n_seen == 0 && isnan(evaluation->ap_unseen) && evaluation->seconds > 0);
		ck_assert_double_eq(evaluation->threshold_score, flt_detector_threshold_score(experiment->detector));
		flt_experiment_free(experiment);
	}
	flt_table_free(table);
}
END_TEST

START_TEST(experiment_describes_its_table)
{
	struct flt_table_options reading = {.drop = "day,customer", .positive = "0"};
	struct flt_table *table = drifting_table(&reading);
	struct flt_fit_options options = quick();
	struct flt_experiment *experiment = run(table, NULL, 0.2, 0.2, &options);
	size_t n_missing = 0;
	for (size_t i = 0; i < flt_table_n_columns(table); i++)
		n_missing += flt_table_column(table, i).n_missing;
	ck_assert_uint_gt(n_missing, 0);
	ck_assert_uint_eq(flt_table_n_missing(table), n_missing);
	ck_assert_double_eq(experiment->fit.prevalence,
	                    (double)experiment->split.n_positive[FLT_FIT] / (double)experiment->split.n_rows[FLT_FIT]);
	ck_assert(experiment->evaluation.majority_is_positive); /* class 0 is positive here */
	ck_assert_ptr_eq(flt_experiment_evaluated_table(experiment), table);
	flt_experiment_free(experiment);
	flt_table_free(table);
	/* amount is the only column with missing values */
	static const struct flt_table_options others[] = {{.drop = "day,customer,amount"},
	                                                  {.drop = "day,customer", .id = "amount"}};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		table = drifting_table(&others[i]);
		experiment = run(table, NULL, 0.2, 0.2, &options);
		ck_assert_uint_eq(flt_table_n_missing(table), 0);
		flt_experiment_free(experiment);
		flt_table_free(table);
	}
}
END_TEST

/* ---- a finished detector on a file ---- */

/* Scores and labels of all rows of a table, for flt_evaluation_of_file. */
static struct flt_file_rows take(const struct flt_experiment *experiment)
{
	size_t n = flt_table_n_rows(experiment->table), number[CSV_ROWS];
	struct flt_file_rows rows = {.n = n};
	rows.score = flt_alloc(n, sizeof *rows.score, NULL);
	rows.label = flt_alloc(n, sizeof *rows.label, NULL);
	for (size_t i = 0; i < n; i++) {
		number[i] = i;
		rows.label[i] = flt_table_labels(experiment->table)[i];
	}
	ck_assert_int_eq(flt_detector_score(experiment->detector, experiment->table, number, n, 1, rows.score, NULL),
	                 FLT_OK);
	return rows;
}

static void evaluate(struct flt_experiment *experiment, const char *sha256, struct flt_evaluation *evaluation)
{
	struct flt_file_rows rows = take(experiment);
	ck_assert_int_eq(flt_evaluation_of_file(experiment->detector, &rows, sha256, 1, evaluation, NULL), FLT_OK);
}

static void choose(struct flt_evaluation *evaluation, const char *text, const char *sha256)
{
	struct flt_rule rule;
	ck_assert_int_eq(flt_rule_parse(text, &rule, NULL), FLT_OK);
	ck_assert_int_eq(flt_evaluation_choose(evaluation, &rule, sha256, 1, NULL), FLT_OK);
	ck_assert_int_eq(evaluation->detector->rule.kind, rule.kind);
	ck_assert_double_eq(evaluation->figures.chosen.probability, evaluation->detector->choice.threshold);
	ck_assert_double_eq(evaluation->threshold_score, flt_detector_threshold_score(evaluation->detector));
}

START_TEST(file_that_trained_or_chose_is_recognised)
{
	struct flt_table *table = plain_table();
	struct flt_fit_options options = quick();
	struct flt_experiment *experiment = run(table, NULL, 0.2, 0.2, &options);
	struct flt_evaluation evaluation;
	ck_assert_int_eq(flt_experiment_describe(experiment, &(struct flt_table_options){0}, "", NULL), FLT_OK);
	evaluate(experiment, flt_table_sha256(table), &evaluation);
	ck_assert_int_eq(evaluation.evaluated_on, FLT_EVALUATED_FILE);
	ck_assert_int_eq(evaluation.threshold_chosen_on, FLT_CHOSEN_IN_TRAINING);
	ck_assert(evaluation.is_training_data && evaluation.is_starred && evaluation.point_is_starred);
	ck_assert(!evaluation.threshold_is_starred);
	ck_assert_uint_eq(evaluation.n_rows, CSV_ROWS);
	ck_assert_ptr_null(evaluation.rows);
	flt_evaluation_release(&evaluation);

	evaluate(experiment, "another", &evaluation);
	ck_assert(!evaluation.is_training_data && !evaluation.is_starred && !evaluation.point_is_starred);
	choose(&evaluation, "recall>=0.9", "another");
	ck_assert_int_eq(evaluation.threshold_chosen_on, FLT_CHOSEN_ON_EVALUATED);
	ck_assert(!evaluation.is_starred && evaluation.point_is_starred && !evaluation.threshold_is_starred);
	ck_assert_double_ge(evaluation.figures.chosen.recall.value, 0.9);
	ck_assert_str_eq(experiment->detector->provenance.rule_sha256, "another");
	flt_evaluation_release(&evaluation);

	evaluate(experiment, "another", &evaluation); /* later, with the threshold as it is */
	ck_assert_int_eq(evaluation.threshold_chosen_on, FLT_CHOSEN_ON_EVALUATED);
	ck_assert(evaluation.point_is_starred);
	choose(&evaluation, "precision>=0.2", NULL); /* from a pipe, which has no checksum */
	ck_assert_int_eq(evaluation.threshold_chosen_on, FLT_CHOSEN_ON_EVALUATED);
	flt_evaluation_release(&evaluation);

	evaluate(experiment, NULL, &evaluation);
	ck_assert_int_eq(evaluation.threshold_chosen_on, FLT_CHOSEN_IN_TRAINING);
	ck_assert(!evaluation.is_training_data);
	flt_evaluation_release(&evaluation);
	flt_experiment_free(experiment);
	flt_table_free(table);
	ck_assert_uint_eq(flt_alloc_live(), 0);
}
END_TEST

/* A probability and costs come from the user, not from the rows. */
/* By hand from the means over each class: what rows of another prevalence would give. */
START_TEST(figures_for_a_prior_weigh_the_classes)
{
	const double prior = 0.03;
	struct flt_table *table = plain_table();
	struct flt_fit_options options = quick();
	struct flt_experiment *experiment = run(table, NULL, 0.2, 0.2, &options);
	struct flt_file_rows rows = take(experiment);
	struct flt_evaluation evaluation;
	double n[2] = {0}, called[2] = {0}, loss[2] = {0}, probability[2] = {0};
	ck_assert_int_eq(flt_detector_set_prior(experiment->detector, prior, NULL), FLT_OK);
	rows.prior = prior;
	ck_assert_int_eq(flt_evaluation_of_file(experiment->detector, &rows, NULL, 1, &evaluation, NULL), FLT_OK);
	for (size_t i = 0; i < evaluation.n_rows; i++) {
		uint8_t label = evaluation.label[i];
		double log_odds = evaluation.log_odds[i];
		n[label]++;
		called[label] += flt_evaluation_is_positive(&evaluation, i);
		loss[label] += flt_softplus(label ? -log_odds : log_odds);
		probability[label] += flt_sigmoid(log_odds);
	}
	const struct flt_figures *figures = &evaluation.figures;
	double right = prior * called[1] / n[1], wrong = (1 - prior) * called[0] / n[0];
	ck_assert_double_gt(called[1], 0);
	ck_assert_double_eq_tol(figures->chosen.alarms_per_10000.value, 10000 * (right + wrong), 1e-8);
	ck_assert_double_eq_tol(figures->chosen.precision.value, right / (right + wrong), 1e-12);
	ck_assert_double_eq_tol(figures->chosen.recall.value, called[1] / n[1], 1e-12);
	ck_assert_double_eq_tol(figures->log_loss, prior * loss[1] / n[1] + (1 - prior) * loss[0] / n[0], 1e-12);
	ck_assert_double_eq_tol(figures->mean_probability,
	                        prior * probability[1] / n[1] + (1 - prior) * probability[0] / n[0], 1e-12);
	ck_assert_double_eq(figures->chosen.confusion.tp, called[1]); /* rows as they are */
	ck_assert_double_eq(figures->chosen.confusion.fp, called[0]);
	flt_evaluation_release(&evaluation);
	flt_experiment_free(experiment);
	flt_table_free(table);
}
END_TEST

START_TEST(threshold_that_needs_no_rows_leaves_no_trace)
{
	static const char *const rules[] = {"0.25", "cost:1:9"};
	struct flt_table *table = plain_table();
	struct flt_fit_options options = quick();
	struct flt_experiment *experiment = run(table, NULL, 0.2, 0.2, &options);
	for (size_t i = 0; i < 2; i++) {
		struct flt_evaluation evaluation;
		evaluate(experiment, "aa", &evaluation);
		choose(&evaluation, "f1", "bb"); /* whose trace goes too */
		ck_assert_str_eq(experiment->detector->provenance.rule_sha256, "bb");
		choose(&evaluation, rules[i], "aa");
		ck_assert_int_eq(evaluation.threshold_chosen_on, FLT_CHOSEN_IN_TRAINING);
		ck_assert(!evaluation.point_is_starred);
		ck_assert_ptr_null(experiment->detector->provenance.rule_sha256);
		flt_evaluation_release(&evaluation);
	}
	flt_experiment_free(experiment);
	flt_table_free(table);
}
END_TEST

START_TEST(one_class_is_refused_and_nothing_leaks)
{
	struct flt_table *table = plain_table();
	struct flt_fit_options options = quick();
	struct flt_experiment *experiment = run(table, NULL, 0.2, 0.2, &options);
	size_t before = flt_alloc_live();
	struct flt_evaluation evaluation;
	struct flt_error err;
	struct flt_file_rows rows = take(experiment);
	memset(rows.label, 0, rows.n);
	ck_assert_int_eq(flt_evaluation_of_file(experiment->detector, &rows, "aa", 1, &evaluation, &err), FLT_ERR_DATA);
	ck_assert_uint_eq(flt_alloc_live(), before);
	enum flt_status status = FLT_ERR_MACHINE;
	for (unsigned long k = 1; status != FLT_OK; k++) {
		rows = take(experiment);
		flt_alloc_fail_at(k);
		status = flt_evaluation_of_file(experiment->detector, &rows, "aa", 1, &evaluation, &err);
		unsigned long n_allocations = flt_alloc_fail_at(0);
		ck_assert((status == FLT_OK) == (n_allocations < k)); /* no failure goes unnoticed */
		if (status == FLT_OK)
			flt_evaluation_release(&evaluation);
		ck_assert(status == FLT_OK || status == FLT_ERR_MACHINE);
		ck_assert_uint_eq(flt_alloc_live(), before);
	}
	flt_experiment_free(experiment);
	flt_table_free(table);
}
END_TEST

/* Rows looked up and found, and the share that chance gives: real and starred, or not. */
static const struct {
	size_t n_sampled, n_found;
	double by_chance;
	bool is_real, is_starred;
} overlaps[] = {{0, 0, 0, false, false},         {500, 0, 0, false, false},       {500, 400, 0, true, true},
                {500, 400, 0.79, false, false},  {500, 400, 0.7, true, true},     {20000, 100, 0.001, true, false},
                {20000, 400, 0.001, true, true}, {20000, 25, 0.001, false, false}};

START_TEST(rows_used_in_training_are_starred)
{
	struct flt_table *table = plain_table();
	struct flt_fit_options options = quick();
	struct flt_experiment *experiment = run(table, NULL, 0.2, 0.2, &options);
	struct flt_evaluation evaluation;
	struct flt_file_rows rows = take(experiment);
	rows.n_sampled = overlaps[_i].n_sampled;
	rows.n_found = overlaps[_i].n_found;
	experiment->detector->sketch.repeated = overlaps[_i].by_chance;
	ck_assert_int_eq(flt_evaluation_of_file(experiment->detector, &rows, "aa", 1, &evaluation, NULL), FLT_OK);
	ck_assert(evaluation.overlap.is_real == overlaps[_i].is_real);
	ck_assert(evaluation.overlap.is_starred == overlaps[_i].is_starred);
	ck_assert(evaluation.is_starred == overlaps[_i].is_starred);
	flt_evaluation_release(&evaluation);
	flt_experiment_free(experiment);
	flt_table_free(table);
}
END_TEST

/* Reads the file of the table again, as a stream. */
static enum flt_status read_labelled(struct flt_experiment *experiment, const struct csv_file *file, bool drop,
                                     struct flt_labelled_rows *rows, struct flt_stream **stream, struct flt_error *err)
{
	struct flt_stream_options options = {.needs_target = true, .needs_sha256 = true, .n_threads = 1};
	ck_assert_int_eq(flt_stream_open(experiment->detector, file->path, &options, stream, err), FLT_OK);
	*rows = (struct flt_labelled_rows){0};
	return flt_labelled_rows_read(rows, experiment->detector, *stream, drop, err);
}

START_TEST(labelled_rows_of_a_file_are_evaluated)
{
	static struct csv_file file;
	struct flt_table *table = plain_table();
	struct flt_fit_options options = quick();
	struct flt_experiment *experiment = run(table, NULL, 0.2, 0.2, &options);
	struct flt_rule rule;
	struct flt_error err = {0};
	ck_assert_int_eq(flt_experiment_describe(experiment, &(struct flt_table_options){0}, "", NULL), FLT_OK);
	size_t before = flt_alloc_live();
	ck_assert_int_eq(flt_rule_parse("recall>=0.9", &rule, NULL), FLT_OK);
	csv_simulate(&file, 23);
	csv_write(&file);
	for (int with_rule = 0; with_rule < 2; with_rule++) {
		struct flt_labelled_rows rows;
		struct flt_stream *stream;
		struct flt_evaluation evaluation;
		ck_assert_int_eq(read_labelled(experiment, &file, false, &rows, &stream, &err), FLT_OK);
		ck_assert_uint_eq(rows.n, CSV_ROWS);
		ck_assert_uint_eq(rows.n_without_target, 0);
		size_t n_positive = 0;
		for (size_t i = 0; i < CSV_ROWS; i++) {
			ck_assert_int_eq(rows.label[i], file.rows[i].label);
			n_positive += rows.label[i];
		}
		ck_assert_uint_eq(rows.n_positive, n_positive);
		ck_assert_int_eq(flt_labelled_rows_evaluate(&rows, stream, experiment->detector,
		                                            with_rule ? &rule : NULL, 1, &evaluation, &err),
		                 FLT_OK);
		ck_assert_ptr_null(rows.score);
		flt_labelled_rows_release(&rows);
		ck_assert_uint_eq(evaluation.figures.n_positive, n_positive);
		ck_assert_int_eq(evaluation.threshold_chosen_on,
		                 with_rule ? FLT_CHOSEN_ON_EVALUATED : FLT_CHOSEN_IN_TRAINING);
		if (with_rule)
			ck_assert_str_eq(experiment->detector->provenance.rule_sha256, flt_stream_sha256(stream));
		flt_evaluation_release(&evaluation);
		flt_stream_free(stream);
	}
	unlink(file.path);
	flt_free(experiment->detector->provenance.rule_sha256);
	experiment->detector->provenance.rule_sha256 = NULL;
	ck_assert_uint_eq(flt_alloc_live(), before);
	flt_experiment_free(experiment);
	flt_table_free(table);
}
END_TEST

/* Columns that the detector does not use as well; the groups among them become clusters. */
START_TEST(cells_of_other_columns_are_kept_beside_the_scores)
{
	static struct csv_file file;
	static const struct flt_stream_extra extra[] = {{"kind", "--by"}, {"customer", "--group"}};
	struct flt_table *table = plain_table();
	struct flt_fit_options options = quick();
	struct flt_experiment *experiment = run(table, NULL, 0.2, 0.2, &options);
	struct flt_stream_options reading = {.needs_target = true, .extra = extra, .n_extra = 2, .n_threads = 2};
	struct flt_labelled_rows rows = {.group_name = "customer"};
	struct flt_stream *stream;
	struct flt_evaluation evaluation;
	struct flt_error err = {0};
	ck_assert_int_eq(flt_experiment_describe(experiment, &(struct flt_table_options){0}, "", NULL), FLT_OK);
	csv_simulate(&file, 23);
	csv_write(&file);
	ck_assert_int_eq(flt_stream_open(experiment->detector, file.path, &reading, &stream, &err), FLT_OK);
	ck_assert_int_eq(flt_labelled_rows_read(&rows, experiment->detector, stream, false, &err), FLT_OK);
	ck_assert_uint_eq(rows.n_kept, 2);
	for (size_t i = 0; i < CSV_ROWS; i++) {
		const struct flt_kept_column *kind = &rows.kept[0], *customer = &rows.kept[1];
		ck_assert_int_eq(atoi(flt_dictionary_text(&customer->texts, (size_t)customer->code[i]) + 1),
		                 file.rows[i].customer);
		ck_assert_str_eq(flt_dictionary_text(&kind->texts, (size_t)kind->code[i]), file.rows[i].kind);
	}
	ck_assert_int_eq(flt_labelled_rows_evaluate(&rows, stream, experiment->detector, NULL, 1, &evaluation, &err),
	                 FLT_OK);
	ck_assert_uint_eq(evaluation.n_clusters, rows.kept[1].texts.n);
	for (size_t i = 1; i < CSV_ROWS; i++)
		ck_assert((evaluation.cluster[i] == evaluation.cluster[0]) ==
		          (file.rows[i].customer == file.rows[0].customer));
	flt_evaluation_release(&evaluation);
	flt_labelled_rows_release(&rows);
	flt_stream_free(stream);
	reading.extra = &(struct flt_stream_extra){"kinds", "--by"};
	reading.n_extra = 1;
	ck_assert_int_eq(flt_stream_open(experiment->detector, file.path, &reading, &stream, &err), FLT_ERR_USAGE);
	ck_assert_msg(strstr(err.text, ": no column \"kinds\" for --by; did you mean \"kind\"?"), "%s", err.text);
	unlink(file.path);
	flt_experiment_free(experiment);
	flt_table_free(table);
}
END_TEST

/* The last of the further columns; a column that may be lacking is NULL then. */
START_TEST(weights_are_read_beside_the_scores)
{
	static struct csv_file file;
	struct flt_stream_extra extra[] = {{"kind", "--by"}, {"age", NULL}};
	struct flt_table *table = plain_table();
	struct flt_fit_options options = quick();
	struct flt_experiment *experiment = run(table, NULL, 0.2, 0.2, &options);
	struct flt_stream_options reading = {.needs_target = true, .extra = extra, .n_extra = 2, .n_threads = 2};
	ck_assert_int_eq(flt_experiment_describe(experiment, &(struct flt_table_options){0}, "", NULL), FLT_OK);
	csv_simulate(&file, 23);
	file.rows[3].age = 0;
	for (int lacks = 0; lacks < 2; lacks++) {
		extra[1].name = lacks ? "weight" : "age";
		struct flt_labelled_rows rows = {.weight_name = extra[1].name};
		struct flt_stream *stream;
		struct flt_evaluation evaluation;
		struct flt_error err = {0};
		csv_write(&file);
		ck_assert_int_eq(flt_stream_open(experiment->detector, file.path, &reading, &stream, &err), FLT_OK);
		ck_assert_int_eq(flt_labelled_rows_read(&rows, experiment->detector, stream, false, &err), FLT_OK);
		ck_assert_uint_eq(rows.n_kept, 1);
		ck_assert_uint_eq(rows.n_zero_weight, lacks ? 0 : 1);
		ck_assert_uint_eq(rows.n, CSV_ROWS - rows.n_zero_weight);
		ck_assert(!rows.weight == (lacks == 1));
		double all = 0, positive = 0;
		for (size_t i = 0; i < CSV_ROWS; i++) {
			double weight = lacks ? 1 : file.rows[i].age;
			size_t row = i - (!lacks && i > 3);
			all += weight;
			positive += weight * file.rows[i].label;
			if (weight > 0)
				ck_assert_double_eq(lacks ? 1 : rows.weight[row], weight);
			if (weight > 0)
				ck_assert_int_eq(rows.label[row], file.rows[i].label);
		}
		ck_assert_int_eq(
		        flt_labelled_rows_evaluate(&rows, stream, experiment->detector, NULL, 1, &evaluation, &err),
		        FLT_OK);
		ck_assert_double_eq(evaluation.prevalence, positive / all);
		flt_evaluation_release(&evaluation);
		flt_labelled_rows_release(&rows);
		flt_stream_free(stream);
		unlink(file.path);
	}
	flt_experiment_free(experiment);
	flt_table_free(table);
}
END_TEST

/* Reads a file with a column w in these forms, in blocks smaller than the file. */
static enum flt_status read_forms(const struct flt_detector *detector, const char *const forms[4],
                                  struct flt_labelled_rows *rows, struct flt_error *err)
{
	char path[TEMPORARY_SIZE];
	static const struct flt_stream_extra extra[] = {{"w", "--weight"}};
	struct flt_stream_options reading = {
	        .needs_target = true, .extra = extra, .n_extra = 1, .n_threads = 2, .block_size = 500};
	struct flt_stream *stream;
	FILE *out = temporary_file(path);
	fputs("amount,age,kind,w,label\n", out);
	for (int i = 0; i < 200; i++)
		fprintf(out, "%d,%d,web,\"%s\",%d\n", i % 90, 20 + i % 50, forms[i % 4], i % 7 == 0);
	fclose(out);
	*rows = (struct flt_labelled_rows){.weight_name = "w"};
	ck_assert_int_eq(flt_stream_open(detector, path, &reading, &stream, err), FLT_OK);
	enum flt_status status = flt_labelled_rows_read(rows, detector, stream, false, err);
	flt_stream_free(stream);
	unlink(path);
	return status;
}

START_TEST(weights_are_read_in_any_form_of_numbers)
{
	static const char *const forms[][4] = {{"1200.5", "12.25", "0", "3"},
	                                       {"1.200,5", "12,25", "0,0", "3"},
	                                       {"1 200.5", "12.25", "0", "3"},
	                                       {"$1,200.5", "$12.25", "$0", "$3"}};
	static const char *const bad[][5] = {
	        {"1.234", "2.500", "3.125", "123", ": weight \"w\" holds numbers like 1.234 or 1,234, whose mark may"},
	        {"1.234,5", "7,5", "2,5", "1,234.5", ": weight \"w\" holds \"1,234.5\" beside 150 numbers with"},
	        {"1,5", "2,5", "1.000.000.000.000.000,5", "3", ":4: weight \"w\" is 1e+15, but weights lie between"},
	        {"1,5", "(2,5)", "3", "4", ":3: weight \"w\" holds \"(2,5)\", but no row stands for fewer than 0"}};
	static const double expected[] = {1200.5, 12.25, 3};
	struct flt_table *table = plain_table();
	struct flt_fit_options options = quick();
	struct flt_experiment *experiment = run(table, NULL, 0.2, 0.2, &options);
	struct flt_labelled_rows rows;
	struct flt_error err = {0};
	ck_assert_int_eq(flt_experiment_describe(experiment, &(struct flt_table_options){0}, "", NULL), FLT_OK);
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		ck_assert_msg(read_forms(experiment->detector, forms[i], &rows, &err) == FLT_OK, "%s", err.text);
		ck_assert_uint_eq(rows.n, 150);
		ck_assert_uint_eq(rows.n_zero_weight, 50);
		for (size_t row = 0; row < rows.n; row++)
			ck_assert_double_eq(rows.weight[row], expected[row % 3]);
		ck_assert_double_eq(rows.weight_sum, 50 * (1200.5 + 12.25 + 3));
		ck_assert_uint_eq(rows.heaviest, 0);
		ck_assert_uint_eq(rows.place[2].line, 5);
		flt_labelled_rows_release(&rows);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert_int_eq(read_forms(experiment->detector, bad[i], &rows, &err), FLT_ERR_DATA);
		ck_assert_msg(strstr(err.text, bad[i][4]), "%s", err.text);
		flt_labelled_rows_release(&rows);
	}
	flt_experiment_free(experiment);
	flt_table_free(table);
}
END_TEST

START_TEST(labelled_rows_of_one_class_are_refused)
{
	static struct csv_file file;
	static const char *const says[] = {": 0 of its 600 rows are \"1\"; figures need rows of both classes",
	                                   ": 600 of its 600 rows are \"1\"; figures need rows of both classes"};
	struct flt_table *table = plain_table();
	struct flt_fit_options options = quick();
	struct flt_experiment *experiment = run(table, NULL, 0.2, 0.2, &options);
	ck_assert_int_eq(flt_experiment_describe(experiment, &(struct flt_table_options){0}, "", NULL), FLT_OK);
	size_t before = flt_alloc_live();
	for (int label = 0; label < 2; label++) {
		struct flt_labelled_rows rows;
		struct flt_stream *stream;
		struct flt_evaluation evaluation;
		struct flt_error err = {0};
		csv_simulate(&file, 23);
		for (size_t i = 0; i < CSV_ROWS; i++)
			file.rows[i].label = label;
		csv_write(&file);
		ck_assert_int_eq(read_labelled(experiment, &file, false, &rows, &stream, &err), FLT_OK);
		ck_assert_int_eq(
		        flt_labelled_rows_evaluate(&rows, stream, experiment->detector, NULL, 1, &evaluation, &err),
		        FLT_ERR_DATA);
		ck_assert_msg(strstr(err.text, says[label]), "%s", err.text);
		flt_labelled_rows_release(&rows);
		flt_stream_free(stream);
		unlink(file.path);
		ck_assert_uint_eq(flt_alloc_live(), before);
	}
	flt_experiment_free(experiment);
	flt_table_free(table);
}
END_TEST

/* ---- provenance ---- */

START_TEST(provenance_knows_the_prevalence_that_probabilities_are_calibrated_to)
{
	static const struct {
		double validation;
		size_t n_members;
		enum flt_calibration calibrate;
		enum flt_row_role role; /* whose prevalence */
	} cases[] = {
	        {0.2, 1, FLT_CALIBRATE_MAP, FLT_FIT},          /* psi alone: the loss has seen the fit rows */
	        {0.2, 1, FLT_CALIBRATE_PLATT, FLT_VALIDATION}, /* a map fitted on validation rows */
	        {0.2, 1, FLT_CALIBRATE_ISOTONIC, FLT_VALIDATION},
	        {0, 3, FLT_CALIBRATE_PLATT, FLT_FIT}, /* fitted on the fit rows left out */
	};
	struct flt_table_options reading = {.time = "day", .drop = "customer"};
	struct flt_table *table = drifting_table(&reading);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct flt_fit_options options = quick();
		options.n_members = cases[i].n_members;
		options.calibrate = cases[i].calibrate;
		struct flt_experiment *experiment = run(table, NULL, 0.2, cases[i].validation, &options);
		const struct flt_split *split = &experiment->split;
		const struct flt_provenance *made = &experiment->detector->provenance;
		double of[FLT_N_ROW_ROLES] = {0};
		for (size_t role = 0; role < FLT_N_ROW_ROLES; role++)
			if (split->n_rows[role])
				of[role] = (double)split->n_positive[role] / (double)split->n_rows[role];
		ck_assert(of[FLT_FIT] != of[FLT_VALIDATION] && of[FLT_FIT] != of[FLT_TEST] &&
		          of[FLT_VALIDATION] != of[FLT_TEST]);
		ck_assert_int_eq(flt_experiment_describe(experiment, &reading, "a = 1\n", NULL), FLT_OK);
		ck_assert_double_eq(made->prevalence, of[cases[i].role]);
		flt_experiment_free(experiment);
	}
	flt_table_free(table);
}
END_TEST

START_TEST(provenance_tells_where_a_detector_comes_from)
{
	struct flt_table_options reading = {.drop = "day,customer"};
	struct flt_table *table = drifting_table(&reading), *test_table = plain_table();
	struct flt_fit_options options = quick();
	options.train.seed = 9;
	for (int with_test_table = 0; with_test_table < 2; with_test_table++) {
		struct flt_experiment *experiment =
		        run(table, with_test_table ? test_table : NULL, with_test_table ? 0.2 : 0, 0.3, &options);
		const struct flt_provenance *made = &experiment->detector->provenance;
		for (int again = 0; again < 2; again++) { /* replaces what it said before */
			const char *text = again ? "" : "a = 1\n";
			ck_assert_int_eq(flt_experiment_describe(experiment, &reading, text, NULL), FLT_OK);
			ck_assert_ptr_nonnull(made->version);
			ck_assert_str_eq(made->data_sha256, flt_table_sha256(table));
			ck_assert(again ? !made->options : strcmp(made->options, text) == 0);
		}
		ck_assert_uint_eq(made->seed, 9);
		for (size_t role = 0; role < FLT_TEST; role++) {
			ck_assert_uint_eq(made->n_rows[role], experiment->split.n_rows[role]);
			ck_assert_uint_eq(made->n_positive[role], experiment->split.n_positive[role]);
		}
		ck_assert_uint_eq(made->n_rows[FLT_TEST], with_test_table ? CSV_ROWS : 0);
		ck_assert_uint_eq(made->n_positive[FLT_TEST], with_test_table ? flt_table_n_positive(test_table) : 0);
		ck_assert(made->marked == !with_test_table);
		ck_assert_mem_eq(&made->figures, &experiment->evaluation.figures, sizeof made->figures);
		flt_experiment_free(experiment);
	}
	flt_table_free(table);
	flt_table_free(test_table);
	ck_assert_uint_eq(flt_alloc_live(), 0);
}
END_TEST

/* ---- epochs ---- */

START_TEST(epoch_log_is_sorted_by_network_and_epoch)
{
	static const struct {
		size_t member, epoch;
	} as_reported[] = {{1, 1}, {0, 1}, {2, 1}, {0, 2}, {2, 2}, {1, 2}, {2, 3}, {0, 3}, {10, 1}};
	static const struct {
		size_t member, epoch;
	} sorted[] = {{0, 1}, {0, 2}, {0, 3}, {1, 1}, {1, 2}, {2, 1}, {2, 2}, {2, 3}, {10, 1}};
	enum { N = sizeof sorted / sizeof *sorted };
	struct flt_epoch_log log = {0};
	flt_epoch_log_sort(&log);
	for (size_t i = 0; i < N; i++)
		ck_assert_int_eq(flt_epoch_log_add(&log,
		                                   &(struct flt_epoch){.member = as_reported[i].member,
		                                                       .epoch = as_reported[i].epoch,
		                                                       .loss = (double)as_reported[i].epoch / 3},
		                                   NULL),
		                 FLT_OK);
	flt_epoch_log_sort(&log);
	ck_assert_uint_eq(log.n, N);
	for (size_t i = 0; i < N; i++) {
		ck_assert(log.epochs[i].member == sorted[i].member && log.epochs[i].epoch == sorted[i].epoch);
		ck_assert_double_eq(log.epochs[i].loss, (double)sorted[i].epoch / 3);
	}
	flt_alloc_fail_at(1);
	struct flt_error err;
	enum flt_status status = FLT_OK;
	for (size_t i = 0; status == FLT_OK && i < 100; i++)
		status = flt_epoch_log_add(&log, &(struct flt_epoch){0}, &err);
	flt_alloc_fail_at(0);
	ck_assert_int_eq(status, FLT_ERR_MACHINE);
	flt_epoch_log_release(&log);
	ck_assert(log.n == 0 && log.epochs == NULL);
	ck_assert_uint_eq(flt_alloc_live(), 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("evaluation");
	TCase *tests = tcase_create("evaluation");
	tcase_add_test(tests, rows_without_influence_carry_no_star);
	tcase_add_test(tests, evaluation_measures_rows_one_by_one);
	tcase_add_test(tests, experiment_describes_its_table);
	tcase_add_test(tests, file_that_trained_or_chose_is_recognised);
	tcase_add_test(tests, figures_for_a_prior_weigh_the_classes);
	tcase_add_test(tests, threshold_that_needs_no_rows_leaves_no_trace);
	tcase_add_test(tests, one_class_is_refused_and_nothing_leaks);
	tcase_add_loop_test(tests, rows_used_in_training_are_starred, 0, sizeof overlaps / sizeof *overlaps);
	tcase_add_test(tests, labelled_rows_of_a_file_are_evaluated);
	tcase_add_test(tests, cells_of_other_columns_are_kept_beside_the_scores);
	tcase_add_test(tests, weights_are_read_beside_the_scores);
	tcase_add_test(tests, weights_are_read_in_any_form_of_numbers);
	tcase_add_test(tests, labelled_rows_of_one_class_are_refused);
	tcase_add_test(tests, provenance_knows_the_prevalence_that_probabilities_are_calibrated_to);
	tcase_add_test(tests, provenance_tells_where_a_detector_comes_from);
	tcase_add_test(tests, epoch_log_is_sorted_by_network_and_epoch);
	suite_add_tcase(suite, tests);
	return suite;
}
