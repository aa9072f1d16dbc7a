/*
 * The settings, and how they came about: each option's text and origin, and what resolve.c works from. The parser fills
 * it; commands only see the settings inside.
 */
#ifndef CLI_PARSED_H
#define CLI_PARSED_H

#include "cli/option_table.h"
#include "cli/paths.h"
#include "cli/settings.h"

struct command;

/* In order of precedence. */
enum option_origin { FROM_NOWHERE, FROM_DEFAULT, FROM_FILE, FROM_FLAG, FROM_VARIANT };

struct parsed {
	struct settings settings;
	struct file_id ids[MAX_FILES]; /* of its files, where they are those of one table */

	/* As given; options_resolve makes the loss of them. */
	bool focal;
	double gamma, alpha, pos_weight; /* alpha, pos_weight 0: off */

	const char *text[MAX_OPTIONS]; /* effective value of each row of the table; NULL: unset */
	enum option_origin origin[MAX_OPTIONS];
	struct flt_text_buffer config_text;  /* the config file; values point into it */
	struct flt_text_buffer command_line; /* the settings point into it */
	int argc;
	char **argv;
	const struct command *command;
	char warning[256]; /* for stderr, if not empty and not quiet */
};

/* Sets one option and notes where it came from. */
enum flt_status parsed_set(struct parsed *parsed, const struct option *option, enum option_origin origin,
                           const char *text, const char *where, struct flt_error *err);

const char *parsed_text(const struct parsed *parsed, const char *name);
enum option_origin parsed_origin(const struct parsed *parsed, const char *name);

void parsed_release(struct parsed *parsed);

#endif
