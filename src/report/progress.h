/* A progress line on a terminal, redrawn in place. */
#ifndef REPORT_PROGRESS_H
#define REPORT_PROGRESS_H

#include <stdbool.h>
#include <stdio.h>

/* Seconds on a monotonic clock, for times that reports show. Safe to call from a signal handler. */
double flt_report_clock(void);

struct flt_progress {
	FILE *terminal; /* NULL: nothing is drawn */
	const char *what;
	double started, drawn; /* on flt_report_clock */
};

struct flt_progress flt_progress_start(FILE *terminal, const char *what);

/* Whether the line may be drawn again: the last time was long enough ago. */
bool flt_progress_is_due(const struct flt_progress *progress);

/* Draws the line if it is due, or if all is done. done: [0, 1], or NaN of work that nobody knows the length of, of
 * which only the word is drawn, now; left: seconds, NaN if not known; note may be NULL. */
void flt_progress_draw(struct flt_progress *progress, double done, double left, const char *note);

/* Seconds left if the rest goes as fast as what was done since the start, which `before` was done before; NaN if that
 * is nothing. */
double flt_progress_left(const struct flt_progress *progress, double done, double before);

void flt_progress_clear(const struct flt_progress *progress);

/* The line itself. */
void flt_report_progress(FILE *terminal, const char *what, double done, double left, const char *note);

/* The arithmetic of flt_progress_left. */
double flt_seconds_left(double seconds, double done, double before);

#endif
