/*
 * The report of `check` for people: a line a column, then a section for each question, and last what deserves a second
 * look.
 */
#include <math.h>
#include <string.h>

#include "report/data_text.h"
#include "report/leaks_text.h"
#include "report/report.h"

enum {
	MOST_COLUMNS = 30, /* shown; more are counted */
	MOST_NAMES = 6,
	MOST_SUSPECTS = 5,
	NAME_WIDTH = 20, /* where the page is narrowest: a line then takes 79 columns */
	RANGE_WIDTH = 20,
};

/* ---- cells of the table ---- */

/* The name without its quotes. */
static struct quoted bare(const char *name)
{
	struct quoted shown = flt_quoted(name);
	size_t length = strlen(shown.text);
	memmove(shown.text, shown.text + 1, length - 2);
	shown.text[length - 2] = '\0';
	return shown;
}

/* A number of the data with at most five digits. */
static struct text short_number(double value)
{
	struct text shown;
	snprintf(shown.text, sizeof shown.text, "%.5g", value);
	return shown;
}

/* The most frequent levels, as many as have room. */
static void describe_levels(const struct flt_column_summary *summary, char *text, size_t size)
{
	size_t used = 0;
	for (size_t i = 0; i < summary->n_top; i++) {
		struct quoted level = bare(summary->top[i].text);
		if (i > 0 && used + strlen(level.text) + 2 > RANGE_WIDTH)
			return;
		used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "", level.text);
	}
}

/* "0.01..24.5..1830", or the most frequent levels. */
static void describe_cells(const struct flt_column *column, const struct flt_column_summary *summary, char *text,
                           size_t size)
{
	text[0] = '\0';
	if (column->numbers.cells && !isnan(summary->min))
		snprintf(text, size, "%s..%s..%s", short_number(summary->min).text, short_number(summary->median).text,
		         short_number(summary->max).text);
	else
		describe_levels(summary, text, size);
}

static void describe_strength(const struct flt_strength *strength, char *text, size_t size)
{
	snprintf(text, size, "%s", strength->is_measured ? flt_shown_interval(&strength->roc_auc, "").text : "-");
}

static void say_remark(FILE *out, const char *what, const char *remark)
{
	enum { MOST = 66 };
	fprintf(out, "    %s: ", what);
	flt_say_cut(out, remark, MOST);
	fputc('\n', out);
}

static bool may_be_id(const struct flt_check *check, size_t column)
{
	const struct flt_leaks *leaks = &check->leaks;
	for (size_t i = 0; i < leaks->n_ids; i++)
		if (leaks->id[i] == column)
			return true;
	return false;
}

/* Names get what the page is wider than usual. */
static int name_width(const struct flt_layout *layout)
{
	size_t width = flt_layout_width(layout);
	return NAME_WIDTH + (width > FLT_USUAL_WIDTH ? (int)(width - FLT_USUAL_WIDTH) : 0);
}

/* A range of numbers is never cut. */
static void say_column(const struct flt_layout *layout, const struct flt_check *check, size_t index)
{
	FILE *out = layout->out;
	struct flt_column column = flt_table_column(check->table, index);
	struct flt_prep_column prepared = flt_prep_column(check->prep, index);
	const struct flt_column_summary *summary = &check->summary[index];
	char range[(sizeof(struct quoted) + 2) * FLT_TOP_LEVELS], strength[64];
	size_t n_rows = flt_table_n_rows(check->table);
	describe_cells(&column, summary, range, sizeof range);
	describe_strength(&check->strength[index], strength, sizeof strength);
	flt_say_padded(out, bare(column.name).text, (size_t)name_width(layout));
	fprintf(out, " %7s %8zu  ", flt_share((double)column.n_missing / (double)n_rows).text, summary->n_distinct);
	if (column.numbers.cells)
		fprintf(out, "%-*s", RANGE_WIDTH, range);
	else
		flt_say_padded(out, range, RANGE_WIDTH);
	fprintf(out, "  %s\n", strength);
	if (prepared.reason)
		say_remark(out, "left out", prepared.reason);
	if (column.remark)
		say_remark(out, "read as", column.remark);
	if (prepared.spread)
		say_remark(out, "spread", prepared.spread);
	if (may_be_id(check, index))
		say_remark(out, "perhaps an id", "another whole number in each row");
}

