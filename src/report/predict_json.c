/* The JSON of `predict`: what the file held; the predictions themselves are CSV. */
#include "base/log_odds.h"
#include "fltrain/version.h"
#include "report/figures_json.h"
#include "report/report.h"
#include "report/watched_json.h"

static void put_prior(struct flt_json *json, const struct flt_report_prediction *about)
{
	const struct flt_prior *prior = about->prior;
	const char *source = prior ? "estimate" : about->prior_is_given ? "option" : "model";
	flt_json_open_key(json, "prior", '{');
	flt_json_put_number(json, "value", flt_detector_prior(about->detector));
	flt_json_put_text(json, "source", source);
	if (prior) {
		flt_json_put_number(json, "own", prior->own);
		flt_json_put_bool(json, "moves", prior->moves);
		flt_json_put_number(json, "estimate", prior->share);
		flt_json_put_number(json, "lo", prior->lo);
		flt_json_put_number(json, "hi", prior->hi);
		flt_json_put_number(json, "adjusted_count", prior->adjusted_count);
		flt_json_put_number(json, "adjusted_count_lo", prior->adjusted_lo);
		flt_json_put_number(json, "adjusted_count_hi", prior->adjusted_hi);
		flt_json_put_text(json, "declined", prior->why[0] ? prior->why : NULL);
	}
	flt_json_close(json, '}');
}

static void put_reasons(struct flt_json *json, const struct flt_report_prediction *about)
{
	if (!about->reasons) {
		flt_json_put_text(json, "reasons", NULL);
		return;
	}
	double base = flt_reasons_base(about->reasons);
	flt_json_open_key(json, "reasons", '{');
	flt_json_put_count(json, "columns", about->n_reasons);
	flt_json_put_count(json, "background_rows", flt_reasons_n_background(about->reasons));
	flt_json_put_number(json, "base_log_odds", base);
	flt_json_put_number(json, "base_probability", flt_sigmoid(base));
	flt_json_put_number(json, "largest_residual", about->explained->largest_left);
	flt_json_put_number(json, "tolerance", FLT_REASONS_TOLERANCE);
	flt_json_close(json, '}');
}

/* Where top:K or rate:F took some of the rows of equal probability, and not others: how many. */
static void put_rule(struct flt_json *json, const struct flt_detector *detector)
{
	const struct flt_cut *cut = &detector->choice.cut;
	char rule[FLT_RULE_SIZE];
	flt_rule_format(&detector->rule, rule, sizeof rule);
	flt_json_put_number(json, "threshold", flt_detector_threshold(detector));
	flt_json_put_text(json, "rule", rule);
	if (!cut->is_set) {
		flt_json_put_text(json, "ties", NULL);
		return;
	}
	flt_json_open_key(json, "ties", '{');
	flt_json_put_number(json, "probability", cut->probability);
	flt_json_put_count(json, "rows", cut->n_tied);
	flt_json_put_count(json, "positive", cut->n_taken);
	flt_json_close(json, '}');
}

enum flt_status flt_report_predict_json(FILE *out, const struct flt_report_prediction *about, struct flt_error *err)
{
	struct flt_json json = {.err = err};
	const struct flt_stream *stream = about->stream;
	flt_json_open(&json, '{');
	flt_json_put_text(&json, "schema", "fltrain.predict/1");
	flt_json_put_text(&json, "version", flt_version());
	flt_json_put_text(&json, "model", about->model_file);
	flt_json_open_key(&json, "data", '{');
	flt_put_files(&json, stream);
	flt_json_put_count(&json, "rows", flt_stream_n_rows(stream));
	flt_json_put_count(&json, "skipped", flt_stream_n_skipped(stream));
	flt_json_close(&json, '}');
	put_prior(&json, about);
	put_rule(&json, about->detector);
	put_reasons(&json, about);
	flt_json_put_text(&json, "predictions", about->predictions_file);
	flt_put_watched(&json, stream);
	flt_json_close(&json, '}');
	return flt_json_write_line(&json, out);
}
