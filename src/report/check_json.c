/* The report of `check` as JSON, and the rows whose label is suspicious as CSV. */
#include <math.h>

#include "csv/field.h"
#include "fltrain/version.h"
#include "report/data_json.h"
#include "report/figures_json.h"
#include "report/report.h"

static void put_null(struct flt_json *json, const char *key)
{
	flt_json_put_text(json, key, NULL);
}

static void put_strength(struct flt_json *json, const char *key, const struct flt_strength *strength)
{
	if (!strength->is_measured) {
		put_null(json, key);
		return;
	}
	flt_json_open_key(json, key, '{');
	flt_put_interval(json, "ap", &strength->ap);
	flt_put_interval(json, "roc_auc", &strength->roc_auc);
	flt_put_interval(json, "missing_ap", &strength->missing_ap);
	flt_json_put_number(json, "chance", strength->chance);
	flt_json_close(json, '}');
}

static void put_summary(struct flt_json *json, const struct flt_column_summary *summary)
{
	flt_json_put_count(json, "distinct", summary->n_distinct);
	flt_json_put_number(json, "min", summary->n_top ? (double)NAN : summary->min);
	flt_json_put_number(json, "median", summary->n_top ? (double)NAN : summary->median);
	flt_json_put_number(json, "max", summary->n_top ? (double)NAN : summary->max);
	flt_json_open_key(json, "top", '[');
	for (size_t i = 0; i < summary->n_top; i++) {
		flt_json_open(json, '{');
		flt_json_put_text(json, "text", summary->top[i].text);
		flt_json_put_count(json, "rows", summary->top[i].n);
		flt_json_close(json, '}');
	}
	flt_json_close(json, ']');
}

static void put_drift_of(struct flt_json *json, const struct flt_drift_column *column)
{
	flt_json_open_key(json, "drift", '{');
	flt_json_put_bool(json, "drifts", column->drifts);
	put_strength(json, "strength", &column->strength);
	flt_json_open_key(json, "missing", '[');
	flt_json_count(json, column->n_missing[0]);
	flt_json_count(json, column->n_missing[1]);
	flt_json_close(json, ']');
	flt_json_open_key(json, "median", '[');
	flt_json_number(json, column->level ? (double)NAN : column->median[0]);
	flt_json_number(json, column->level ? (double)NAN : column->median[1]);
	flt_json_close(json, ']');
	flt_json_put_text(json, "level", column->level);
	flt_json_open_key(json, "level_rows", '[');
	flt_json_count(json, column->n_level[0]);
	flt_json_count(json, column->n_level[1]);
	flt_json_close(json, ']');
	flt_json_put_count(json, "unseen", column->n_unseen);
	flt_json_close(json, '}');
}

static void put_units(struct flt_json *json, const struct flt_check *check, size_t index)
{
	const struct flt_mixed_units *units = &check->units[index];
	if (!(units->factor > 0)) {
		put_null(json, "units");
		return;
	}
	flt_json_open_key(json, "units", '{');
	flt_json_put_number(json, "factor", units->factor);
	flt_json_put_number(json, "share", units->share);
	flt_json_open_key(json, "median", '[');
	flt_json_number(json, units->median[0]);
	flt_json_number(json, units->median[1]);
	flt_json_close(json, ']');
	flt_json_put_count(json, "first", flt_table_row_number(check->table, units->first));
	flt_json_close(json, '}');
}

static void put_column(struct flt_json *json, const struct flt_check *check, size_t index)
{
	struct flt_column column = flt_table_column(check->table, index);
	flt_json_open(json, '{');
	flt_json_put_text(json, "name", column.name);
	flt_json_put_text(json, "type", flt_column_type_words[column.type]);
	flt_json_put_text(json, "use", flt_column_use_words[flt_prep_use(check->prep, index)]);
	flt_json_put_text(json, "left_out", flt_prep_column(check->prep, index).reason);
	flt_json_put_text(json, "remark", column.remark);
	flt_json_put_text(json, "spread", flt_prep_column(check->prep, index).spread);
	flt_json_put_count(json, "missing", column.n_missing);
	put_summary(json, &check->summary[index]);
	put_strength(json, "strength", &check->strength[index]);
	put_units(json, check, index);
	if (check->has_drift)
		put_drift_of(json, &check->drift.columns[index]);
	flt_json_close(json, '}');
}

static void put_data(struct flt_json *json, const struct flt_check *check)
{
	struct flt_data_view view = flt_view_of_check(check);
	flt_json_open_key(json, "data", '{');
	flt_put_data(json, &view);
	flt_json_close(json, '}');
}

