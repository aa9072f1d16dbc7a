#include "protocol/labelled.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/encoding.h"
#include "base/text.h"
#include "detector/sketch.h"

struct reading {
	struct flt_labelled_rows *rows;
	const struct flt_detector *detector;
	const struct flt_stream *stream;
	const char *file; /* of the rows at hand */
	bool drop_missing_target;
	struct flt_class_index *classes; /* that the detector lists */
};

static struct flt_shown show(const char *text)
{
	return flt_shown(text, strlen(text));
}

static enum flt_status fail_missing(const struct reading *reading, const char *text, size_t line, struct flt_error *err)
{
	const char *file = reading->file;
	struct flt_shown target = show(reading->detector->target);
	if (*text)
		return flt_fail(
		        err, FLT_ERR_DATA,
		        "%s:%zu: target \"%s\" holds \"%s\", a missing marker: correct it, or leave such rows out "
		        "with --missing-target drop",
		        file, line, target.text, show(text).text);
	return flt_fail(err, FLT_ERR_DATA,
	                "%s:%zu: target \"%s\" has no value here: fill it in, or leave such rows out with "
	                "--missing-target drop",
	                file, line, target.text);
}

static enum flt_status fail_class(const struct reading *reading, const char *text, const char *alike, size_t line,
                                  struct flt_error *err)
{
	const struct flt_detector *detector = reading->detector;
	const char *file = reading->file;
	struct flt_shown target = show(detector->target);
	const char *remedy = alike ? flt_encoding_remedy(text, alike) : NULL;
	if (remedy)
		return flt_fail(err, FLT_ERR_DATA,
		                "%s:%zu: target \"%s\" holds \"%s\", while class \"%s\" of the model is %s", file, line,
		                target.text, show(text).text, show(alike).text, remedy);
	if (alike)
		return flt_fail(
		        err, FLT_ERR_DATA,
		        "%s:%zu: target \"%s\" holds \"%s\", which differs from class \"%s\" of the model only in "
		        "upper and lower case or in blanks: write it so, too",
		        file, line, target.text, show(text).text, show(alike).text);
	return flt_fail(err, FLT_ERR_DATA,
	                "%s:%zu: target \"%s\" holds \"%s\", but the model knows \"%s\" and \"%s\"; correct it", file,
	                line, target.text, show(text).text, detector->negative, detector->positive);
}

/* What to think of a text that the target column holds for the first time. */
static enum flt_status judge(const struct reading *reading, const char *text, size_t line, struct flt_label_text *about,
                             struct flt_error *err)
{
	const struct flt_detector *detector = reading->detector;
	enum flt_target_class class;
	const char *alike;
	*about = (struct flt_label_text){.is_missing = flt_stream_is_missing(reading->stream, text) &&
	                                               !flt_class_index_lists(reading->classes, text)};
	if (about->is_missing)
		return reading->drop_missing_target ? FLT_OK : fail_missing(reading, text, line, err);
	FLT_TRY(flt_detector_class_of(detector, reading->classes, text, &class, &alike, err));
	about->is_positive = class == FLT_CLASS_POSITIVE;
	about->is_new = class == FLT_CLASS_UNKNOWN;
	if (alike || (about->is_new && detector->input.n_negative > 0))
		return fail_class(reading, text, alike, line, err);
	return FLT_OK;
}

static size_t n_of_sample(const struct flt_labelled_rows *rows)
{
	return rows->sample ? rows->sample->n_names : 0;
}

/* Keeps the extra cells of the row that comes next. */
static enum flt_status keep_cells(struct flt_labelled_rows *rows, const char *const *cells, struct flt_error *err)
{
	cells += n_of_sample(rows);
	for (size_t i = 0; i < rows->n_kept; i++) {
		struct flt_kept_column *kept = &rows->kept[i];
		if (!cells[i])
			continue;
		FLT_TRY(flt_grow((void **)&kept->code, &kept->capacity, rows->n + 1, sizeof *kept->code, err));
		FLT_TRY(flt_dictionary_add(&kept->texts, cells[i], strlen(cells[i]), &kept->code[rows->n], err));
	}
	return FLT_OK;
}

static bool has_weights(const struct flt_labelled_rows *rows, const struct flt_scored_rows *scored)
{
	return rows->weight_name && scored->n > 0 && scored->extra[scored->n_extra - 1];
}

