/*
 * Both floors are shares of hits: of the positive rows that are found, and of the alarms that are right. A threshold
 * keeps the floor q with confidence where so many hits, or more, would be unlikely at exactly q: P(Bin(n, q) >= hits),
 * the test behind Clopper and Pearson's bound, which by I_q(hits, misses + 1) goes on between whole numbers. Weighted
 * and clustered rows count by their effective numbers: the weight of a class divided by its unit (eval/candidates.h).
 *
 * Recall: hits grow as the threshold falls, so the first candidate from above that passes is the highest.
 *
 * Precision: candidates are tested from a starting point down, each at the full level, up to the first that fails;
 * those before it all keep the floor with the confidence asked for (fixed sequence testing; Angelopoulos et al. 2021,
 * "Learn then Test"). The sequence must not depend on which rows are positive, so it goes by rank. It starts where the
 * bound is likeliest to hold: not at the top, where a single false alarm is too many.
 *
 * Where times are known, the units grow by what stretches of time differ (eval/stretches.h), as seen at the bare
 * estimate: one place for all candidates, so that none is chosen because it looks steady by chance.
 */
#include "eval/floors.h"

#include <math.h>

#include "eval/beta.h"
#include "eval/stretches.h"

struct floor {
	const struct flt_candidates *candidates;
	double floor; /* R, or P */
	double alpha; /* 1 - confidence */
	bool bare;    /* the estimate is to reach the floor, without confidence */
	/* The precision that effective numbers have where weights have precision P: positive and negative rows may have
	 * different units. */
	double effective_floor;
};

static double effective(const struct floor *asked, double weight, int class)
{
	return weight / asked->candidates->unit[class];
}

/* The chance of so many hits, or more, at exactly the floor, which is `share` of effective numbers. */
static double chance(double hits, double misses, double share)
{
	return hits > 0 ? flt_incomplete_beta(hits, misses + 1, share, 1 - share) : 1;
}

/* ---- recall ---- */

static double recall_of(const struct floor *asked, const struct flt_candidate *candidate)
{
	return candidate->tp / asked->candidates->positive;
}

static bool keeps_recall(const struct floor *asked, const struct flt_candidate *candidate)
{
	if (asked->bare)
		return recall_of(asked, candidate) >= asked->floor;
	double found = effective(asked, candidate->tp, 1);
	double missed = effective(asked, asked->candidates->positive - candidate->tp, 1);
	return chance(found, missed, asked->floor) <= asked->alpha;
}

/* The highest candidate that keeps the floor, else the highest that misses nothing. */
static struct flt_choice choose_recall(const struct floor *asked)
{
	struct flt_candidate candidate = {0};
	bool met = false;
	while (!met && candidate.tp < asked->candidates->positive && flt_candidates_next(asked->candidates, &candidate))
		met = keeps_recall(asked, &candidate);
	struct flt_choice choice = {.threshold = candidate.threshold, .met = met};
	choice.attained = recall_of(asked, &candidate);
	choice.alarms = candidate.alarms / asked->candidates->weight;
	choice.has = effective(asked, asked->candidates->positive, 1);
	choice.needed = asked->floor < 1 ? ceil(log(asked->alpha) / log(asked->floor)) : HUGE_VAL;
	return choice;
}

/* ---- precision ---- */

static double precision_of(const struct flt_candidate *candidate)
{
	return candidate->tp / candidate->alarms;
}

static double doubt_of(const struct floor *asked, const struct flt_candidate *candidate)
{
	double right = effective(asked, candidate->tp, 1),
	       wrong = effective(asked, candidate->alarms - candidate->tp, 0);
	return chance(right, wrong, asked->effective_floor);
}

/* The number of alarms with which the tests start, at least: three times the fewest that could show the floor. In
 * simulations this, or a tenth of the positive rows, found the most positive rows of the starts tried. */
static double least_alarms(const struct floor *asked)
{
	return 3 * ceil(log(asked->alpha) / log(asked->effective_floor));
}

/* In rows. */
static double first_alarms(const struct floor *asked)
{
	const struct flt_candidates *candidates = asked->candidates;
	double positive = effective(asked, candidates->positive, 1), n = (double)candidates->rows->n;
	double rows = positive + effective(asked, candidates->weight - candidates->positive, 0);
	return fmin(fmax(least_alarms(asked), positive / 10) * n / rows, n);
}

