/* From argv to settings. */
#ifndef CLI_COMMAND_LINE_H
#define CLI_COMMAND_LINE_H

#include "cli/settings.h"

struct command;
struct parsed;

/* argv holds what comes after the command's name. On success all settings are set (with --help and --version only
 * those flags). Call parsed_release in any case. */
enum flt_status command_line_parse(int argc, char **argv, const struct command *command, struct parsed *parsed,
                                   struct flt_error *err);

/* Keeps the command line as settings.command_line. argv holds the program's name, too. */
enum flt_status command_line_keep(int argc, char **argv, struct parsed *parsed, struct flt_error *err);

/* What a fit takes with other options on top of the settings, in words separated by blanks: "--loss focal --gamma 1".
 * They win over all others; data, split and run cannot differ. text is written into. */
enum flt_status command_line_vary(const struct settings *settings, char *text, struct flt_fit_options *options,
                                  struct flt_error *err);

#endif
