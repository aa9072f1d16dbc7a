/*
 * The command line is walked twice: first for --help, --version and --config, then for values, so that the config file
 * comes before every flag wherever --config stands.
 */
#include "cli/command_line.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/character.h"
#include "cli/commands.h"
#include "cli/config.h"
#include "cli/parsed.h"
#include "cli/resolve.h"
#include "cli/unknown_option.h"

struct walk {
	int argc;
	char **argv;
	const struct command *command;
	struct parsed *parsed;
	bool is_first; /* the walk for --help, --version and --config */
	enum option_origin origin;
};

/* Defaults are texts of the program's own: their setters cannot fail. */
static void set_default(struct parsed *parsed, const struct option *option, const char *text)
{
	struct flt_error err = {0};
	enum flt_status status = parsed_set(parsed, option, FROM_DEFAULT, text, option->name, &err);
	assert(status == FLT_OK);
	(void)status;
}

static void set_defaults(struct parsed *parsed, const struct command *command)
{
	flt_train_options_init(&parsed->settings.train);
	for (size_t i = 0; i < flt_n_options; i++)
		if (flt_options[i].preset)
			set_default(parsed, &flt_options[i], flt_options[i].preset);
	/* compare is about the loss: single networks show its effect undiluted by averaging, in less time. */
	if (command->bit & FOR_COMPARE)
		set_default(parsed, &flt_options[option_row("preset")], "fast");
}

/* Takes an option with its value (NULL: a switch without one). */
static enum flt_status take(const struct walk *walk, const struct option *option, const char *value,
                            struct flt_error *err)
{
	bool belongs_to_first = option->effect != SETS && option->effect != REPEATS;
	bool may_differ = option->group >= GROUP_PREPARATION && option->group <= GROUP_DECISION;
	if (walk->origin == FROM_VARIANT && !may_differ)
		return flt_fail(err, FLT_ERR_USAGE,
		                "--%s: cannot differ between variants, which share data, folds and run options",
		                option->name);
	if (walk->is_first != belongs_to_first)
		return FLT_OK;
	if (option->effect == READS_FILE && walk->parsed->settings.config)
		return flt_fail(err, FLT_ERR_USAGE, "--%s %s: is a second config file, after %s; merge them into one",
		                option->name, value, walk->parsed->settings.config);
	char where[200];
	if (value)
		snprintf(where, sizeof where, *value ? "--%s %.*s" : "--%s ''", option->name,
		         (int)flt_fitting_length(value, 100), value);
	else
		snprintf(where, sizeof where, "--%s", option->name);
	return parsed_set(walk->parsed, option, walk->origin, value ? value : "yes", where, err);
}

/* Takes the value of an option from the next argument, and moves *i there. */
static enum flt_status next_value(const struct walk *walk, const struct option *option, int *i, const char **value,
                                  struct flt_error *err)
{
	char shape[120];
	option_value(option, shape, sizeof shape);
	const char *next = *i + 1 < walk->argc ? walk->argv[*i + 1] : NULL;
	if (!next)
		return flt_fail(err, FLT_ERR_USAGE, "--%s: needs a value: --%s %s", option->name, option->name, shape);
	if (strncmp(next, "--", 2) == 0 && next[2])
		return flt_fail(err, FLT_ERR_USAGE,
		                "--%s: needs a value before %s: --%s %s (or --%s=%s if that is the value)",
		                option->name, next, option->name, shape, option->name, next);
	*value = next;
	++*i;
	return FLT_OK;
}

static enum flt_status take_long(const struct walk *walk, int *i, struct flt_error *err)
{
	const char *name = walk->argv[*i] + 2;
	size_t length = strcspn(name, "=");
	const struct option *option = option_find(name, length);
	if (!option || !(option->commands & walk->command->bit))
		return unknown_option_refuse(walk->argv[*i], length + 2, walk->command, err);
	const char *value = name[length] ? name + length + 1 : NULL;
	if (!value && option_takes_value(option))
		FLT_TRY(next_value(walk, option, i, &value, err));
	return take(walk, option, value, err);
}

static const struct option *find_letter(const struct walk *walk, char letter)
{
	for (size_t i = 0; i < flt_n_options; i++)
		if (flt_options[i].letter == letter && (flt_options[i].commands & walk->command->bit))
			return &flt_options[i];
	return NULL;
}

/* -q, -qv, -o FILE or -oFILE. */
static enum flt_status take_letters(const struct walk *walk, int *i, struct flt_error *err)
{
	for (const char *letter = walk->argv[*i] + 1; *letter; letter++) {
		const struct option *option = find_letter(walk, *letter);
		if (!option)
			return unknown_option_refuse(walk->argv[*i], strlen(walk->argv[*i]), walk->command, err);
		if (!option_takes_value(option)) {
			FLT_TRY(take(walk, option, NULL, err));
			continue;
		}
		const char *value = letter + 1;
		if (!*value)
			FLT_TRY(next_value(walk, option, i, &value, err));
		return take(walk, option, value, err);
	}
	return FLT_OK;
}

/* Files are compared by what was found out about each of them once: there may be hundreds. */
static enum flt_status check_new(struct parsed *parsed, const char *path, struct flt_error *err)
{
	const struct settings *settings = &parsed->settings;
	struct file_id id = identify_file(path);
	for (size_t i = 0; i < settings->n_files; i++) {
		bool is_same = id.inode && id.inode == parsed->ids[i].inode && id.device == parsed->ids[i].device;
		if (is_same || strcmp(path, settings->files[i]) == 0)
			return flt_fail(err, FLT_ERR_USAGE, "%s: is given twice; give each file once",
			                strcmp(path, "-") == 0 ? "- (standard input)" : path);
	}
	parsed->ids[settings->n_files] = id;
	return FLT_OK;
}

