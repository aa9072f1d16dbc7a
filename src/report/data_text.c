/* Names what was decided without being asked: header, target, positive class, types, columns that are left out. */
#include "report/data_text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/character.h"
#include "report/leaks_text.h"
#include "report/names.h"

/* ---- columns with a phrase ---- */

/* The phrase that is said of a column, or NULL. */
typedef const char *flt_phrase_of(const struct flt_data_view *data, size_t column);

static const char *why_unused(const struct flt_data_view *data, size_t column)
{
	struct flt_prep_column prepared = flt_prep_column(data->prep, column);
	if (prepared.use == FLT_USED_NUMERIC || prepared.use == FLT_USED_CATEGORICAL ||
	    prepared.use == FLT_NOT_A_FEATURE)
		return NULL;
	return prepared.reason ? prepared.reason : flt_column_use_words[prepared.use];
}

/* A model file has no table. */
static size_t n_columns_of(const struct flt_data_view *data)
{
	return data->table ? flt_table_n_columns(data->table) : flt_prep_n_columns(data->prep);
}

static const char *name_of(const struct flt_data_view *data, size_t column)
{
	return data->table ? flt_table_column(data->table, column).name : flt_prep_column(data->prep, column).name;
}

static const char *how_read(const struct flt_data_view *data, size_t column)
{
	return flt_table_column(data->table, column).remark;
}

static const char *how_spread(const struct flt_data_view *data, size_t column)
{
	return flt_prep_column(data->prep, column).spread;
}

static bool is_said(const char *phrase, const char *const *said, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(phrase, said[i]) == 0)
			return true;
	return false;
}

/* `"a", "b" and 3 more (constant)`: all columns of which the phrase is said. Returns their number. */
static size_t say_phrase(struct flt_layout *layout, const struct flt_data_view *data, flt_phrase_of *phrase_of,
                         const char *phrase)
{
	enum { MOST_NAMES = 4 };
	char names[MOST_NAMES * (sizeof(struct quoted) + 2)] = "", more[32] = "";
	size_t length = 0, n = 0;
	for (size_t i = 0; i < n_columns_of(data); i++) {
		const char *of_column = phrase_of(data, i);
		if (!of_column || strcmp(of_column, phrase) != 0 || n++ >= MOST_NAMES)
			continue;
		const char *name = name_of(data, i);
		length += (size_t)snprintf(names + length, sizeof names - length, "%s%s", n > 1 ? ", " : "",
		                           flt_quoted(name).text);
	}
	if (n > MOST_NAMES)
		snprintf(more, sizeof more, " and %zu more", n - MOST_NAMES);
	bool fits = layout->indent + flt_columns(names) + flt_columns(more) + flt_columns(phrase) + 3 <=
	            flt_layout_width(layout);
	if (fits) {
		flt_layout_item(layout, "; ", "%s%s (%s)", names, more, phrase);
	} else {
		flt_layout_item(layout, "; ", "%s%s", names, more);
		flt_layout_item(layout, " ", "(%s)", phrase);
	}
	return n;
}

/* Columns of which the same is said stand together. */
static void say_phrases(struct flt_layout *layout, const struct flt_data_view *data, const char *title,
                        flt_phrase_of *phrase_of)
{
	enum { MOST = 16 };
	const char *said[MOST];
	size_t n = 0, n_columns = 0, n_shown = 0;
	for (size_t i = 0; i < n_columns_of(data); i++) {
		const char *phrase = phrase_of(data, i);
		n_columns += phrase != NULL;
		if (!phrase || n == MOST || is_said(phrase, said, n))
			continue;
		if (n == 0) {
			flt_layout_line(layout, 0);
			flt_layout_item(layout, "", "%s", title);
			layout->indent = layout->column; /* the list wraps below its first item */
		}
		said[n++] = phrase;
		n_shown += say_phrase(layout, data, phrase_of, phrase);
	}
	if (n_shown < n_columns)
		flt_layout_item(layout, "; ", "and %zu more columns, listed by --json", n_columns - n_shown);
}

void flt_say_unused(struct flt_layout *layout, const struct flt_data_view *data)
{
	say_phrases(layout, data, data->of_first_fold ? "not used in fold 1: " : "not used: ", why_unused);
}

/* ---- rows and classes ---- */

static void say_header(struct flt_layout *layout, const struct flt_table *table)
{
	size_t n = flt_table_n_columns(table);
	while (flt_table_column(table, n - 1).source)
		n--;
	if (flt_table_notes(table).header)
		flt_layout_item(layout, "; ", "header found");
	else
		flt_layout_item(layout, "; ", "no header: columns are called %s to %s",
		                flt_quoted(flt_table_column(table, 0).name).text,
		                flt_quoted(flt_table_column(table, n - 1).name).text);
}

