/*
 * The program as several ranks. All parse the same command line. `train`, `compare` and `cv` deal their trainings over
 * them, `predict` and `evaluate` the rows of files; all else runs on rank 0. Rank 0 alone prints, and writes files.
 */
#ifndef CLI_OVER_RANKS_H
#define CLI_OVER_RANKS_H

#include "cli/settings.h"
#include "protocol/experiment.h"
#include "fltrain/stream.h"

/* From the start: on all ranks but 0, stdout leads nowhere. */
enum flt_status over_ranks_begin(const struct flt_ranks *ranks, struct flt_error *err);

/* Makes the settings those of this rank: its threads, where none were asked for, and no outputs but on rank 0. */
void over_ranks_settle(struct settings *settings, struct flt_ranks *ranks);

/* Whether the command's work is dealt, if there are ranks: of predict and evaluate, that of files, not of a pipe. */
bool over_ranks_deals(const struct settings *settings);

/* *runs: whether this rank has a part in the command. Refuses a training on rows that only one rank could read; says
 * that ranks have nothing to do. */
enum flt_status over_ranks_look(const struct settings *settings, bool *runs, struct flt_error *err);

/* Warns of a rank that computes with other instructions than this one, and so may round otherwise. */
void over_ranks_tell_odd(const struct settings *settings, size_t rank, const char *kernels);

/* Before a training: warns where its rows are too few in a step for so many ranks. */
void over_ranks_tell_deal(const struct settings *settings, const struct flt_experiment *experiment);

/* After it: what trading sums between ranks took, with --verbose. */
void over_ranks_tell_trades(const struct settings *settings, const struct flt_experiment *experiment);

/* After rows were scored: what trading scores between ranks took, with --verbose. */
void over_ranks_tell_scoring(const struct settings *settings, const struct flt_stream *stream);

#endif
