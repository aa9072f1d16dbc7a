/* The commands. Each has a file of its name, whose run_NAME reads as its story; main.c calls it. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/settings.h"

struct command {
	const char *name;
	unsigned bit;          /* marks the options that it takes: FOR_... */
	const char *arguments; /* "DATA.csv" */
	size_t min_files, max_files;
	const char *summary;     /* one line, for the list of commands */
	const char *const *does; /* what people who look for it may call what it does, then NULL; or no list */
	const char *about;       /* for its own --help: lines that end with a newline */
};

extern const struct command flt_commands[]; /* the first is the default */
extern const size_t flt_n_commands;

const struct command *command_find(const char *name);      /* NULL if there is none */
const struct command *command_that_does(const char *what); /* by its name, or by what it does; NULL: none */

/* Print the results, but not the error. The status is the program's exit code. */
enum flt_status run_compare(const struct settings *settings, struct flt_error *err);
enum flt_status run_cv(const struct settings *settings, struct flt_error *err);
enum flt_status run_check(const struct settings *settings, struct flt_error *err);
enum flt_status run_train(const struct settings *settings, struct flt_error *err);
enum flt_status run_predict(const struct settings *settings, struct flt_error *err);
enum flt_status run_evaluate(const struct settings *settings, struct flt_error *err);
enum flt_status run_explain(const struct settings *settings, struct flt_error *err);
enum flt_status run_report(const struct settings *settings, struct flt_error *err);
enum flt_status run_export(const struct settings *settings, struct flt_error *err);
enum flt_status run_demo(const struct settings *settings, struct flt_error *err);
enum flt_status run_inspect(const struct settings *settings, struct flt_error *err);

#endif
