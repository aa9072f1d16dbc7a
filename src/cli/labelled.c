#include "cli/labelled.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/progress.h"
#include "cli/scoring.h"
#include "cli/table_warnings.h"
#include "cli/terminal.h"
#include "report/layout.h"

/* A column of training may be missing, one that was asked for may not. Returns its name, or NULL. */
static const char *add_known(struct flt_stream_extra *columns, size_t *n, const char *given, const char *trained,
                             const char *option)
{
	const char *name = given ? given : trained;
	if (name)
		columns[(*n)++] = (struct flt_stream_extra){name, given ? option : NULL};
	return name;
}

/* The columns of groups and weights, in this order, if there are any. Names them in rows. Returns how many they are. */
static size_t known_columns(const struct settings *settings, const struct flt_detector *detector,
                            struct flt_labelled_rows *rows, struct flt_stream_extra columns[MOST_KNOWN_COLUMNS])
{
	size_t n = 0;
	const struct flt_input *trained = &detector->input;
	rows->group_name = add_known(columns, &n, settings->table.group, trained->group, "--group");
	if (settings->table.weight || !options_given(settings, "weight")) /* not --weight none */
		rows->weight_name = add_known(columns, &n, settings->table.weight, trained->weight, "--weight");
	return n;
}

static void warn_of_heaviest(const struct flt_labelled_rows *rows)
{
	struct flt_heaviest_warning warning = flt_labelled_rows_heaviest(rows);
	if (*warning.text)
		warn("%s\n", warning.text);
}

static void warn_of_rows(const struct flt_detector *detector, const struct flt_stream *stream,
                         const struct flt_labelled_rows *rows)
{
	const char *file = flt_stream_name(stream);
	char new_labels[FLT_NEW_LABELS_SIZE];
	flt_labelled_rows_list_new(rows, new_labels);
	if (new_labels[0])
		warn("%s: labels that training did not see count as \"%s\": %s\n", file,
		     flt_detector_negative(detector), new_labels);
	if (rows->n_without_target > 0)
		warn("%s: left out %zu row%s without a target\n", file, rows->n_without_target,
		     rows->n_without_target == 1 ? "" : "s");
	if (rows->n_zero_weight > 0)
		warn("%s: left out %zu row%s of weight 0\n", file, rows->n_zero_weight,
		     rows->n_zero_weight == 1 ? "" : "s");
	if (rows->weight_name && !rows->weight && rows->n > 0)
		warn("%s: no column \"%s\", which held the weights in training: each row counts "
		     "as one, as with --weight none\n",
		     file, flt_shown(rows->weight_name, strlen(rows->weight_name)).text);
	warn_of_heaviest(rows);
	if (rows->group_name && rows->n > 0 && !rows->kept[rows->n_kept - 1].code)
		warn("%s: no column \"%s\", by which rows hung together in training: the "
		     "intervals "
		     "take each row by itself\n",
		     file, flt_shown(rows->group_name, strlen(rows->group_name)).text);
}

enum flt_status labelled_read(const struct labelled_reading *reading, struct flt_labelled_rows *rows,
                              struct flt_stream **stream, struct flt_error *err)
{
	const struct settings *settings = reading->settings;
	const struct flt_detector *detector = reading->detector;
	size_t n_known = known_columns(settings, detector, rows, reading->extra + reading->n_extra);
	const struct flt_stream_options options = {
	        .reading = scoring_reading(settings),
	        .needs_target = true,
	        .may_lack_target = reading->may_lack_target,
	        .needs_sha256 = true,
	        .needs_hashes = true,
	        .extra = reading->extra,
	        .n_extra = reading->n_extra + n_known,
	        .n_threads = settings->threads,
	};
	FLT_TRY(flt_stream_open_files(detector, settings->files + 1, settings->n_files - 1, &options, stream, err));
	FLT_TRY(scoring_deal(settings, detector, *stream, err));
	tell_of_wide_scoring(settings, settings->files + 1, settings->n_files - 1, *stream);
	struct flt_progress progress = progress_start(settings, "scoring");
	flt_stream_tell_share(*stream, progress_on_share, &progress);
	enum flt_status status =
	        flt_labelled_rows_read(rows, detector, *stream, settings->table.drop_missing_target, err);
	flt_stream_tell_share(*stream, NULL, NULL);
	flt_progress_clear(&progress);
	FLT_TRY(status);
	if (settings->quiet)
		return FLT_OK;
	scoring_warn(settings, *stream);
	warn_of_rows(detector, *stream, rows);
	return FLT_OK;
}
