#include "report/predict_csv.h"

#include <string.h>

#include "base/number.h"
#include "csv/field.h"
#include "detector/model.h"
#include "report/reasons_csv.h"
#include "table/dictionary.h"
#include "table/own_columns.h"

static enum flt_status append_field(struct flt_text_buffer *buffer, const struct flt_predict_csv *format,
                                    const char *text, struct flt_error *err)
{
	return flt_append_field(buffer, text, strlen(text), format->delimiter, err);
}

static enum flt_status append_number(struct flt_text_buffer *buffer, const struct flt_predict_csv *format,
                                     char text[FLT_NUMBER_SIZE], struct flt_error *err)
{
	char *point = format->decimal == '.' ? NULL : strchr(text, '.');
	if (point)
		*point = format->decimal;
	return flt_text_buffer_append(buffer, text, strlen(text), err);
}

/* Probability, label and score. */
static enum flt_status append_prediction(struct flt_text_buffer *buffer, const struct flt_predict_csv *format,
                                         double score, size_t row, struct flt_error *err)
{
	const struct flt_detector *detector = format->detector;
	char text[FLT_NUMBER_SIZE];
	double probability = flt_detector_probability(detector, score);
	bool positive = format->rows_chose ? flt_detector_is_positive_row(detector, score, row)
	                                   : flt_detector_is_positive(detector, probability);
	flt_number_format(probability, text);
	FLT_TRY(append_number(buffer, format, text, err));
	FLT_TRY(flt_text_buffer_append(buffer, &format->delimiter, 1, err));
	FLT_TRY(append_field(buffer, format, positive ? detector->positive : detector->negative, err));
	FLT_TRY(flt_text_buffer_append(buffer, &format->delimiter, 1, err));
	/* One network's score is a float32: its shortest text reads back as that float. */
	if (detector->n_members > 1)
		flt_number_format(score, text);
	else
		flt_number_format_float((float)score, text);
	return append_number(buffer, format, text, err);
}

static enum flt_status append_start(struct flt_text_buffer *buffer, const struct flt_predict_csv *format,
                                    const struct flt_scored_rows *rows, size_t i, struct flt_error *err)
{
	if (format->keep_records)
		return flt_text_buffer_append(buffer, rows->record[i], rows->record_length[i], err);
	if (rows->id)
		return append_field(buffer, format, rows->id[i] ? rows->id[i] : "", err);
	char text[24], *start = text + sizeof text;
	for (size_t row = rows->row[i]; row > 0; row /= 10)
		*--start = (char)('0' + row % 10);
	return flt_text_buffer_append(buffer, start, (size_t)(text + sizeof text - start), err);
}

static enum flt_status append_delimiters(struct flt_text_buffer *buffer, const struct flt_predict_csv *format, size_t n,
                                         struct flt_error *err)
{
	for (size_t i = 0; i < n; i++)
		FLT_TRY(flt_text_buffer_append(buffer, &format->delimiter, 1, err));
	return FLT_OK;
}

/* A row without a prediction: its error stands behind empty fields. */
static enum flt_status append_error(struct flt_text_buffer *buffer, const struct flt_predict_csv *format,
                                    const char *error, struct flt_error *err)
{
	size_t n_reasons = format->n_reasons > 0 ? FLT_OWN_WHY * format->n_reasons + 1 : 0;
	FLT_TRY(append_delimiters(buffer, format, FLT_N_OWN_COLUMNS + n_reasons, err));
	return append_field(buffer, format, error, err);
}

static enum flt_status append_answer(struct flt_text_buffer *buffer, const struct flt_predict_csv *format,
                                     const struct flt_scored_rows *rows, size_t i, struct flt_text_buffer *words,
                                     struct flt_error *err)
{
	FLT_TRY(append_delimiters(buffer, format, 1, err));
	if (format->has_errors && rows->error[i])
		return append_error(buffer, format, rows->error[i], err);
	FLT_TRY(append_prediction(buffer, format, rows->score[i], rows->n_before + i, err));
	if (format->n_reasons > 0)
		FLT_TRY(flt_reasons_csv_fields(format, rows, i, words, buffer, err));
	return append_delimiters(buffer, format, format->has_errors, err);
}

