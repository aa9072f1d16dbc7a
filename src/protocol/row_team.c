#include "protocol/row_team.h"

#include <math.h>

#include "nn/order.h"
#include "nn/team.h"

struct flt_row_deal flt_row_deal(const struct flt_roster *roster, const struct flt_recipe_rows *fit, size_t n_ranks)
{
	const struct flt_train_options *train = &roster->kinds[0].train;
	size_t n_visited = flt_epoch_rows(train, fit->n, fit->n_positive).n;
	struct flt_row_deal deal = {.n_rows = train->batch < n_visited ? train->batch : n_visited};
	deal.n_steps = (n_visited + deal.n_rows - 1) / deal.n_rows;
	if (n_ranks > 1 && roster->n_members == 1 && train->optimizer != FLT_NEWTON)
		deal.n_ranks = flt_team_size(flt_train_n_shards(train, fit->n), n_ranks);
	return deal;
}

struct flt_row_trades flt_row_trades(const struct flt_fit_result *result, const struct flt_row_deal *deal,
                                     const struct flt_ranks *ranks)
{
	struct flt_traded traded = flt_ranks_traded(ranks);
	double n_steps = fmax(1, (double)(result->train[0].epochs * deal->n_steps));
	return (struct flt_row_trades){.n_messages = traded.n_messages / n_steps,
	                               .n_bytes = traded.n_bytes / n_steps,
	                               .share = traded.seconds / result->seconds_train};
}

enum flt_status flt_row_team_watch(struct flt_ranks *ranks, struct flt_error *err)
{
	return flt_ranks_agree(ranks, 0, FLT_OK, err);
}

static enum flt_status meet(void *context, struct flt_error *err)
{
	const struct flt_row_team *rows = context;
	return flt_row_team_watch(rows->ranks, err);
}

static void trade(void *context, const struct flt_parcel *out, const struct flt_parcel *in, bool state_holds)
{
	const struct flt_row_team *rows = context;
	flt_ranks_trade(rows->ranks, rows->team.n, out, in, state_holds ? rows->on_wait : NULL, rows->context);
}

void flt_row_team_init(struct flt_row_team *rows, size_t n)
{
	rows->team = (struct flt_team){
	        .n = n, .own = flt_ranks_own(rows->ranks), .meet = meet, .trade = trade, .context = rows};
}
