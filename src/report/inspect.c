/* The contents of a model file, for people and as JSON: target, columns, networks, probability map, rule, origin. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/character.h"
#include "base/alloc.h"
#include "base/json.h"
#include "report/data_text.h"
#include "report/report.h"
#include "report/choice_text.h"
#include "report/names.h"
#include "report/layout.h"

/* ---- for people ---- */

static void say_missing(struct flt_layout *layout, const struct flt_profile *profile)
{
	if (profile->n_missing > 0)
		flt_layout_item(layout, ", ", "%s missing",
		                flt_share((double)profile->n_missing / (double)profile->n_rows).text);
}

/* Where most of the fit rows lay. Dates are not given a range: they go on. */
static void say_range(struct flt_layout *layout, const struct flt_prep_column *column)
{
	const double *quantiles = column->profile.quantiles;
	if (column->profile.n_rows > 0 && column->has_number && !column->source)
		flt_layout_item(layout, ", ", "98 %% in %s to %s", flt_significant(quantiles[FLT_PERCENT_1], 4).text,
		                flt_significant(quantiles[FLT_PERCENT_99], 4).text);
}

/* What is said of a column, in items of that width at most, begins behind its name, or on the next line if one of them
 * is long. It wraps below its first item. */
static void start_column(struct flt_layout *layout, const struct flt_prep_column *column, size_t widest)
{
	enum { INDENT = 2, NAME = 24, GAP = 1, LEFT = 4 };
	struct quoted name = flt_quoted(column->name);
	size_t width = flt_columns(name.text);
	bool is_wide = layout->indent + NAME + GAP + widest > flt_layout_width(layout);
	flt_layout_item(layout, "", "%s", name.text);
	if (is_wide)
		flt_layout_line(layout, LEFT);
	else if (width > NAME)
		flt_layout_line(layout, INDENT + NAME + GAP);
	else
		flt_layout_item(layout, "", "%*s", (int)(NAME - width + GAP), "");
	layout->indent = layout->column;
}

static void say_number(struct flt_layout *layout, const struct flt_prep_column *column)
{
	start_column(layout, column, 0);
	flt_layout_item(layout, "", "number");
	char day[FLT_DATE_TEXT];
	flt_date_text(column->median * 86400, false, day);
	bool is_day = column->source && column->part == FLT_DATE_DAYS;
	flt_layout_item(layout, ", ", "median %s", is_day ? day : flt_significant(column->median, 4).text);
	say_range(layout, column);
	if (column->has_indicator && column->profile.n_rows == 0)
		flt_layout_item(layout, ", ", "may be missing");
	if (!flt_format_is_plain(&column->format)) {
		char format[FLT_FORMAT_TEXT];
		flt_format_describe(&column->format, false, format, sizeof format);
		size_t n_first = strcspn(format, " ");
		flt_layout_item(layout, ", ", "%.*s", (int)n_first, format);
		flt_layout_prose(layout, "%s", format + n_first + (format[n_first] == ' '));
	}
	say_missing(layout, &column->profile);
	if (column->spread)
		flt_layout_item(layout, ", ", "%s", column->spread);
	if (column->source) {
		char format[FLT_DATE_FORMAT_TEXT];
		flt_date_format_text(&column->date, format);
		flt_layout_item(layout, ", ", "from %s, %s", flt_quoted(column->source).text, format);
	}
}

static void say_level(struct flt_layout *layout, const char *level, size_t n_rows, size_t n)
{
	char share[80] = "";
	if (n > 0)
		snprintf(share, sizeof share, " %s", flt_share((double)n_rows / (double)n).text);
	flt_layout_item(layout, ", ", "%s%s", level, share);
}

static const char ONE_OF[] = "one of ";

static size_t widest_level(const struct flt_prep_column *column)
{
	enum { MOST_SHARE = 10 }; /* behind a level, with a comma */
	size_t widest = 0;
	for (size_t i = 0; i < column->n_levels; i++) {
		size_t width = flt_columns(flt_quoted(column->levels[i]).text);
		widest = width > widest ? width : widest;
	}
	return sizeof ONE_OF - 1 + widest + MOST_SHARE;
}