static void put_leaks(struct flt_json *json, const struct flt_check *check)
{
	flt_json_open_key(json, "leaks", '[');
	for (size_t i = 0; i < check->leaks.n; i++) {
		const struct flt_leak *leak = &check->leaks.leak[i];
		flt_json_open(json, '{');
		flt_json_put_text(json, "name", flt_table_column(check->table, leak->column).name);
		flt_json_put_bool(json, "by_missing", leak->by_missing);
		put_strength(json, "strength", &leak->strength);
		flt_json_close(json, '}');
	}
	flt_json_close(json, ']');
	flt_json_open_key(json, "order", '{');
	flt_json_put_bool(json, "tells_class", check->leaks.by_order);
	put_strength(json, "strength", &check->leaks.order);
	flt_json_close(json, '}');
}

static void put_copies(struct flt_json *json, const struct flt_check *check)
{
	const struct flt_copies *copies = &check->copies;
	const struct flt_block *block = &copies->block;
	flt_json_open_key(json, "copies", '{');
	flt_json_put_count(json, "rows", copies->n_repeats);
	flt_json_put_count(json, "groups", copies->n_groups);
	flt_json_put_count(json, "rows_in_groups", copies->n_in_groups);
	flt_json_put_number(json, "near_copies", copies->has_near ? (double)copies->n_near : (double)NAN);
	flt_json_put_bool(json, "surprising", copies->is_surprising);
	flt_json_open_key(json, "block", '{');
	flt_json_put_count(json, "rows", block->n_rows);
	flt_json_put_count(json, "first", block->n_rows ? flt_table_row_number(check->table, block->first) : 0);
	flt_json_put_count(json, "original", block->n_rows ? flt_table_row_number(check->table, block->original) : 0);
	flt_json_close(json, '}');
	flt_json_put_count(json, "contradicting_groups", copies->n_mixed_groups);
	flt_json_put_count(json, "contradicting_rows", copies->n_mixed_rows);
	flt_json_put_count(json, "must_err", copies->n_must_err);
	flt_json_close(json, '}');
}

static void put_test(struct flt_json *json, const struct flt_check *check)
{
	if (!check->test_table) {
		put_null(json, "test");
		return;
	}
	flt_json_open_key(json, "test", '{');
	flt_json_put_text(json, "file", flt_table_path(check->test_table));
	flt_json_put_text(json, "sha256", flt_table_sha256(check->test_table));
	flt_json_put_count(json, "rows", flt_table_n_rows(check->test_table));
	flt_json_put_count(json, "positives", flt_table_n_positive(check->test_table));
	flt_json_put_count(json, "shared", check->n_shared);
	flt_json_close(json, '}');
}

static void put_drift(struct flt_json *json, const struct flt_check *check)
{
	static const char *const ages[2] = {"old", "new"};
	if (!check->has_drift) {
		put_null(json, "drift");
		return;
	}
	flt_json_open_key(json, "drift", '{');
	flt_json_put_text(json, "by", check->drift.by_time ? "time" : "file");
	for (int age = 0; age < 2; age++) {
		struct flt_interval prevalence = flt_wilson(check->drift.n_positive[age], check->drift.n_rows[age]);
		flt_json_open_key(json, ages[age], '{');
		flt_json_put_count(json, "rows", check->drift.n_rows[age]);
		flt_json_put_count(json, "positives", check->drift.n_positive[age]);
		flt_put_interval(json, "prevalence", &prevalence);
		flt_json_close(json, '}');
	}
	flt_json_put_number(json, "bar", flt_drift_bar);
	flt_json_close(json, '}');
}

/* The surest; --suspects lists all. */
static void put_suspects(struct flt_json *json, const struct flt_check *check)
{
	enum { MOST = 20 };
	const struct flt_suspects *suspects = &check->look.suspects;
	flt_json_open_key(json, "suspects", '[');
	for (size_t i = 0; i < suspects->n && i < MOST; i++) {
		const struct flt_suspect *suspect = &suspects->all[i];
		flt_json_open(json, '{');
		flt_json_put_count(json, "row", flt_table_row_number(check->table, suspect->row));
		flt_json_put_text(json, "target", flt_table_target_text(check->table, suspect->row));
		flt_json_put_number(json, "probability", suspect->probability);
		flt_json_put_number(json, "wrong", suspect->wrong);
		flt_json_close(json, '}');
	}
	flt_json_close(json, ']');
}

static void put_labels(struct flt_json *json, const struct flt_check *check)
{
	static const char *const classes[2] = {"negative", "positive"};
	const struct flt_quick_look *look = &check->look;
	flt_json_open_key(json, "labels", '{');
	flt_json_put_text(json, "not_looked_at", look->why_not);
	flt_json_put_bool(json, "sample", look->is_sample);
	flt_json_put_count(json, "rows", look->n_rows);
	flt_json_put_count(json, "judged", look->n_judged);
	flt_json_put_number(json, "distance", look->why_not ? (double)NAN : look->suspects.distance);
	flt_json_put_bool(json, "blurred", look->suspects.is_blurred);
	for (int label = 1; label >= 0; label--) {
		flt_json_open_key(json, classes[label], '{');
		flt_json_put_count(json, "rows", look->suspects.n_class[label]);
		flt_json_put_count(json, "suspects", look->suspects.n_found[label]);
		flt_json_put_number(json, "wrong", look->suspects.n_wrong[label]);
		flt_json_put_number(json, "mixture", look->suspects.mixture[label]);
		flt_json_close(json, '}');
	}
	put_suspects(json, check);
	flt_json_close(json, '}');
}