enum flt_status flt_predict_csv_lines(const struct flt_predict_csv *format, const struct flt_scored_rows *rows,
                                      struct flt_text_buffer *buffer, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	struct flt_text_buffer words = {0};
	for (size_t i = 0; i < rows->n; i++) {
		FLT_TRY_OUT(append_start(buffer, format, rows, i, err));
		FLT_TRY_OUT(append_answer(buffer, format, rows, i, &words, err));
		FLT_TRY_OUT(flt_text_buffer_append(buffer, "\n", 1, err));
	}
out:
	flt_text_buffer_release(&words);
	return status;
}

/* The input's own header. */
static enum flt_status append_columns(struct flt_text_buffer *buffer, const struct flt_predict_csv *format,
                                      const struct flt_stream *stream, struct flt_error *err)
{
	size_t length;
	const char *raw = flt_stream_header(stream, &length);
	if (raw)
		return flt_text_buffer_append(buffer, raw, length, err);
	for (size_t i = 0; i < flt_stream_n_columns(stream); i++) {
		if (i > 0)
			FLT_TRY(flt_text_buffer_append(buffer, &format->delimiter, 1, err));
		FLT_TRY(append_field(buffer, format, flt_stream_column_name(stream, i), err));
	}
	return FLT_OK;
}

static bool is_free(const struct flt_dictionary *taken, size_t scoring, const struct flt_predict_csv *format)
{
	const size_t n_reasons = format->n_reasons;
	bool all = true;
	char name[FLT_OWN_NAME_SIZE];
	for (enum flt_own_column which = 0; which < FLT_N_OWN_COLUMNS; which++) {
		flt_own_column_name(which, scoring, name);
		all &= flt_dictionary_find(taken, name, strlen(name)) < 0;
	}
	flt_own_error_name(scoring, name);
	all &= !format->has_errors || flt_dictionary_find(taken, name, strlen(name)) < 0;
	for (size_t rank = 1; rank <= n_reasons; rank++)
		for (enum flt_own_reason which = 0; which < FLT_N_OWN_REASONS; which++) {
			flt_own_reason_name(which, rank, scoring, name);
			all &= flt_dictionary_find(taken, name, strlen(name)) < 0;
		}
	return all;
}

/* The first number of a scoring whose names are all free: the input may have been scored before, and again. */
static enum flt_status find_scoring(const struct flt_predict_csv *format, const struct flt_stream *stream,
                                    size_t *scoring, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	struct flt_dictionary taken = {0};
	int32_t code;
	*scoring = 0;
	for (size_t i = 0; format->keep_records && i < flt_stream_n_columns(stream); i++) {
		const char *name = flt_stream_column_name(stream, i);
		FLT_TRY_OUT(flt_dictionary_add(&taken, name, strlen(name), &code, err));
	}
	while (!is_free(&taken, *scoring, format))
		++*scoring;
out:
	flt_dictionary_release(&taken);
	return status;
}

static enum flt_status append_error_name(struct flt_text_buffer *buffer, const struct flt_predict_csv *format,
                                         size_t scoring, struct flt_error *err)
{
	char name[FLT_OWN_NAME_SIZE];
	flt_own_error_name(scoring, name);
	FLT_TRY(append_delimiters(buffer, format, 1, err));
	return append_field(buffer, format, name, err);
}

enum flt_status flt_predict_csv_header(const struct flt_predict_csv *format, const struct flt_stream *stream,
                                       struct flt_text_buffer *buffer, struct flt_error *err)
{
	size_t scoring;
	FLT_TRY(find_scoring(format, stream, &scoring, err));
	const char *id = flt_stream_id_name(stream);
	if (format->keep_records)
		FLT_TRY(append_columns(buffer, format, stream, err));
	else
		FLT_TRY(append_field(buffer, format, id ? id : "row", err));
	for (enum flt_own_column which = 0; which < FLT_N_OWN_COLUMNS; which++) {
		char name[FLT_OWN_NAME_SIZE];
		flt_own_column_name(which, scoring, name);
		FLT_TRY(flt_text_buffer_append(buffer, &format->delimiter, 1, err));
		FLT_TRY(flt_text_buffer_append(buffer, name, strlen(name), err));
	}
	if (format->n_reasons > 0)
		FLT_TRY(flt_reasons_csv_header(format, scoring, buffer, err));
	if (format->has_errors)
		FLT_TRY(append_error_name(buffer, format, scoring, err));
	return flt_text_buffer_append(buffer, "\n", 1, err);
}
