#include "cli/scoring.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/over_ranks.h"
#include "cli/terminal.h"
#include "protocol/scoring_ranks.h"
#include "report/layout.h"

enum flt_status scoring_load(const struct settings *settings, struct flt_detector **detector, struct flt_error *err)
{
	enum flt_status status = flt_detector_load(settings->files[0], detector, err);
	for (size_t i = 1; status == FLT_ERR_MODEL && i < settings->n_files; i++) {
		bool is_model;
		if (flt_detector_is_file(settings->files[i], &is_model, NULL) == FLT_OK && is_model)
			return flt_fail(err, FLT_ERR_USAGE, "%s is no model, and %s is one: name the model first",
			                settings->files[0], settings->files[i]);
	}
	return status;
}

struct flt_reading_options scoring_reading(const struct settings *settings)
{
	const struct flt_table_options *table = &settings->table;
	return (struct flt_reading_options){
	        .na = table->na,
	        .numeric = table->numeric,
	        .decimal = options_given(settings, "decimal") ? table->decimal : '\0',
	        .id = table->id,
	        .delimiter = table->delimiter,
	        .header = table->header,
	        .skip_lines = table->skip_lines,
	        .skip_bad_rows = table->skip_bad_rows,
	};
}

enum flt_status scoring_deal(const struct settings *settings, const struct flt_detector *detector,
                             struct flt_stream *stream, struct flt_error *err)
{
	struct flt_scoring_ranks scoring = {.ranks = settings->ranks};
	if (!settings->ranks || !over_ranks_deals(settings))
		return FLT_OK;
	FLT_TRY(flt_scoring_ranks_join(&scoring, detector, stream, err));
	if (*scoring.odd_kernels)
		over_ranks_tell_odd(settings, scoring.odd_rank, scoring.odd_kernels);
	return FLT_OK;
}

static struct flt_shown show(const char *text)
{
	return flt_shown(text, strlen(text));
}

/* Cells of a category that was not learnt, where they are news, but too few to be a change of the column. */
static size_t n_odd(const struct flt_stream *stream, size_t column, const char **first)
{
	size_t n = flt_stream_n_unlearnt(stream, column, first);
	bool is_told = flt_stream_warns_of(stream, column) || flt_stream_unlearnt_is_usual(stream, column);
	return is_told ? 0 : n;
}

/* Those behind the first n_told. */
static void warn_of_changes(const struct flt_stream *stream, size_t n_told)
{
	enum { MAX_COLUMNS = 5 }; /* that are named */
	size_t n = flt_stream_n_warnings(stream);
	for (size_t i = n_told; i < n && i < MAX_COLUMNS; i++)
		warn("%s: %s\n", flt_stream_name(stream), flt_stream_warning(stream, i));
	if (n > MAX_COLUMNS)
		warn("%s: and %zu more columns, listed by --json, are not as in training\n", flt_stream_name(stream),
		     n - MAX_COLUMNS);
}

static void warn_of_unlearnt(const struct flt_stream *stream)
{
	enum { MAX_COLUMNS = 4 }; /* that are named */
	size_t n_cells = 0, n_columns = 0;
	const char *first;
	for (size_t i = 0; i < flt_stream_n_columns(stream); i++)
		n_cells += n_odd(stream, i, &first);
	if (n_cells == 0)
		return;
	warn("%s: %zu cell%s hold%s a category that the model did not learn: fewer "
	     "than 5 training rows had it, or none:",
	     flt_stream_name(stream), n_cells, n_cells == 1 ? "" : "s", n_cells == 1 ? "s" : "");
	for (size_t i = 0; i < flt_stream_n_columns(stream); i++) {
		size_t n = n_odd(stream, i, &first);
		if (n == 0 || ++n_columns > MAX_COLUMNS)
			continue;
		flt_say(stderr, "%s \"%s\" %zu (\"%s\"%s)", n_columns > 1 ? "," : "",
		        show(flt_stream_column_name(stream, i)).text, n, show(first).text, n > 1 ? " ..." : "");
	}
	if (n_columns > MAX_COLUMNS)
		flt_say(stderr, " and %zu more columns", n_columns - MAX_COLUMNS);
	fputc('\n', stderr);
}