static void say_columns(struct flt_layout *layout, const struct flt_check *check, bool verbose)
{
	size_t n = check->n_features, n_shown = verbose || n < MOST_COLUMNS ? n : MOST_COLUMNS;
	flt_layout_end(layout);
	fprintf(layout->out, "\n%-*s %7s %8s  %-*s  %s\n", name_width(layout), "column", "missing", "distinct",
	        RANGE_WIDTH, "min..median..max", "ROC-AUC alone");
	for (size_t i = 0; i < n_shown; i++)
		say_column(layout, check, check->order[i]);
	if (n > n_shown)
		fprintf(layout->out, "... and %zu more, weaker or left out; -v shows them all\n", n - n_shown);
	fputc('\n', layout->out);
}

/* ---- sections ---- */

static void say_leaks(struct flt_layout *layout, const struct flt_check *check)
{
	const struct flt_leaks *leaks = &check->leaks;
	flt_layout_heading(layout, "leaks");
	if (leaks->n == 0)
		flt_layout_item(layout, "", "no column alone gives the class away");
	for (size_t i = 0; i < leaks->n && i < MOST_NAMES; i++) {
		if (i > 0)
			flt_layout_line(layout, 0);
		flt_layout_item(layout, "", "%s", flt_shown_leak(check->table, &leaks->leak[i], false).text);
	}
	if (leaks->n > MOST_NAMES)
		flt_layout_item(layout, "; ", "and %zu more", leaks->n - MOST_NAMES);
	if (leaks->n > 0) {
		flt_layout_line(layout, 0);
		flt_layout_item(layout, "", "is it known before the class is? If not, leave it out with --drop");
	}
	if (leaks->by_order) {
		flt_layout_heading(layout, "order");
		flt_layout_item(layout, "", "the order of the rows gives the class away: PR-AUC %s",
		                flt_shown_interval(&leaks->order.ap, "").text);
		flt_layout_item(layout, "; ", "columns that count rows, or dates, would too");
	}
}

static void say_copies(struct flt_layout *layout, const struct flt_check *check)
{
	const struct flt_copies *copies = &check->copies;
	const struct flt_block *block = &copies->block;
	const struct flt_table *table = check->table;
	flt_layout_heading(layout, "copies");
	if (copies->n_repeats == 0) {
		flt_layout_item(layout, "", "no row repeats another in all features");
		return;
	}
	flt_layout_item(layout, "", "%zu row%s (%s) repeat%s an earlier one in all features", copies->n_repeats,
	                flt_plural(copies->n_repeats), flt_share(check->figure[FLT_CHECK_COPIES]).text,
	                copies->n_repeats == 1 ? "s" : "");
	flt_layout_item(layout, ", ", "the first: row %zu that of row %zu", flt_table_row_number(table, copies->first),
	                flt_table_row_number(table, copies->original));
	if (copies->has_near)
		flt_layout_item(layout, "; ", "%s%zu differ%s from one in a single column%s",
		                copies->n_columns > FLT_NEAR_COLUMNS ? "about " : "", copies->n_near,
		                copies->n_near == 1 ? "s" : "",
		                copies->n_near < copies->n_repeats ? ": the copies are hardly chance" : "");
	if (block->n_rows) {
		flt_layout_line(layout, 0);
		flt_layout_item(layout, "", "a doubled block: rows %zu to %zu are rows %zu to %zu again",
		                flt_table_row_number(table, block->first),
		                flt_table_row_number(table, block->first + block->n_rows - 1),
		                flt_table_row_number(table, block->original),
		                flt_table_row_number(table, block->original + block->n_rows - 1));
	}
	if (copies->n_must_err == 0)
		return;
	flt_layout_line(layout, 0);
	flt_layout_item(layout, "", "%zu rows in %zu group%s of copies contradict each other (rows %zu and %zu, say)",
	                copies->n_mixed_rows, copies->n_mixed_groups, flt_plural(copies->n_mixed_groups),
	                flt_table_row_number(table, copies->mixed[0]), flt_table_row_number(table, copies->mixed[1]));
	flt_layout_item(layout, ": ", "any model gets at least %zu row%s wrong", copies->n_must_err,
	                flt_plural(copies->n_must_err));
}

