/*
 * One network whose rows are dealt over ranks: in each step the first ranks compute shards of their own (nn/team.h),
 * and all of these end with the same network. A rank beyond them only waits.
 */
#ifndef PROTOCOL_ROW_TEAM_H
#define PROTOCOL_ROW_TEAM_H

#include "protocol/fit.h"
#include "protocol/recipe.h"

struct flt_row_team {
	struct flt_team team;
	/* in, borrowed */
	struct flt_ranks *ranks;
	/* Called again and again while this rank waits for the others in a step, whose state is the one that
	 * between_steps was shown. */
	void (*on_wait)(void *context);
	void *context;
};

/* How the rows of a fit are dealt. */
struct flt_row_deal {
	size_t n_ranks; /* that have a part in it; 0: it is not one network alone, or Newton's method finds it */
	size_t n_rows, n_steps; /* of a step; of an epoch */
};

struct flt_row_deal flt_row_deal(const struct flt_roster *roster, const struct flt_recipe_rows *fit, size_t n_ranks);

/* What the trades of one rank came to, in a step. */
struct flt_row_trades {
	double n_messages, n_bytes; /* that it sent */
	double share;               /* of the seconds of training */
};

struct flt_row_trades flt_row_trades(const struct flt_fit_result *result, const struct flt_row_deal *deal,
                                     const struct flt_ranks *ranks);

/* Steps of fewer rows gain little by ranks, and nothing across machines. */
enum { FLT_FEW_ROWS_A_STEP = 2048, FLT_ENOUGH_ROWS_A_STEP = 4096 };

/* Sets team, for flt_train_hooks; n: the team's size. */
void flt_row_team_init(struct flt_row_team *rows, size_t n);

/* On a rank beyond the team, in place of training. */
enum flt_status flt_row_team_watch(struct flt_ranks *ranks, struct flt_error *err);

#endif
