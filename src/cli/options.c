/*
 * The command line is walked twice: first for what stands above the rest (--help, --config), then for values, so that
 * a config file comes before every flag wherever it is named.
 */
#include "cli/options.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "cli/option_table.h"

struct walk {
	int argc;
	char **argv;
	const struct command *command;
	struct settings *settings;
	bool is_first; /* the walk for --help and --config */
	enum option_origin source;
};

const struct option *option_find(const char *name, size_t length)
{
	for (size_t i = 0; i < flt_n_options; i++)
		if (strlen(flt_options[i].name) == length && memcmp(flt_options[i].name, name, length) == 0)
			return &flt_options[i];
	return NULL;
}

void option_suggest(const char *wrong, const char *dashes, unsigned commands, char *text, size_t size)
{
	const char *names[MAX_OPTIONS];
	size_t n_names = 0;
	for (size_t i = 0; i < flt_n_options; i++)
		if ((flt_options[i].commands & commands) && !flt_options[i].hidden)
			names[n_names++] = flt_options[i].name;
	const char *nearest = flt_nearest(wrong, names, n_names);
	if (nearest)
		snprintf(text, size, "; did you mean %s%s?", dashes, nearest);
	else
		text[0] = '\0';
}

enum flt_status option_apply(const struct option *option, struct settings *settings, enum option_origin source,
                             const char *text, const char *where, struct flt_error *err)
{
	assert(option);
	enum flt_status status = option->set(option, settings, text, where, err);
	if (status)
		return status;
	size_t i = (size_t)(option - flt_options);
	settings->text[i] = text;
	settings->source[i] = (unsigned char)source;
	return FLT_OK;
}

const char *options_text(const struct settings *settings, const char *name)
{
	const struct option *option = option_find(name, strlen(name));
	assert(option);
	return settings->text[option - flt_options];
}

bool options_given(const struct settings *settings, const char *name)
{
	const struct option *option = option_find(name, strlen(name));
	assert(option);
	return settings->source[option - flt_options] > FROM_DEFAULT;
}

/* A path would make the same training leave another file. */
static bool makes_the_model(const struct option *option)
{
	return (option->commands & FOR_TRAIN) && option->effect == SETS && option->group != GROUP_RUN &&
	       strcmp(option->name, "test") != 0;
}

char *options_effective(const struct settings *settings, struct flt_error *err)
{
	char *lines = NULL;
	size_t length = 0, capacity = 0;
	for (size_t i = 0; i < flt_n_options; i++) {
		const char *name = flt_options[i].name, *text = settings->text[i];
		if (!text || !makes_the_model(&flt_options[i]))
			continue;
		size_t n = strlen(name) + strlen(text) + sizeof " = \n";
		if (flt_grow((void **)&lines, &capacity, length + n, 1, err) != FLT_OK) {
			flt_free(lines);
			return NULL;
		}
		length += (size_t)snprintf(lines + length, n, "%s = %s\n", name, text);
	}
	return lines;
}

static void set_defaults(struct settings *settings)
{
	*settings = (struct settings){0};
	flt_train_options_init(&settings->train);
	for (size_t i = 0; i < flt_n_options; i++) {
		const struct option *option = &flt_options[i];
		struct flt_error err = {0};
		enum flt_status status = FLT_OK;
		if (option->preset)
			status = option_apply(option, settings, FROM_DEFAULT, option->preset, option->name, &err);
		assert(!status);
		(void)status;
	}
}

/* Takes an option with its value (NULL: a switch without one). */
static enum flt_status take(const struct walk *walk, const struct option *option, const char *value,
                            struct flt_error *err)
{
	bool belongs_to_first = option->effect != SETS && option->effect != REPEATS;
	bool may_differ = option->group != GROUP_DATA && option->group != GROUP_SPLIT && option->group != GROUP_RUN;
	if (walk->source == FROM_VARIANT && !may_differ)
		return flt_fail(err, FLT_ERR_USAGE,
		                "--%s: cannot differ between variants, which share data, folds and run", option->name);
	if (walk->is_first != belongs_to_first)
		return FLT_OK;
	if (option->effect == READS_FILE && walk->settings->config)
		return flt_fail(err, FLT_ERR_USAGE, "--%s %s: is the second config file, after %s; put both into one",
		                option->name, value, walk->settings->config);
	char where[200];
	if (value)
		snprintf(where, sizeof where, *value ? "--%s %.100s" : "--%s ''", option->name, value);
	else
		snprintf(where, sizeof where, "--%s", option->name);
	return option_apply(option, walk->settings, walk->source, value ? value : "yes", where, err);
}

static enum flt_status refuse_unknown(const struct walk *walk, const char *argument, size_t length,
                                      struct flt_error *err)
{
	char name[100], suggestion[120];
	snprintf(name, sizeof name, "%.*s", (int)length, argument);
	option_suggest(name + strspn(name, "-"), "--", walk->command->bit, suggestion, sizeof suggestion);
	return flt_fail(err, FLT_ERR_USAGE, "unknown option %s%s%s fltrain %s --help lists them", name, suggestion,
	                *suggestion ? "" : ";", walk->command->name);
}