/* verbose: with the shares of the fit rows. */
static void say_category(struct flt_layout *layout, const struct flt_prep_column *column, bool verbose)
{
	const struct flt_profile *profile = &column->profile;
	size_t n = verbose ? profile->n_rows : 0, n_levels = column->n_levels;
	start_column(layout, column, widest_level(column));
	flt_layout_item(layout, "", "%s", ONE_OF);
	layout->indent = layout->column;
	for (size_t i = 0; i < n_levels; i++)
		say_level(layout, flt_quoted(column->levels[i]).text, n > 0 ? profile->level_rows[i] : 0, n);
	if (column->has_other)
		say_level(layout, "others", n > 0 ? flt_profile_n_other(profile, n_levels) : 0, n);
	if (column->has_missing)
		say_level(layout, "missing", profile->n_missing, n);
	if (column->has_effects)
		flt_layout_item(layout, "; ", "and the target statistics of %zu levels", n_levels + column->n_more);
}

/* The scales of all members. */
static void say_scales(struct flt_layout *layout, const struct flt_detector *detector)
{
	bool is_used[FLT_N_SCALES] = {false};
	char text[64] = "";
	size_t length = 0;
	for (size_t i = 0; i < detector->n_members; i++)
		is_used[flt_prep_scale(flt_detector_prep_of(detector, i))] = true;
	for (int scale = 0; scale < FLT_N_SCALES; scale++) {
		if (!is_used[scale])
			continue;
		length += (size_t)snprintf(text + length, sizeof text - length, "%s%s", length > 0 ? " and " : "",
		                           flt_scale_words[scale]);
	}
	flt_layout_item(layout, "; ", "%s scale", text);
}

/* Members choose their own, not always as many. */
static void say_steps(struct flt_layout *layout, const struct flt_detector *detector)
{
	size_t most = 0, least = SIZE_MAX;
	for (size_t i = 0; i < detector->n_members; i++) {
		size_t n = flt_prep_n_steps(flt_detector_prep_of(detector, i));
		most = n > most ? n : most;
		least = n < least ? n : least;
	}
	if (most > 0)
		flt_layout_item(layout, ", ", "%s%zu step%s", least < most ? "up to " : "", most, flt_plural(most));
}

static void say_columns(struct flt_layout *layout, const struct flt_detector *detector, bool verbose)
{
	enum { MOST = 40 };
	const struct flt_prep *prep = detector->prep;
	size_t n_numeric = flt_prep_n_used(prep, FLT_USED_NUMERIC), n_shown = 0;
	size_t n_used = n_numeric + flt_prep_n_used(prep, FLT_USED_CATEGORICAL);
	flt_layout_heading(layout, "from");
	flt_layout_item(layout, "", "%zu numeric + %zu categorical column%s, which become %zu inputs", n_numeric,
	                n_used - n_numeric, flt_plural(n_used), flt_prep_n_features(prep));
	say_scales(layout, detector);
	say_steps(layout, detector);
	for (size_t i = 0; i < flt_prep_n_columns(prep); i++) {
		struct flt_prep_column column = flt_prep_column(prep, i);
		bool is_number = column.use == FLT_USED_NUMERIC;
		if ((!is_number && column.use != FLT_USED_CATEGORICAL) || (n_shown == MOST && !verbose))
			continue;
		n_shown++;
		flt_layout_line(layout, 2);
		if (is_number)
			say_number(layout, &column);
		else
			say_category(layout, &column, verbose);
	}
	if (n_shown < n_used) {
		flt_layout_line(layout, 2);
		flt_layout_item(layout, "", "and %zu more, listed with -v", n_used - n_shown);
	}
	flt_say_unused(layout, &(struct flt_data_view){.prep = prep});
}

