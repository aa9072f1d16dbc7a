#include "report/report.h"

#include <math.h>

enum { BAR_WIDTH = 24 };

/* The time left supposes that the rest goes as fast as what is done; training may also stop early. */
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

void flt_report_progress_clear(FILE *terminal)
{
	fputs("\r\033[K", terminal);
	fflush(terminal);
}
