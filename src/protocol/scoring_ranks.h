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

#endif