static void say_units(struct flt_layout *layout, const struct flt_check *check)
{
	size_t n_said = 0;
	if (check->n_mixed_units == 0)
		return;
	flt_layout_heading(layout, "units");
	for (size_t i = 0; i < check->n_features && n_said < MOST_NAMES; i++) {
		const struct flt_mixed_units *units = &check->units[check->order[i]];
		if (!(units->factor > 0))
			continue;
		if (n_said++ > 0)
			flt_layout_line(layout, 0);
		flt_layout_item(layout, "", "%s: %s of the values are about %g times the others",
		                flt_quoted(flt_table_column(check->table, check->order[i]).name).text,
		                flt_share(units->share).text, units->factor);
		flt_layout_item(layout, " ", "(median %s and %s), perhaps in another unit",
		                short_number(units->median[1]).text, short_number(units->median[0]).text);
		flt_layout_item(layout, "; ", "the first: row %zu", flt_table_row_number(check->table, units->first));
	}
	if (check->n_mixed_units > n_said) {
		flt_layout_line(layout, 0);
		flt_layout_item(layout, "", "and %zu more columns", check->n_mixed_units - n_said);
	}
}

static void say_shared(struct flt_layout *layout, const struct flt_check *check)
{
	if (!check->test_table)
		return;
	flt_layout_line(layout, 0);
	flt_layout_item(layout, "", "%zu of the %zu rows of %s (%s) are in the data too", check->n_shared,
	                flt_table_n_rows(check->test_table), flt_quoted(flt_table_path(check->test_table)).text,
	                flt_share(check->figure[FLT_CHECK_SHARED]).text);
}

static struct text prevalence_of(const struct flt_drift *drift, int age)
{
	struct text shown;
	struct flt_interval interval = flt_wilson(drift->n_positive[age], drift->n_rows[age]);
	snprintf(shown.text, sizeof shown.text, "%.20s [%.16s, %.16s]", flt_share(interval.value).text,
	         flt_share(interval.lo).text, flt_share(interval.hi).text);
	return shown;
}

static void say_drifting(struct flt_layout *layout, const struct flt_check *check, size_t index)
{
	const struct flt_drift_column *column = &check->drift.columns[index];
	const size_t *n = check->drift.n_rows;
	flt_layout_line(layout, 0);
	flt_layout_item(layout, "", "%s tells them apart: ROC-AUC %s",
	                flt_quoted(flt_table_column(check->table, index).name).text,
	                flt_shown_interval(&column->strength.roc_auc, "").text);
	if (column->level)
		flt_layout_item(layout, "; ", "%s %s, then %s", flt_quoted(column->level).text,
		                flt_share((double)column->n_level[0] / (double)n[0]).text,
		                flt_share((double)column->n_level[1] / (double)n[1]).text);
	else
		flt_layout_item(layout, "; ", "median %s, then %s", short_number(column->median[0]).text,
		                short_number(column->median[1]).text);
	if (column->n_missing[0] || column->n_missing[1])
		flt_layout_item(layout, "; ", "missing %s, then %s",
		                flt_share((double)column->n_missing[0] / (double)n[0]).text,
		                flt_share((double)column->n_missing[1] / (double)n[1]).text);
}

static void say_unseen(struct flt_layout *layout, const struct flt_check *check)
{
	const struct flt_drift *drift = &check->drift;
	for (size_t i = 0; i < check->n_used; i++) {
		size_t n = drift->columns[check->order[i]].n_unseen;
		if (n == 0)
			continue;
		flt_layout_line(layout, 0);
		flt_layout_item(layout, "", "%s: %zu of the new rows (%s) hold a text that no old row has",
		                flt_quoted(flt_table_column(check->table, check->order[i]).name).text, n,
		                flt_share((double)n / (double)drift->n_rows[1]).text);
	}
}

