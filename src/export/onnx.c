#include "export/onnx.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"
#include "fltrain/version.h"
#include "export/onnx_parts.h"

static const char *const output_names[] = {
        [FLT_ONNX_PROBABILITY] = "probability", [FLT_ONNX_LABEL] = "label", [FLT_ONNX_LOG_ODDS] = "log_odds"};

static const char *const type_words[] = {
        [FLT_VIEW_NUMBER] = "number", [FLT_VIEW_CATEGORY] = "category", [FLT_VIEW_DATE] = "date"};

/* ---- names ---- */

static enum flt_status check_texts(const struct flt_view *view, struct flt_error *err)
{
	for (size_t c = 0; c < view->n_columns; c++)
		if (!flt_json_is_utf8(view->columns[c].name))
			return flt_fail(err, FLT_ERR_MODEL,
			                "the model's column %zu has a name that is not UTF-8, which an ONNX file "
			                "needs: rename it and "
			                "train again, or use --to c",
			                c + 1);
	for (size_t v = 0; v < view->n_values; v++)
		for (size_t i = 0; i < view->values[v].n_levels; i++)
			if (!flt_json_is_utf8(view->values[v].levels[i]))
				return flt_fail(err, FLT_ERR_MODEL,
				                "column \"%s\" has a category that is not UTF-8, which an ONNX file "
				                "needs: train on a file in UTF-8, or use --to c",
				                view->columns[view->values[v].column].name);
	return FLT_OK;
}

/* Dots, one more than the name of any column begins with. */
static enum flt_status make_prefix(const struct flt_view *view, char **prefix, struct flt_error *err)
{
	size_t most = 0;
	for (size_t c = 0; c < view->n_columns; c++) {
		size_t n = strspn(view->columns[c].name, ".");
		most = n > most ? n : most;
	}
	*prefix = flt_alloc(most + 2, 1, err);
	FLT_TRY_MEMORY(*prefix);
	memset(*prefix, '.', most + 1);
	(*prefix)[most + 1] = '\0';
	return FLT_OK;
}

static bool is_column(const struct flt_view *view, const char *name)
{
	bool is_one = false;
	for (size_t c = 0; c < view->n_columns; c++)
		is_one |= strcmp(view->columns[c].name, name) == 0;
	return is_one;
}

/* An output's name, with as many underscores as it takes to be that of no column. */
static enum flt_status name_output(const struct flt_view *view, const char *word, char **name, struct flt_error *err)
{
	size_t length = strlen(word);
	*name = flt_alloc(length + view->n_columns + 1, 1, err);
	FLT_TRY_MEMORY(*name);
	memcpy(*name, word, length + 1);
	while (is_column(view, *name)) {
		(*name)[length++] = '_';
		(*name)[length] = '\0';
	}
	return FLT_OK;
}

/* ---- inputs and outputs ---- */

static void put_inputs(struct flt_onnx_graph *graph, const struct flt_view *view)
{
	static const char *const about[] = {
	        [FLT_VIEW_NUMBER] = "a number; NaN: missing",
	        [FLT_VIEW_CATEGORY] = "a category; empty or a marker: missing",
	        [FLT_VIEW_DATE] = "seconds from 1970-01-01 00:00 to the date as written; NaN: missing"};
	for (size_t c = 0; c < view->n_columns; c++) {
		enum flt_view_type type = view->columns[c].type;
		flt_onnx_input(graph, c, type == FLT_VIEW_CATEGORY ? FLT_ONNX_STRING : FLT_ONNX_DOUBLE, about[type]);
	}
}

/* A threshold is mostly the probability of a row, which float sums in another order may put just below it, and of an
 * isotonic map that of many rows. So it is lower here by a little, in log-odds. */
static double lowered(double threshold)
{
	const double little = 1e-5;
	return threshold > 0 && threshold < 1 ? flt_sigmoid(flt_logit(threshold) - little) : threshold;
}

static void put_outputs(struct flt_onnx_graph *graph, const struct flt_view *view, size_t log_odds,
                        char *const names[FLT_ONNX_N_OUTPUTS])
{
	size_t probability = flt_onnx_sigmoid(graph, log_odds);
	size_t threshold = flt_onnx_double(graph, lowered(view->detector->choice.threshold));
	size_t is_positive = flt_onnx_of_two(graph, "GreaterOrEqual", probability, threshold);
	size_t label = flt_onnx_cast(graph, is_positive, FLT_ONNX_INT64);
	flt_onnx_output(graph, probability, names[FLT_ONNX_PROBABILITY], FLT_ONNX_DOUBLE,
	                "probability of the positive class");
	flt_onnx_output(graph, label, names[FLT_ONNX_LABEL], FLT_ONNX_INT64,
	                "1: the probability reaches the threshold");
	flt_onnx_output(graph, log_odds, names[FLT_ONNX_LOG_ODDS], FLT_ONNX_DOUBLE, "ln(p / (1 - p))");
}

