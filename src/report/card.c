/*
 * A model card in Markdown, after Mitchell et al. 2019, "Model cards for model reporting": what the detector does and
 * is for, its data, figures with intervals, and limits. All of it follows from the model file; what the file does not
 * know is left to whoever hands the model on.
 */
#include <math.h>
#include <string.h>

#include "base/character.h"
#include "report/layout.h"
#include "report/names.h"
#include "report/report.h"

/* A text of the model, which Markdown shows as it is: a backslash stands before each mark that it may act on, '?' for
 * control characters. Cut at 64 characters. */
struct plain {
	char text[512];
};

static struct plain plain(const char *text)
{
	enum { MOST = 64, ROOM = 12 };
	struct plain shown = {""};
	size_t length = 0, n = 0;
	while (*text && n++ < MOST && length + ROOM < sizeof shown.text) {
		size_t whole = flt_utf8_length(text), n_bytes = whole > 0 ? whole : 1;
		bool is_mark = strchr("!\"#$&()*+./:;<=>?@[\\]^_`{|}~", *text);
		length +=
		        (size_t)snprintf(shown.text + length, ROOM, "%s%.*s", is_mark ? "\\" : "", (int)n_bytes, text);
		text += n_bytes;
	}
	snprintf(shown.text + length, sizeof shown.text - length, "%s", *text ? "..." : "");
	flt_mask_controls(shown.text);
	return shown;
}

static void put_details(FILE *out, const char *path, const struct flt_detector *detector)
{
	const struct flt_provenance *made = &detector->provenance;
	const char *slash = strrchr(path, '/');
	fprintf(out, "# Model card: %s\n\n", plain(slash ? slash + 1 : path).text);
	fprintf(out,
	        "For each row of a table, this model gives the probability that **%s** is **%s**, and calls the row "
	        "**%s** if that is %s or more, else **%s**.\n\n",
	        plain(detector->target).text, plain(detector->positive).text, plain(detector->positive).text,
	        flt_fraction(detector->choice.threshold, 3).text, plain(detector->negative).text);
	fprintf(out, "- Made by fltrain %s, seed %llu", made->version ? plain(made->version).text : "(unknown)",
	        (unsigned long long)made->seed);
	if (detector->n_members > 1)
		fprintf(out, "; the weighted mean of %zu networks with %zu weights\n", detector->n_members,
		        flt_detector_n_params(detector));
	else
		fprintf(out, "; one network with %zu weights\n", flt_detector_n_params(detector));
	if (made->data_sha256)
		fprintf(out, "- Trained on the file with SHA-256 %s\n", plain(made->data_sha256).text);
	if (made->rule_sha256)
		fprintf(out, "- Threshold chosen later, on the file with SHA-256 %s\n", plain(made->rule_sha256).text);
}

/* ---- use ---- */

static void put_rule(FILE *out, const struct flt_detector *detector)
{
	char rule[FLT_RULE_SIZE];
	flt_rule_format(&detector->rule, rule, sizeof rule);
	fprintf(out, "- The threshold of %s was chosen by the rule %s",
	        flt_fraction(detector->choice.threshold, 3).text, plain(rule).text);
	fputs(detector->choice.met ? ".\n" : ", which it does not meet.\n", out);
}

static void put_use(FILE *out, const struct flt_detector *detector)
{
	double prior = flt_detector_prior(detector);
	fprintf(out, "\n## Intended use\n\n");
	fprintf(out, "- Rows that come from where those of training came from, with the columns below.\n");
	fprintf(out,
	        "- Probabilities are for tables in which %s of the rows are %s. Where that share is another, "
	        "`--prior` moves them.\n",
	        flt_share(prior).text, plain(detector->positive).text);
	put_rule(out, detector);
}

/* ---- data ---- */

static void put_rows(FILE *out, const struct flt_detector *detector)
{
	const struct flt_provenance *made = &detector->provenance;
	fprintf(out, "\n## Data\n\n| part | rows | of them %s |\n|---|---|---|\n", plain(detector->positive).text);
	for (enum flt_row_role role = FLT_FIT; role < FLT_N_ROW_ROLES; role++)
		if (made->n_rows[role] > 0)
			fprintf(out, "| %s | %zu | %zu |\n", flt_row_role_words[role], made->n_rows[role],
			        made->n_positive[role]);
	if (detector->input.weight)
		fprintf(out, "\nRows count by the column %s.\n", plain(detector->input.weight).text);
	if (detector->input.group)
		fprintf(out, "\nRows with the same %s stayed together.\n", plain(detector->input.group).text);
	if (detector->background.n > 0)
		fprintf(out,
		        "\nThe file holds %zu of the rows that it was fitted on, readable, which `fltrain predict "
		        "--reasons` "
		        "measures rows against.\n",
		        detector->background.n);
}

static void put_number(FILE *out, const struct flt_prep_column *column)
{
	const double *quantiles = column->profile.quantiles;
	char day[FLT_DATE_TEXT];
	if (column->source) {
		fprintf(out, "from the date %s", plain(column->source).text);
		if (column->part == FLT_DATE_DAYS) {
			flt_date_text(column->median * 86400, false, day);
			fprintf(out, ", median %s", day);
		}
		return;
	}
	fprintf(out, "number, median %s", flt_significant(column->median, 3).text);
	if (column->profile.n_rows > 0)
		fprintf(out, ", 98 %% in %s to %s", flt_significant(quantiles[FLT_PERCENT_1], 3).text,
		        flt_significant(quantiles[FLT_PERCENT_99], 3).text);
}

