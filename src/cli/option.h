/*
 * One option: everything the program knows about it stands in one row of the option table. From the rows come parsing,
 * config files, --help, --print-config and the list of options in Markdown.
 */
#ifndef CLI_OPTION_H
#define CLI_OPTION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct option;
struct parsed;

/* Reads text into parsed. `where` is the option with its value as the user gave it ("--gamma 12",
 * "a.conf:3: gamma = 12") and opens every message. */
typedef enum flt_status option_setter(const struct option *option, struct parsed *parsed, const char *text,
                                      const char *where, struct flt_error *err);

/* In the order of the help pages. Those up to GROUP_DECISION say what is trained; the others change no model. */
enum option_group {
	GROUP_DATA,
	GROUP_SPLIT,
	GROUP_PREPARATION,
	GROUP_LOSS,
	GROUP_NETWORK,
	GROUP_OPTIMIZER,
	GROUP_DECISION,
	GROUP_EXPLANATION,
	GROUP_OUTPUT,
	GROUP_RUN,
	N_GROUPS
};

/* The commands that take an option. */
enum {
	FOR_TRAIN = 1,
	FOR_COMPARE = 2,
	FOR_CV = 4,
	FOR_PREDICT = 8,
	FOR_EVALUATE = 16,
	FOR_INSPECT = 32,
	FOR_CHECK = 64,
	FOR_EXPLAIN = 128,
	FOR_REPORT = 256,
	FOR_EXPORT = 512,
	FOR_DEMO = 1024,
	FOR_TRAINING = FOR_TRAIN | FOR_COMPARE | FOR_CV,
	FOR_SCORING = FOR_PREDICT | FOR_EVALUATE | FOR_EXPLAIN, /* they read files for a model */
	FOR_LABELLED = FOR_TRAINING | FOR_CHECK,                /* they read a table with its target */
	FOR_READING = FOR_LABELLED | FOR_SCORING | FOR_EXPORT,  /* they read tables */
	FOR_ALL = FOR_READING | FOR_INSPECT | FOR_REPORT,
};

/* The numbers that an option takes: lo to hi, without the ends where `above` and `below` say so. */
struct bounds {
	double lo, hi;
	bool above, below;
};

/* What reading an option does besides setting its value. */
enum option_effect {
	SETS,       /* nothing */
	ENDS,       /* answers the whole command line: --help, --version */
	ASKS,       /* makes no sense in a config file: --print-config */
	READS_FILE, /* --config */
	REPEATS     /* adds to a list: --variant, on the command line only */
};

/* What an option means to some commands. */
struct option_meaning {
	unsigned commands; /* FOR_...; 0 ends a list */
	const char *help;
};

struct option {
	const char *name;         /* long name, and the key in a config file */
	char letter;              /* short name, or 0 */
	const char *value;        /* stands for its value in help; NULL: a switch, if there are no words either */
	const char *const *words; /* the words it takes, then NULL, in the order of the enum or bool it sets */
	size_t n_words;           /* only the first so many of them; 0: all */
	const char *preset;       /* the default, as text for the setter; NULL: unset */
	const char *otherwise;    /* for help: what happens if it is unset */
	const char *const *also;  /* what other programs call it, then NULL: suggested to who types that */
	const char *scoring;      /* the same for predict and evaluate, where it differs */
	const char *reporting;    /* the same for report */
	const char *exporting;    /* the same for export */
	const char *help;         /* one line, or a few */
	const struct option_meaning *elsewhere; /* the help of commands to which it means something else; or NULL */
	enum option_group group;
	unsigned commands; /* FOR_... */
	unsigned fixes;    /* of enum flt_fixed: what the recipe must not choose if this option is given */
	enum option_effect effect;
	bool hidden;       /* from help */
	bool shows_bounds; /* in help */
	bool may_be_empty;
	struct bounds bounds;
	option_setter *set;
	size_t at; /* offset in struct parsed, for the general setters */
};

bool option_takes_value(const struct option *option);
bool option_is_within(const struct bounds *bounds, double value);

/* "from 0 to 10", "from 0 to below 1", "above 0 and at most 9", "above 0 and below 1" */
void option_bounds(const struct option *option, char *text, size_t size);

/* Word number i, from 0; NULL after the last. */
const char *option_word(const struct option *option, size_t i);

/* Its help for a command (FOR_...). */
const char *option_help(const struct option *option, unsigned command);

/* "bce|focal", "G" or "" */
void option_value(const struct option *option, char *text, size_t size);

#endif
