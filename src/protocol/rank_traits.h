/* What all ranks are to have in common, whatever their command works on. */
#ifndef PROTOCOL_RANK_TRAITS_H
#define PROTOCOL_RANK_TRAITS_H

#include "ranks/same.h"

enum { FLT_COMMON_TRAITS = 3 };

/* Fills the first FLT_COMMON_TRAITS: the version, the command, and options, one "key = value" a line. Borrowed. */
void flt_rank_traits_begin(struct flt_ranks_trait *traits, const char *command, const char *options);

#endif