static void say_drift(struct flt_layout *layout, const struct flt_check *check)
{
	const struct flt_drift *drift = &check->drift;
	size_t n_said = 0;
	if (!check->has_drift)
		return;
	flt_layout_heading(layout, "drift");
	if (drift->by_time)
		flt_layout_item(
		        layout, "", "the latest %zu rows by %s against the %zu before", drift->n_rows[1],
		        flt_quoted(flt_table_column(check->table, flt_table_role(check->table, FLT_TIME)).name).text,
		        drift->n_rows[0]);
	else
		flt_layout_item(layout, "", "the %zu rows of %s against the %zu of the data", drift->n_rows[1],
		                flt_quoted(flt_table_path(check->test_table)).text, drift->n_rows[0]);
	flt_layout_item(layout, "; ", "positive %s, then %s", prevalence_of(drift, 0).text,
	                prevalence_of(drift, 1).text);
	if (drift->n_drifting == 0) {
		flt_layout_line(layout, 0);
		flt_layout_item(layout, "", "no column tells new rows from old ones (ROC-AUC of at least %g)",
		                flt_drift_bar);
	}
	for (size_t i = 0; i < check->n_columns; i++)
		if (drift->columns[i].drifts && n_said++ < MOST_NAMES)
			say_drifting(layout, check, i);
	if (n_said > MOST_NAMES) {
		flt_layout_line(layout, 0);
		flt_layout_item(layout, "", "and %zu more columns", n_said - MOST_NAMES);
	}
	say_unseen(layout, check);
}

static const char *class_text(const struct flt_check *check, int label)
{
	return label ? flt_table_positive(check->table) : flt_table_negative(check->table);
}

static void say_suspects_of(struct flt_layout *layout, const struct flt_check *check, int label)
{
	const struct flt_suspects *suspects = &check->look.suspects;
	if (suspects->n_found[label] == 0)
		return;
	flt_layout_line(layout, 0);
	flt_layout_item(layout, "", "%zu of %zu labelled %s look like %s", suspects->n_found[label],
	                suspects->n_class[label], flt_quoted(class_text(check, label)).text,
	                flt_quoted(class_text(check, !label)).text);
	if (check->found[FLT_CHECK_SUSPECTS])
		flt_layout_item(layout, ": ", "about %.0f of these labels are wrong", suspects->n_wrong[label]);
	if (check->found[FLT_CHECK_SUSPECTS])
		flt_layout_item(layout, ", ", "or their causes are in no column");
}

static void say_first_suspects(struct flt_layout *layout, const struct flt_check *check)
{
	const struct flt_suspects *suspects = &check->look.suspects;
	if (!check->found[FLT_CHECK_SUSPECTS])
		return;
	flt_layout_line(layout, 0);
	for (size_t i = 0; i < suspects->n && i < MOST_SUSPECTS; i++)
		flt_layout_item(layout, i ? ", " : "", "%s%zu", i ? "" : "the first: rows ",
		                flt_table_row_number(check->table, suspects->all[i].row));
	flt_layout_item(layout, "; ", "--suspects FILE lists all of them");
}

static void say_sample(struct flt_layout *layout, const struct flt_quick_look *look)
{
	if (look->is_sample)
		flt_layout_item(layout, " ", "(in a sample of %zu rows, %zu of them positive)", look->n_rows,
		                look->n_positive);
}

/* Networks then learn from earlier rows than they judge. */
static bool is_timed(const struct flt_check *check)
{
	return flt_table_role(check->table, FLT_TIME) != SIZE_MAX;
}