static const char *weight_text(const struct flt_scored_rows *scored, size_t i)
{
	return scored->extra[(i + 1) * scored->n_extra - 1];
}

/* Whether the row stands for none. */
static enum flt_status has_zero_weight(const struct reading *reading, const struct flt_scored_rows *scored, size_t i,
                                       bool *is_zero, struct flt_error *err)
{
	const char *text = weight_text(scored, i);
	const struct flt_weight_cell cell = {
	        .file = scored->file,
	        .column = reading->rows->weight_name,
	        .line = scored->line[i],
	        .decimal = flt_stream_decimal(reading->stream),
	        .is_missing = flt_stream_is_missing(reading->stream, text),
	};
	return flt_weight_look(&cell, text, strlen(text), is_zero, err);
}

/* The markers are none: no weight is missing. */
static const struct flt_markers no_markers;

static enum flt_status keep_weight(const struct reading *reading, const struct flt_scored_rows *scored, size_t i,
                                   struct flt_error *err)
{
	struct flt_labelled_rows *rows = reading->rows;
	const char *text = weight_text(scored, i);
	const struct flt_cell_place place = {scored->file, rows->weight_name, scored->line[i], &no_markers,
	                                     flt_stream_decimal(reading->stream)};
	rows->place[rows->n] = (struct flt_row_place){scored->file, scored->line[i]};
	return flt_column_add(&rows->weight_texts, text, strlen(text), &place, err);
}

/* Makes numbers of the weights' texts, once all are read. */
static enum flt_status settle_weights(const struct reading *reading, struct flt_error *err)
{
	struct flt_labelled_rows *rows = reading->rows;
	const struct flt_finding_rules rules = {.markers = &no_markers,
	                                        .decimal = flt_stream_decimal(reading->stream),
	                                        .delimiter = flt_stream_delimiter(reading->stream)};
	const struct flt_weight_column column = {flt_stream_name(reading->stream), rows->weight_name,
	                                         &rows->weight_texts};
	char place[512];
	if (!rows->place || rows->n == 0)
		return FLT_OK;
	FLT_TRY(flt_weights_settle(&column, &rules, err));
	size_t wrong = flt_weights_find_wrong(rows->weight_texts.numbers, rows->n);
	if (wrong != SIZE_MAX) {
		snprintf(place, sizeof place, "%s:%zu", rows->place[wrong].file, rows->place[wrong].line);
		return flt_weight_fail_range(place, rows->weight_name, rows->weight_texts.numbers[wrong], err);
	}
	rows->weight = rows->weight_texts.numbers;
	rows->weight_texts.numbers = NULL;
	for (size_t i = 0; i < rows->n; i++) {
		rows->weight_sum += rows->weight[i];
		if (rows->weight[i] > rows->weight[rows->heaviest])
			rows->heaviest = i;
	}
	return FLT_OK;
}

/* Whether the row was among those that made the detector. */
static void look_up(struct flt_labelled_rows *rows, const struct flt_sketch *sketch, double hash)
{
	if (!flt_sketch_samples(sketch, hash))
		return;
	rows->n_sampled++;
	rows->n_found += flt_sketch_holds(sketch, hash);
}

/* Finds out what the text in the target column says of a row. */
static enum flt_status read_class(const struct reading *reading, const struct flt_scored_rows *scored, size_t i,
                                  struct flt_label_text *about, struct flt_error *err)
{
	struct flt_labelled_rows *rows = reading->rows;
	const char *text = scored->target[i];
	size_t n_known = rows->texts.n;
	int32_t code;
	FLT_TRY(flt_dictionary_add(&rows->texts, text, strlen(text), &code, err));
	FLT_TRY(flt_grow((void **)&rows->about, &rows->about_capacity, rows->texts.n, sizeof *rows->about, err));
	if (rows->texts.n > n_known)
		FLT_TRY(judge(reading, text, scored->line[i], &rows->about[code], err));
	rows->about[code].n_rows++;
	*about = rows->about[code];
	return FLT_OK;
}