/* The value of an option that needs one, when it stands in the next argument; moves *i there. */
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
		                "--%s: needs a value before %s: --%s %s (or --%s=%s, if that is it)", option->name,
		                next, option->name, shape, option->name, next);
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
		return refuse_unknown(walk, walk->argv[*i], length + 2, err);
	const char *value = name[length] ? name + length + 1 : NULL;
	if (!value && option_takes_value(option)) {
		enum flt_status status = next_value(walk, option, i, &value, err);
		if (status)
			return status;
	}
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
			return refuse_unknown(walk, walk->argv[*i], strlen(walk->argv[*i]), err);
		const char *value = NULL;
		enum flt_status status = FLT_OK;
		if (option_takes_value(option)) {
			if (letter[1])
				value = letter + 1;
			else
				status = next_value(walk, option, i, &value, err);
		}
		if (!status)
			status = take(walk, option, value, err);
		if (status || value)
			return status;
	}
	return FLT_OK;
}

static enum flt_status take_file(const struct walk *walk, const char *path, struct flt_error *err)
{
	struct settings *settings = walk->settings;
	if (walk->is_first)
		return FLT_OK;
	size_t room = walk->command->max_files;
	assert(room <= MAX_FILES);
	if (settings->n_files == room)
		return flt_fail(err, FLT_ERR_USAGE, "%s takes %s, but %s came after %s; fltrain %s --help tells more",
		                walk->command->name, walk->command->arguments, path,
		                room ? settings->files[room - 1] : "it", walk->command->name);
	if (!*path)
		return flt_fail(err, FLT_ERR_USAGE, "a file's name is empty; %s takes %s", walk->command->name,
		                walk->command->arguments);
	settings->files[settings->n_files++] = path;
	return FLT_OK;
}

static bool is_answered(const struct settings *settings)
{
	return settings->help || settings->help_markdown || settings->version;
}

static enum flt_status walk_arguments(const struct walk *walk, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	bool options_end = false;
	for (int i = 0; i < walk->argc && !status && !is_answered(walk->settings); i++) {
		const char *argument = walk->argv[i];
		if (options_end || argument[0] != '-' || !argument[1])
			status = take_file(walk, argument, err);
		else if (strcmp(argument, "--") == 0)
			options_end = true;
		else if (argument[1] == '-')
			status = take_long(walk, &i, err);
		else
			status = take_letters(walk, &i, err);
	}
	return status;
}

/* `compare` asks about the loss, not about averages: a single network tells more in less time. */
static void set_command_defaults(const struct command *command, struct settings *settings)
{
	if (!(command->bit & FOR_COMPARE))
		return;
	struct flt_error err = {0};
	enum flt_status status =
	        option_apply(option_find("preset", strlen("preset")), settings, FROM_DEFAULT, "fast", "preset", &err);
	assert(!status);
	(void)status;
}

/* Defaults, config file, command line and what a variant adds, in this order. */
static enum flt_status gather(int argc, char **argv, const struct command *command, const struct walk *variant,
                              struct settings *settings, struct flt_error *err)
{
	set_defaults(settings);
	set_command_defaults(command, settings);
	settings->argc = argc;
	settings->argv = argv;
	settings->command = command;
	struct walk walk = {argc, argv, command, settings, true, FROM_FLAG};
	enum flt_status status = walk_arguments(&walk, err);
	if (status || is_answered(settings))
		return status;
	if (settings->config)
		status = options_read_config(settings, command, err);
	walk.is_first = false;
	if (!status)
		status = walk_arguments(&walk, err);
	if (!status && variant)
		status = walk_arguments(variant, err);
	return status ? status : options_resolve(settings, err);
}

enum flt_status options_parse(int argc, char **argv, const struct command *command, struct settings *settings,
                              struct flt_error *err)
{
	enum flt_status status = gather(argc, argv, command, NULL, settings, err);
	if (!status && settings->n_files < command->min_files && !settings->print_config && !is_answered(settings))
		status = flt_fail(err, FLT_ERR_USAGE, "%s needs a file: fltrain %s [OPTIONS] %s", command->name,
		                  command->name, command->arguments);
	return status;
}

enum flt_status options_vary(const struct settings *settings, char *text, struct settings *variant,
                             struct flt_error *err)
{
	enum { MAX_WORDS = 64 };
	char *words[MAX_WORDS], *rest = text;
	int n_words = 0;
	for (char *word; (word = strtok_r(rest, " \t", &rest));) {
		if (n_words == MAX_WORDS)
			return flt_fail(err, FLT_ERR_USAGE, "takes at most %d words", MAX_WORDS);
		words[n_words++] = word;
	}
	struct walk walk = {n_words, words, settings->command, variant, false, FROM_VARIANT};
	return gather(settings->argc, settings->argv, settings->command, &walk, variant, err);
}

void options_release(struct settings *settings)
{
	flt_free(settings->config_text);
	settings->config_text = NULL;
}
