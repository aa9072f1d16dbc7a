/*
 * Promised of config files: any bytes are settings or refused in a sentence. Settings that were taken can be printed
 * as by --print-config, for each command, as a config file that is taken again and prints the same.
 *
 * Input: the command, then the file.
 */
#include "cli/command_line.h"
#include "cli/help.h"
#include "harness.h"

/* What --print-config prints for a file; NULL if the file is refused. To be freed. */
static char *print_config(const struct command *command, const uint8_t *bytes, size_t n)
{
	char *arguments[] = {"--config", (char *)(uintptr_t)path_of(bytes, n), "file", "file"}, *printed = NULL;
	size_t n_printed = 0;
	struct parsed parsed;
	struct flt_error err;
	enum flt_status status = command_line_parse(2 + (int)command->min_files, arguments, command, &parsed, &err);
	if (status)
		promise_sentence(status, &err);
	FILE *out = status ? NULL : open_memstream(&printed, &n_printed);
	if (out) {
		struct flt_text_buffer effective = {0};
		PROMISE(options_effective(&parsed.settings, &effective, &err) == FLT_OK);
		flt_text_buffer_release(&effective);
		/* It may refuse a value that a line cannot hold. */
		status = help_config(out, &parsed, &err);
		fclose(out);
		if (status) {
			promise_sentence(status, &err);
			free(printed);
			printed = NULL;
		}
	}
	parsed_release(&parsed);
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
