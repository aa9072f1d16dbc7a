/* How the model learnt: what each kind of network weighs, and the losses of all networks over their epochs. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "page/sections.h"

enum { MOST_KINDS = 12, MOST_NETWORKS = 64, MOST_POINTS = 32 };

/* ---- kinds ---- */

/* In the words of the text report. */
static struct flt_page_number weight_of(const json_t *kind)
{
	double weight = flt_read_number(kind, "weight");
	if (!(weight > 0) && flt_read_true(kind, "stopped"))
		return (struct flt_page_number){"stopped"};
	return weight > 0 ? flt_page_fraction(weight, 2) : flt_page_count(weight);
}

static const char *epoch_of(const json_t *kind)
{
	if (!(flt_read_number(kind, "weight") > 0))
		return NULL;
	return flt_read_true(kind, "optimum") ? "optimum" : flt_read_true(kind, "last_epoch") ? "last" : "best";
}

static double largest_weight(const json_t *kinds)
{
	double most = 0;
	for (size_t i = 0; i < flt_read_size(kinds, MOST_KINDS); i++)
		most = fmax(most, flt_read_number(flt_read_item(kinds, i), "weight"));
	return most;
}

static void draw_kinds(struct flt_sheet *sheet, const json_t *kinds)
{
	size_t n = flt_read_size(kinds, MOST_KINDS);
	struct flt_rows_chart chart = {.x = {.lo = 0, .hi = fmax(largest_weight(kinds), 1e-3), .title = "weight"},
	                               .n_rows = n};
	flt_picture_begin(sheet, "Weight of each kind of network");
	flt_rows_begin(&chart, &sheet->html, (double)NAN,
	               "What each kind counts in the mean of all networks. The numbers are in the table beside it.");
	for (size_t i = 0; i < n; i++) {
		const json_t *kind = flt_read_item(kinds, i);
		double weight = flt_read_number(kind, "weight");
		flt_rows_add(&chart, flt_read_text(kind, "kind"), weight, 0, weight, weight_of(kind).text);
	}
	flt_rows_end(&chart);
	flt_picture_caption(sheet,
	                    "What each kind counts in the mean, by its scores of rows that it had not learnt from.");
	flt_picture_end(sheet);
}

static void put_kinds(struct flt_sheet *sheet, const json_t *kinds)
{
	static const char *const titles[] = {"kind", "networks", ":epoch", "weight", "PR-AUC", "log-loss"};
	flt_html_print(&sheet->html, "<figure>\n<h3>Kinds of networks</h3>\n");
	flt_table_begin(sheet, "kinds", "Kinds of networks, judged on rows that they had not learnt from", titles, 6);
	for (size_t i = 0; i < flt_read_size(kinds, MOST_KINDS); i++) {
		const json_t *kind = flt_read_item(kinds, i);
		double weight = flt_read_number(kind, "weight"), ap = flt_read_number(kind, "average_precision");
		double loss = flt_read_number(kind, "log_loss");
		flt_row_begin(sheet, "");
		flt_head_name(sheet, flt_read_text(kind, "kind"));
		flt_cell_count(sheet, flt_read_number(kind, "networks"));
		flt_cell_words(sheet, epoch_of(kind));
		flt_cell_number(sheet, weight, weight_of(kind).text);
		flt_cell_number(sheet, ap, flt_page_fraction(ap, 3).text);
		flt_cell_number(sheet, loss, flt_page_significant(loss, 3).text);
		flt_row_end(sheet);
	}
	flt_table_end(sheet);
	flt_picture_end(sheet);
}

/* ---- learning curves ---- */

static bool is_of_kind(const json_t *network, const char *kind)
{
	const char *own = flt_read_text(network, "kind");
	return flt_read_array(network, "learning") && (kind ? own && strcmp(own, kind) == 0 : true);
}

static struct flt_series losses_of(const json_t *network, const char *key)
{
	const json_t *learning = flt_read_array(network, "learning");
	struct flt_series series = {0};
	for (size_t i = 0; i < flt_read_size(learning, MOST_POINTS); i++) {
		const json_t *point = flt_read_item(learning, i);
		double loss = flt_read_number(point, key);
		flt_series_add(&series, flt_read_number(point, "epoch"), loss, loss, loss);
	}
	return series;
}

static void include_losses(struct flt_chart *chart, const struct flt_series *series)
{
	for (size_t i = 0; i < series->n; i++) {
		flt_axis_include(&chart->x, series->x[i]);
		flt_axis_include(&chart->y, series->y[i]);
	}
}

