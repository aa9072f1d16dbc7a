#ifndef REPORT_VERDICT_TEXT_H
#define REPORT_VERDICT_TEXT_H

#include "report/layout.h"
#include "report/report.h"

enum { FLT_MOST_SENTENCES = 9 };

/* What opens a report: what the detector did, in counts of rows and in words that need no statistics; whether that is
 * more than guessing; how sure one can be. */
struct flt_verdict_text {
	size_t n;
	struct flt_sentence {
		bool opens_line; /* in a text report: it does not follow the one before it in the same line */
		enum flt_tone tone;
		char text[512]; /* whole, and free of control characters */
	} sentence[FLT_MOST_SENTENCES];
};

void flt_verdict_find(const struct flt_evaluation *evaluation, struct flt_verdict_text *verdict);

/* The same as the section of a text report that opens it. */
void flt_say_verdict(struct flt_layout *layout, const struct flt_evaluation *evaluation);

/* What other thresholds would give, as a table. */
void flt_say_operating_points(struct flt_layout *layout, const struct flt_evaluation *evaluation);

#endif