static void say_reading(struct flt_layout *layout, const struct flt_table *table)
{
	struct flt_table_notes notes = flt_table_notes(table);
	size_t n_missing = flt_table_n_missing(table);
	say_header(layout, table);
	if (n_missing)
		flt_layout_item(layout, "; ", "%zu missing value%s", n_missing, flt_plural(n_missing));
	if (notes.delimiter != ',')
		flt_layout_item(layout, "; ", "separated by %s", flt_delimiter_name(notes.delimiter).text);
	for (size_t i = 0; i < flt_table_n_remarks(table); i++)
		flt_layout_item(layout, "; ", "%s", flt_table_remark(table, i));
	if (notes.n_bad_rows)
		flt_layout_item(layout, "; ", "%zu record%s with a wrong number of fields skipped", notes.n_bad_rows,
		                flt_plural(notes.n_bad_rows));
	if (notes.n_without_target)
		flt_layout_item(layout, "; ", "%zu row%s without a target dropped", notes.n_without_target,
		                flt_plural(notes.n_without_target));
	if (notes.n_without_time)
		flt_layout_item(layout, "; ", "%zu row%s without a time dropped", notes.n_without_time,
		                flt_plural(notes.n_without_time));
	if (notes.n_zero_weight)
		flt_layout_item(layout, "; ", "%zu row%s of weight 0 left out", notes.n_zero_weight,
		                flt_plural(notes.n_zero_weight));
}

void flt_say_weights(struct flt_layout *layout, const char *column, const double *weight, const uint8_t *label,
                     size_t n)
{
	struct flt_weighing all = flt_weigh(weight, n);
	flt_layout_line(layout, 0);
	flt_layout_item(layout, "", "weights from column %s: %zu rows stand for %.*f,", flt_quoted(column).text, n,
	                all.sum < 100 ? 2 : 0, all.sum);
	flt_layout_item(layout, " ", "and tell as much as %.0f of equal weight", all.effective);
	flt_layout_item(layout, " ", "(positive rows: as much as %.0f)",
	                flt_weigh_class(weight, label, n, 1).effective);
}

static void say_rows(struct flt_layout *layout, const struct flt_data_view *data)
{
	flt_layout_heading(layout, "data");
	flt_layout_item(layout, "", "%zu rows", flt_table_n_rows(data->table));
	if (flt_table_n_files(data->table) > 1)
		flt_layout_item(layout, " ", "from %zu files", flt_table_n_files(data->table));
	if (data->prep) {
		size_t n_numeric = flt_prep_n_used(data->prep, FLT_USED_NUMERIC);
		size_t n_categorical = flt_prep_n_used(data->prep, FLT_USED_CATEGORICAL);
		if (n_numeric && n_categorical)
			flt_layout_item(layout, ", ", "%zu numeric + %zu categorical columns", n_numeric,
			                n_categorical);
		else
			flt_layout_item(layout, ", ", "%zu %s column%s", n_numeric + n_categorical,
			                n_numeric ? "numeric" : "categorical", flt_plural(n_numeric + n_categorical));
	}
	say_reading(layout, data->table);
	size_t weight = flt_table_role(data->table, FLT_WEIGHT);
	if (weight != SIZE_MAX)
		flt_say_weights(layout, flt_table_column(data->table, weight).name, flt_table_weights(data->table),
		                flt_table_labels(data->table), flt_table_n_rows(data->table));
}

/* `negative "no" (1285), "review" (300)` */
static void say_negative(struct flt_layout *layout, const struct flt_table *table)
{
	enum { MOST = 6 };
	size_t n_classes = flt_table_n_classes(table), n = 0, n_rest = 0;
	for (size_t i = 0; i < n_classes; i++) {
		struct flt_class class = flt_table_class(table, i);
		if (class.is_positive)
			continue;
		if (n++ < MOST)
			flt_layout_item(layout, n == 1 ? "; " : ", ", "%s%s (%zu)", n == 1 ? "negative " : "",
			                flt_quoted(class.text).text, class.n_rows);
		else
			n_rest += class.n_rows;
	}
	if (n > MOST)
		flt_layout_item(layout, " ", "and %zu more (%zu)", n - MOST, n_rest);
}

static void say_target(struct flt_layout *layout, const struct flt_table *table)
{
	struct flt_table_notes notes = flt_table_notes(table);
	size_t n_positive = flt_table_n_positive(table);
	const char *how = notes.target_given     ? ""
	                  : notes.target_by_name ? " (found by its name)"
	                                         : " (a guess: the last column; --target names another)";
	flt_layout_line(layout, 0);
	flt_layout_item(layout, "", "target %s%s", flt_quoted(flt_table_target(table)).text, how);
	flt_layout_item(layout, ", ", "positive %s%s: %zu row%s (%s)", flt_quoted(flt_table_positive(table)).text,
	                notes.positive_given ? "" : " (the rarer class)", n_positive, flt_plural(n_positive),
	                flt_share((double)n_positive / (double)flt_table_n_rows(table)).text);
	say_negative(layout, table);
}

