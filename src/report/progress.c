#include "report/progress.h"

#include <math.h>

#include "base/clock.h"

enum { BAR_WIDTH = 24, REDRAWS_PER_SECOND = 10 };

double flt_report_clock(void)
{
	return flt_clock_seconds();
}

struct flt_progress flt_progress_start(FILE *terminal, const char *what)
{
	return (struct flt_progress){.terminal = terminal, .what = what, .started = flt_report_clock()};
}

void flt_progress_draw(struct flt_progress *progress, size_t done, size_t total, const char *note)
{
	double now = flt_report_clock();
	if (!progress->terminal || (done < total && now - progress->drawn < 1.0 / REDRAWS_PER_SECOND))
		return;
	flt_report_progress(progress->terminal, progress->what, done, total, now - progress->started, note);
	progress->drawn = now;
}

void flt_progress_clear(const struct flt_progress *progress)
{
	if (!progress->terminal)
		return;
	fputs("\r\033[K", progress->terminal);
	fflush(progress->terminal);
}

/* Assumes that the remaining work runs at the speed so far. Training may stop earlier than that. */
void flt_report_progress(FILE *terminal, const char *what, size_t done, size_t total, double seconds_so_far,
                         const char *note)
{
	char bar[BAR_WIDTH + 1];
	double share_done = total ? (double)done / (double)total : 1;
	size_t filled = (size_t)(share_done * BAR_WIDTH);
	for (size_t i = 0; i < BAR_WIDTH; i++)
		bar[i] = i < filled ? '=' : i == filled ? '>' : ' ';
	bar[BAR_WIDTH] = '\0';
	double left = done ? ceil(seconds_so_far / share_done - seconds_so_far) : 0;
	fprintf(terminal, "\r%-10.10s [%s] %3.0f %%", what, bar, floor(100 * share_done));
	if (left >= 100)
		fprintf(terminal, "  %.0f min %02.0f s left", floor(left / 60), fmod(left, 60));
	else if (done)
		fprintf(terminal, "  %.0f s left", left);
	if (note)
		fprintf(terminal, "  %.24s", note);
	fputs("\033[K", terminal);
	fflush(terminal);
}
