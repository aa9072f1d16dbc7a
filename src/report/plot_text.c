#include "report/plot_text.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/log_odds.h"
#include "report/grid.h"

enum { GUTTER = 5, TALL = 12, WIDEST = 60, WHOLE = 8 };

/* What pictures are drawn with, each one column wide. */
struct ink {
	const char *rising[WHOLE + 1]; /* bars from nothing to a whole cell */
	const char *more;              /* how bars of more rows look */
	const char *sure, *likely, *possible, *point, *were, *upright, *level, *corner;
};

static const struct ink BLOCKS = {
        .rising = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"},
        .more = "taller",
        .sure = "█",
        .likely = "▓",
        .possible = "░",
        .point = "◆",
        .were = "●",
        .upright = "│",
        .level = "─",
        .corner = "└",
};
static const struct ink ASCII = {
        .rising = {" ", ".", ":", "-", "=", "+", "*", "#", "@"},
        .more = "denser",
        .sure = "#",
        .likely = "=",
        .possible = ".",
        .point = "O",
        .were = "o",
        .upright = "|",
        .level = "-",
        .corner = "+",
};

static const struct ink *ink_of(const struct flt_layout *layout)
{
	return layout->style.blocks ? &BLOCKS : &ASCII;
}

/* Blank cells wait for one that is not: no line ends with them. */
static void put_cell(struct flt_layout *layout, const char *cell, size_t *n_blank)
{
	if (strcmp(cell, " ") == 0) {
		++*n_blank;
		return;
	}
	fprintf(layout->out, "%*s%s", (int)*n_blank, "", cell);
	*n_blank = 0;
}

/* ---- the precision-recall curve ---- */

/* The cell of column `recall` whose lower edge is `precision`, of height 1 / TALL. */
static const char *curve_cell(const struct ink *ink, const struct flt_interval *interval, double precision)
{
	double middle = precision + 0.5 / TALL;
	if (middle <= interval->lo)
		return ink->sure;
	if (middle <= interval->value)
		return ink->likely;
	return middle <= interval->hi ? ink->possible : " ";
}

/* Of n cells side by side from 0 to 1, the one that a share lies in. */
static size_t cell_of(double share, size_t n)
{
	return (size_t)fmin(fmax(share, 0) * (double)n, (double)n - 1);
}

static void draw_curve_row(struct flt_layout *layout, const struct flt_evaluation *evaluation, size_t row)
{
	const struct ink *ink = ink_of(layout);
	const struct flt_point *chosen = &evaluation->figures.chosen;
	bool calls_some = chosen->confusion.tp + chosen->confusion.fp > 0;
	size_t n_blank = 0;
	flt_layout_row(layout, ' ');
	fprintf(layout->out, "%3s %s", row == TALL - 1 ? "1" : row == TALL / 2 ? "0.5" : "", ink->upright);
	for (size_t column = 0; column < WIDEST; column++) {
		double recall = ((double)column + 0.5) / WIDEST;
		const struct flt_point *point = flt_curves_at_recall(evaluation->curves, recall);
		bool is_chosen = calls_some && cell_of(chosen->recall.value, WIDEST) == column &&
		                 cell_of(chosen->precision.value, TALL) == row;
		const char *cell = is_chosen ? ink->point : curve_cell(ink, &point->precision, (double)row / TALL);
		put_cell(layout, cell, &n_blank);
	}
}

static void draw_recall_axis(struct flt_layout *layout)
{
	const struct ink *ink = ink_of(layout);
	flt_layout_row(layout, ' ');
	fprintf(layout->out, "%3s %s", "0", ink->corner);
	for (size_t column = 0; column < WIDEST; column++)
		fputs(ink->level, layout->out);
	flt_layout_row(layout, ' ');
	fprintf(layout->out, "%*s0%*s%*s", GUTTER - 1, "", WIDEST / 2, "0.5", WIDEST / 2, "1");
}

