#include "report/data_json.h"

#include <stdint.h>

/* How the network uses a feature; the role of any other column. */
static const char *column_use(const struct flt_data_view *data, size_t i)
{
	struct flt_column column = flt_table_column(data->table, i);
	if (column.role != FLT_FEATURE || !data->prep)
		return flt_column_role_words[column.role];
	return flt_column_use_words[flt_prep_use(data->prep, i)];
}

static void put_columns(struct flt_json *json, const struct flt_data_view *data)
{
	flt_json_open_key(json, "column_uses", '[');
	for (size_t i = 0; i < flt_table_n_columns(data->table); i++) {
		struct flt_column column = flt_table_column(data->table, i);
		flt_json_open(json, '{');
		flt_json_put_text(json, "name", column.name);
		flt_json_put_text(json, "use", column_use(data, i));
		flt_json_put_text(json, "reason", data->prep ? flt_prep_column(data->prep, i).reason : NULL);
		flt_json_put_text(json, "remark", column.remark);
		flt_json_put_text(json, "spread", data->prep ? flt_prep_column(data->prep, i).spread : NULL);
		flt_json_put_count(json, "missing", column.n_missing);
		flt_json_close(json, '}');
	}
	flt_json_close(json, ']');
}

static void put_interval(struct flt_json *json, const struct flt_interval *ap, const struct flt_interval *roc_auc)
{
	flt_json_put_number(json, "ap", ap->value);
	flt_json_put_number(json, "lo", ap->lo);
	flt_json_put_number(json, "hi", ap->hi);
	flt_json_put_number(json, "roc_auc", roc_auc->value);
}

static void put_leaks(struct flt_json *json, const struct flt_data_view *data)
{
	const struct flt_leaks *leaks = data->leaks;
	flt_json_open_key(json, "leaks", '[');
	for (size_t i = 0; leaks && i < leaks->n; i++) {
		const struct flt_leak *leak = &leaks->leak[i];
		flt_json_open(json, '{');
		flt_json_put_text(json, "column", flt_table_column(data->table, leak->column).name);
		put_interval(json, &leak->strength.ap, &leak->strength.roc_auc);
		flt_json_put_bool(json, "by_missing", leak->by_missing);
		flt_json_put_bool(json, "partial", leak->is_partial);
		flt_json_put_count(json, "telling_rows", leak->strength.telling.n_rows);
		flt_json_put_count(json, "telling_positives", leak->strength.telling.n_positive);
		flt_json_close(json, '}');
	}
	flt_json_close(json, ']');
	flt_json_put_bool(json, "sorted_by_class", leaks && leaks->by_order);
	flt_json_open_key(json, "may_be_ids", '[');
	for (size_t i = 0; leaks && i < leaks->n_ids; i++)
		flt_json_text(json, flt_table_column(data->table, leaks->id[i]).name);
	flt_json_close(json, ']');
}

static void put_classes(struct flt_json *json, const struct flt_table *table)
{
	flt_json_open_key(json, "classes", '[');
	for (size_t i = 0; i < flt_table_n_classes(table); i++) {
		struct flt_class class = flt_table_class(table, i);
		flt_json_open(json, '{');
		flt_json_put_text(json, "class", class.text);
		flt_json_put_count(json, "rows", class.n_rows);
		flt_json_put_bool(json, "positive", class.is_positive);
		flt_json_close(json, '}');
	}
	flt_json_close(json, ']');
}

static void put_target(struct flt_json *json, const struct flt_table *table)
{
	struct flt_table_notes notes = flt_table_notes(table);
	size_t n_positive = flt_table_n_positive(table);
	flt_json_put_text(json, "target", flt_table_target(table));
	flt_json_put_text(json, "target_from",
	                  notes.target_given     ? "option"
	                  : notes.target_by_name ? "name"
	                                         : "last column");
	flt_json_put_text(json, "positive", flt_table_positive(table));
	flt_json_put_text(json, "positive_from", notes.positive_given ? "option" : "rarer class");
	flt_json_put_text(json, "negative", flt_table_negative(table));
	flt_json_put_count(json, "positives", n_positive);
	flt_json_put_number(json, "prevalence", flt_table_prevalence(table, NULL, flt_table_n_rows(table)));
	put_classes(json, table);
}

void flt_put_weights(struct flt_json *json, const char *column, const double *weight, const uint8_t *label, size_t n,
                     size_t n_zero)
{
	struct flt_weighing all = flt_weigh(weight, n), positive = flt_weigh_class(weight, label, n, 1);
	flt_json_open_key(json, "weight", '{');
	flt_json_put_text(json, "column", column);
	flt_json_put_number(json, "sum", all.sum);
	flt_json_put_number(json, "effective", all.effective);
	flt_json_put_number(json, "positive", positive.sum);
	flt_json_put_number(json, "effective_positive", positive.effective);
	flt_json_put_count(json, "zero", n_zero);
	flt_json_close(json, '}');
}

static void put_reading(struct flt_json *json, const struct flt_table *table)
{
	struct flt_table_notes notes = flt_table_notes(table);
	flt_json_put_count(json, "bad_rows", notes.n_bad_rows);
	flt_json_put_count(json, "without_target", notes.n_without_target);
	flt_json_put_count(json, "without_time", notes.n_without_time);
	flt_json_put_bool(json, "header", notes.header);
	flt_json_put_text(json, "delimiter", (const char[]){notes.delimiter, '\0'});
	flt_json_open_key(json, "remarks", '[');
	for (size_t i = 0; i < flt_table_n_remarks(table); i++)
		flt_json_text(json, flt_table_remark(table, i));
	flt_json_close(json, ']');
}

void flt_put_data(struct flt_json *json, const struct flt_data_view *data)
{
	const struct flt_table *table = data->table;
	flt_json_put_text(json, "file", flt_table_path(table));
	flt_json_open_key(json, "files", '[');
	for (size_t i = 0; i < flt_table_n_files(table); i++)
		flt_json_text(json, flt_table_file(table, i));
	flt_json_close(json, ']');
	flt_json_put_count(json, "rows", flt_table_n_rows(table));
	flt_json_put_count(json, "columns", flt_table_n_columns(table));
	flt_json_put_count(json, "numeric", data->prep ? flt_prep_n_used(data->prep, FLT_USED_NUMERIC) : 0);
	flt_json_put_count(json, "categorical", data->prep ? flt_prep_n_used(data->prep, FLT_USED_CATEGORICAL) : 0);
	put_target(json, table);
	flt_json_put_count(json, "missing", flt_table_n_missing(table));
	flt_json_put_count(json, "identical", data->n_identical);
	flt_json_put_bool(json, "identical_together", data->identical_fate == FLT_KEPT_TOGETHER);
	flt_json_put_text(json, "time_like", data->time_like);
	put_reading(json, table);
	size_t weight = flt_table_role(table, FLT_WEIGHT);
	if (weight != SIZE_MAX)
		flt_put_weights(json, flt_table_column(table, weight).name, flt_table_weights(table),
		                flt_table_labels(table), flt_table_n_rows(table), flt_table_notes(table).n_zero_weight);
	put_columns(json, data);
	put_leaks(json, data);
}

void flt_put_groups(struct flt_json *json, const struct flt_group_counts *groups)
{
	flt_json_put_count(json, "groups", groups->n);
	flt_json_put_count(json, "positive_groups", groups->n_positive);
}