static enum flt_status add_row(const struct reading *reading, const struct flt_scored_rows *scored, size_t i,
                               struct flt_error *err)
{
	struct flt_labelled_rows *rows = reading->rows;
	struct flt_label_text about = {0};
	bool is_zero = false;
	if (has_weights(rows, scored))
		FLT_TRY(has_zero_weight(reading, scored, i, &is_zero, err));
	if (is_zero) {
		rows->n_zero_weight++;
		return FLT_OK;
	}
	if (rows->has_target)
		FLT_TRY(read_class(reading, scored, i, &about, err));
	if (about.is_missing) {
		rows->n_without_target++;
		return FLT_OK;
	}
	if (rows->sample)
		FLT_TRY(flt_explain_sample_offer(rows->sample, rows->n, scored->score[i], rows->has_target,
		                                 about.is_positive, scored->extra + i * scored->n_extra, err));
	FLT_TRY(keep_cells(rows, scored->extra + i * scored->n_extra, err));
	if (has_weights(rows, scored))
		FLT_TRY(keep_weight(reading, scored, i, err));
	if (scored->hash)
		look_up(rows, &reading->detector->sketch, scored->hash[i]);
	rows->score[rows->n] = scored->score[i];
	rows->label[rows->n++] = about.is_positive;
	rows->n_positive += about.is_positive;
	return FLT_OK;
}

static enum flt_status add_block(void *context, size_t n_chunks, const struct flt_scored_rows *scored,
                                 struct flt_error *err)
{
	struct reading *reading = context;
	struct flt_labelled_rows *rows = reading->rows;
	size_t n = rows->n + scored->n;
	(void)n_chunks;
	reading->file = scored->file;
	rows->has_target = scored->target;
	if (!rows->kept) {
		rows->n_kept = scored->n_extra - n_of_sample(rows) - (rows->weight_name ? 1 : 0);
		rows->kept = flt_alloc_zero(rows->n_kept, sizeof *rows->kept, err);
		FLT_TRY_MEMORY(rows->kept);
	}
	FLT_TRY(flt_grow((void **)&rows->score, &rows->score_capacity, n, sizeof *rows->score, err));
	FLT_TRY(flt_grow((void **)&rows->label, &rows->label_capacity, n, sizeof *rows->label, err));
	if (has_weights(rows, scored)) {
		FLT_TRY(flt_grow((void **)&rows->place, &rows->place_capacity, n, sizeof *rows->place, err));
		FLT_TRY(flt_column_reserve(&rows->weight_texts, n, err));
	}
	for (size_t i = 0; i < scored->n; i++)
		FLT_TRY(add_row(reading, scored, i, err));
	return FLT_OK;
}

enum flt_status flt_labelled_rows_read(struct flt_labelled_rows *rows, const struct flt_detector *detector,
                                       struct flt_stream *stream, bool drop_missing_target, struct flt_error *err)
{
	struct flt_class_index classes = {0};
	struct reading reading = {rows, detector, stream, NULL, drop_missing_target, &classes};
	enum flt_status status;
	struct flt_stream_visitor visitor = {.context = &reading, .on_block = add_block};
	rows->has_target = true;
	flt_column_init(&rows->weight_texts, FLT_READ_FIND);
	flt_column_read_texts(&rows->weight_texts);
	FLT_TRY_OUT(flt_detector_index_classes(detector, &classes, err));
	FLT_TRY_OUT(flt_stream_run(stream, &visitor, err));
	status = settle_weights(&reading, err);
out:
	flt_class_index_release(&classes);
	return status;
}

void flt_labelled_rows_release(struct flt_labelled_rows *rows)
{
	flt_free(rows->score);
	flt_free(rows->label);
	flt_free(rows->weight);
	flt_free(rows->place);
	flt_column_release(&rows->weight_texts);
	flt_free(rows->about);
	for (size_t i = 0; rows->kept && i < rows->n_kept; i++) {
		flt_dictionary_release(&rows->kept[i].texts);
		flt_free(rows->kept[i].code);
	}
	flt_free(rows->kept);
	flt_dictionary_release(&rows->texts);
	*rows = (struct flt_labelled_rows){0};
}

void flt_labelled_rows_list_new(const struct flt_labelled_rows *rows, char list[FLT_NEW_LABELS_SIZE])
{
	enum { ROOM = 96 }; /* for one more and the dots */
	size_t used = 0;
	list[0] = '\0';
	for (size_t i = 0; i < rows->texts.n; i++) {
		const char *joint = used > 0 ? ", " : "";
		if (!rows->about[i].is_new)
			continue;
		if (used + ROOM > FLT_NEW_LABELS_SIZE) {
			snprintf(list + used, FLT_NEW_LABELS_SIZE - used, ", ...");
			return;
		}
		used += (size_t)snprintf(list + used, FLT_NEW_LABELS_SIZE - used, "%s\"%s\" (%zu)", joint,
		                         show(flt_dictionary_text(&rows->texts, i)).text, rows->about[i].n_rows);
	}
}