static void say_identical(struct flt_layout *layout, const struct flt_data_view *data)
{
	static const char *const fates[] = {[FLT_KEPT_TOGETHER] = " kept together",
	                                    [FLT_DEALT_APART] = ", dealt one by one",
	                                    [FLT_DEALT_BY_CHANCE] = ", dealt one by one (chance makes as many)",
	                                    [FLT_DEALT_BY_TIME] = ""};
	flt_layout_line(layout, 0);
	flt_layout_item(layout, "", "%zu identical rows%s", data->n_identical, fates[data->identical_fate]);
}

static void say_time_like(struct flt_layout *layout, const char *name)
{
	char value[128];
	flt_layout_line(layout, 0);
	if (flt_option_value(&name, 1, value, sizeof value))
		flt_layout_prose(layout, "%s may tell time: --time %s tests on the latest rows", flt_quoted(name).text,
		                 value);
	else
		flt_layout_prose(layout, "%s may tell time: --time tests on the latest rows", flt_quoted(name).text);
}

/* What the warnings before training say of them. */
static void say_leaks(struct flt_layout *layout, const struct flt_data_view *data)
{
	enum { MOST = 3 };
	const struct flt_leaks *leaks = data->leaks;
	for (size_t i = 0; i < leaks->n && i < MOST; i++) {
		flt_layout_line(layout, 0);
		flt_layout_prose(layout, "a leak? %s", flt_shown_leak(data->table, &leaks->leak[i], true).text);
	}
	if (leaks->n > MOST)
		flt_layout_item(layout, "; ", "and %zu more columns, listed by --json", leaks->n - MOST);
}

void flt_say_data(struct flt_layout *layout, const struct flt_data_view *data)
{
	say_rows(layout, data);
	say_target(layout, data->table);
	if (data->columns_follow)
		return;
	if (data->prep)
		flt_say_unused(layout, data);
	say_phrases(layout, data, "read as: ", how_read);
	if (data->prep)
		say_phrases(layout, data, "spread: ", how_spread);
	if (data->n_identical)
		say_identical(layout, data);
	if (data->time_like)
		say_time_like(layout, data->time_like);
	if (data->leaks)
		say_leaks(layout, data);
}

/* ---- the model ---- */

static void say_loss(struct flt_layout *layout, const struct flt_loss *loss)
{
	flt_layout_item(layout, "; ", "%s", flt_name_of_loss(loss));
	if (flt_loss_kind(loss) == FLT_FOCAL)
		flt_layout_item(layout, ", ", "gamma %g", loss->gamma);
	if (loss->weight_positive != 1 || loss->weight_negative != 1)
		flt_layout_item(layout, ", ", "weights %.4g : %.4g", loss->weight_positive, loss->weight_negative);
}

static void say_pool(struct flt_layout *layout, const struct flt_roster *roster)
{
	flt_layout_item(layout, "", "a pool of %zu kinds", roster->n_kinds);
	if (roster->n_folds)
		flt_layout_item(layout, " ", "on %zu folds", roster->n_folds);
	flt_layout_item(layout, "", ": ");
	for (size_t i = 0; i < roster->n_kinds; i++)
		flt_layout_item(layout, i ? ", " : "", "%s", flt_recipe_words[roster->kinds[i].recipe]);
	bool has_rounds = roster->n_turns > roster->n_tried;
	bool may_end_early = has_rounds && roster->n_turns > roster->n_tried + roster->n_round;
	flt_layout_item(layout, "; ", "%s%zu networks in all", may_end_early ? "at most " : "", roster->n_members);
	if (roster->n_kept < roster->n_kinds && has_rounds)
		flt_layout_item(layout, ", ", "the best %zu kinds to the end", roster->n_kept);
}

void flt_say_model(struct flt_layout *layout, const struct flt_fit_plan *plan)
{
	const struct flt_roster *roster = &plan->roster;
	const struct flt_train_options *used = &roster->kinds[0].train;
	flt_layout_heading(layout, "model");
	if (roster->n_kinds > 1) {
		say_pool(layout, roster);
	} else {
		if (roster->n_members > 1)
			flt_layout_item(layout, "", "mean of %zu networks, ", roster->n_members);
		flt_layout_item(layout, "", "%s", flt_network_shape(&plan->spec[0]).text);
	}
	flt_layout_item(layout, roster->n_kinds > 1 ? "; " : ", ", "%zu weight%s", plan->n_params,
	                flt_plural(plan->n_params));
	say_loss(layout, &used->loss);
	double negatives = flt_fit_plan_negatives(plan);
	if (negatives > 0)
		flt_layout_item(layout, "; ", "an epoch draws %.4g negative row%s for each positive one", negatives,
		                negatives == 1 ? "" : "s");
	if (used->zero_output_bias)
		flt_layout_item(layout, "; ", "output bias 0");
	else
		flt_layout_item(layout, "; ", "output bias %.2f (optimal for %s positive)", plan->output_bias,
		                flt_share(plan->prevalence).text);
}