static struct shape shape_of(const struct flt_mlp *net)
{
	struct flt_mlp_spec spec = flt_mlp_spec(net);
	return flt_network_shape(&spec);
}

/* What is told apart of members; whatever comes after the first MOST_TOLD is only counted. */
enum { MOST_TOLD = 64 };

/* The place of a text among those met so far (*n), to which it is added; MOST_TOLD if there is no room. */
static size_t place_of(const char *text, const char *met[MOST_TOLD], size_t *n)
{
	size_t i = 0;
	while (i < *n && strcmp(met[i], text) != 0)
		i++;
	if (i == *n && *n < MOST_TOLD)
		met[(*n)++] = text;
	return i;
}

/* A line for each kind of member, where members have kinds. */
static void say_kinds(struct flt_layout *layout, const struct flt_detector *detector)
{
	const char *kinds[MOST_TOLD];
	size_t n_kinds = 0, n[MOST_TOLD + 1] = {0};
	double share[MOST_TOLD + 1] = {0};
	for (size_t i = 0; i < detector->n_members; i++) {
		if (!detector->members[i].kind)
			continue;
		size_t kind = place_of(detector->members[i].kind, kinds, &n_kinds);
		n[kind]++;
		share[kind] += flt_detector_share(detector, i);
	}
	for (size_t kind = 0; kind <= n_kinds; kind++) {
		if (n[kind] == 0)
			continue;
		const char *name = kind < n_kinds ? kinds[kind] : "others";
		flt_layout_line(layout, 2);
		flt_layout_item(layout, "", "%-24s counts %.0f %%, %zu network%s", flt_shown(name, strlen(name)).text,
		                100 * share[kind], n[kind], flt_plural(n[kind]));
	}
}

/* Each shape of network once. */
static void say_shapes(struct flt_layout *layout, const struct flt_detector *detector)
{
	struct shape shapes[MOST_TOLD + 1];
	const char *met[MOST_TOLD];
	size_t n = 0, n_more = 0;
	for (size_t i = 0; i < detector->n_members; i++) {
		size_t n_before = n;
		shapes[n] = shape_of(detector->members[i].net);
		n_more += place_of(shapes[n].text, met, &n) == MOST_TOLD;
		if (n > n_before)
			flt_layout_item(layout, i > 0 ? " and " : "", "%s", met[n_before]);
	}
	if (n_more > 0)
		flt_layout_item(layout, " and ", "%zu others", n_more);
}

static bool has_equal_weights(const struct flt_detector *detector)
{
	double first = detector->members[0].weight;
	for (size_t i = 1; i < detector->n_members; i++)
		if (detector->members[i].weight < first || detector->members[i].weight > first)
			return false;
	return true;
}

/* The shapes of the networks, and the kinds of members. */
static void say_networks(struct flt_layout *layout, const struct flt_detector *detector)
{
	size_t n_params = flt_detector_n_params(detector);
	flt_layout_heading(layout, "network");
	if (detector->n_members > 1)
		flt_layout_item(layout, "", "%smean of %zu networks, ", has_equal_weights(detector) ? "" : "weighted ",
		                detector->n_members);
	say_shapes(layout, detector);
	flt_layout_item(layout, ", ", "%zu weight%s", n_params, flt_plural(n_params));
	if (detector->n_members > 1)
		say_kinds(layout, detector);
}

