#ifndef CLI_CONFIG_H
#define CLI_CONFIG_H

#include "cli/parsed.h"

/* Reads settings.config, each line through parsed_set. */
enum flt_status config_read(struct parsed *parsed, struct flt_error *err);

#endif
