#include "cli/unknown_option.h"

#include <stdio.h>
#include <string.h>

#include "cli/option_table.h"

/* "train, compare and cv": all commands that have the option. */
static void list_commands(const struct option *option, char *text, size_t size)
{
	size_t length = 0, n_left = 0;
	for (size_t i = 0; i < flt_n_commands; i++)
		n_left += (flt_commands[i].bit & option->commands) != 0;
	for (size_t i = 0; i < flt_n_commands && length < size; i++)
		if (flt_commands[i].bit & option->commands) {
			n_left--;
			length += (size_t)snprintf(text + length, size - length, "%s%s", flt_commands[i].name,
			                           n_left > 1    ? ", "
			                           : n_left == 1 ? " and "
			                                         : "");
		}
}

static const struct option *find_letter(const char *name)
{
	for (size_t i = 0; i < flt_n_options; i++)
		if (name[0] && !name[1] && flt_options[i].letter == name[0])
			return &flt_options[i];
	return NULL;
}

/* The option of another command that has this name, there or elsewhere. */
static const struct option *find_at_other_command(const char *name, bool is_letter)
{
	const struct option *option = is_letter ? find_letter(name) : option_find(name, strlen(name));
	return option ? option : option_of_other_name(name, ~0U);
}

static enum flt_status refuse_of_other_command(const char *given, const struct option *option,
                                               const struct command *command, struct flt_error *err)
{
	char commands[120];
	list_commands(option, commands, sizeof commands);
	if (strcmp(given + strspn(given, "-"), option->name) == 0)
		return flt_fail(err, FLT_ERR_USAGE, "%s is an option of %s, not of %s", given, commands, command->name);
	return flt_fail(err, FLT_ERR_USAGE, "unknown option %s; --%s is an option of %s, not of %s", given,
	                option->name, commands, command->name);
}

enum flt_status unknown_option_refuse(const char *argument, size_t length, const struct command *command,
                                      struct flt_error *err)
{
	char given[100], text[120];
	snprintf(given, sizeof given, "%.*s", (int)length, argument);
	const char *name = given + strspn(given, "-");
	const struct command *does = command_that_does(name);
	const struct option *option = find_at_other_command(name, name == given + 1);
	bool is_known = option_of_other_name(name, command->bit) != NULL;
	if (strcmp(name, "model") == 0 && strncmp(command->arguments, "MODEL", strlen("MODEL")) == 0)
		return flt_fail(err, FLT_ERR_USAGE, "unknown option %s; the model is the first file: fltrain %s %s",
		                given, command->name, command->arguments);
	if (does == command && !is_known)
		return flt_fail(err, FLT_ERR_USAGE, "unknown option %s; %s does that without it", given, command->name);
	if (does && !is_known && !(option && strcmp(option->name, name) == 0))
		return flt_fail(err, FLT_ERR_USAGE, "unknown option %s; fltrain %s %s does that", given, does->name,
		                does->arguments);
	if (option && !is_known)
		return refuse_of_other_command(given, option, command, err);
	option_suggest(name, "--", command->bit, text, sizeof text);
	return flt_fail(err, FLT_ERR_USAGE, "unknown option %s%s%s fltrain %s --help lists all options", given, text,
	                *text ? "" : ";", command->name);
}
