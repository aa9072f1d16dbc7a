/* The sentence for an option that a command does not have: which one was meant, or which command has it or does that.
 */
#ifndef CLI_UNKNOWN_OPTION_H
#define CLI_UNKNOWN_OPTION_H

#include "cli/commands.h"

/* The option is the first `length` bytes of the argument, with its dashes. Returns FLT_ERR_USAGE. */
enum flt_status unknown_option_refuse(const char *argument, size_t length, const struct command *command,
                                      struct flt_error *err);

#endif
