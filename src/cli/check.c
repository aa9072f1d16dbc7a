/* `check`: read one table or two, look at everything worth knowing before training, apply the gates, report. */
#include <stdio.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/put_in_place.h"
#include "cli/report_output.h"
#include "cli/terminal.h"
#include "report/layout.h"
#include "report/outputs.h"
#include "report/report.h"

struct checking {
	const struct settings *settings;
	struct flt_table *table, *test_table;
	struct flt_outputs outputs;
	struct report_output report;
	FILE *suspects;
	struct flt_gates gates;
	struct flt_check *check;
	struct flt_progress progress;
};

static enum flt_status parse_gates(struct checking *checking, struct flt_error *err)
{
	const struct settings *settings = checking->settings;
	struct flt_error why;
	bool has_test = settings->test_file, has_drift = has_test || settings->table.time;
	enum flt_status status = settings->require ? flt_check_gates_parse(settings->require, has_drift, has_test,
	                                                                   &checking->gates, &why)
	                                           : FLT_OK;
	return status == FLT_OK ? FLT_OK : flt_fail(err, status, "--require: %s", why.text);
}

static enum flt_status read_tables(struct checking *checking, struct flt_error *err)
{
	const struct settings *settings = checking->settings;
	return progress_read_tables(settings, settings->json || settings->report, &checking->table,
	                            &checking->test_table, err);
}

static enum flt_status open_outputs(struct checking *checking, struct flt_error *err)
{
	FLT_TRY(report_output_open(&checking->report, &checking->outputs, checking->settings, err));
	return flt_outputs_open(&checking->outputs, checking->settings->suspects, &checking->suspects, err);
}

/* How long the steps before the trainings take, nobody knows. */
static bool on_progress(void *context, size_t n_done, size_t n_trainings)
{
	struct checking *checking = context;
	if (n_done == 0) {
		checking->progress = progress_begin(checking->settings, "looking");
		return false;
	}
	checking->progress.what = "training";
	progress_on_share(&checking->progress, (double)n_done / (double)n_trainings);
	return false;
}

static enum flt_status look(struct checking *checking, struct flt_error *err)
{
	const struct settings *settings = checking->settings;
	struct flt_check_options options = {.seed = settings->seed, .n_threads = settings->threads};
	checking->progress = progress_begin(settings, "looking");
	enum flt_status status = flt_check_run(checking->table, checking->test_table, &options, on_progress, checking,
	                                       &checking->check, err);
	flt_progress_clear(&checking->progress);
	return status;
}

static enum flt_status write_report(struct checking *checking, const struct flt_report_about *about, const char *failed,
                                    struct flt_error *err)
{
	char *text;
	if (!report_output_is_wanted(&checking->report))
		return FLT_OK;
	FLT_TRY(flt_report_check_json(checking->check, about, checking->settings->require, failed, &text, err));
	return report_output_write(&checking->report, text, err);
}

static enum flt_status report(struct checking *checking, const char *failed, struct flt_error *err)
{
	const struct settings *settings = checking->settings;
	struct flt_report_about about = {
	        .style = terminal_style(stdout), .verbose = settings->verbose, .command = settings->command_line};
	put_in_place_begin(&checking->outputs);
	if (checking->suspects)
		flt_report_suspects(checking->suspects, checking->check);
	checking->report.status = write_report(checking, &about, failed, &checking->report.reason);
	if (!checking->outputs.stdout_taken) {
		flt_report_check_text(stdout, checking->check, &about);
		if (settings->require && !failed)
			flt_say(stdout, "passed     %s\n", settings->require);
	}
	return report_output_put_in_place(&checking->report, &checking->outputs, about.style, err);
}

/* A failed gate is a finding, which the report shows before the program ends with it. */
static enum flt_status conclude(struct checking *checking, struct flt_error *err)
{
	struct flt_error gate, failure = {.status = FLT_OK};
	enum flt_status status = flt_check_gates_apply(&checking->gates, checking->check, &gate);
	failure.status = report(checking, status == FLT_OK ? NULL : gate.text, &failure);
	if (failure.status == FLT_OK && status != FLT_OK)
		flt_fail(&failure, status, "--require: %s", gate.text);
	return report_output_end(&checking->report, &checking->outputs, &failure, err);
}

static enum flt_status check(struct checking *checking, struct flt_error *err)
{
	FLT_TRY(parse_gates(checking, err));
	FLT_TRY(read_tables(checking, err));
	FLT_TRY(open_outputs(checking, err));
	FLT_TRY(look(checking, err));
	return conclude(checking, err);
}

enum flt_status run_check(const struct settings *settings, struct flt_error *err)
{
	struct checking checking = {.settings = settings,
	                            .outputs = {.standard = stdout, .keeps_files = settings->no_clobber}};
	enum flt_status status = check(&checking, err);
	flt_outputs_discard(&checking.outputs);
	flt_check_free(checking.check);
	flt_table_free(checking.table);
	flt_table_free(checking.test_table);
	return status;
}
