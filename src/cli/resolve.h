#ifndef CLI_RESOLVE_H
#define CLI_RESOLVE_H

#include "cli/parsed.h"

/* Once all options are set: contradictions, implications and what follows from them. */
enum flt_status options_resolve(struct parsed *parsed, struct flt_error *err);

#endif
