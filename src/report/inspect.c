/* What a model file holds, for people and as JSON: what it predicts from what, how, and where it comes from. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"
#include "fltrain/report.h"
#include "report/names.h"
#include "report/page.h"

/* ---- for people ---- */

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void say_number(struct page *page, const struct flt_prep_column *column)
{
	flt_page_item(page, "", "%-24s number", flt_quoted(column->name).text);
	flt_page_item(page, ", ", "median %s", flt_significant(column->median, 4).text);
	if (column->has_mark)
		flt_page_item(page, ", ", "may be missing");
}

static void say_category(struct page *page, const struct flt_prep_column *column)
{
	flt_page_item(page, "", "%-24s one of ", flt_quoted(column->name).text);
	page->indent = page->column; /* what follows is the first of a list, and wraps below it */
	for (size_t i = 0; i < column->n_levels; i++)
		flt_page_item(page, ", ", "%s", flt_quoted(column->levels[i]).text);
	if (column->has_other)
		flt_page_item(page, ", ", "others");
	if (column->has_missing)
		flt_page_item(page, ", ", "missing");
}

static void say_columns(struct page *page, const struct flt_prep *prep, bool verbose)
{
	enum { MOST = 40 };
	size_t n_numeric = flt_prep_n_used(prep, FLT_USED_NUMERIC), n_shown = 0;
	size_t n_used = n_numeric + flt_prep_n_used(prep, FLT_USED_CATEGORICAL);
	flt_page_heading(page, "from");
	flt_page_item(page, "", "%zu numeric + %zu categorical column%s, which become %zu inputs", n_numeric,
	              n_used - n_numeric, plural(n_used), flt_prep_n_features(prep));
	flt_page_item(page, "; ", "%s scale", flt_name_of_scale(flt_prep_scale(prep)));
	for (size_t i = 0; i < flt_prep_n_columns(prep); i++) {
		struct flt_prep_column column = flt_prep_column(prep, i);
		bool is_number = column.fate == FLT_USED_NUMERIC;
		if ((!is_number && column.fate != FLT_USED_CATEGORICAL) || (n_shown == MOST && !verbose))
			continue;
		n_shown++;
		flt_page_line(page, 2);
		if (is_number)
			say_number(page, &column);
		else
			say_category(page, &column);
	}
	if (n_shown < n_used) {
		flt_page_line(page, 2);
		flt_page_item(page, "", "and %zu more, which -v lists", n_used - n_shown);
	}
}

/* Each kind of network once. */
static void say_networks(struct page *page, const struct flt_detector *detector)
{
	size_t n_params = flt_detector_n_params(detector);
	flt_page_heading(page, "network");
	if (detector->n_nets > 1)
		flt_page_item(page, "", "mean of %zu networks, ", detector->n_nets);
	for (size_t i = 0; i < detector->n_nets; i++) {
		struct shape shape = flt_network_shape(detector->nets[i]);
		bool is_new = true;
		for (size_t j = 0; j < i; j++)
			is_new &= strcmp(shape.text, flt_network_shape(detector->nets[j]).text) != 0;
		if (is_new)
			flt_page_item(page, i > 0 ? " and " : "", "%s", shape.text);
	}
	flt_page_item(page, ", ", "%zu weight%s", n_params, plural(n_params));
}

/* How a score becomes a probability. */
static void say_map(struct page *page, const struct flt_detector *detector)
{
	const struct flt_map *map = &detector->map;
	double gamma = detector->n_nets > 1 ? detector->member_gamma : map->gamma;
	double ratio = detector->n_nets > 1 ? detector->member_log_weight_ratio : map->log_weight_ratio;
	flt_page_heading(page, "map");
	if (detector->n_nets > 1)
		flt_page_item(page, "", "score = log-odds of the mean probability of the networks");
	else
		flt_page_item(page, "", "probability = sigmoid of the score");
	if (gamma > 0)
		flt_page_item(page, ", ", "%sthrough the inverse of focal loss with gamma %g",
		              detector->n_nets > 1 ? "each " : "", gamma);
	if (ratio != 0)
		flt_page_item(page, ", ", "without the weights of the loss (%.4g : 1)", exp(ratio));
	if (detector->n_nets > 1)
		flt_page_item(page, "; ", "probability = sigmoid of the score");
	if (map->n_knots > 0)
		flt_page_item(page, ", ", "then isotonic with %zu knots", map->n_knots);
	else if (map->slope != 1 || map->intercept != 0)
		flt_page_item(page, ", ", "then Platt: %.4g x %s %.4g", map->slope, map->intercept < 0 ? "-" : "+",
		              fabs(map->intercept));
	if (map->prior_shift != 0)
		flt_page_item(page, ", ", "moved to another prevalence by %+.4g in log-odds", map->prior_shift);
}

