#include "cli/help.h"

#include <assert.h>
#include <string.h>

#include "cli/option_table.h"
#include "cli/terminal.h"
#include "fltrain/version.h"
#include "report/layout.h"

enum { HELP_COLUMN = 26, TEXT_SIZE = FLT_HELP_SIZE };

static void heading(FILE *out, const char *text)
{
	fprintf(out, terminal_style(out).colour ? "\n\033[1m%s\033[0m\n" : "\n%s\n", text);
}

/* Pages are as wide as reports; a config file is the same on any terminal. */
static size_t page_width(FILE *out, bool is_config)
{
	struct flt_layout layout = {.out = out};
	if (!is_config)
		layout.style = terminal_style(out);
	return flt_layout_width(&layout);
}

/* Prints text after the `column` columns that are already filled, wrapped to the width; further lines start with
 * `margin`, which is that of a config file or empty, and are indented to `indent`. */
static void wrap(FILE *out, const char *text, size_t column, size_t indent, const char *margin)
{
	size_t width = page_width(out, *margin);
	bool opens_line = true;
	while (*text) {
		size_t length = strcspn(text, " ");
		if (strncmp(text + length, " %", 2) == 0) /* 90 % is one word */
			length += 1 + strcspn(text + length + 1, " ");
		if (!opens_line && column + 1 + length > width) {
			fprintf(out, "\n%s%*s", margin, (int)(indent - strlen(margin)), "");
			column = indent;
			opens_line = true;
		}
		fprintf(out, "%s%.*s", opens_line ? "" : " ", (int)length, text);
		column += length + !opens_line;
		opens_line = false;
		text += length;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

/* Prints a name, broken behind the last of its words that fits; returns the columns that its last line takes. */
static size_t print_name(FILE *out, const char *name)
{
	size_t n_words = strcspn(name, "|"), fits = n_words;
	if (strlen(name) <= FLT_USUAL_WIDTH)
		return (size_t)fprintf(out, "%s", name);
	while (n_words < FLT_USUAL_WIDTH && name[n_words]) {
		fits = n_words + 1;
		n_words = fits + strcspn(name + fits, "|");
	}
	return (size_t)fprintf(out, "%.*s\n    %s", (int)fits, name, name + fits) - fits - 1;
}

/* A name, and behind it in a column of their own the words about it. */
static void print_pair(FILE *out, const char *name, const char *text)
{
	size_t length = print_name(out, name);
	if (length + 2 > HELP_COLUMN) {
		fputc('\n', out);
		length = 0;
	}
	fprintf(out, "%*s", HELP_COLUMN - (int)length, "");
	wrap(out, text, HELP_COLUMN, HELP_COLUMN, "");
}

/* Lines: those that are indented stay as they are, each other one is a paragraph. */
static void print_lines(FILE *out, const char *text)
{
	char line[TEXT_SIZE];
	for (size_t length; *text; text += length + 1) {
		length = strcspn(text, "\n");
		assert(length < sizeof line);
		snprintf(line, sizeof line, "%.*s", (int)length, text);
		if (line[0] == ' ')
			fprintf(out, "%s\n", line);
		else
			wrap(out, line, 0, 0, "");
	}
}

void help_describe(const struct option *option, const struct command *command, char *text, size_t size)
{
	char bounds[100] = "", numbers[80];
	if (option->shows_bounds) {
		option_bounds(option, numbers, sizeof numbers);
		snprintf(bounds, sizeof bounds, ", %s", numbers);
	}
	const char *otherwise = option->otherwise ? option->otherwise : option->preset;
	if (option->scoring && (command->bit & FOR_SCORING))
		otherwise = option->scoring;
	if (option->reporting && command->bit == FOR_REPORT)
		otherwise = option->reporting;
	if (option->exporting && command->bit == FOR_EXPORT)
		otherwise = option->exporting;
	bool is_plain_switch = !option_takes_value(option);
	if (!otherwise || is_plain_switch)
		snprintf(text, size, "%s%s", option_help(option, command->bit), bounds);
	else
		snprintf(text, size, "%s%s [%s]", option_help(option, command->bit), bounds, otherwise);
}

static void print_option(FILE *out, const struct option *option, const struct command *command)
{
	char value[120], name[160], text[TEXT_SIZE];
	option_value(option, value, sizeof value);
	int length = option->letter ? snprintf(name, sizeof name, "  -%c, --%s", option->letter, option->name)
	                            : snprintf(name, sizeof name, "  --%s", option->name);
	if (*value)
		snprintf(name + length, sizeof name - (size_t)length, " %s", value);
	help_describe(option, command, text, sizeof text);
	print_pair(out, name, text);
}

bool help_shows(const struct option *option, const struct command *command, size_t group)
{
	return option->group == group && (option->commands & command->bit) && !option->hidden;
}

bool help_has_group(const struct command *command, size_t group)
{
	for (size_t i = 0; i < flt_n_options; i++)
		if (help_shows(&flt_options[i], command, group))
			return true;
	return false;
}

static void print_command(FILE *out, const struct command *command)
{
	char name[80], text[TEXT_SIZE];
	snprintf(name, sizeof name, "  %s %s", command->name, command->arguments);
	snprintf(text, sizeof text, "%s%s", command->summary, command == flt_commands ? " (the default)" : "");
	print_pair(out, name, text);
}

const char flt_about_program[] = "fltrain trains a small neural network to find the rare class in a CSV file, and "
                                 "reports how well it does on rows that it has never seen.\n";

const struct exit_code flt_exit_codes[] = {
        {"0", "done"},
        {"1", "the machine (disk, memory, a closed pipe)"},
        {"2", "usage"},
        {"3", "the data"},
        {"4", "a model file or checkpoint"},
        {"5", "a gate of --require"},
        {"6", "training diverged"},
        {"129, 130, 143 and 152", "ended by SIGHUP, SIGINT, SIGTERM and SIGXCPU"},
};
const size_t flt_n_exit_codes = sizeof flt_exit_codes / sizeof *flt_exit_codes;

static void print_exit_codes(FILE *out)
{
	char text[TEXT_SIZE];
	size_t length = 0;
	for (size_t i = 0; i < flt_n_exit_codes; i++)
		length += (size_t)snprintf(text + length, sizeof text - length, "%s%s %s", i > 0 ? ", " : "",
		                           flt_exit_codes[i].codes, flt_exit_codes[i].meaning);
	fputs("  ", out);
	wrap(out, text, 2, 2, "");
}

void help_usage(FILE *out)
{
	fputs("usage: fltrain [COMMAND] [OPTIONS] FILE...\n"
	      "       fltrain --loss focal --gamma 2 data/fraud.csv\n"
	      "see fltrain --help\n",
	      out);
}

void help_program(FILE *out)
{
	print_lines(out, flt_about_program);
	heading(out, "Try");
	fputs("  fltrain --loss focal --gamma 2 data/fraud.csv\n", out);
	heading(out, "Commands");
	for (size_t i = 0; i < flt_n_commands; i++)
		print_command(out, &flt_commands[i]);
	heading(out, "More");
	print_pair(out, "  fltrain COMMAND --help", "every option of a command");
	print_pair(out, "  fltrain help WORD", "what an option or a word of the report means");
	print_pair(out, "  fltrain --print-config", "every option with its value, as a config file");
	print_pair(out, "  fltrain --version", "versions of fltrain, compiler and OpenBLAS");
	heading(out, "Exit codes");
	print_exit_codes(out);
}

void help_command(FILE *out, const struct command *command)
{
	fprintf(out, "usage: fltrain %s [OPTIONS] %s\n\n", command->name, command->arguments);
	print_lines(out, command->about);
	for (size_t group = 0; group < N_GROUPS; group++) {
		if (!help_has_group(command, group))
			continue;
		heading(out, flt_option_groups[group]);
		for (size_t i = 0; i < flt_n_options; i++)
			if (help_shows(&flt_options[i], command, group))
				print_option(out, &flt_options[i], command);
	}
	fputs("\nDefaults are in brackets. Long names are also the keys of config files.\n", out);
}

/* "compare, cv"; text (TEXT_SIZE) is added to. */
static void join_commands(unsigned commands, char *text)
{
	size_t length = strlen(text);
	const char *comma = "";
	for (size_t i = 0; i < flt_n_commands && length < TEXT_SIZE; i++) {
		if (!(flt_commands[i].bit & commands))
			continue;
		length += (size_t)snprintf(text + length, TEXT_SIZE - length, "%s%s", comma, flt_commands[i].name);
		comma = ", ";
	}
}

void help_option(FILE *out, const struct option *option)
{
	const struct command *command = NULL;
	char text[TEXT_SIZE] = "option of ";
	for (size_t i = flt_n_commands; i-- > 0;)
		if (flt_commands[i].bit & option->commands)
			command = &flt_commands[i];
	assert(command);
	join_commands(option->commands, text);
	wrap(out, text, 0, 0, "");
	print_option(out, option, command);
	for (const struct option_meaning *at = option->elsewhere; at && at->commands; at++) {
		snprintf(text, sizeof text, "  ");
		join_commands(at->commands, text);
		print_pair(out, text, at->help);
	}
}

void help_text(FILE *out, const char *name, const char *text)
{
	print_pair(out, name, text);
}

/* Text in a table cell of Markdown. */
static void print_cell(FILE *out, const char *text)
{
	for (; *text; text++)
		fprintf(out, "%s%c", *text == '|' || *text == '*' ? "\\" : "", *text);
}

static void print_row(FILE *out, const struct option *option)
{
	char value[120], bounds[80];
	option_value(option, value, sizeof value);
	fputs("| ", out);
	if (option->letter)
		fprintf(out, "`-%c`, ", option->letter);
	fprintf(out, "`--%s%s", option->name, *value ? " " : "");
	print_cell(out, value);
	fputs("` | ", out);
	print_cell(out, option->help);
	option_bounds(option, bounds, sizeof bounds);
	if (option->shows_bounds)
		fprintf(out, ", %s", bounds);
	fputs(" | ", out);
	const char *otherwise = option->otherwise ? option->otherwise : option->preset;
	print_cell(out, otherwise && option_takes_value(option) ? otherwise : "");
	fputs(" |\n", out);
}

void help_markdown(FILE *out, const struct command *command)
{
	fputs("| option | does | default |\n|---|---|---|\n", out);
	for (size_t group = 0; group < N_GROUPS; group++) {
		if (!help_has_group(command, group))
			continue;
		fprintf(out, "| **%s** | | |\n", flt_option_groups[group]);
		for (size_t i = 0; i < flt_n_options; i++)
			if (help_shows(&flt_options[i], command, group))
				print_row(out, &flt_options[i]);
	}
}

static const char *compiler(void)
{
#if defined __clang__
	return "clang " __clang_version__;
#else
	return "gcc " __VERSION__;
#endif
}

/* Which OpenBLAS runs matters as much as which fltrain: its kernels decide speed and the last bits. */
void help_version(FILE *out)
{
	fprintf(out, "fltrain %s\ncompiler   %s\n", flt_version(), compiler());
	const char *config = flt_blas_config();
	if (!config) {
		fputs("OpenBLAS   cannot be opened\n", out);
		return;
	}
	/* "OpenBLAS 0.3.21 DYNAMIC_ARCH ...": the second word is the version. */
	const char *version = config + strcspn(config, " ");
	version += strspn(version, " ");
	fprintf(out, "OpenBLAS   %.*s, core %s\n", (int)strcspn(version, " "), version, flt_blas_core());
}

/* A config file holds a value as the rest of a line, without the blanks around it. */
static bool fits_line(const char *text)
{
	size_t length = strlen(text);
	return !strpbrk(text, "\n\r") && (length == 0 || (!strchr(" \t", text[0]) && !strchr(" \t", text[length - 1])));
}

/* What a value is to stand between: quotes around it would be taken off when the file is read, if there are none
 * inside, and so others go around them. */
static const char *outer_quote(const char *text)
{
	size_t length = strlen(text);
	if (length < 2 || !strchr("'\"", text[0]) || strchr(text + 1, text[0]) != text + length - 1)
		return "";
	return text[0] == '"' ? "'" : "\"";
}

static enum flt_status print_setting(FILE *out, const struct option *option, const struct command *command,
                                     const char *text, struct flt_error *err)
{
	char help[TEXT_SIZE], value[120];
	help_describe(option, command, help, sizeof help);
	fputs("# ", out);
	wrap(out, help, 2, 2, "# ");
	option_value(option, value, sizeof value);
	if (!text)
		fprintf(out, "# %s = %s\n", option->name, option_takes_value(option) ? value : "yes|no");
	else if (!fits_line(text))
		return flt_fail(err, FLT_ERR_USAGE,
		                "--print-config: a config file cannot hold the value of --%s, which starts or ends "
		                "with a blank or contains a line break; give it on the command line instead",
		                option->name);
	else
		fprintf(out, "%s = %s%s%s\n", option->name, outer_quote(text), text, outer_quote(text));
	return FLT_OK;
}

enum flt_status help_config(FILE *out, const struct parsed *parsed, struct flt_error *err)
{
	const struct command *command = parsed->command;
	fprintf(out, "# Options of fltrain %s; to run with them:\n# fltrain %s --config FILE %s\n", command->name,
	        command->name, command->arguments);
	for (size_t group = 0; group < N_GROUPS; group++) {
		if (!help_has_group(command, group))
			continue;
		fprintf(out, "\n# --- %s ---\n\n", flt_option_groups[group]);
		for (size_t i = 0; i < flt_n_options; i++) {
			if (!help_shows(&flt_options[i], command, group) || flt_options[i].effect != SETS)
				continue;
			FLT_TRY(print_setting(out, &flt_options[i], command, parsed->text[i], err));
		}
	}
	return FLT_OK;
}
