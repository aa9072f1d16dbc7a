/* Pages about the program itself, all made from the option table and the list of commands. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include <stdio.h>

#include "cli/commands.h"
#include "cli/parsed.h"

extern const char flt_about_program[]; /* a line */

struct exit_code {
	const char *codes, *meaning;
};
extern const struct exit_code flt_exit_codes[];
extern const size_t flt_n_exit_codes;

void help_usage(FILE *out);                                    /* a few lines, when there are no arguments */
void help_program(FILE *out);                                  /* fltrain --help */
void help_command(FILE *out, const struct command *command);   /* fltrain COMMAND --help */
void help_option(FILE *out, const struct option *option);      /* with the commands that take it */
void help_text(FILE *out, const char *name, const char *text); /* wrapped, behind its name */
void help_markdown(FILE *out, const struct command *command);
void help_version(FILE *out);

/* fltrain help TOPIC; NULL: of the program. FLT_ERR_USAGE if there is no such topic. */
enum flt_status help_topic(FILE *out, const char *topic, struct flt_error *err);

/* What pages in other formats are made of. */
enum { FLT_HELP_SIZE = 640 };
/* The help of an option with its bounds and what holds if it is not given to the command. text (size) */
void help_describe(const struct option *option, const struct command *command, char *text, size_t size);
bool help_shows(const struct option *option, const struct command *command, size_t group);
bool help_has_group(const struct command *command, size_t group); /* whether it shows any of its options */
/* Calls with each word that reports use and what it means. */
void help_each_word(void (*take)(void *context, const char *name, const char *meaning), void *context);

/* A config file that gives the same run. */
enum flt_status help_config(FILE *out, const struct parsed *parsed, struct flt_error *err);

#endif
