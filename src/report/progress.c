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

bool flt_progress_is_due(const struct flt_progress *progress)
{
	return progress->terminal && flt_report_clock() - progress->drawn >= 1.0 / REDRAWS_PER_SECOND;
}

void flt_progress_draw(struct flt_progress *progress, double done, double left, const char *note)
{
	if (!progress->terminal || (done < 1 && !flt_progress_is_due(progress)))
		return;
	flt_report_progress(progress->terminal, progress->what, done, left, note);
	progress->drawn = flt_report_clock();
}

double flt_progress_left(const struct flt_progress *progress, double done, double before)
{
	return flt_seconds_left(flt_report_clock() - progress->started, done, before);
}

double flt_seconds_left(double seconds, double done, double before)
{
	if (done >= 1) /* a sum of shares may be more */
		return 0;
	return done > before ? seconds * (1 - done) / (done - before) : (double)NAN;
}

void flt_progress_clear(const struct flt_progress *progress)
{
	if (!progress->terminal)
		return;
	fputs("\r\033[K", progress->terminal);
	fflush(progress->terminal);
}

void flt_report_progress(FILE *terminal, const char *what, double done, double left, const char *note)
{
	if (isnan(done)) {
		fprintf(terminal, "\r%s\033[K", what);
		fflush(terminal);
		return;
	}
	char bar[BAR_WIDTH + 1];
	size_t filled = (size_t)(done * BAR_WIDTH);
	for (size_t i = 0; i < BAR_WIDTH; i++)
		bar[i] = i < filled ? '=' : i == filled ? '>' : ' ';
	bar[BAR_WIDTH] = '\0';
	double seconds = ceil(left);
	fprintf(terminal, "\r%-10.10s [%s] %3.0f %%", what, bar, floor(100 * done));
	if (seconds >= 3600)
		fprintf(terminal, "  %.0f h %02.0f min left", floor(seconds / 3600), floor(fmod(seconds, 3600) / 60));
	else if (seconds >= 100)
		fprintf(terminal, "  %.0f min %02.0f s left", floor(seconds / 60), fmod(seconds, 60));
	else if (isfinite(seconds))
		fprintf(terminal, "  %.0f s left", seconds);
	if (note)
		fprintf(terminal, "  %.24s", note);
	fputs("\033[K", terminal);
	fflush(terminal);
}
