/* What a decision rule promises of new rows, what the promise costs, and what a threshold cannot do, in words. */
#ifndef REPORT_CHOICE_TEXT_H
#define REPORT_CHOICE_TEXT_H

#include "detector/model.h"
#include "report/layout.h"

/* "recall >= 0.9 with 90 % confidence", for a rule that is a floor. */
struct text flt_floor_text(const struct flt_rule *rule);

/* For a floor that asks for confidence, a line: whether it is promised, its price in alarms beside the bare estimate's,
 * or what it would take. Nothing for other rules. */
void flt_say_promise(struct flt_layout *layout, const struct flt_detector *detector);

enum { FLT_CHOICE_TEXT_SIZE = 640 };

/* Whether top:K or rate:F took some of the rows of equal probability and not others; the sentence says how many. */
bool flt_ties_text(const struct flt_detector *detector, char text[FLT_CHOICE_TEXT_SIZE]);

/* Whether the detector's own rule is a floor with confidence; the sentence says that `rule` takes its place. */
bool flt_replaced_text(const struct flt_detector *detector, const char *rule, char text[FLT_CHOICE_TEXT_SIZE]);

#endif