static enum flt_status take_file(const struct walk *walk, const char *path, struct flt_error *err)
{
	struct settings *settings = &walk->parsed->settings;
	if (walk->is_first)
		return FLT_OK;
	if (walk->origin == FROM_VARIANT)
		return flt_fail(err, FLT_ERR_USAGE, "%s: is no option, and a variant consists of options", path);
	size_t room = walk->command->max_files;
	assert(room <= MAX_FILES);
	if (settings->n_files == room && room > 2)
		return flt_fail(err, FLT_ERR_USAGE,
		                "%s: comes after %zu files, and more are not taken; put the rows of several files "
		                "into one",
		                path, room);
	if (settings->n_files == room)
		return flt_fail(err, FLT_ERR_USAGE, "%s takes %s, but %s came after %s; see fltrain %s --help",
		                walk->command->name, walk->command->arguments, path,
		                room ? settings->files[room - 1] : "it", walk->command->name);
	if (!*path)
		return flt_fail(err, FLT_ERR_USAGE, "a file name is empty; %s takes %s", walk->command->name,
		                walk->command->arguments);
	if (room > 2) /* files of one table */
		FLT_TRY(check_new(walk->parsed, path, err));
	settings->files[settings->n_files++] = path;
	return FLT_OK;
}

static bool is_answered(const struct settings *settings)
{
	return settings->help || settings->help_markdown || settings->help_manual || settings->version;
}

static enum flt_status take_argument(const struct walk *walk, int *i, bool options_end, struct flt_error *err)
{
	const char *argument = walk->argv[*i];
	if (options_end || argument[0] != '-' || !argument[1])
		return take_file(walk, argument, err);
	return argument[1] == '-' ? take_long(walk, i, err) : take_letters(walk, i, err);
}

static enum flt_status walk_arguments(const struct walk *walk, struct flt_error *err)
{
	bool options_end = false;
	for (int i = 0; i < walk->argc && !is_answered(&walk->parsed->settings); i++) {
		if (!options_end && strcmp(walk->argv[i], "--") == 0)
			options_end = true;
		else
			FLT_TRY(take_argument(walk, &i, options_end, err));
	}
	return FLT_OK;
}

/* Defaults, config file, command line and the options of a variant (NULL: none), in this order. */
static enum flt_status gather(int argc, char **argv, const struct command *command, const struct walk *variant,
                              struct parsed *parsed, struct flt_error *err)
{
	*parsed = (struct parsed){.argc = argc, .argv = argv, .command = command};
	parsed->settings.parsed = parsed;
	set_defaults(parsed, command);
	struct walk walk = {argc, argv, command, parsed, true, FROM_FLAG};
	FLT_TRY(walk_arguments(&walk, err));
	if (is_answered(&parsed->settings))
		return FLT_OK;
	if (parsed->settings.config)
		FLT_TRY(config_read(parsed, err));
	walk.is_first = false;
	FLT_TRY(walk_arguments(&walk, err));
	if (variant)
		FLT_TRY(walk_arguments(variant, err));
	return options_resolve(parsed, err);
}

enum flt_status command_line_parse(int argc, char **argv, const struct command *command, struct parsed *parsed,
                                   struct flt_error *err)
{
	const struct settings *settings = &parsed->settings;
	FLT_TRY(gather(argc, argv, command, NULL, parsed, err));
	if (settings->n_files < command->min_files && !settings->print_config && !is_answered(settings))
		return flt_fail(err, FLT_ERR_USAGE, "%s needs a file: fltrain %s [OPTIONS] %s", command->name,
		                command->name, command->arguments);
	return FLT_OK;
}

/* By whichever path the program was found, it is the same program. */
enum flt_status command_line_keep(int argc, char **argv, struct parsed *parsed, struct flt_error *err)
{
	struct flt_text_buffer *line = &parsed->command_line;
	FLT_TRY(flt_text_buffer_print(line, err, "fltrain"));
	for (int i = 1; i < argc; i++) {
		FLT_TRY(flt_text_buffer_append(line, " ", 1, err));
		FLT_TRY(flt_text_buffer_shell_word(line, argv[i], err));
	}
	parsed->settings.command_line = line->bytes;
	return FLT_OK;
}

enum flt_status command_line_vary(const struct settings *settings, char *text, struct flt_fit_options *options,
                                  struct flt_error *err)
{
	enum { MAX_WORDS = 64 };
	const struct parsed *base = settings->parsed;
	char *words[MAX_WORDS], *rest = text;
	int n_words = 0;
	for (char *word; (word = strtok_r(rest, " \t", &rest));) {
		if (n_words == MAX_WORDS)
			return flt_fail(err, FLT_ERR_USAGE, "at most %d words are allowed", MAX_WORDS);
		words[n_words++] = word;
	}
	struct parsed varied;
	struct walk walk = {n_words, words, base->command, &varied, false, FROM_VARIANT};
	enum flt_status status = gather(base->argc, base->argv, base->command, &walk, &varied, err);
	if (status == FLT_OK)
		options_fit(&varied.settings, options);
	parsed_release(&varied);
	return status;
}
