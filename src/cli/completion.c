#include "cli/completion.h"

#include <string.h>
#include <sys/stat.h>

#include "base/character.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/option_table.h"
#include "protocol/file_columns.h"

/* A word, of which the part behind `kept` bytes is completed. */
struct completion {
	FILE *out;
	const char *word;
	size_t kept;
};

/* Rules, up to where a number is to follow. */
static const char *const rules[] = {"f1", "fbeta:", "recall>=", "precision>=", "top:", "rate:", "cost:", NULL};

/* A terminal will show the word: what it might obey, or what breaks a line, is not offered. */
static void offer(const struct completion *completion, const char *before, const char *text)
{
	char word[256], masked[sizeof word];
	size_t length = (size_t)snprintf(word, sizeof word, "%s%s", before, text);
	const char *typed = completion->word + completion->kept;
	if (length >= sizeof word || strncmp(word, typed, strlen(typed)) != 0)
		return;
	memcpy(masked, word, length + 1);
	flt_mask_controls(masked);
	if (strcmp(masked, word) == 0)
		fprintf(completion->out, "%.*s%s\n", (int)completion->kept, completion->word, word);
}

static void offer_files(const struct completion *completion)
{
	fputs(":files\n", completion->out);
}

/* A name with a comma would be two in a list. */
static void offer_column(void *context, const char *name)
{
	if (!strchr(name, ','))
		offer(context, "", name);
}

/* Those of the first word that names a table. */
static void offer_columns(struct completion *completion, char *const *words, size_t n)
{
	const char *last = strrchr(completion->word + completion->kept, ',');
	struct flt_error err;
	struct stat about;
	if (last)
		completion->kept = (size_t)(last + 1 - completion->word);
	for (size_t i = 0; i + 1 < n; i++)
		if (stat(words[i], &about) == 0 && S_ISREG(about.st_mode) &&
		    flt_file_columns(words[i], offer_column, completion, &err) == FLT_OK)
			return;
}

static void offer_word(void *context, const char *name, const char *meaning)
{
	(void)meaning;
	offer(context, "", name);
}

static void offer_commands(const struct completion *completion)
{
	for (size_t i = 0; i < flt_n_commands; i++)
		offer(completion, "", flt_commands[i].name);
}

static void offer_options(const struct completion *completion, const struct command *command)
{
	for (size_t i = 0; i < flt_n_options; i++)
		if (!flt_options[i].hidden && (flt_options[i].commands & command->bit))
			offer(completion, "--", flt_options[i].name);
}

static void offer_topics(struct completion *completion)
{
	offer_commands(completion);
	for (size_t i = 0; i < flt_n_options; i++)
		if (!flt_options[i].hidden)
			offer(completion, "", flt_options[i].name);
	help_each_word(offer_word, completion);
}

static void offer_values(struct completion *completion, const struct option *option, char *const *words, size_t n)
{
	const char *value = option->value ? option->value : "";
	for (size_t i = 0; option->words && option_word(option, i); i++)
		offer(completion, "", option_word(option, i));
	for (size_t i = 0; strcmp(value, "RULE") == 0 && rules[i]; i++)
		offer(completion, "", rules[i]);
	if (strcmp(value, "FILE") == 0)
		offer_files(completion);
	if (strncmp(value, "COL", 3) == 0 || strcmp(option->name, "target") == 0)
		offer_columns(completion, words, n);
}

/* The option that a word names, of which the value follows; NULL: none. */
static const struct option *option_before_value(const char *word, size_t length)
{
	const struct option *option = NULL;
	if (length > 2 && strncmp(word, "--", 2) == 0)
		option = option_find(word + 2, length - 2);
	for (size_t i = 0; length == 2 && word[0] == '-' && i < flt_n_options; i++)
		if (flt_options[i].letter == word[1])
			option = &flt_options[i];
	return option && option_takes_value(option) ? option : NULL;
}

static void complete(struct completion *completion, char *const *words, size_t n)
{
	const char *word = completion->word, *before = n >= 2 ? words[n - 2] : "", *equals = strchr(word, '=');
	const struct command *named = command_find(words[0]);
	const struct option *option = option_before_value(before, strlen(before));
	if (!option && equals) {
		option = option_before_value(word, (size_t)(equals - word));
		completion->kept = option ? (size_t)(equals + 1 - word) : 0;
	}
	if (option) {
		offer_values(completion, option, words, n);
	} else if (n == 2 && strcmp(words[0], "help") == 0) {
		offer_topics(completion);
	} else if (word[0] == '-') {
		offer_options(completion, named ? named : flt_commands);
	} else {
		if (n == 1) {
			offer_commands(completion);
			offer(completion, "", "help");
			offer(completion, "", "version");
		}
		offer_files(completion);
	}
}

void completion_print(FILE *out, char *const *words, size_t n)
{
	struct completion completion = {.out = out, .word = n > 0 ? words[n - 1] : ""};
	if (n > 0)
		complete(&completion, words, n);
	else
		complete(&completion, (char *const[]){""}, 1);
}