static void say_choice(struct page *page, const struct flt_detector *detector)
{
	char rule[FLT_RULE_SIZE];
	const struct flt_choice *choice = &detector->choice;
	flt_rule_format(&detector->rule, rule, sizeof rule);
	flt_page_heading(page, "rule");
	flt_page_item(page, "", "%s when probability >= %s, else %s", flt_quoted(detector->positive).text,
	              flt_fraction(choice->threshold, 3).text, flt_quoted(detector->negative).text);
	flt_page_item(page, "; ", "by --threshold '%s'", rule);
	if (!choice->met)
		flt_page_item(page, ", ", "which no threshold reached: the nearest gave %s",
		              flt_fraction(choice->attained, 3).text);
	if (detector->provenance.rule_sha256) {
		flt_page_line(page, 0);
		flt_page_item(page, "", "chosen later, on the file with SHA-256 %s", detector->provenance.rule_sha256);
	}
}

static void say_origin(struct page *page, const struct flt_provenance *made, bool verbose)
{
	flt_page_heading(page, "trained");
	flt_page_item(page, "", "by fltrain %s", made->version ? made->version : "(unknown)");
	for (enum flt_part part = FLT_FIT; part < FLT_N_PARTS; part++)
		if (made->n_rows[part])
			flt_page_item(page, part == FLT_FIT ? ": " : "   ", "%s %zu (%zu%s)", flt_name_of_part(part),
			              made->n_rows[part], made->n_positive[part], part == FLT_FIT ? " positive" : "");
	flt_page_item(page, "   ", "seed %llu", (unsigned long long)made->seed);
	if (made->data_sha256) {
		flt_page_line(page, 0);
		flt_page_item(page, "", "data SHA-256 %s", made->data_sha256);
	}
	const char *line = made->options ? made->options : "";
	for (size_t length; verbose && *line; line += length + (line[length] != '\0')) {
		length = strcspn(line, "\n");
		char text[200];
		snprintf(text, sizeof text, "%.*s", (int)(length < 190 ? length : 190), line);
		flt_page_line(page, 2);
		struct quoted shown = flt_quoted(text);
		flt_page_item(page, "", "%.*s", (int)strlen(shown.text) - 2, shown.text + 1);
	}
	if (!verbose && *line) {
		flt_page_line(page, 0);
		flt_page_item(page, "", "-v lists the options");
	}
}

static void say_figures(struct page *page, const struct flt_detector *detector)
{
	const struct flt_figures *figures = &detector->provenance.figures;
	const char *star = detector->provenance.marked ? "*" : "";
	if (figures->n_rows == 0)
		return;
	flt_page_heading(page, detector->provenance.marked ? "figures" : "test");
	flt_page_item(page, "", "%zu of %zu rows were positive; PR-AUC %s", figures->n_positive, figures->n_rows,
	              flt_shown_interval(&figures->ap, star).text);
	flt_page_item(page, ", ", "chance %s", flt_fraction(figures->chance, 3).text);
	flt_page_item(page, ", ", "ROC-AUC %s%s", flt_fraction(figures->roc_auc.value, 3).text, star);
	flt_page_line(page, 0);
	flt_page_item(page, "", "at probability >= %s: precision %s", flt_fraction(figures->chosen.probability, 3).text,
	              flt_shown_interval(&figures->chosen.precision, star).text);
	flt_page_item(page, ", ", "recall %s", flt_shown_interval(&figures->chosen.recall, star).text);
	flt_page_item(page, ", ", "F1 %s%s", flt_fraction(figures->chosen.f1.value, 3).text, star);
	if (detector->provenance.marked) {
		flt_page_line(page, 0);
		flt_page_item(page, "", "* measured on rows that chose it: expect less on new rows");
	}
}

void flt_report_inspect_text(FILE *out, const char *path, const struct flt_detector *detector,
                             const struct flt_report_about *about)
{
	struct page page = {.out = out, .bold = about->bold};
	flt_page_heading(&page, "model");
	flt_page_item(&page, "", "%s", path);
	flt_page_heading(&page, "predicts");
	flt_page_item(&page, "", "whether %s is %s", flt_quoted(detector->target).text,
	              flt_quoted(detector->positive).text);
	say_columns(&page, detector->prep, about->verbose);
	say_networks(&page, detector);
	say_map(&page, detector);
	say_choice(&page, detector);
	say_origin(&page, &detector->provenance, about->verbose);
	say_figures(&page, detector);
	flt_page_end(&page);
}

/* ---- for programs: what the file holds in its metadata, as it stands there ---- */

enum flt_status flt_report_inspect_json(FILE *out, const char *path, const struct flt_detector *detector,
                                        struct flt_error *err)
{
	char *parts;
	struct flt_json json = {.err = err};
	flt_json_open(&json, '{');
	flt_json_key(&json, "schema");
	flt_json_text(&json, "fltrain.inspect/1");
	flt_json_key(&json, "file");
	flt_json_text(&json, path);
	flt_json_key(&json, "format");
	flt_json_count(&json, FLT_DETECTOR_FORMAT);
	flt_json_key(&json, "weights");
	flt_json_count(&json, flt_detector_n_params(detector));
	char *text = flt_json_take(&json);
	enum flt_status status = text ? flt_detector_to_json(detector, &parts, err) : FLT_ERR_MACHINE;
	if (status == FLT_OK) {
		fprintf(out, "%s,%s}\n", text, parts);
		flt_release_bytes(parts);
	}
	flt_free(text);
	flt_json_release(&json);
	return status;
}
