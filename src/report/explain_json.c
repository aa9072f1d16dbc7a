/* The report of `explain` for programs: the same keys as in that of evaluate, where both have them. */
#include <math.h>

#include "detector/watch.h"
#include "fltrain/version.h"
#include "report/data_json.h"
#include "report/explanation_json.h"
#include "report/figures_json.h"
#include "report/labelled_json.h"
#include "report/unused.h"
#include "report/watched_json.h"

static void put_labels(struct flt_json *json, const struct flt_report_explanation *about)
{
	const struct flt_labelled_rows *labels = about->labels;
	flt_json_key(json, "positives");
	if (labels->has_target)
		flt_json_count(json, labels->n_positive);
	else
		flt_json_text(json, NULL);
	flt_json_put_number(json, "prevalence", about->explanation->prevalence);
	if (labels->weight_name && labels->weight)
		flt_put_weights(json, labels->weight_name, labels->weight, labels->label, labels->n,
		                labels->n_zero_weight);
	flt_put_new_labels(json, labels);
}

static void put_unused(struct flt_json *json, const struct flt_report_explanation *about)
{
	flt_json_open_key(json, "unused", '[');
	for (size_t i = 0; i < flt_stream_n_columns(about->stream); i++)
		if (flt_column_is_unused(about, i))
			flt_json_text(json, flt_stream_column_name(about->stream, i));
	flt_json_close(json, ']');
}

enum flt_status flt_report_explain_json(const struct flt_report_explanation *about, char **text, struct flt_error *err)
{
	struct flt_json json = {.err = err};
	const struct flt_detector *detector = about->detector;
	const struct flt_report_origin origin = {.command = about->about.command,
	                                         .seed = about->seed,
	                                         .data_sha256 = about->data_sha256,
	                                         .model_sha256 = *detector->file_sha256 ? detector->file_sha256 : NULL};
	const struct flt_labelled_rows *labels = about->labels;
	struct flt_overlap overlap = flt_overlap_of(detector, labels->n_sampled, labels->n_found);
	flt_json_open(&json, '{');
	flt_json_put_text(&json, "schema", "fltrain.explain/1");
	flt_json_put_text(&json, "version", flt_version());
	flt_json_put_text(&json, "judged", about->explained_model);
	flt_json_open_key(&json, "data", '{');
	flt_put_files(&json, about->stream);
	flt_json_put_text(&json, "sha256", about->data_sha256);
	flt_json_put_bool(&json, "is_training_data", flt_is_training_data(detector, about->data_sha256));
	flt_put_overlap(&json, &overlap);
	flt_json_put_count(&json, "rows", labels->n);
	flt_json_put_text(&json, "target", detector->target);
	flt_json_put_text(&json, "positive", detector->positive);
	flt_json_put_text(&json, "negative", detector->negative);
	put_labels(&json, about);
	put_unused(&json, about);
	flt_json_close(&json, '}');
	flt_put_watched(&json, about->stream);
	flt_put_explanation(&json, about->explanation);
	flt_put_reproduce(&json, &origin);
	flt_json_close(&json, '}');
	return flt_json_take_line(&json, text);
}
