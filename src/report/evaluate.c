/* The report of `evaluate`, for people and as JSON: the same figures as in the report of train. */
#include "fltrain/version.h"
#include "report/figures_json.h"
#include "report/figures_text.h"
#include "report/report.h"

void flt_report_evaluate_text(FILE *out, const struct flt_experiment *experiment,
                              const struct flt_report_evaluation *evaluation)
{
	const struct flt_detector *detector = experiment->detector;
	const struct flt_figures *figures = &experiment->figures;
	struct flt_layout layout = {.out = out, .bold = evaluation->about.bold};
	flt_layout_heading(&layout, "model");
	flt_layout_item(&layout, "", "%s", evaluation->evaluated_model);
	flt_layout_heading(&layout, "data");
	flt_layout_item(&layout, "", "%s: %zu rows", evaluation->data_file, figures->n_rows);
	flt_layout_item(&layout, "; ", "target %s", flt_quoted(detector->target).text);
	flt_layout_item(&layout, ", ", "positive %s: %zu row%s (%s)", flt_quoted(detector->positive).text,
	                figures->n_positive, flt_plural(figures->n_positive),
	                flt_share(flt_ratio(figures->n_positive, figures->n_rows)).text);
	flt_say_figures(&layout, experiment, &evaluation->about);
	flt_layout_end(&layout);
}

/* The same keys as in the report of train, where both have them. */
enum flt_status flt_report_evaluate_json(FILE *out, const struct flt_experiment *experiment,
                                         const struct flt_report_evaluation *evaluation, struct flt_error *err)
{
	struct flt_json json = {.err = err};
	size_t n_positive = experiment->figures.n_positive, n_rows = experiment->figures.n_rows;
	flt_json_open(&json, '{');
	flt_json_put_text(&json, "schema", "fltrain.evaluate/1");
	flt_json_put_text(&json, "version", flt_version());
	flt_json_put_text(&json, "judged", evaluation->evaluated_model);
	flt_json_open_key(&json, "data", '{');
	flt_json_put_text(&json, "file", evaluation->data_file);
	flt_json_put_text(&json, "sha256", evaluation->data_sha256);
	flt_json_put_bool(&json, "is_training_data", experiment->is_training_data);
	flt_json_put_count(&json, "rows", n_rows);
	flt_json_put_text(&json, "target", experiment->detector->target);
	flt_json_put_text(&json, "positive", experiment->detector->positive);
	flt_json_put_text(&json, "negative", experiment->detector->negative);
	flt_json_put_count(&json, "positives", n_positive);
	flt_json_put_number(&json, "prevalence", (double)n_positive / (double)n_rows);
	flt_json_close(&json, '}');
	flt_put_figures(&json, experiment);
	flt_put_majority(&json, experiment);
	flt_json_open_key(&json, "gates", '{');
	flt_json_put_text(&json, "require", evaluation->require);
	flt_json_key(&json, "passed");
	if (evaluation->require)
		flt_json_bool(&json, !evaluation->failed);
	else
		flt_json_text(&json, NULL);
	flt_json_put_text(&json, "failed", evaluation->failed);
	flt_json_close(&json, '}');
	flt_put_model_file(&json, &evaluation->about);
	flt_json_close(&json, '}');
	return flt_json_write_line(&json, out);
}
