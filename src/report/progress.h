/* How far a long piece of work is, and how long it will still take: for people, or for programs that wrap this one. */
#ifndef REPORT_PROGRESS_H
#define REPORT_PROGRESS_H

#include <stdbool.h>
#include <stdio.h>

/* Seconds on a monotonic clock, for times that reports show. Safe to call from a signal handler. */
double flt_report_clock(void);

/* A bar on a terminal, redrawn in place ten times a second; a line of words every ten seconds; a line of JSON every
 * second: {"doing":"training","share":0.25,"seconds_left":12.5,"note":"..."}, null where a value is not known. */
enum flt_progress_style {
	FLT_PROGRESS_NONE,
	FLT_PROGRESS_BAR,
	FLT_PROGRESS_LINES,
	FLT_PROGRESS_JSON,
	FLT_N_PROGRESS_STYLES
};
extern const char *const flt_progress_style_words[];

struct flt_progress {
	FILE *out;
	enum flt_progress_style style;
	size_t width;          /* columns of the terminal, which a bar keeps within; 0: unknown, like 80 */
	const char *what;      /* "training": one word */
	double started, shown; /* on flt_report_clock */
};

struct flt_progress flt_progress_start(FILE *out, enum flt_progress_style style, const char *what);

/* Whether it may be shown again: the last time, or the start, was long enough ago. */
bool flt_progress_is_due(const struct flt_progress *progress);

/* Shows it if it is due, and the full bar in any case. share: of the work that is done, [0, 1], or NaN if nobody knows;
 * left: seconds, NaN if not known; note may be NULL. */
void flt_progress_show(struct flt_progress *progress, double share, double left, const char *note);

/* Something else is done now, which is shown at once. */
void flt_progress_turn(struct flt_progress *progress, const char *what);

/* Seconds left if the rest goes as fast as what was done since the start, which `before` was done before; NaN if that
 * is nothing. */
double flt_progress_left(const struct flt_progress *progress, double share, double before);

void flt_progress_clear(const struct flt_progress *progress); /* takes the bar away */

/* One of them, whether it is due or not. */
void flt_report_progress(const struct flt_progress *progress, double share, double left, const char *note);

/* The arithmetic of flt_progress_left. */
double flt_seconds_left(double seconds, double share, double before);

#endif
