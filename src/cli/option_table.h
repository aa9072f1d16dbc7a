/*
 * The option table: everything the program knows about an option stands in its one row. Adding an option is adding a
 * row (and a field of struct settings where it lands).
 */
#ifndef CLI_OPTION_TABLE_H
#define CLI_OPTION_TABLE_H

#include "cli/options.h"

struct option;

/* Reads text into settings. `where` is the option with its value as the user gave it ("--gamma 12",
 * "a.conf:3: gamma = 12"), which opens every message. */
typedef enum flt_status option_setter(const struct option *option, struct settings *settings, const char *text,
                                      const char *where, struct flt_error *err);

enum option_group {
	GROUP_DATA,
	GROUP_SPLIT,
	GROUP_PREPARATION,
	GROUP_LOSS,
	GROUP_NETWORK,
	GROUP_OPTIMIZER,
	GROUP_DECISION,
	GROUP_RUN,
	N_GROUPS
};

enum { FOR_TRAIN = 1, FOR_COMPARE = 2, FOR_CV = 4, FOR_PREDICT = 8, FOR_EVALUATE = 16, FOR_INSPECT = 32 };

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

struct option {
	const char *name;         /* long name, and the key in a config file */
	char letter;              /* short name, or 0 */
	const char *value;        /* what stands for its value in help; NULL: a switch, if there are no words either */
	const char *const *words; /* the words it takes, ended by NULL; their order is that of the enum it sets */
	const char *preset;       /* the default, as text for the setter; NULL: unset */
	const char *otherwise;    /* what happens if it is unset, for help */
	const char *scoring;      /* the same for predict and evaluate, where it differs */
	const char *help;         /* one line, or a few */
	enum option_group group;
	unsigned commands; /* FOR_... */
	unsigned fixes;    /* of enum flt_fixed: what the recipe leaves alone where this option is given */
	enum option_effect effect;
	bool hidden;       /* from help */
	bool shows_bounds; /* in help */
	bool may_be_empty;
	struct bounds bounds;
	option_setter *set;
	size_t at; /* offset in struct settings, for the general setters */
};

extern const struct option flt_options[];
extern const size_t flt_n_options;
extern const char *const flt_option_groups[N_GROUPS]; /* their titles */

bool option_takes_value(const struct option *option);

/* "from 0 to 10", "from 0 to below 1", "above 0 and at most 9", "above 0 and below 1" */
void option_bounds(const struct option *option, char *text, size_t size);

/* "bce|focal", "G" or "" */
void option_value(const struct option *option, char *text, size_t size);

/* The option of that long name, NULL if there is none; the name needs no terminator. */
const struct option *option_find(const char *name, size_t length);

/* "; did you mean --gamma?" for a mistyped name, or "" if none is near. Of the options that `commands` take. */
void option_suggest(const char *wrong, const char *dashes, unsigned commands, char *text, size_t size);

/* Sets one option and notes where it came from. */
enum flt_status option_apply(const struct option *option, struct settings *settings, enum option_origin source,
                             const char *text, const char *where, struct flt_error *err);

/* Reads settings->config, each line through option_apply (config.c). */
enum flt_status options_read_config(struct settings *settings, const struct command *command, struct flt_error *err);

/* Whether two names lead to one file; - and what does not exist yet are compared by name. */
bool is_same_file(const char *a, const char *b);

/* Contradictions, implications and what follows from them, when all is set (settle.c). */
enum flt_status options_resolve(struct settings *settings, struct flt_error *err);

/* The setters, general ones first. */
option_setter set_text, set_number, set_count, set_threads, set_size, set_word, set_bool_word, set_switch;
option_setter set_number_or_off; /* 0 for "off" or "none" */
option_setter set_prior, set_pos_weight, set_hidden, set_rule, set_delimiter, set_decimal, set_header, set_variant;

#endif
