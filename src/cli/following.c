#include "cli/following.h"

#include "cli/interrupt.h"
#include "cli/terminal.h"
#include "report/layout.h"

enum flt_status following_check(const struct settings *settings, bool needs_two_passes, struct flt_error *err)
{
	if (!settings->follow)
		return FLT_OK;
	if (settings->n_files > 2)
		return flt_fail(
		        err, FLT_ERR_USAGE,
		        "--follow: takes one input; give one of the %zu files, or all through a pipe: cat FILES | "
		        "fltrain predict --follow MODEL",
		        settings->n_files - 1);
	if (settings->estimate_prior)
		return flt_fail(
		        err, FLT_ERR_USAGE,
		        "--follow and --prior estimate: each row is answered before the next is read; give --prior "
		        "the share as a number, or leave out --follow");
	if (needs_two_passes)
		return flt_fail(err, FLT_ERR_USAGE,
		                "--follow and --threshold %s: each row is answered before the next is read; give "
		                "--threshold a probability, or leave out --follow",
		                options_text(settings, "threshold"));
	if (settings->json)
		return flt_fail(
		        err, FLT_ERR_USAGE,
		        "--follow and --json: figures are of all rows, which need not end; leave one of them out");
	if (settings->table.skip_lines > 0)
		return flt_fail(err, FLT_ERR_USAGE,
		                "--follow and --skip-lines: the header comes first; leave one of them out");
	return FLT_OK;
}

enum flt_status following_check_output(const struct settings *settings, const struct flt_outputs *outputs,
                                       struct flt_error *err)
{
	if (!settings->follow || flt_outputs_any_is_seen(outputs))
		return FLT_OK;
	return flt_fail(
	        err, FLT_ERR_USAGE,
	        "--follow and -o %s: the file would appear at the end only; leave out -o and write > %s, or leave "
	        "out --follow",
	        settings->output, settings->output);
}

void following_begin(void)
{
	interrupt_will_say("all answers so far are whole");
	interrupt_ends_service();
}

enum flt_status following_count(const struct settings *settings, const struct flt_scored_rows *rows, size_t *n_unscored,
                                struct flt_error *err)
{
	for (size_t i = 0; rows->error && i < rows->n; i++) {
		if (rows->error[i] && settings->strict)
			return flt_fail(err, FLT_ERR_DATA, "%s", rows->error[i]);
		*n_unscored += rows->error[i] != NULL;
	}
	return FLT_OK;
}

void following_end(const struct settings *settings, const struct flt_stream *stream, size_t n_unscored)
{
	if (n_unscored > 0 && !settings->quiet)
		warn("%s: %zu of %zu rows got no prediction: see their column error\n", flt_stream_name(stream),
		     n_unscored, flt_stream_n_rows(stream));
}