static void say_labels(struct flt_layout *layout, const struct flt_check *check)
{
	const struct flt_suspects *suspects = &check->look.suspects;
	flt_layout_heading(layout, "labels");
	if (check->look.why_not) {
		flt_layout_item(layout, "", "not looked at: %s", check->look.why_not);
		return;
	}
	if (suspects->n == 0)
		flt_layout_item(layout, "", "no label is contradicted by the other rows");
	else
		flt_layout_item(layout, "", "%zu label%s %s contradicted by the other rows", suspects->n,
		                flt_plural(suspects->n), suspects->n == 1 ? "is" : "are");
	if (suspects->n == 0 && suspects->is_blurred)
		flt_layout_item(layout, ", ", "but the classes overlap so much that wrong ones would hardly show");
	if (suspects->n > 0 && !check->found[FLT_CHECK_SUSPECTS])
		flt_layout_item(layout, ", ", "few enough to be honest exceptions");
	say_sample(layout, &check->look);
	if (is_timed(check))
		flt_layout_item(layout, "; ", "by rows before them, so the earliest %zu are not judged",
		                check->look.n_never_tested);
	for (int label = 1; label >= 0; label--)
		say_suspects_of(layout, check, label);
	say_first_suspects(layout, check);
}

static void say_curve(struct flt_layout *layout, const struct flt_check *check)
{
	const struct flt_curve *curve = &check->look.curve;
	flt_layout_heading(layout, "more data");
	if (!curve->is_known) {
		flt_layout_item(layout, "", "what more positive rows would bring cannot be said");
		flt_layout_item(layout, ": ", "%s",
		                check->look.why_not ? check->look.why_not : "there are fewer than 40");
		return;
	}
	flt_layout_item(layout, "", "twice the positive rows: PR-AUC %.3f -> %.3f [%.3f, %.3f]", curve->ap[2].value,
	                curve->twice.value, curve->twice.lo, curve->twice.hi);
	flt_layout_item(layout, "; ", curve->gains ? "an extrapolation" : "no gain is certain");
	flt_layout_line(layout, 0);
	flt_layout_item(layout, "", "a small network reached %s with a quarter of %zu positive rows",
	                flt_fraction(curve->ap[0].value, 3).text, curve->n_positive);
	flt_layout_item(layout, ", ", "%s with half", flt_fraction(curve->ap[1].value, 3).text);
	flt_layout_item(layout, ", ", "%s with all", flt_fraction(curve->ap[2].value, 3).text);
	if (is_timed(check))
		flt_layout_item(layout, ", ", "each on later rows than it learnt from");
	say_sample(layout, &check->look);
}

static const char *const found_texts[FLT_N_CHECK_FIGURES] = {
        [FLT_CHECK_LEAKS] = "columns that give the class away",
        [FLT_CHECK_ORDER] = "the order of the rows",
        [FLT_CHECK_COPIES] = "copies",
        [FLT_CHECK_CONTRADICTIONS] = "copies with contradicting labels",
        [FLT_CHECK_UNITS] = "columns in two units",
        [FLT_CHECK_SHARED] = "rows shared with the test file",
        [FLT_CHECK_DRIFT] = "drift",
        [FLT_CHECK_UNSEEN] = "texts unseen before",
        [FLT_CHECK_SUSPECTS] = "suspicious labels",
};

static void say_found(struct flt_layout *layout, const struct flt_check *check)
{
	bool any = false;
	flt_layout_heading(layout, "look at");
	for (size_t i = 0; i < FLT_N_CHECK_FIGURES; i++) {
		if (!check->found[i])
			continue;
		flt_layout_item(layout, any ? ", " : "", "%s", found_texts[i]);
		any = true;
	}
	if (!any)
		flt_layout_item(layout, "", "nothing: no finding here stands in the way of training");
}

void flt_report_check_text(FILE *out, const struct flt_check *check, const struct flt_report_about *about)
{
	struct flt_layout layout = {.out = out, .style = about->style};
	struct flt_data_view view = flt_view_of_check(check);
	flt_say_data(&layout, &view);
	say_columns(&layout, check, about->verbose);
	say_leaks(&layout, check);
	say_copies(&layout, check);
	say_shared(&layout, check);
	say_units(&layout, check);
	say_drift(&layout, check);
	say_labels(&layout, check);
	say_curve(&layout, check);
	say_found(&layout, check);
	flt_layout_end(&layout);
}