/* Of the candidates before the first that fails, the one with the most positive rows; tp is 0 if there is none. */
static struct flt_candidate last_kept(const struct floor *asked)
{
	double start = first_alarms(asked);
	struct flt_candidate candidate = {0}, best = {0};
	while (flt_candidates_next(asked->candidates, &candidate)) {
		if ((double)candidate.n_alarms < start)
			continue;
		if (doubt_of(asked, &candidate) > asked->alpha)
			break;
		if (candidate.tp > best.tp)
			best = candidate;
	}
	return best;
}

/* The most positive rows among the candidates whose own precision reaches the floor. */
static struct flt_candidate most_recall(const struct floor *asked)
{
	struct flt_candidate candidate = {0}, best = {0};
	while (flt_candidates_next(asked->candidates, &candidate))
		if (precision_of(&candidate) >= asked->floor && candidate.tp > best.tp)
			best = candidate;
	return best;
}

/* Where the floor is out of reach: the least doubt, then the highest precision, then the lowest threshold. */
static struct flt_candidate nearest(const struct floor *asked)
{
	struct flt_candidate candidate = {0}, best = {0};
	double least = HUGE_VAL, highest = 0;
	while (flt_candidates_next(asked->candidates, &candidate)) {
		double doubted = asked->bare ? 1 : doubt_of(asked, &candidate), precision = precision_of(&candidate);
		if (doubted > least || (doubted == least && precision < highest))
			continue;
		least = doubted;
		highest = precision;
		best = candidate;
	}
	return best;
}

/* Whether so many alarms, of which `share` are right, would show the floor. */
static bool would_show(const struct floor *asked, double alarms, double share)
{
	return chance(alarms * share, alarms * (1 - share), asked->effective_floor) <= asked->alpha;
}

/* How many alarms of the candidate's precision would show the floor. */
static double alarms_needed(const struct floor *asked, const struct flt_candidate *candidate)
{
	const double most = 1e9;
	double right = effective(asked, candidate->tp, 1);
	double share = right / (right + effective(asked, candidate->alarms - candidate->tp, 0));
	double low = least_alarms(asked), high = low;
	if (share <= asked->effective_floor)
		return HUGE_VAL;
	while (high < most && !would_show(asked, high, share)) {
		low = high;
		high *= 2;
	}
	while (high - low > 1) {
		double middle = trunc(low + (high - low) / 2);
		*(would_show(asked, middle, share) ? &high : &low) = middle;
	}
	return high < most ? high : HUGE_VAL;
}

static struct flt_choice choose_precision(const struct floor *asked)
{
	struct flt_candidate best = asked->bare ? most_recall(asked) : last_kept(asked);
	bool met = best.tp > 0;
	if (!met)
		best = nearest(asked);
	struct flt_choice choice = {.threshold = best.threshold, .met = met};
	choice.attained = precision_of(&best);
	choice.alarms = best.alarms / asked->candidates->weight;
	choice.has = effective(asked, best.tp, 1) + effective(asked, best.alarms - best.tp, 0);
	choice.needed = alarms_needed(asked, &best);
	return choice;
}

/* ---- both ---- */

static struct flt_choice choose(const struct flt_candidates *candidates, const struct flt_rule *rule, bool bare)
{
	double p = rule->value, positive = candidates->unit[1], negative = candidates->unit[0];
	struct floor asked = {
	        .candidates = candidates,
	        .floor = p,
	        .alpha = 1 - rule->confidence / 100,
	        .bare = bare,
	        .effective_floor = p * negative / (p * negative + (1 - p) * positive),
	};
	return rule->kind == FLT_RULE_RECALL ? choose_recall(&asked) : choose_precision(&asked);
}

enum flt_status flt_choose_floor(const struct flt_candidates *candidates, const struct flt_rule *rule,
                                 struct flt_choice *choice, struct flt_error *err)
{
	struct flt_choice bare = choose(candidates, rule, true);
	struct flt_candidates known = *candidates;
	bool is_promise = flt_rule_is_promise(rule);
	double spread = 1;
	if (is_promise && candidates->rows->time)
		FLT_TRY(flt_stretches_spread(candidates, bare.threshold, rule->kind == FLT_RULE_RECALL,
		                             rule->confidence, &spread, err));
	for (int class = 0; class < 2; class ++)
		known.unit[class] *= spread;
	*choice = is_promise ? choose(&known, rule, false) : bare;
	choice->spread = spread;
	choice->bare_threshold = bare.threshold;
	choice->bare_alarms = bare.alarms;
	if (choice->met || !is_promise)
		choice->has = choice->needed = (double)NAN;
	return FLT_OK;
}
