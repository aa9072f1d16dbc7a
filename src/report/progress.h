/* A progress line on a terminal, redrawn in place. */
#ifndef REPORT_PROGRESS_H
#define REPORT_PROGRESS_H

#include <stdio.h>

/* Seconds on a monotonic clock, for times that reports show. Safe to call from a signal handler. */
double flt_report_clock(void);

struct flt_progress {
	FILE *terminal; /* NULL: nothing is drawn */
	const char *what;
	double started, drawn; /* on flt_report_clock */
};

struct flt_progress flt_progress_start(FILE *terminal, const char *what);

/* Draws the line if the last time was long enough ago, or if all is done. done <= total; note may be NULL. */
void flt_progress_draw(struct flt_progress *progress, size_t done, size_t total, const char *note);

void flt_progress_clear(const struct flt_progress *progress);

/* The line itself. */
void flt_report_progress(FILE *terminal, const char *what, size_t done, size_t total, double seconds_so_far,
                         const char *note);

#endif
