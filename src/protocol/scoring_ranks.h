/* Scoring over ranks: what they have to have in common before a stream's rows are dealt (detector/stream_deal.h). */
#ifndef PROTOCOL_SCORING_RANKS_H
#define PROTOCOL_SCORING_RANKS_H

#include <stdbool.h>

#include "fltrain/stream.h"
#include "ranks/ranks.h"

/* Whether every rank can open what has that name: a file can be, a pipe cannot. */
bool flt_scoring_ranks_can_read(const char *path);

struct flt_scoring_ranks {
	struct flt_ranks *ranks; /* borrowed; NULL: one process does all */

	/* Filled: a rank that computes with other instructions than this one, and these; "": there is none. */
	size_t odd_rank;
	char odd_kernels[128];
};

/* All ranks call it, of which flt_rank_words_compare found nothing to say, before they run their streams, and then run
 * them alike. FLT_ERR_MODEL: a rank has another model. */
enum flt_status flt_scoring_ranks_join(struct flt_scoring_ranks *scoring, const struct flt_detector *detector,
                                       struct flt_stream *stream, struct flt_error *err);

/* What scoring together came to on one rank, from where they joined to the end of its last run. */
struct flt_scoring_trades {
	size_t n_ranks;
	double seconds;
	double share;               /* of the seconds, for what ranks told each other, most of it waiting */
	double scoring_share;       /* of the seconds, for this rank's own rows: all that ranks divide */
	double n_messages, n_bytes; /* that it sent, in each batch of rows */
};

/* seconds is 0 if the stream was not dealt over ranks, or did not come to its end. */
struct flt_scoring_trades flt_scoring_trades(const struct flt_stream *stream, const struct flt_ranks *ranks);

/* What these seconds tell of other numbers of ranks, if each has as many processors. */
enum flt_scoring_advice {
	FLT_MORE_RANKS_MAY_HELP,
	FLT_MORE_RANKS_WILL_NOT, /* twice as many would save less than an eighth */
	FLT_ONE_PROCESS_IS_FASTER
};

enum flt_scoring_advice flt_scoring_advice(const struct flt_scoring_trades *trades);

#endif
