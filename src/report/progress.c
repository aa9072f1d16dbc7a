#include "report/progress.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/words.h"
#include "report/style.h"

FLT_WORDS(flt_progress_style_words, FLT_N_PROGRESS_STYLES, "none", "bar", "lines", "json");

enum { BAR_WIDTH = 24, BAR_SIZE = BAR_WIDTH + 4, LEFT_SIZE = 32 };

/* Seconds between two times that it is shown. */
static const double PERIODS[FLT_N_PROGRESS_STYLES] = {
        [FLT_PROGRESS_NONE] = INFINITY, [FLT_PROGRESS_BAR] = 0.1, [FLT_PROGRESS_LINES] = 10, [FLT_PROGRESS_JSON] = 1};

double flt_report_clock(void)
{
	return flt_clock_seconds();
}

/* A bar shows at once that something is done, and programs are told; people need not read of what is over soon. */
struct flt_progress flt_progress_start(FILE *out, enum flt_progress_style style, const char *what)
{
	double now = flt_report_clock();
	return (struct flt_progress){.out = out,
	                             .style = style,
	                             .what = what,
	                             .started = now,
	                             .shown = style == FLT_PROGRESS_LINES ? now : -INFINITY};
}

bool flt_progress_is_due(const struct flt_progress *progress)
{
	return progress->style != FLT_PROGRESS_NONE && flt_report_clock() - progress->shown >= PERIODS[progress->style];
}

void flt_progress_show(struct flt_progress *progress, double share, double left, const char *note)
{
	bool is_end = share >= 1 && progress->style == FLT_PROGRESS_BAR;
	if (!is_end && !flt_progress_is_due(progress))
		return;
	flt_report_progress(progress, share, left, note);
	progress->shown = flt_report_clock();
}

void flt_progress_turn(struct flt_progress *progress, const char *what)
{
	progress->what = what;
	if (progress->style == FLT_PROGRESS_BAR || progress->style == FLT_PROGRESS_JSON)
		flt_report_progress(progress, (double)NAN, (double)NAN, NULL);
}

double flt_progress_left(const struct flt_progress *progress, double share, double before)
{
	return flt_seconds_left(flt_report_clock() - progress->started, share, before);
}

double flt_seconds_left(double seconds, double share, double before)
{
	if (share >= 1) /* a sum of shares may be more */
		return 0;
	return share > before ? seconds * (1 - share) / (share - before) : (double)NAN;
}

void flt_progress_clear(const struct flt_progress *progress)
{
	if (progress->style != FLT_PROGRESS_BAR)
		return;
	fputs("\r\033[K", progress->out);
	fflush(progress->out);
}

/* "" if nobody knows. */
static const char *say_left(double left, char text[static LEFT_SIZE])
{
	double seconds = ceil(left);
	text[0] = '\0';
	if (seconds >= 3600)
		snprintf(text, LEFT_SIZE, "%.0f h %02.0f min left", floor(seconds / 3600),
		         floor(fmod(seconds, 3600) / 60));
	else if (seconds >= 100)
		snprintf(text, LEFT_SIZE, "%.0f min %02.0f s left", floor(seconds / 60), fmod(seconds, 60));
	else if (isfinite(seconds))
		snprintf(text, LEFT_SIZE, "%.0f s left", seconds);
	return text;
}

/* " [==> ]", or nothing in a narrow terminal. */
static void fill_bar(char bar[static BAR_SIZE], size_t room, double share)
{
	enum { BESIDE = 36, LEAST = 4 }; /* columns: those of the words at most, but for the note */
	size_t width = room < BESIDE + LEAST ? 0 : room - BESIDE < BAR_WIDTH ? room - BESIDE : BAR_WIDTH;
	size_t filled = (size_t)(share * (double)width);
	bar[0] = '\0';
	if (width == 0)
		return;
	memcpy(bar, " [", 2);
	for (size_t i = 0; i < width; i++)
		bar[2 + i] = i < filled ? '=' : i == filled ? '>' : ' ';
	memcpy(bar + 2 + width, "]", 2);
}

/* In less than the terminal's width, since what wraps is not redrawn in place. */
static void draw_bar(const struct flt_progress *progress, double share, double left, const char *note)
{
	enum { WHAT = 10, WORDS = LEFT_SIZE + 16 };
	size_t room = (progress->width ? progress->width : FLT_USUAL_WIDTH) - 1;
	char bar[BAR_SIZE], words[WORDS], text[LEFT_SIZE];
	if (isnan(share)) {
		fprintf(progress->out, "\r%s\033[K", progress->what);
		return;
	}
	fill_bar(bar, room, share);
	snprintf(words, sizeof words, " %3.0f %%%s%s", floor(100 * share), isfinite(left) ? "  " : "",
	         say_left(left, text));
	fprintf(progress->out, "\r%-*.*s%s%s", WHAT, WHAT, progress->what, bar, words);
	if (note && *note && WHAT + strlen(bar) + strlen(words) + 2 + strlen(note) <= room)
		fprintf(progress->out, "  %s", note);
	fputs("\033[K", progress->out);
}

static void print_line(const struct flt_progress *progress, double share, double left, const char *note)
{
	char text[LEFT_SIZE];
	fprintf(progress->out, "fltrain: %s", progress->what);
	if (isfinite(share))
		fprintf(progress->out, ": %.0f %%", floor(100 * share));
	if (*say_left(left, text))
		fprintf(progress->out, ", %s", text);
	if (note && *note)
		fprintf(progress->out, ", %s", note);
	fputc('\n', progress->out);
}

static void print_number(FILE *out, const char *key, int n_digits, double value)
{
	if (isfinite(value))
		fprintf(out, ",\"%s\":%.*f", key, n_digits, value);
	else
		fprintf(out, ",\"%s\":null", key);
}

/* Words of our own, which need no escapes. */
static void print_json(const struct flt_progress *progress, double share, double left, const char *note)
{
	fprintf(progress->out, "{\"doing\":\"%s\"", progress->what);
	print_number(progress->out, "share", 4, share);
	print_number(progress->out, "seconds_left", 1, left);
	if (note && *note)
		fprintf(progress->out, ",\"note\":\"%s\"}\n", note);
	else
		fputs(",\"note\":null}\n", progress->out);
}

void flt_report_progress(const struct flt_progress *progress, double share, double left, const char *note)
{
	if (progress->style == FLT_PROGRESS_BAR)
		draw_bar(progress, share, left, note);
	else if (progress->style == FLT_PROGRESS_LINES)
		print_line(progress, share, left, note);
	else
		print_json(progress, share, left, note);
	fflush(progress->out);
}
