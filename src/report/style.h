/* How text looks on what shows it. */
#ifndef REPORT_STYLE_H
#define REPORT_STYLE_H

#include <stdbool.h>
#include <stddef.h>

/* Columns that a report is wrapped at. Tables take up to the usual ones in a narrower terminal, too. */
enum { FLT_NARROWEST = 40, FLT_USUAL_WIDTH = 80, FLT_WIDEST = 120 };

/* What is said, for who sees colours. */
enum flt_tone { FLT_TONE_PLAIN, FLT_TONE_GOOD, FLT_TONE_BAD, FLT_TONE_CAUTION };

/* Zero-initialised: a file. */
struct flt_style {
	bool colour;  /* it can show headings in bold and tones in colour */
	bool blocks;  /* it can show Unicode's block elements; else pictures are drawn in ASCII */
	size_t width; /* its columns; 0: the usual ones; below FLT_NARROWEST or above FLT_WIDEST count as those */
};

#endif
