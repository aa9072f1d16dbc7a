/* The words with which ranks were started, compared before they read anything: what they deal supposes that all do the
 * same. */
#ifndef PROTOCOL_RANK_WORDS_H
#define PROTOCOL_RANK_WORDS_H

#include "ranks/ranks.h"

struct flt_rank_words {
	const char *command;
	const char *options; /* that change what is computed, one "key = value" a line */
	const char *files;   /* how many */
};

/* All ranks call it. FLT_ERR_USAGE: one has another version, another command, other options, or more files. */
enum flt_status flt_rank_words_compare(struct flt_ranks *ranks, const struct flt_rank_words *words,
                                       struct flt_error *err);

#endif
