#include "report/choice_text.h"

#include <math.h>

static const char *floor_name(const struct flt_rule *rule)
{
	return rule->kind == FLT_RULE_RECALL ? "recall" : "precision";
}

struct text flt_floor_text(const struct flt_rule *rule)
{
	struct text text;
	if (flt_rule_is_promise(rule))
		snprintf(text.text, sizeof text.text, "%s >= %g with %g %% confidence", floor_name(rule), rule->value,
		         rule->confidence);
	else
		snprintf(text.text, sizeof text.text, "%s >= %g, a bare estimate", floor_name(rule), rule->value);
	return text;
}

static void say_price(struct flt_layout *layout, const struct flt_rule *rule, const struct flt_choice *choice)
{
	flt_layout_item(layout, "", "new rows like those reach %s >= %g with %g %% confidence", floor_name(rule),
	                rule->value, rule->confidence);
	if (!isfinite(choice->alarms)) /* the prior has moved since */
		return;
	flt_layout_item(layout, "; ", "the price: %.0f alarms per 10,000 rows", 1e4 * choice->alarms);
	flt_layout_item(layout, ", ", "where the bare estimate (@%g) would raise %.0f", FLT_RULE_ESTIMATE,
	                1e4 * choice->bare_alarms);
}

/* What times showed. Rounded, it would be 1 otherwise. */
static void say_spread(struct flt_layout *layout, const struct flt_rule *rule, const struct flt_choice *choice)
{
	const double least = 1.05;
	if (!(choice->spread >= least))
		return;
	flt_layout_line(layout, 2);
	flt_layout_item(layout, "", "%s varies over time as if %.2g rows were one", floor_name(rule), choice->spread);
	flt_layout_item(layout, ", ", "which is counted in; a change that is yet to come is not");
}

static void say_shortfall_of_recall(struct flt_layout *layout, const struct flt_rule *rule,
                                    const struct flt_choice *choice)
{
	flt_layout_item(layout, "", "recall >= %g cannot be promised with %.4g independent positives", rule->value,
	                choice->has);
	if (isfinite(choice->needed))
		flt_layout_item(layout, ", ", "it takes %.0f", choice->needed);
	else
		flt_layout_item(layout, ", ", "nor with any number");
	flt_layout_item(layout, ": ", "this threshold finds all of those");
}

static void say_shortfall_of_precision(struct flt_layout *layout, const struct flt_rule *rule,
                                       const struct flt_choice *choice)
{
	flt_layout_item(layout, "", "precision >= %g cannot be promised", rule->value);
	flt_layout_item(layout, ": ", "the nearest threshold gives %s", flt_fraction(choice->attained, 3).text);
	flt_layout_item(layout, " ", "on %.4g independent alarms", choice->has);
	if (isfinite(choice->needed))
		flt_layout_item(layout, ", ", "and it takes %.0f like these", choice->needed);
	else
		flt_layout_item(layout, ", ", "and no number of such alarms would show it");
}

/* Whether the rule took some of the rows of equal probability, and not others. */
static bool ties_matter(const struct flt_choice *choice)
{
	return choice->cut.is_set && choice->cut.n_taken < choice->cut.n_tied;
}

static void say_promise(struct flt_layout *layout, const struct flt_rule *rule, const struct flt_choice *choice)
{
	flt_layout_line(layout, 2);
	if (choice->met)
		say_price(layout, rule, choice);
	else if (rule->kind == FLT_RULE_RECALL)
		say_shortfall_of_recall(layout, rule, choice);
	else
		say_shortfall_of_precision(layout, rule, choice);
	say_spread(layout, rule, choice);
}

static void say_ties(struct flt_layout *layout, const struct flt_rule *rule, const struct flt_choice *choice)
{
	flt_layout_line(layout, 2);
	flt_layout_item(layout, "", "%zu of those rows share the probability %s", choice->cut.n_tied,
	                flt_significant(choice->cut.probability, 3).text);
	if (rule->kind == FLT_RULE_TOP)
		flt_layout_item(layout, ", ", "and a threshold predicts them alike: it takes %.0f rows",
		                choice->attained);
	else
		flt_layout_item(layout, ", ", "and a threshold predicts them alike: it takes %s of the rows",
		                flt_share(choice->attained).text);
	flt_layout_item(layout, "; ", "predict can take exactly as many of a file");
}

void flt_say_choice(struct flt_layout *layout, const struct flt_detector *detector)
{
	const struct flt_choice *choice = &detector->choice;
	if (flt_rule_is_promise(&detector->rule))
		say_promise(layout, &detector->rule, choice);
	else if (ties_matter(choice))
		say_ties(layout, &detector->rule, choice);
}

bool flt_ties_text(const struct flt_detector *detector, char text[FLT_CHOICE_TEXT_SIZE])
{
	const struct flt_cut *cut = &detector->choice.cut;
	char rule[FLT_RULE_SIZE];
	if (!ties_matter(&detector->choice))
		return false;
	flt_rule_format(&detector->rule, rule, sizeof rule);
	snprintf(
	        text, FLT_CHOICE_TEXT_SIZE,
	        "--threshold %s: %zu rows share the probability %s; of these it labels %zu %s, first by score, then by "
	        "row number",
	        rule, cut->n_tied, flt_significant(cut->probability, 4).text, cut->n_taken,
	        flt_quoted(detector->positive).text);
	return true;
}

bool flt_replaced_text(const struct flt_detector *detector, const char *rule, char text[FLT_CHOICE_TEXT_SIZE])
{
	char own[FLT_RULE_SIZE];
	if (!flt_rule_is_promise(&detector->rule) || !detector->choice.met)
		return false;
	flt_rule_format(&detector->rule, own, sizeof own);
	snprintf(text, FLT_CHOICE_TEXT_SIZE,
	         "--threshold %s takes the place of the model's own rule, %s, and of its promise; leave --threshold "
	         "out to keep both",
	         rule, own);
	return true;
}