void scoring_warn(const struct settings *settings, const struct flt_stream *stream)
{
	size_t n = flt_stream_n_skipped(stream);
	bool is_named = flt_stream_n_files(stream) > 1; /* each remark names its file */
	for (size_t i = 0; i < flt_stream_n_remarks(stream); i++)
		flt_say(stderr, "fltrain: %s%s%s\n", is_named ? "" : flt_stream_name(stream), is_named ? "" : ": ",
		        flt_stream_remark(stream, i));
	if (n > 0)
		warn("%s: skipped %zu record%s with a wrong number of fields: %s\n", flt_stream_name(stream), n,
		     n == 1 ? "" : "s", flt_stream_skipped_lines(stream));
	warn_of_changes(stream, scoring_is_refused(settings, stream) ? 1 : 0);
	warn_of_unlearnt(stream);
}

enum flt_status scoring_check(const struct settings *settings, const struct flt_detector *detector,
                              struct flt_error *err)
{
	if (!settings->strict || flt_detector_has_profile(detector))
		return FLT_OK;
	return flt_fail(err, FLT_ERR_USAGE,
	                "--strict: %s was written by an older fltrain and does not hold what its columns were like in "
	                "training; train again, or leave out --strict",
	                settings->files[0]);
}

static void warn_that_the_rule_stays(const struct settings *settings, const struct flt_detector *detector,
                                     const char *rule)
{
	bool needs_labels = flt_rule_needs(&detector->rule) == FLT_RULE_NEEDS_LABELS;
	warn("%s holds no held-out scores, so its threshold by %s stays at %.3g while the "
	     "probabilities move; train again with rows held out, or give --threshold %s\n",
	     settings->files[0], rule, flt_detector_threshold(detector), needs_labels ? "VALUE" : rule);
}

static void tell_threshold(const struct settings *settings, const struct flt_detector *detector, double before)
{
	char rule[FLT_RULE_TEXT];
	double threshold = flt_detector_threshold(detector);
	enum flt_rule_under_prior how = flt_detector_rule_under_prior(detector);
	flt_detector_rule(detector, rule);
	if (how == FLT_RULE_CANNOT_FOLLOW)
		warn_that_the_rule_stays(settings, detector, rule);
	else if (threshold != before)
		flt_say(stderr, "fltrain: prior: for %.4g positive, the threshold by %s %s from %.4g to %.4g%s\n",
		        flt_detector_prior(detector), rule, how == FLT_RULE_MOVES ? "moves" : "is chosen anew,", before,
		        threshold, how == FLT_RULE_MOVES ? ", so the same rows are positive" : "");
}

enum flt_status scoring_set_prior(const struct settings *settings, struct flt_detector *detector, double prior,
                                  struct flt_error *err)
{
	double before = flt_detector_threshold(detector);
	FLT_TRY(flt_detector_set_prior(detector, prior, err));
	if (!settings->quiet && !options_given(settings, "threshold"))
		tell_threshold(settings, detector, before);
	return FLT_OK;
}

bool scoring_is_refused(const struct settings *settings, const struct flt_stream *stream)
{
	return settings->strict && flt_stream_n_warnings(stream) > 0;
}

enum flt_status scoring_refuse(const struct settings *settings, const struct flt_stream *stream, const char *unwritten,
                               struct flt_error *err)
{
	size_t n = flt_stream_n_warnings(stream);
	char more[80] = "";
	if (n > 1 && settings->quiet)
		snprintf(more, sizeof more, "; and %zu more column%s changed", n - 1, n == 2 ? "" : "s");
	return flt_fail(err, FLT_ERR_DATA,
	                "%s: %s%s; --strict makes this an error: correct the file, or leave out --strict%s%s",
	                flt_stream_name(stream), flt_stream_warning(stream, 0), more, unwritten ? "; " : "",
	                unwritten ? unwritten : "");
}
