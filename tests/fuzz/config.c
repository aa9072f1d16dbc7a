/*
 * Promised of config files: any bytes are settings or refused in a sentence. Settings that were taken can be printed
 * as by --print-config, for each command, as a config file that is taken again and prints the same.
 *
 * Input: the command, then the file.
 */
#include "base/alloc.h"
#include "cli/help.h"
#include "cli/option_table.h"
#include "harness.h"

/* The bits of the commands, without what they run and the files that they need. */
const struct command flt_commands[] = {
        {.name = "train", .bit = FOR_TRAIN, .arguments = "DATA.csv"},
        {.name = "compare", .bit = FOR_COMPARE, .arguments = "DATA.csv"},
        {.name = "cv", .bit = FOR_CV, .arguments = "DATA.csv"},
        {.name = "predict", .bit = FOR_PREDICT, .arguments = "DATA.csv"},
        {.name = "evaluate", .bit = FOR_EVALUATE, .arguments = "DATA.csv"},
        {.name = "inspect", .bit = FOR_INSPECT, .arguments = "DATA.csv"},
};
const size_t flt_n_commands = sizeof flt_commands / sizeof *flt_commands;

/* What --print-config prints for a file; NULL if the file is refused. To be freed. */
static char *print_config(const struct command *command, const uint8_t *bytes, size_t n)
{
	char *arguments[] = {"--config", (char *)(uintptr_t)path_of(bytes, n)}, *printed = NULL;
	size_t n_printed = 0;
	struct settings settings;
	struct flt_error err;
	enum flt_status status = options_parse(2, arguments, command, &settings, &err);
	if (status)
		promise_sentence(status, &err);
	FILE *out = status ? NULL : open_memstream(&printed, &n_printed);
	if (out) {
		char *effective = options_effective(&settings, &err);
		PROMISE(effective);
		flt_free(effective);
		/* It may refuse a value that a line cannot hold. */
		status = help_config(out, command, &settings, &err);
		fclose(out);
		if (status) {
			promise_sentence(status, &err);
			free(printed);
			printed = NULL;
		}
	}
	options_release(&settings);
	return printed;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	if (n == 0)
		return 0;
	const struct command *command = &flt_commands[bytes[0] % flt_n_commands];
	char *printed = print_config(command, bytes + 1, n - 1);
	if (printed) {
		char *again = print_config(command, (const uint8_t *)printed, strlen(printed));
		PROMISE(again && strcmp(printed, again) == 0);
		free(again);
	}
	free(printed);
	return 0;
}