struct flt_heaviest_warning flt_labelled_rows_heaviest(const struct flt_labelled_rows *rows)
{
	char place[512] = "";
	if (!rows->weight || rows->n == 0)
		return (struct flt_heaviest_warning){""};
	const struct flt_row_place *heaviest = &rows->place[rows->heaviest];
	snprintf(place, sizeof place, "%s:%zu: this row", heaviest->file, heaviest->line);
	return flt_heaviest_warning(place, rows->weight_name, rows->weight[rows->heaviest] / rows->weight_sum, rows->n);
}

static enum flt_status check_classes(const struct flt_labelled_rows *rows, const struct flt_stream *stream,
                                     const struct flt_detector *detector, struct flt_error *err)
{
	char new[FLT_NEW_LABELS_SIZE], also[FLT_NEW_LABELS_SIZE + 80] = "";
	const char *file = flt_stream_name(stream);
	if (rows->n == 0)
		return flt_fail(err, FLT_ERR_DATA, "%s: has no rows to evaluate; choose another file", file);
	if (rows->n_positive > 0 && rows->n_positive < rows->n)
		return FLT_OK;
	flt_labelled_rows_list_new(rows, new);
	if (new[0])
		snprintf(also, sizeof also, ", while training did not see its labels %s", new);
	return flt_fail(err, FLT_ERR_DATA,
	                "%s: %zu of its %zu rows are \"%s\"%s; figures need rows of both classes, so choose another "
	                "file",
	                file, rows->n_positive, rows->n, detector->positive, also);
}

enum flt_status flt_labelled_rows_clusters(const struct flt_labelled_rows *rows, const struct flt_stream *stream,
                                           size_t **cluster, size_t *n_clusters, struct flt_error *err)
{
	const struct flt_kept_column *kept = rows->group_name && rows->n > 0 ? &rows->kept[rows->n_kept - 1] : NULL;
	*cluster = NULL;
	*n_clusters = 0;
	if (!kept || !kept->code)
		return FLT_OK;
	*cluster = flt_alloc(rows->n, sizeof **cluster, err);
	FLT_TRY_MEMORY(*cluster);
	*n_clusters = kept->texts.n;
	for (size_t i = 0; i < rows->n; i++) {
		size_t code = (size_t)kept->code[i];
		bool is_missing = flt_stream_is_missing(stream, flt_dictionary_text(&kept->texts, code));
		(*cluster)[i] = is_missing ? (*n_clusters)++ : code;
	}
	return FLT_OK;
}

static void take_rows(struct flt_labelled_rows *rows, struct flt_file_rows *taken)
{
	*taken = (struct flt_file_rows){.n = rows->n,
	                                .score = rows->score,
	                                .label = rows->label,
	                                .weight = rows->weight,
	                                .prior = rows->prior,
	                                .n_sampled = rows->n_sampled,
	                                .n_found = rows->n_found};
	rows->score = NULL;
	rows->label = NULL;
	rows->weight = NULL;
}

enum flt_status flt_labelled_rows_evaluate(struct flt_labelled_rows *rows, const struct flt_stream *stream,
                                           struct flt_detector *detector, const struct flt_rule *rule,
                                           unsigned n_threads, struct flt_evaluation *evaluation, struct flt_error *err)
{
	const char *sha256 = flt_stream_sha256(stream);
	enum flt_status status = FLT_OK;
	struct flt_file_rows taken;
	take_rows(rows, &taken);
	*evaluation = (struct flt_evaluation){0};
	FLT_TRY_OUT(check_classes(rows, stream, detector, err));
	FLT_TRY_OUT(flt_labelled_rows_clusters(rows, stream, &taken.cluster, &taken.n_clusters, err));
	FLT_TRY_OUT(flt_evaluation_of_file(detector, &taken, sha256, n_threads, evaluation, err));
	if (rule)
		FLT_TRY_OUT(flt_evaluation_choose(evaluation, rule, sha256, n_threads, err));
out:
	flt_free(taken.score);
	flt_free(taken.label);
	flt_free(taken.weight);
	flt_free(taken.cluster);
	if (status != FLT_OK)
		flt_evaluation_release(evaluation);
	return status;
}
