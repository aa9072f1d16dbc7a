/* The report of `evaluate`, for people and as JSON: the same figures as in the report of train. */
#include "fltrain/version.h"
#include "report/data_json.h"
#include "report/data_text.h"
#include "report/explanation_json.h"
#include "report/figures_json.h"
#include "report/figures_text.h"
#include "report/labelled_json.h"
#include "report/report.h"
#include "report/slices.h"
#include "report/watched_json.h"

void flt_report_evaluate_text(FILE *out, const struct flt_evaluation *evaluation,
                              const struct flt_report_evaluation *about)
{
	const struct flt_detector *detector = evaluation->detector;
	const struct flt_figures *figures = &evaluation->figures;
	double share = (double)figures->n_positive / (double)figures->n_rows;
	struct flt_layout layout = {.out = out, .style = about->about.style};
	flt_layout_heading(&layout, "model");
	flt_layout_item(&layout, "", "%s", about->evaluated_model);
	flt_layout_heading(&layout, "data");
	flt_layout_item(&layout, "", "%s: %zu rows", flt_stream_name(about->stream), figures->n_rows);
	flt_layout_item(&layout, "; ", "target %s", flt_quoted(detector->target).text);
	flt_layout_item(&layout, ", ", "positive %s: %zu row%s (%s)", flt_quoted(detector->positive).text,
	                figures->n_positive, flt_plural(figures->n_positive), flt_share(share).text);
	if (about->labels && about->labels->weight_name && evaluation->weight)
		flt_say_weights(&layout, about->labels->weight_name, evaluation->weight, evaluation->label,
		                evaluation->n_rows);
	flt_say_figures(&layout, evaluation, &about->about);
	if (about->slices)
		flt_say_slices(&layout, about->slices, evaluation->point_is_starred);
	flt_layout_end(&layout);
}

/* The same keys as in the report of train, where both have them. */
enum flt_status flt_report_evaluate_json(const struct flt_evaluation *evaluation,
                                         const struct flt_report_evaluation *about, char **text, struct flt_error *err)
{
	struct flt_json json = {.err = err};
	const char *file_sha256 = evaluation->detector->file_sha256;
	const struct flt_report_origin origin = {.command = about->about.command,
	                                         .seed = evaluation->seed,
	                                         .data_sha256 = about->data_sha256,
	                                         .model_sha256 = *file_sha256 ? file_sha256 : NULL};
	size_t n_positive = evaluation->figures.n_positive, n_rows = evaluation->figures.n_rows;
	flt_json_open(&json, '{');
	flt_json_put_text(&json, "schema", "fltrain.evaluate/1");
	flt_json_put_text(&json, "version", flt_version());
	flt_json_put_text(&json, "judged", about->evaluated_model);
	flt_json_open_key(&json, "data", '{');
	flt_put_files(&json, about->stream);
	flt_json_put_text(&json, "sha256", about->data_sha256);
	flt_json_put_bool(&json, "is_training_data", evaluation->is_training_data);
	flt_put_overlap(&json, &evaluation->overlap);
	flt_json_put_count(&json, "rows", n_rows);
	flt_json_put_text(&json, "target", evaluation->detector->target);
	flt_json_put_text(&json, "positive", evaluation->detector->positive);
	flt_json_put_text(&json, "negative", evaluation->detector->negative);
	flt_json_put_count(&json, "positives", n_positive);
	flt_json_put_number(&json, "prevalence", evaluation->prevalence);
	if (about->labels && about->labels->weight_name && evaluation->weight)
		flt_put_weights(&json, about->labels->weight_name, evaluation->weight, evaluation->label,
		                evaluation->n_rows, about->labels->n_zero_weight);
	flt_put_new_labels(&json, about->labels);
	flt_json_close(&json, '}');
	flt_put_watched(&json, about->stream);
	flt_put_figures(&json, evaluation);
	flt_put_majority(&json, evaluation);
	flt_put_slices(&json, about->slices);
	flt_put_explanation(&json, about->about.explanation);
	flt_json_open_key(&json, "gates", '{');
	flt_json_put_text(&json, "require", about->require);
	flt_json_key(&json, "passed");
	if (about->require)
		flt_json_bool(&json, !about->failed);
	else
		flt_json_text(&json, NULL);
	flt_json_put_text(&json, "failed", about->failed);
	flt_json_close(&json, '}');
	flt_put_model_file(&json, &about->about);
	flt_put_reproduce(&json, &origin);
	flt_json_close(&json, '}');
	return flt_json_take_line(&json, text);
}
