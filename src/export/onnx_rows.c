#include "export/onnx_rows.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/pool.h"
#include "csv/markers.h"
#include "export/onnx.h"
#include "onnx/run.h"
#include "table/date_cells.h"

enum { CHUNK_ROWS = 256 };

/* Rows that are scored, chunk by chunk, on all threads. */
struct scoring {
	const struct flt_view *view;
	const struct flt_onnx_model *model;
	struct flt_markers markers;
	const char **cells; /* (n, n_columns) */
	size_t n;
	double *log_odds; /* (n) */
	unsigned char *is_positive;
	struct flt_error *errors; /* (n_chunks) of those that failed */
};

/* ---- cells ---- */

/* NaN where it is missing, or is a text that a column of --numeric may have. */
static double number_in(const struct scoring *scoring, const struct flt_view_column *column, const char *cell)
{
	double value = (double)NAN;
	size_t length = strlen(cell);
	if (column->type == FLT_VIEW_NUMBER)
		flt_formatted_cell_read(&scoring->markers, &column->format, cell, length, &value);
	else if (!flt_date_cell_is_missing(&scoring->markers, '.', cell, length) &&
	         !flt_date_read(&column->date, cell, length, &value))
		value = (double)NAN;
	return value;
}

/* The column of n rows from `first` on, as an input of the model. Its values belong to the caller, after a failure too.
 */
static enum flt_status read_column(const struct scoring *scoring, size_t c, size_t first, size_t n,
                                   struct flt_onnx_tensor *input, struct flt_error *err)
{
	const struct flt_view *view = scoring->view;
	const struct flt_view_column *column = &view->columns[c];
	bool is_text = column->type == FLT_VIEW_CATEGORY;
	const char **texts = NULL;
	*input = (struct flt_onnx_tensor){
	        .type = is_text ? FLT_ONNX_STRING : FLT_ONNX_DOUBLE, .n_dims = 2, .dims = {n, 1}, .n = n};
	if (is_text)
		input->texts = texts = flt_alloc(n, sizeof *texts, err);
	else
		input->numbers = flt_alloc(n, sizeof *input->numbers, err);
	FLT_TRY_MEMORY(is_text ? (const void *)texts : (const void *)input->numbers);
	for (size_t i = 0; i < n; i++) {
		const char *cell = scoring->cells[(first + i) * view->n_columns + c];
		if (is_text)
			texts[i] = flt_leading_blanks(cell, strlen(cell)) == strlen(cell) ? "" : cell;
		else
			input->numbers[i] = number_in(scoring, column, cell);
	}
	return FLT_OK;
}

/* ---- chunks ---- */

static enum flt_status take_outputs(const struct scoring *scoring, size_t first, size_t n,
                                    const struct flt_onnx_tensor outputs[FLT_ONNX_N_OUTPUTS], struct flt_error *err)
{
	for (size_t o = 0; o < FLT_ONNX_N_OUTPUTS; o++)
		if (outputs[o].n_dims != 2 || outputs[o].n != n)
			return flt_fail(err, FLT_ERR_MODEL, "the ONNX file gives no column of %zu rows", n);
	for (size_t i = 0; i < n; i++) {
		scoring->log_odds[first + i] = outputs[FLT_ONNX_LOG_ODDS].numbers[i];
		scoring->is_positive[first + i] = outputs[FLT_ONNX_LABEL].numbers[i] != 0;
	}
	return FLT_OK;
}

static enum flt_status score_rows(const struct scoring *scoring, size_t first, size_t n, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t n_inputs = scoring->view->n_columns;
	struct flt_onnx_tensor outputs[FLT_ONNX_N_OUTPUTS] = {{0}};
	struct flt_onnx_tensor *inputs = flt_alloc_zero(n_inputs, sizeof *inputs, err);
	FLT_TRY_MEMORY(inputs);
	for (size_t c = 0; c < n_inputs; c++)
		FLT_TRY_OUT(read_column(scoring, c, first, n, &inputs[c], err));
	FLT_TRY_OUT(flt_onnx_run(scoring->model, inputs, outputs, err));
	status = take_outputs(scoring, first, n, outputs, err);
out:
	for (size_t c = 0; c < n_inputs; c++) {
		flt_free(inputs[c].numbers);
		flt_free((void *)inputs[c].texts);
	}
	for (size_t o = 0; o < FLT_ONNX_N_OUTPUTS; o++)
		flt_free(outputs[o].numbers);
	flt_free(inputs);
	return status;
}

static void score_chunk(void *context, size_t chunk, size_t worker)
{
	const struct scoring *scoring = context;
	size_t first = chunk * CHUNK_ROWS, left = scoring->n - first;
	(void)worker;
	if (score_rows(scoring, first, left < CHUNK_ROWS ? left : CHUNK_ROWS, &scoring->errors[chunk]) == FLT_OK)
		scoring->errors[chunk].status = FLT_OK;
}

static enum flt_status score_chunks(struct scoring *scoring, unsigned n_threads, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t n_chunks = (scoring->n + CHUNK_ROWS - 1) / CHUNK_ROWS;
	struct flt_pool *pool;
	FLT_TRY(flt_pool_new(n_threads, &pool, err));
	scoring->errors = flt_alloc_zero(n_chunks, sizeof *scoring->errors, err);
	FLT_TRY_MEMORY_OUT(scoring->errors);
	flt_pool_run(pool, n_chunks, score_chunk, scoring);
	for (size_t i = 0; i < n_chunks && status == FLT_OK; i++)
		if (scoring->errors[i].status != FLT_OK)
			status = flt_fail(err, scoring->errors[i].status, "%s", scoring->errors[i].text);
out:
	flt_free(scoring->errors);
	flt_pool_free(pool);
	return status;
}

/* ---- all of it ---- */

static enum flt_status find_cells(struct scoring *scoring, const struct flt_export_rows *rows, struct flt_error *err)
{
	const char *at = rows->cells;
	scoring->cells = flt_alloc(rows->n, rows->n_columns * sizeof *scoring->cells, err);
	FLT_TRY_MEMORY(scoring->cells);
	for (size_t i = 0; i < rows->n * rows->n_columns; i++) {
		scoring->cells[i] = at;
		at += strlen(at) + 1;
	}
	return FLT_OK;
}

enum flt_status flt_onnx_score(const struct flt_view *view, const struct flt_export_options *options,
                               const struct flt_text_buffer *body, const struct flt_text_buffer *header,
                               const struct flt_export_rows *rows, double *log_odds, unsigned char *is_positive,
                               struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	struct flt_onnx_model *model = NULL;
	struct scoring scoring = {.view = view, .n = rows->n, .log_odds = log_odds, .is_positive = is_positive};
	(void)options;
	(void)header;
	FLT_TRY_OUT(flt_markers_init(view->detector->input.na, &scoring.markers, err));
	FLT_TRY_OUT(find_cells(&scoring, rows, err));
	FLT_TRY_OUT(flt_onnx_model_new(body->bytes, body->length, &model, err));
	if (model->n_inputs != view->n_columns || model->n_outputs != FLT_ONNX_N_OUTPUTS)
		FLT_TRY_OUT(flt_fail(err, FLT_ERR_MODEL, "the ONNX file has other inputs and outputs than the model"));
	scoring.model = model;
	status = score_chunks(&scoring, rows->n_threads, err);
out:
	flt_onnx_model_free(model);
	flt_free((void *)scoring.cells);
	flt_markers_release(&scoring.markers);
	return status;
}
