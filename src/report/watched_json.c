#include "report/watched_json.h"

#include "detector/watch.h"

static void put_quantiles(struct flt_json *json, const double *quantiles)
{
	flt_json_open_key(json, "quantiles", '[');
	for (size_t i = 0; i < FLT_PROFILE_QUANTILES; i++)
		flt_json_number(json, quantiles[i]);
	flt_json_close(json, ']');
}

static void put_number(struct flt_json *json, const struct flt_watched *watched)
{
	const struct flt_seen *seen = watched->seen;
	if (watched->column->profile.n_rows > 0) {
		flt_json_put_count(json, "below_range", seen->n_below);
		flt_json_put_count(json, "above_range", seen->n_above);
		flt_json_put_count(json, "below_1_percent", seen->n_low);
		flt_json_put_count(json, "above_99_percent", seen->n_high);
	}
	flt_json_put_count(json, "sampled", watched->n_values);
	if (watched->n_values > 0)
		put_quantiles(json, watched->quantiles);
}

static void put_category(struct flt_json *json, const struct flt_watched *watched)
{
	const struct flt_prep_column *column = watched->column;
	flt_json_put_count(json, "unlearnt", flt_seen_n_unlearnt(watched->seen, column->n_levels));
	flt_json_put_text(json, "first_unlearnt", watched->first_unlearnt);
	flt_json_open_key(json, "levels", '[');
	for (size_t i = 0; i < column->n_levels; i++) {
		flt_json_open(json, '{');
		flt_json_put_text(json, "level", column->levels[i]);
		flt_json_put_count(json, "rows", watched->seen->levels[i]);
		if (column->profile.n_rows > 0)
			flt_json_put_count(json, "training_rows", column->profile.level_rows[i]);
		flt_json_close(json, '}');
	}
	flt_json_close(json, ']');
}

/* null for a model that was written before there were profiles. */
static void put_training(struct flt_json *json, const struct flt_prep_column *column)
{
	const struct flt_profile *profile = &column->profile;
	if (profile->n_rows == 0) {
		flt_json_put_text(json, "training", NULL);
		return;
	}
	flt_json_open_key(json, "training", '{');
	flt_json_put_count(json, "rows", profile->n_rows);
	flt_json_put_count(json, "missing", profile->n_missing);
	if (column->use == FLT_USED_NUMERIC)
		put_quantiles(json, profile->quantiles);
	else
		flt_json_put_count(json, "unlearnt", flt_profile_n_other(profile, column->n_levels));
	flt_json_close(json, '}');
}

static void put_column(struct flt_json *json, const struct flt_watched *watched)
{
	bool is_number = watched->column->use == FLT_USED_NUMERIC;
	flt_json_open(json, '{');
	flt_json_put_text(json, "column", watched->column->name);
	flt_json_put_text(json, "type", flt_column_type_words[watched->column->type]);
	flt_json_put_count(json, "missing", watched->seen->n_missing);
	if (is_number)
		put_number(json, watched);
	else
		put_category(json, watched);
	put_training(json, watched->column);
	flt_json_close(json, '}');
}

static void put_warnings(struct flt_json *json, const struct flt_watch *watch)
{
	flt_json_open_key(json, "warnings", '[');
	for (size_t i = 0; i < flt_watch_n_changes(watch); i++) {
		const struct flt_change *change = flt_watch_change(watch, i);
		size_t column = flt_watch_changed_column(watch, i);
		flt_json_open(json, '{');
		flt_json_put_text(json, "column", flt_change_name(flt_watch_column(watch, column)->column));
		flt_json_put_text(json, "kind", flt_change_words[change->kind]);
		flt_json_put_text(json, "text", change->text);
		flt_json_close(json, '}');
	}
	flt_json_close(json, ']');
}

void flt_put_files(struct flt_json *json, const struct flt_stream *stream)
{
	flt_json_put_text(json, "file", flt_stream_name(stream));
	flt_json_open_key(json, "files", '[');
	for (size_t i = 0; i < flt_stream_n_files(stream); i++)
		flt_json_text(json, flt_stream_file_name(stream, i));
	flt_json_close(json, ']');
}

void flt_put_watched(struct flt_json *json, const struct flt_stream *stream)
{
	const struct flt_watch *watch = flt_stream_watch(stream);
	flt_json_open_key(json, "columns", '[');
	for (size_t c = 0; c < flt_watch_n_columns(watch); c++) {
		const struct flt_watched *watched = flt_watch_column(watch, c);
		if (watched->column->use == FLT_USED_NUMERIC || watched->column->use == FLT_USED_CATEGORICAL)
			put_column(json, watched);
	}
	flt_json_close(json, ']');
	flt_json_open_key(json, "percent", '[');
	for (size_t i = 0; i < FLT_PROFILE_QUANTILES; i++)
		flt_json_count(json, flt_profile_percent[i]);
	flt_json_close(json, ']');
	put_warnings(json, watch);
}