static void say_curve(struct flt_layout *layout, const struct flt_evaluation *evaluation, const char *star)
{
	const struct ink *ink = ink_of(layout);
	flt_layout_heading(layout, "PR curve");
	flt_layout_prose(
	        layout,
	        "precision%s (up) by recall%s (right): %s up to the low end of the 95 %% interval, %s up to what "
	        "these rows gave, %s up to the high end; %s is the threshold",
	        star, star, ink->sure, ink->likely, ink->possible, ink->point);
	for (size_t row = TALL; row-- > 0;)
		draw_curve_row(layout, evaluation, row);
	draw_recall_axis(layout);
}

/* ---- probabilities and outcomes ---- */

static void draw_share(char *text, size_t size, const struct ink *ink, const struct flt_ranked_rows *ranked)
{
	enum { N = 21 }; /* cells, of 5 % each, in the middle of which 0, 5 % ... 100 % stand */
	size_t lo = cell_of(ranked->were.lo, N), hi = cell_of(ranked->were.hi, N), said = cell_of(ranked->said, N),
	       length = 0;
	for (size_t i = 0; i <= hi || i <= said; i++) {
		const char *cell = i == cell_of(ranked->were.value, N) ? ink->were
		                   : i == said                         ? ink->upright
		                   : i >= lo && i <= hi                ? ink->level
		                                                       : " ";
		length += (size_t)snprintf(text + length, size - length, "%s", cell);
	}
}

static void say_ranked(struct flt_layout *layout, const struct flt_evaluation *evaluation, const char *star)
{
	const struct flt_curves *curves = evaluation->curves;
	const struct ink *ink = ink_of(layout);
	struct flt_grid grid = {.n_columns = 4};
	flt_grid_row(&grid, 0);
	flt_grid_cell(&grid, 0, "rows");
	flt_grid_cell(&grid, 1, "said");
	flt_grid_cell(&grid, 2, "were%s", star);
	flt_grid_cell(&grid, 3, "0        0.5        1");
	for (size_t i = 0; i < curves->n_ranked; i++) {
		const struct flt_ranked_rows *ranked = &curves->ranked[i];
		char bar[FLT_GRID_CELL];
		draw_share(bar, sizeof bar, ink, ranked);
		flt_grid_row(&grid, 0);
		if (i == 0)
			flt_grid_cell(&grid, 0, "top %g %%", 100 * ranked->to);
		else
			flt_grid_cell(&grid, 0, "%g to %g %%", 100 * ranked->from, 100 * ranked->to);
		flt_grid_cell(&grid, 1, "%s", flt_fraction(ranked->said, 2).text);
		flt_grid_interval(&grid, 2, &ranked->were, "");
		flt_grid_cell(&grid, 3, "%s", bar);
	}
	flt_layout_heading(layout, "by rank");
	flt_layout_prose(layout,
	                 "from the highest probability down: the mean probability (%s), and the share that was "
	                 "positive (%s, also where both meet) with its 95 %% interval",
	                 ink->upright, ink->were);
	flt_say_grid(layout, &grid);
}

/* ---- scores of both classes ---- */

static double most_of(const double *bin)
{
	double most = DBL_MIN;
	for (size_t i = 0; i < FLT_HISTOGRAM_BINS; i++)
		most = fmax(most, bin[i]);
	return most;
}

/* A bin that holds any rows shows. */
static void draw_bins(struct flt_layout *layout, const double *bin)
{
	const struct ink *ink = ink_of(layout);
	double most = most_of(bin);
	size_t n_blank = GUTTER;
	flt_layout_row(layout, ' ');
	for (size_t i = 0; i < FLT_HISTOGRAM_BINS; i++)
		put_cell(layout, ink->rising[(int)ceil(bin[i] / most * WHOLE)], &n_blank);
}

/* Where a log-odds lies among the bins; FLT_HISTOGRAM_BINS if beyond them. */
static size_t bin_of(const struct flt_histogram *histogram, double log_odds)
{
	if (log_odds < histogram->lo || log_odds > histogram->hi)
		return FLT_HISTOGRAM_BINS;
	return cell_of((log_odds - histogram->lo) / (histogram->hi - histogram->lo), FLT_HISTOGRAM_BINS);
}