static void put_category(FILE *out, const struct flt_prep_column *column)
{
	enum { MOST = 8 };
	fprintf(out, "one of ");
	for (size_t i = 0; i < column->n_levels && i < MOST; i++)
		fprintf(out, "%s%s", i > 0 ? ", " : "", plain(column->levels[i]).text);
	size_t n_more = column->n_levels > MOST ? column->n_levels - MOST : 0;
	if (n_more > 0)
		fprintf(out, " and %zu more", n_more);
	if (column->has_other)
		fprintf(out, "; others count as one");
}

static void put_columns(FILE *out, const struct flt_detector *detector)
{
	fprintf(out, "\n| column | in training | missing |\n|---|---|---|\n");
	for (size_t i = 0; i < flt_prep_n_columns(detector->prep); i++) {
		struct flt_prep_column column = flt_prep_column(detector->prep, i);
		if (column.use != FLT_USED_NUMERIC && column.use != FLT_USED_CATEGORICAL)
			continue;
		const struct flt_profile *profile = &column.profile;
		fprintf(out, "| %s | ", plain(column.name).text);
		(column.use == FLT_USED_NUMERIC ? put_number : put_category)(out, &column);
		if (profile->n_rows > 0)
			fprintf(out, " | %s |\n", flt_share((double)profile->n_missing / (double)profile->n_rows).text);
		else
			fprintf(out, " | not known |\n");
	}
}

/* ---- figures ---- */

static void put_figure(FILE *out, const char *name, const struct flt_interval *figure, const char *star)
{
	fprintf(out, "| %s | %s%s | %s to %s |\n", name, flt_fraction(figure->value, 3).text, star,
	        flt_fraction(figure->lo, 2).text, flt_fraction(figure->hi, 2).text);
}

/* The threshold may have been moved since. */
static void put_figure_at(FILE *out, const char *name, const struct flt_point *point, const struct flt_interval *figure,
                          const char *star)
{
	char text[80];
	snprintf(text, sizeof text, "%s at %s", name, flt_fraction(point->probability, 3).text);
	put_figure(out, text, figure, star);
}

static void put_figures(FILE *out, const struct flt_detector *detector)
{
	const struct flt_provenance *made = &detector->provenance;
	const struct flt_figures *figures = &made->figures;
	const struct flt_confusion *confusion = &figures->chosen.confusion;
	const char *star = made->marked ? "\\*" : "";
	fprintf(out, "\n## Figures\n\n");
	if (figures->n_rows == 0) {
		fprintf(out, "None: there were no rows to measure them on.\n");
		return;
	}
	fprintf(out, "On %zu rows, of which %zu were %s%s:\n\n| figure | value | 95 %% interval |\n|---|---|---|\n",
	        figures->n_rows, figures->n_positive, plain(detector->positive).text,
	        made->marked ? "" : " and which had no part in the training");
	put_figure(out, "PR-AUC (average precision)", &figures->ap, star);
	put_figure(out, "ROC-AUC", &figures->roc_auc, star);
	put_figure_at(out, "precision", &figures->chosen, &figures->chosen.precision, star);
	put_figure_at(out, "recall", &figures->chosen, &figures->chosen.recall, star);
	put_figure_at(out, "F1", &figures->chosen, &figures->chosen.f1, star);
	put_figure_at(out, "MCC", &figures->chosen, &figures->chosen.mcc, star);
	fprintf(out,
	        "\nPR-AUC is precision averaged over all recalls; 1 is perfect. A random ranking has %s on average, "
	        "and 95 %% of "
	        "such rankings stay below %s.\n",
	        flt_fraction(figures->chance, 3).text, flt_fraction(figures->chance95, 3).text);
	fprintf(out, "\n| at %s | were %s | were %s |\n|---|---|---|\n",
	        flt_fraction(figures->chosen.probability, 3).text, plain(detector->positive).text,
	        plain(detector->negative).text);
	fprintf(out, "| called %s | %.10g%s | %.10g%s |\n", plain(detector->positive).text, confusion->tp, star,
	        confusion->fp, star);
	fprintf(out, "| called %s | %.10g%s | %.10g%s |\n", plain(detector->negative).text, confusion->fn, star,
	        confusion->tn, star);
	fprintf(out, "\nHow it does on parts of the rows, such as one region or one machine, is not recorded: "
	             "`fltrain evaluate --by COLUMN` measures it.\n");
}

/* ---- limits ---- */

static void put_limits(FILE *out, const struct flt_detector *detector)
{
	const struct flt_provenance *made = &detector->provenance;
	const struct flt_figures *figures = &made->figures;
	fprintf(out, "\n## Limits\n\n");
	if (figures->n_rows > 0 && figures->ap.value <= figures->chance95)
		fprintf(out, "- The ranking is not better than chance on these rows.\n");
	if (made->marked)
		fprintf(out,
		        "- Figures with a star were measured on rows that helped to choose what they measure: expect "
		        "less on new rows.\n");
	if (figures->n_rows > 0 && figures->n_positive < FLT_FEW_POSITIVES)
		fprintf(out,
		        "- Only %zu rows were %s, so the intervals are wide; below ten, only the counts tell "
		        "something.\n",
		        figures->n_positive, plain(detector->positive).text);
	fprintf(out, "- The figures hold for rows like those of training, and say nothing of rows that changed since. "
	             "`fltrain predict` warns of columns that did.\n");
	fprintf(out, "- A probability says how often rows like this one were %s. It gives no cause.\n",
	        plain(detector->positive).text);
}

void flt_report_card(FILE *out, const char *path, const struct flt_detector *detector)
{
	put_details(out, path, detector);
	put_use(out, detector);
	put_rows(out, detector);
	put_columns(out, detector);
	put_figures(out, detector);
	put_limits(out, detector);
}