/* How a score becomes a probability. */
static void say_map(struct flt_layout *layout, const struct flt_detector *detector)
{
	const struct flt_map *map = &detector->map;
	double gamma = detector->n_members > 1 ? detector->member_gamma : map->gamma;
	double ratio = detector->n_members > 1 ? detector->member_log_weight_ratio : map->log_weight_ratio;
	flt_layout_heading(layout, "map");
	if (detector->n_members > 1)
		flt_layout_item(layout, "", "score = log-odds of the %smean probability of the networks",
		                has_equal_weights(detector) ? "" : "weighted ");
	else
		flt_layout_item(layout, "", "probability = sigmoid of the score");
	if (gamma > 0)
		flt_layout_item(layout, ", ", "%safter inverting focal loss with gamma %g",
		                detector->n_members > 1 ? "each " : "", gamma);
	if (ratio != 0)
		flt_layout_item(layout, ", ", "after removing class weights (%.4g : 1)", exp(ratio));
	if (detector->n_members > 1)
		flt_layout_item(layout, "; ", "probability = sigmoid of the score");
	if (map->n_breakpoints > 0)
		flt_layout_item(layout, ", ", "then isotonic with %zu breakpoints", map->n_breakpoints);
	else if (map->slope != 1 || map->intercept != 0)
		flt_layout_item(layout, ", ", "then Platt: %.4g x %s %.4g", map->slope, map->intercept < 0 ? "-" : "+",
		                fabs(map->intercept));
	if (map->prior_shift != 0)
		flt_layout_item(layout, ", ", "shifted to a prevalence of %s by %+.4g in log-odds",
		                flt_share(flt_detector_prior(detector)).text, map->prior_shift);
}

static void say_choice(struct flt_layout *layout, const struct flt_detector *detector)
{
	char rule[FLT_RULE_SIZE];
	const struct flt_choice *choice = &detector->choice;
	flt_rule_format(&detector->rule, rule, sizeof rule);
	flt_layout_heading(layout, "rule");
	flt_layout_item(layout, "", "%s when probability >= %s,", flt_quoted(detector->positive).text,
	                flt_fraction(choice->threshold, 3).text);
	flt_layout_item(layout, " ", "else %s", flt_quoted(detector->negative).text);
	flt_layout_item(layout, "; ", "by --threshold '%s'", rule);
	flt_say_choice(layout, detector);
	if (!choice->met && !flt_rule_is_promise(&detector->rule))
		flt_layout_item(layout, ", ", "which no threshold reached; the nearest gave %s",
		                flt_fraction(choice->attained, 3).text);
	size_t n_held_out = flt_kept_n_rows(&detector->held_out);
	if (n_held_out > 0) {
		flt_layout_line(layout, 0);
		flt_layout_item(layout, "", "keeps the scores of %zu held-out rows (%zu positive) for --prior",
		                n_held_out, detector->held_out.of[1].n_rows);
	}
	if (detector->provenance.rule_sha256) {
		flt_layout_line(layout, 0);
		flt_layout_item(layout, "", "chosen later, on the file with SHA-256");
		flt_layout_item(layout, " ", "%s", detector->provenance.rule_sha256);
	}
}

/* Who gives a model away should know what is in it. */
static void say_background(struct flt_layout *layout, size_t n)
{
	if (n == 0)
		return;
	flt_layout_line(layout, 0);
	flt_layout_item(layout, "", "keeps %zu row%s of its training data, readable in the file,", n,
	                n == 1 ? "" : "s");
	flt_layout_item(layout, " ", "for predict --reasons (--background 0: none)");
}

static void say_origin(struct flt_layout *layout, const struct flt_detector *detector, bool verbose)
{
	const struct flt_provenance *made = &detector->provenance;
	flt_layout_heading(layout, "trained");
	flt_layout_item(layout, "", "by fltrain %s", made->version ? made->version : "(unknown)");
	for (enum flt_row_role part = FLT_FIT; part < FLT_N_ROW_ROLES; part++)
		if (made->n_rows[part])
			flt_layout_item(layout, part == FLT_FIT ? ": " : "   ", "%s %zu (%zu%s)",
			                flt_row_role_words[part], made->n_rows[part], made->n_positive[part],
			                part == FLT_FIT ? " positive" : "");
	flt_layout_item(layout, "   ", "seed %llu", (unsigned long long)made->seed);
	if (made->data_sha256) {
		flt_layout_line(layout, 0);
		flt_layout_item(layout, "", "data SHA-256");
		flt_layout_item(layout, " ", "%s", made->data_sha256);
	}
	say_background(layout, detector->background.n);
	const char *line = made->options ? made->options : "";
	for (size_t length; verbose && *line; line += length + (line[length] != '\0')) {
		length = strcspn(line, "\n");
		char text[200];
		snprintf(text, sizeof text, "%.*s", (int)flt_fitting_length(line, length < 190 ? length : 190), line);
		flt_layout_line(layout, 2);
		struct quoted shown = flt_quoted(text);
		flt_layout_item(layout, "", "%.*s", (int)strlen(shown.text) - 2, shown.text + 1);
	}
	if (!verbose && *line) {
		flt_layout_line(layout, 0);
		flt_layout_item(layout, "", "options are listed with -v");
	}
}