/* Writes a text into a line at a place, if there is room behind what ends before. */
static void put_label(char *line, size_t at, const char *text, size_t *end)
{
	if (*end > 0 && at <= *end)
		return;
	memcpy(line + at, text, strlen(text));
	*end = at + strlen(text);
}

/* Probabilities below the bins, where they fit; those of the first and the last bin if no other does. */
static void draw_probabilities(struct flt_layout *layout, const struct flt_histogram *histogram)
{
	static const double ticks[] = {1e-5, 1e-4, 0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999};
	char line[FLT_HISTOGRAM_BINS + sizeof(struct text)];
	size_t end = 0; /* of what is written */
	memset(line, ' ', sizeof line);
	for (size_t i = 0; i < sizeof ticks / sizeof *ticks; i++) {
		char tick[16];
		size_t bin = bin_of(histogram, flt_logit(ticks[i]));
		snprintf(tick, sizeof tick, "%g", ticks[i]);
		if (bin < FLT_HISTOGRAM_BINS)
			put_label(line, bin, tick, &end);
	}
	if (end == 0) {
		put_label(line, 0, flt_significant(flt_sigmoid(histogram->lo), 2).text, &end);
		put_label(line, FLT_HISTOGRAM_BINS - 1, flt_significant(flt_sigmoid(histogram->hi), 2).text, &end);
	}
	flt_layout_row(layout, ' ');
	fprintf(layout->out, "%*s%.*s", GUTTER, "", (int)end, line);
}

static void say_histogram(struct flt_layout *layout, const struct flt_evaluation *evaluation)
{
	const struct flt_histogram *histogram = &evaluation->curves->histogram;
	const struct flt_detector *detector = evaluation->detector;
	const struct ink *ink = ink_of(layout);
	size_t threshold = bin_of(histogram, flt_logit(evaluation->figures.chosen.probability));
	flt_layout_heading(layout, "scores");
	flt_layout_prose(layout,
	                 "which probabilities the rows of %s have, above, and those of %s, below: the %s, the more of "
	                 "the class;",
	                 flt_quoted(detector->positive).text, flt_quoted(detector->negative).text, ink->more);
	flt_layout_prose(layout, "%s is the threshold", ink->point);
	draw_bins(layout, histogram->positive);
	if (threshold < FLT_HISTOGRAM_BINS) {
		flt_layout_row(layout, ' ');
		fprintf(layout->out, "%*s%s", (int)(GUTTER + threshold), "", ink->point);
	}
	draw_bins(layout, histogram->negative);
	draw_probabilities(layout, histogram);
}

/* ---- learning ---- */

/* From the lowest loss, one eighth, to the highest. */
void flt_say_learning(struct flt_layout *layout, const struct flt_learning *learning)
{
	const struct ink *ink = ink_of(layout);
	double first = (double)NAN, last = (double)NAN, least = HUGE_VAL, most = 0;
	char bars[4 * FLT_LEARNING_PARTS] = "";
	for (size_t part = 0; part < FLT_LEARNING_PARTS; part++) {
		double loss = flt_learning_loss(learning, part);
		if (isnan(loss))
			continue;
		first = isnan(first) ? loss : first;
		last = loss;
		least = fmin(least, loss);
		most = fmax(most, loss);
	}
	if (!(most > least))
		return;
	for (size_t part = 0; part < FLT_LEARNING_PARTS; part++) {
		double height = (flt_learning_loss(learning, part) - least) / (most - least);
		strcat(bars, isnan(height) ? " " : ink->rising[1 + (int)(height * (WHOLE - 1))]);
	}
	flt_layout_line(layout, 0);
	flt_layout_item(layout, "", "%s", bars);
	flt_layout_item(layout, " ", "%s loss by epoch, %s to %s", learning->is_validated ? "validation" : "training",
	                flt_significant(first, 3).text, flt_significant(last, 3).text);
}

void flt_say_plots(struct flt_layout *layout, const struct flt_evaluation *evaluation)
{
	const char *star = evaluation->is_starred ? "*" : "";
	say_curve(layout, evaluation, star);
	say_ranked(layout, evaluation, star);
	say_histogram(layout, evaluation);
}
