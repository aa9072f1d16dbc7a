/* What a decision rule promises of new rows, what the promise costs, and what a threshold cannot do, in words. */
#ifndef REPORT_CHOICE_TEXT_H
#define REPORT_CHOICE_TEXT_H

#include "detector/model.h"
#include "report/layout.h"

/* "recall >= 0.9 with 90 % confidence", for a rule that is a floor. */
struct text flt_floor_text(const struct flt_rule *rule);

/* What there is to say of the threshold beside its rule, as a line. For a floor that asks for confidence: whether it is
 * promised, its price in alarms beside the bare estimate's, or what it would take. For top:K and rate:F: where rows of
 * equal probability keep the threshold from taking exactly as many. */
void flt_say_choice(struct flt_layout *layout, const struct flt_detector *detector);

enum { FLT_CHOICE_TEXT_SIZE = 640 };

/* Whether top:K or rate:F took some of the rows of equal probability and not others; the sentence says how many. */
bool flt_ties_text(const struct flt_detector *detector, char text[FLT_CHOICE_TEXT_SIZE]);

/* Whether the detector's own rule is a floor with confidence; the sentence says that `rule` takes its place. */
bool flt_replaced_text(const struct flt_detector *detector, const char *rule, char text[FLT_CHOICE_TEXT_SIZE]);

#endif