/* ---- metadata ---- */

static void put_columns_json(const struct flt_view *view, struct flt_json *json)
{
	flt_json_open(json, '[');
	for (size_t c = 0; c < view->n_columns; c++) {
		flt_json_open(json, '{');
		flt_json_put_text(json, "name", view->columns[c].name);
		flt_json_put_text(json, "type", type_words[view->columns[c].type]);
		flt_json_close(json, '}');
	}
	flt_json_close(json, ']');
}

/* Texts of an ONNX file are UTF-8; of others nothing depends on it. */
static void put_text(struct flt_onnx_graph *graph, const char *key, const char *text)
{
	if (flt_json_is_utf8(text))
		flt_onnx_metadata(graph, key, text);
}

static enum flt_status put_metadata(struct flt_onnx_graph *graph, const struct flt_view *view, struct flt_error *err)
{
	const struct flt_detector *detector = view->detector;
	struct flt_json json = {.err = err};
	char threshold[32];
	put_columns_json(view, &json);
	char *columns = flt_json_take(&json);
	FLT_TRY_MEMORY(columns);
	snprintf(threshold, sizeof threshold, "%.17g", detector->choice.threshold);
	flt_onnx_metadata(graph, "columns", columns);
	put_text(graph, "target", detector->target);
	put_text(graph, "positive", detector->positive);
	put_text(graph, "negative", detector->negative);
	flt_onnx_metadata(graph, "threshold", threshold);
	flt_onnx_metadata(graph, "model_sha256", detector->file_sha256);
	flt_free(columns);
	return FLT_OK;
}

/* ---- the graph ---- */

static enum flt_status put_graph(struct flt_onnx_graph *graph, const struct flt_view *view,
                                 char *const names[FLT_ONNX_N_OUTPUTS], struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t log_odds = 0;
	size_t *x = flt_alloc(view->n_preps, sizeof *x, err), *logits = flt_alloc(view->n_members, sizeof *logits, err);
	FLT_TRY_MEMORY_OUT(x && logits);
	put_inputs(graph, view);
	FLT_TRY_OUT(flt_onnx_prepare(graph, view, x, err));
	for (size_t m = 0; m < view->n_members; m++)
		FLT_TRY_OUT(flt_onnx_network(graph, &view->members[m], x[view->members[m].prep], &logits[m], err));
	FLT_TRY_OUT(flt_onnx_log_odds(graph, view, logits, &log_odds, err));
	put_outputs(graph, view, log_odds, names);
	status = put_metadata(graph, view, err);
out:
	flt_free(x);
	flt_free(logits);
	return status;
}

static enum flt_status write_model(const struct flt_view *view, const char *name, struct flt_text_buffer *bytes,
                                   struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	struct flt_onnx_graph graph = {0};
	char *prefix = NULL, *names[FLT_ONNX_N_OUTPUTS] = {NULL};
	FLT_TRY(check_texts(view, err));
	const char **inputs = flt_alloc(view->n_columns, sizeof *inputs, err);
	FLT_TRY_MEMORY(inputs);
	for (size_t c = 0; c < view->n_columns; c++)
		inputs[c] = view->columns[c].name;
	FLT_TRY_OUT(make_prefix(view, &prefix, err));
	for (int i = 0; i < FLT_ONNX_N_OUTPUTS; i++)
		FLT_TRY_OUT(name_output(view, output_names[i], &names[i], err));
	flt_onnx_graph_init(&graph, inputs, view->n_columns, prefix, err);
	FLT_TRY_OUT(put_graph(&graph, view, names, err));
	status = flt_onnx_finish(&graph, name, flt_version(), "fraud detector; made by fltrain export", bytes, err);
out:
	flt_onnx_graph_release(&graph);
	for (int i = 0; i < FLT_ONNX_N_OUTPUTS; i++)
		flt_free(names[i]);
	flt_free(prefix);
	flt_free((void *)inputs);
	return status;
}

enum flt_status flt_onnx_write(const struct flt_view *view, const struct flt_export_options *options,
                               struct flt_text_buffer *body, struct flt_text_buffer *header, size_t *n_bytes,
                               struct flt_error *err)
{
	const char *slash = strrchr(options->path, '/'), *name = slash ? slash + 1 : options->path;
	(void)header;
	FLT_TRY(write_model(view, flt_json_is_utf8(name) ? name : "model.onnx", body, err));
	*n_bytes = body->length;
	return FLT_OK;
}
