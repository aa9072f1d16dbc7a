#include "protocol/scoring_ranks.h"

#include <math.h>
#include <stdio.h>

#include "detector/model.h"
#include "detector/stream_deal.h"
#include "protocol/checkpoint.h"
#include "ranks/same.h"

bool flt_scoring_ranks_can_read(const char *path)
{
	return !flt_stream_is_pipe(path);
}

enum flt_status flt_scoring_ranks_join(struct flt_scoring_ranks *scoring, const struct flt_detector *detector,
                                       struct flt_stream *stream, struct flt_error *err)
{
	enum { MODEL, KERNELS, N_TRAITS };
	struct flt_ranks_trait traits[N_TRAITS];
	if (flt_ranks_count(scoring->ranks) == 1)
		return FLT_OK;
	traits[MODEL] = (struct flt_ranks_trait){.own = detector->file_sha256,
	                                         .status = FLT_ERR_MODEL,
	                                         .differs = "has another model; give all ranks the same file"};
	traits[KERNELS] = (struct flt_ranks_trait){.own = flt_checkpoint_own_kernels()};
	FLT_TRY(flt_ranks_compare(scoring->ranks, traits, N_TRAITS, err));
	scoring->odd_rank = traits[KERNELS].odd_rank;
	snprintf(scoring->odd_kernels, sizeof scoring->odd_kernels, "%s", traits[KERNELS].other);
	flt_stream_deal_over(stream, scoring->ranks);
	return FLT_OK;
}

struct flt_scoring_trades flt_scoring_trades(const struct flt_stream *stream, const struct flt_ranks *ranks)
{
	const struct flt_stream_dealt dealt = flt_stream_dealt(stream);
	double n_batches = fmax(1, (double)dealt.n_batches);
	if (dealt.seconds <= 0)
		return (struct flt_scoring_trades){0};
	return (struct flt_scoring_trades){.n_ranks = flt_ranks_count(ranks),
	                                   .seconds = dealt.seconds,
	                                   .share = dealt.told.seconds / dealt.seconds,
	                                   .scoring_share = dealt.seconds_scoring / dealt.seconds,
	                                   .n_messages = dealt.told.n_messages / n_batches,
	                                   .n_bytes = dealt.told.n_bytes / n_batches};
}

/* One process would score the rows of all ranks, and tell nobody. */
enum flt_scoring_advice flt_scoring_advice(const struct flt_scoring_trades *trades)
{
	const double little = 0.25;
	if (trades->share > trades->scoring_share * (double)(trades->n_ranks - 1))
		return FLT_ONE_PROCESS_IS_FASTER;
	return trades->scoring_share < little ? FLT_MORE_RANKS_WILL_NOT : FLT_MORE_RANKS_MAY_HELP;
}