static void say_figures(struct flt_layout *layout, const struct flt_detector *detector)
{
	const struct flt_figures *figures = &detector->provenance.figures;
	const char *star = detector->provenance.marked ? "*" : "";
	if (figures->n_rows == 0)
		return;
	flt_layout_heading(layout, detector->provenance.marked ? "figures" : "test");
	flt_layout_item(layout, "", "%zu of %zu rows were positive; PR-AUC %s", figures->n_positive, figures->n_rows,
	                flt_shown_interval(&figures->ap, star).text);
	flt_layout_item(layout, ", ", "chance %s", flt_fraction(figures->chance, 3).text);
	flt_layout_item(layout, ", ", "ROC-AUC %s%s", flt_fraction(figures->roc_auc.value, 3).text, star);
	flt_layout_line(layout, 0);
	flt_layout_item(layout, "", "at probability >= %s: precision %s",
	                flt_fraction(figures->chosen.probability, 3).text,
	                flt_shown_interval(&figures->chosen.precision, star).text);
	flt_layout_item(layout, ", ", "recall %s", flt_shown_interval(&figures->chosen.recall, star).text);
	flt_layout_item(layout, ", ", "F1 %s%s", flt_fraction(figures->chosen.f1.value, 3).text, star);
	if (detector->provenance.marked) {
		flt_layout_line(layout, 0);
		flt_layout_item(layout, "", "* measured on rows that chose the model: expect less on new rows");
	}
}

void flt_report_inspect_text(FILE *out, const char *path, const struct flt_detector *detector,
                             const struct flt_report_about *about)
{
	struct flt_layout layout = {.out = out, .style = about->style};
	flt_layout_heading(&layout, "model");
	flt_layout_item(&layout, "", "%s", path);
	flt_layout_heading(&layout, "predicts");
	flt_layout_item(&layout, "", "whether %s", flt_quoted(detector->target).text);
	flt_layout_item(&layout, " ", "is %s", flt_quoted(detector->positive).text);
	if (detector->input.weight)
		flt_layout_item(&layout, "; ", "rows counted by weight %s", flt_quoted(detector->input.weight).text);
	say_columns(&layout, detector, about->verbose);
	say_networks(&layout, detector);
	say_map(&layout, detector);
	say_choice(&layout, detector);
	say_origin(&layout, detector, about->verbose);
	say_figures(&layout, detector);
	flt_layout_end(&layout);
}

/* ---- for programs: the metadata of the file, unchanged ---- */

enum flt_status flt_report_inspect_json(FILE *file, const char *path, const struct flt_detector *detector,
                                        struct flt_error *err)
{
	char *members = NULL, *text = NULL;
	enum flt_status status = FLT_OK;
	struct flt_json json = {.err = err};
	flt_json_open(&json, '{');
	flt_json_put_text(&json, "schema", "fltrain.inspect/1");
	flt_json_put_text(&json, "file", path);
	flt_json_put_count(&json, "format", FLT_DETECTOR_FORMAT);
	flt_json_put_count(&json, "weights", flt_detector_n_params(detector));
	text = flt_json_take(&json);
	FLT_TRY_MEMORY_OUT(text);
	FLT_TRY_OUT(flt_detector_to_json(detector, &members, err));
	fprintf(file, "%s,%s}\n", text, members);
	flt_release(members);
out:
	flt_free(text);
	flt_json_release(&json);
	return status;
}