static void put_losses(struct flt_sheet *sheet, const json_t *networks, const char *kind)
{
	static const char *const titles[] = {"network", "epoch", "training loss", "validation loss"};
	flt_picture_table_begin(sheet, "Losses by epoch", titles, 4);
	for (size_t i = 0; i < flt_read_size(networks, MOST_NETWORKS); i++) {
		const json_t *network = flt_read_item(networks, i), *learning = flt_read_array(network, "learning");
		if (!is_of_kind(network, kind))
			continue;
		for (size_t k = 0; k < flt_read_size(learning, MOST_POINTS) && flt_sheet_has_room(sheet); k++) {
			const json_t *point = flt_read_item(learning, k);
			double epoch = flt_read_number(point, "epoch"), loss = flt_read_number(point, "loss");
			double judged = flt_read_number(point, "validation_loss");
			flt_row_begin(sheet, "");
			flt_head_number(sheet, (double)i + 1, flt_page_count((double)i + 1).text);
			flt_cell_count(sheet, epoch);
			flt_cell_number(sheet, loss, flt_page_significant(loss, 4).text);
			flt_cell_number(sheet, judged, flt_page_significant(judged, 4).text);
			flt_row_end(sheet);
		}
	}
	flt_picture_table_end(sheet);
}

/* All networks of a kind; of all kinds if it is NULL. */
static void draw_learning(struct flt_sheet *sheet, const json_t *networks, const char *kind)
{
	struct flt_chart chart = {.x = {.lo = 1, .hi = 0, .title = "epoch"}, .y = {.lo = 1, .hi = 0, .title = "loss"}};
	size_t n = flt_read_size(networks, MOST_NETWORKS), n_own = 0;
	char title[512] = "Learning curves", about[600];
	for (size_t i = 0; i < n; i++) {
		const json_t *network = flt_read_item(networks, i);
		struct flt_series loss = losses_of(network, "loss"), judged = losses_of(network, "validation_loss");
		if (!is_of_kind(network, kind))
			continue;
		n_own++;
		include_losses(&chart, &loss);
		include_losses(&chart, &judged);
	}
	if (n_own == 0 || !flt_sheet_has_room(sheet))
		return;
	if (kind)
		snprintf(title, sizeof title, "Learning curves: %s", flt_shown_name(kind).text);
	flt_picture_begin(sheet, title);
	snprintf(about, sizeof about, "Losses of %zu network%s over the epochs. The numbers are in the table below.",
	         n_own, flt_page_plural((double)n_own));
	flt_chart_begin(&chart, &sheet->html, about);
	for (size_t i = 0; i < n; i++) {
		const json_t *network = flt_read_item(networks, i);
		struct flt_series loss = losses_of(network, "loss"), judged = losses_of(network, "validation_loss");
		if (!is_of_kind(network, kind))
			continue;
		flt_chart_line(&chart, &loss, false, "thin neg");
		flt_chart_line(&chart, &judged, false, "thin pos");
	}
	flt_chart_end(&chart);
	flt_picture_caption(
	        sheet,
	        "<span class=\"key pos\">&nbsp;</span>on validation rows, <span class=\"key neg\">&nbsp;</span>on the "
	        "rows learnt from; %zu network%s.",
	        n_own, flt_page_plural((double)n_own));
	put_losses(sheet, networks, kind);
	flt_picture_end(sheet);
}

static void draw_all_learning(struct flt_sheet *sheet, const json_t *networks, const json_t *kinds)
{
	size_t n = flt_read_size(kinds, MOST_KINDS);
	if (n < 2)
		draw_learning(sheet, networks, NULL);
	for (size_t i = 0; n >= 2 && i < n; i++) {
		const char *kind = flt_read_text(flt_read_item(kinds, i), "kind");
		if (kind)
			draw_learning(sheet, networks, kind);
	}
}

static void put_facts(struct flt_sheet *sheet, const json_t *training, const json_t *model)
{
	const char *optimizer = flt_read_text(training, "optimizer");
	double n = flt_read_number(model, "members"), weights = flt_read_number(model, "weights");
	flt_facts_begin(sheet);
	if (isfinite(n))
		flt_fact(sheet, "networks in the model", "%s", flt_page_count(n).text);
	if (isfinite(weights))
		flt_fact(sheet, "weights in all", "%s", flt_page_count(weights).text);
	if (optimizer)
		flt_fact(sheet, "optimizer", "%s", flt_shown_text(optimizer).text);
	if (flt_read_text(training, "monitor"))
		flt_fact(sheet, "epochs chosen by", "validation %s",
		         flt_shown_text(flt_read_text(training, "monitor")).text);
	if (flt_read_true(training, "diverged"))
		flt_fact(sheet, "diverged", "these are the best weights before it happened");
	flt_facts_end(sheet);
}

void flt_section_training(struct flt_sheet *sheet, const json_t *report)
{
	const json_t *training = flt_read_object(report, "training");
	const json_t *kinds = flt_read_array(training, "kinds"), *networks = flt_read_array(training, "networks");
	if (!training)
		return;
	flt_section_begin(sheet, "training", "How it learnt");
	put_facts(sheet, training, flt_read_object(report, "model"));
	flt_pictures_begin(sheet);
	if (kinds && flt_sheet_has_room(sheet)) {
		draw_kinds(sheet, kinds);
		put_kinds(sheet, kinds);
	}
	draw_all_learning(sheet, networks, kinds);
	flt_pictures_end(sheet);
	flt_section_end(sheet);
}