static void put_curve(struct flt_json *json, const struct flt_check *check)
{
	const struct flt_curve *curve = &check->look.curve;
	if (!curve->is_known) {
		put_null(json, "learning_curve");
		return;
	}
	flt_json_open_key(json, "learning_curve", '{');
	flt_json_put_count(json, "positives", curve->n_positive);
	flt_json_open_key(json, "points", '[');
	for (size_t i = 0; i < FLT_N_CURVE; i++) {
		flt_json_open(json, '{');
		flt_json_put_number(json, "share", flt_curve_shares[i]);
		flt_put_interval(json, "ap", &curve->ap[i]);
		flt_json_close(json, '}');
	}
	flt_json_close(json, ']');
	flt_put_interval(json, "twice", &curve->twice);
	flt_json_put_bool(json, "gains", curve->gains);
	flt_json_close(json, '}');
}

static void put_figures(struct flt_json *json, const struct flt_check *check)
{
	flt_json_open_key(json, "figures", '{');
	for (size_t i = 0; i < FLT_N_CHECK_FIGURES; i++)
		flt_json_put_number(json, flt_check_figure_words[i], check->figure[i]);
	flt_json_close(json, '}');
	flt_json_open_key(json, "found", '[');
	for (size_t i = 0; i < FLT_N_CHECK_FIGURES; i++)
		if (check->found[i])
			flt_json_text(json, flt_check_figure_words[i]);
	flt_json_close(json, ']');
}

static void put_gates(struct flt_json *json, const char *require, const char *failed)
{
	flt_json_open_key(json, "gates", '{');
	flt_json_put_text(json, "require", require);
	flt_json_key(json, "passed");
	if (require)
		flt_json_bool(json, !failed);
	else
		flt_json_text(json, NULL);
	flt_json_put_text(json, "failed", failed);
	flt_json_close(json, '}');
}

static void put_reproduce(struct flt_json *json, const struct flt_check *check, const char *command)
{
	const struct flt_report_origin origin = {.command = command,
	                                         .seed = check->seed,
	                                         .data_sha256 = flt_table_sha256(check->table),
	                                         .test_sha256 = check->test_table ? flt_table_sha256(check->test_table)
	                                                                          : NULL};
	flt_put_reproduce(json, &origin);
}

enum flt_status flt_report_check_json(const struct flt_check *check, const struct flt_report_about *about,
                                      const char *require, const char *failed, char **text, struct flt_error *err)
{
	struct flt_json json = {.err = err};
	flt_json_open(&json, '{');
	flt_json_put_text(&json, "schema", "fltrain.check/1");
	flt_json_put_text(&json, "version", flt_version());
	put_data(&json, check);
	put_test(&json, check);
	flt_json_open_key(&json, "columns", '[');
	for (size_t i = 0; i < check->n_features; i++)
		put_column(&json, check, check->order[i]);
	flt_json_close(&json, ']');
	put_leaks(&json, check);
	put_copies(&json, check);
	put_drift(&json, check);
	put_labels(&json, check);
	put_curve(&json, check);
	put_figures(&json, check);
	put_gates(&json, require, failed);
	put_reproduce(&json, check, about->command);
	flt_json_close(&json, '}');
	return flt_json_take_line(&json, text);
}

void flt_report_suspects(FILE *out, const struct flt_check *check)
{
	const struct flt_table *table = check->table;
	const struct flt_suspects *suspects = &check->look.suspects;
	size_t id = flt_table_role(table, FLT_ID);
	fputs("row,", out);
	if (id != SIZE_MAX) {
		flt_write_field(out, flt_table_column(table, id).name);
		fputc(',', out);
	}
	fputs("target,probability,wrong\n", out);
	for (size_t i = 0; i < suspects->n; i++) {
		const struct flt_suspect *suspect = &suspects->all[i];
		fprintf(out, "%zu,", flt_table_row_number(table, suspect->row));
		if (id != SIZE_MAX) {
			flt_write_field(out, flt_table_id_text(table, suspect->row));
			fputc(',', out);
		}
		flt_write_field(out, flt_table_target_text(table, suspect->row));
		fputc(',', out);
		flt_write_number(out, suspect->probability);
		fputc(',', out);
		flt_write_number(out, suspect->wrong);
		fputc('\n', out);
	}
}
