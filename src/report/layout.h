/* The building blocks of text reports: aligned, wrapped lines, and figures with as many digits as make sense. */
#ifndef REPORT_LAYOUT_H
#define REPORT_LAYOUT_H

#include <stdbool.h>
#include <stdio.h>

#include "eval/metrics.h"
#include "report/style.h"
#include "table/table.h"

/* A line starts with a heading or an indent of the same width. Its items are joined by separators; where an item would
 * pass the width of the page, the line breaks at the first blank of its separator. */
struct flt_layout {
	FILE *out;
	struct flt_style style;
	size_t column; /* width of the current line so far; 0: no line is open */
	size_t indent; /* of the current line */
	enum flt_tone tone;
};

size_t flt_layout_width(const struct flt_layout *layout); /* of the page, in columns */

void flt_layout_heading(struct flt_layout *layout, const char *heading); /* ends the open line, starts one */
void flt_layout_line(struct flt_layout *layout, size_t more_indent);     /* the same without a heading */
void flt_layout_item(struct flt_layout *layout, const char *separator, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* A line of a table, which needs the width: indented less, with room for a mark of one character. */
void flt_layout_row(struct flt_layout *layout, char mark);
size_t flt_layout_row_width(const struct flt_layout *layout); /* columns behind the indent */
/* What follows is said in this tone, until the next one. */
void flt_layout_tone(struct flt_layout *layout, enum flt_tone tone);
/* Words that break at any blank, joined to what stands there by a blank. */
void flt_layout_prose(struct flt_layout *layout, const char *format, ...) __attribute__((format(printf, 2, 3)));
void flt_layout_end(struct flt_layout *layout); /* ends the open line, if any */

/* Short texts by value: `flt_share(x).text` lives to the end of the full expression. */
struct text {
	char text[64];
};

struct text flt_significant(double value, int digits); /* 0.00213, 14.2, 3.1e-08; "-" if not finite */
struct text flt_share(double value);                   /* 0.005 is "0.50 %" */
struct text flt_fraction(double value, int decimals);  /* in [-1, 1]: more decimals near 0 and 1, plain 0 and 1 */
struct text flt_shown_interval(const struct flt_interval *interval, const char *star); /* "0.587 [0.43, 0.73]" */
struct text flt_shown_short(const struct flt_interval *interval, const char *star);    /* "0.59 [0.43, 0.73]" */
struct text flt_shown_small(const struct flt_interval *interval, const char *star);    /* "0.0324 [0.029, 0.036]" */
struct text flt_duration(double seconds);
struct text flt_shown_time(const struct flt_table *table, double time); /* a value of its time column */

const char *flt_plural(size_t n); /* "s" unless n is 1 */

/* Prints part of a line, or with '\n' at its end a whole one. Control characters, which foreign text may hold, become
 * '?': so do those in items above. */
void flt_say(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same behind "fltrain: warning: ". */
void flt_say_warning(FILE *out, struct flt_style style, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The same of a text cut to so many columns. Returns how many it took. */
size_t flt_say_cut(FILE *out, const char *text, size_t width);
void flt_say_padded(FILE *out, const char *text, size_t width); /* with blanks behind it, to the width */

struct quoted {
	char text[256];
};

/* A name from the data between quotes: control characters escaped, cut at 40 columns. */
struct quoted flt_quoted(const char *name);

#endif
