#include "report/scored.h"

#include <string.h>

#include "base/alloc.h"
#include "base/number.h"
#include "csv/field.h"

void flt_text_buffer_release(struct flt_text_buffer *buffer)
{
	flt_free(buffer->bytes);
	*buffer = (struct flt_text_buffer){0};
}

static enum flt_status append(struct flt_text_buffer *buffer, const char *bytes, size_t n, struct flt_error *err)
{
	if (flt_grow((void **)&buffer->bytes, &buffer->capacity, buffer->length + n, 1, err) != FLT_OK)
		return FLT_ERR_MACHINE;
	memcpy(buffer->bytes + buffer->length, bytes, n);
	buffer->length += n;
	return FLT_OK;
}

static enum flt_status append_bytes(void *buffer, const char *bytes, size_t n, struct flt_error *err)
{
	return append(buffer, bytes, n, err);
}

static enum flt_status append_field(struct flt_text_buffer *buffer, const struct flt_scored_format *format,
                                    const char *text, struct flt_error *err)
{
	return flt_put_field(text, format->delimiter, append_bytes, buffer, err);
}

static enum flt_status append_number(struct flt_text_buffer *buffer, const struct flt_scored_format *format,
                                     char text[FLT_NUMBER_SIZE], struct flt_error *err)
{
	char *point = format->decimal == '.' ? NULL : strchr(text, '.');
	if (point)
		*point = format->decimal;
	return append(buffer, text, strlen(text), err);
}

/* What is predicted: probability, label, score. */
static enum flt_status append_prediction(struct flt_text_buffer *buffer, const struct flt_scored_format *format,
                                         double score, struct flt_error *err)
{
	const struct flt_detector *detector = format->detector;
	char text[FLT_NUMBER_SIZE];
	double probability = flt_sigmoid(flt_detector_log_odds(detector, score));
	bool positive = flt_detector_is_positive(detector, probability);
	flt_number_format(probability, text);
	if (append_number(buffer, format, text, err) != FLT_OK ||
	    append(buffer, &format->delimiter, 1, err) != FLT_OK ||
	    append_field(buffer, format, positive ? detector->positive : detector->negative, err) != FLT_OK ||
	    append(buffer, &format->delimiter, 1, err) != FLT_OK)
		return FLT_ERR_MACHINE;
	/* One network's score is a float32: its shortest text reads back as that float. */
	if (detector->n_nets > 1)
		flt_number_format(score, text);
	else
		flt_number_format_float((float)score, text);
	if (append_number(buffer, format, text, err) != FLT_OK)
		return FLT_ERR_MACHINE;
	return append(buffer, "\n", 1, err);
}

static enum flt_status append_start(struct flt_text_buffer *buffer, const struct flt_scored_format *format,
                                    const struct flt_scored_rows *rows, size_t i, struct flt_error *err)
{
	if (format->keep_records)
		return append(buffer, rows->record[i], rows->record_length[i], err);
	if (rows->id)
		return append_field(buffer, format, rows->id[i], err);
	char text[24], *start = text + sizeof text;
	for (size_t row = rows->row[i]; row > 0; row /= 10)
		*--start = (char)('0' + row % 10);
	return append(buffer, start, (size_t)(text + sizeof text - start), err);
}

enum flt_status flt_scored_lines(const struct flt_scored_format *format, const struct flt_scored_rows *rows,
                                 struct flt_text_buffer *buffer, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	for (size_t i = 0; status == FLT_OK && i < rows->n; i++) {
		status = append_start(buffer, format, rows, i, err);
		if (status == FLT_OK)
			status = append(buffer, &format->delimiter, 1, err);
		if (status == FLT_OK)
			status = append_prediction(buffer, format, rows->score[i], err);
	}
	return status;
}

/* The input's own header. */
static enum flt_status append_columns(struct flt_text_buffer *buffer, const struct flt_scored_format *format,
                                      const struct flt_csv *csv, struct flt_error *err)
{
	size_t length;
	const char *raw = flt_csv_raw_header(csv, &length);
	if (raw)
		return append(buffer, raw, length, err);
	enum flt_status status = FLT_OK;
	for (size_t i = 0; status == FLT_OK && i < flt_csv_n_columns(csv); i++) {
		if (i > 0)
			status = append(buffer, &format->delimiter, 1, err);
		if (status == FLT_OK)
			status = append_field(buffer, format, flt_csv_column_name(csv, i), err);
	}
	return status;
}

/* A name that the input has already, as when it was scored before, gets the program's in front. */
static enum flt_status append_new_column(struct flt_text_buffer *buffer, const struct flt_scored_format *format,
                                         const struct flt_csv *csv, const char *name, struct flt_error *err)
{
	enum flt_status status = append(buffer, &format->delimiter, 1, err);
	for (size_t i = 0; status == FLT_OK && format->keep_records && i < flt_csv_n_columns(csv); i++) {
		if (strcmp(flt_csv_column_name(csv, i), name) == 0) {
			status = append(buffer, "fltrain_", 8, err);
			break;
		}
	}
	return status == FLT_OK ? append(buffer, name, strlen(name), err) : status;
}

enum flt_status flt_scored_header(const struct flt_scored_format *format, const struct flt_stream *stream,
                                  struct flt_text_buffer *buffer, struct flt_error *err)
{
	static const char *const names[] = {"probability", "label", "score"};
	const struct flt_csv *csv = flt_stream_csv(stream);
	const char *id = flt_stream_id_name(stream);
	enum flt_status status = format->keep_records ? append_columns(buffer, format, csv, err)
	                                              : append_field(buffer, format, id ? id : "row", err);
	for (size_t i = 0; status == FLT_OK && i < sizeof names / sizeof *names; i++)
		status = append_new_column(buffer, format, csv, names[i], err);
	return status == FLT_OK ? append(buffer, "\n", 1, err) : status;
}
