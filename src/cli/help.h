/* Pages about the program itself, all made from the option table and the list of commands. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include <stdio.h>

#include "cli/commands.h"
#include "cli/parsed.h"

void help_usage(FILE *out);                                    /* a few lines, when there are no arguments */
void help_program(FILE *out);                                  /* fltrain --help */
void help_command(FILE *out, const struct command *command);   /* fltrain COMMAND --help */
void help_option(FILE *out, const struct option *option);      /* with the commands that take it */
void help_text(FILE *out, const char *name, const char *text); /* wrapped, behind its name */
void help_markdown(FILE *out, const struct command *command);
void help_version(FILE *out);

/* fltrain help TOPIC; NULL: of the program. FLT_ERR_USAGE if there is no such topic. */
enum flt_status help_topic(FILE *out, const char *topic, struct flt_error *err);

/* A config file that gives the same run. */
enum flt_status help_config(FILE *out, const struct parsed *parsed, struct flt_error *err);

#endif
