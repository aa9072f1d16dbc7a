/*
 * Manual pages in mdoc(7), which man and mandoc show: of the program in section 1, and of each command. All they say
 * stands in the option table, the list of commands and the words of reports, which help shows too.
 */
#include "cli/manual.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cli/help.h"
#include "cli/option_table.h"

static const char LAST_CHANGE[] = "November 30, 2026"; /* of what the pages say */

/* Text within a line: mdoc takes backslashes, and dots and quotes at the start of lines, for its own. */
static void put_text(FILE *out, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		fprintf(out, "%s%s", i == 0 && strchr(".'", text[i]) ? "\\&" : "",
		        text[i] == '\\' ? "\\e" : (char[]){text[i], '\0'});
}

/* Lines that end behind a sentence, as manual pages have them, or at a blank. */
static void put_sentences(FILE *out, const char *text, size_t length)
{
	enum { MOST = 78 };
	for (size_t n, next; length > 0; text += next, length -= next) {
		size_t fits = 0;
		for (n = 0; n < length && (n <= MOST || fits == 0); n++) {
			if (text[n] != ' ')
				continue;
			fits = n;
			if (n > 0 && text[n - 1] == '.')
				break;
		}
		n = n < length ? fits : n;
		put_text(out, text, n);
		fputc('\n', out);
		next = n + (n < length);
	}
}

/* Paragraphs, and lines that are indented, which stay as they are. */
static void put_about(FILE *out, const char *about)
{
	bool is_example = false;
	for (size_t length; *about; about += length + (about[length] == '\n')) {
		length = strcspn(about, "\n");
		bool was_example = is_example;
		is_example = *about == ' ';
		if (was_example && !is_example)
			fputs(".Ed\n", out);
		if (is_example && !was_example)
			fputs(".Bd -literal -offset indent\n", out);
		else if (length > 0 && was_example && !is_example)
			fputs(".Pp\n", out);
		if (is_example) {
			put_text(out, about + strspn(about, " "), length - strspn(about, " "));
			fputc('\n', out);
		} else {
			put_sentences(out, about, length);
		}
	}
	if (is_example)
		fputs(".Ed\n", out);
}

static void put_head(FILE *out, const char *command, const char *summary)
{
	const char *join = *command ? "-" : "";
	fprintf(out, ".Dd %s\n.Dt FLTRAIN%s", LAST_CHANGE, join);
	for (const char *c = command; *c; c++)
		fputc(toupper((unsigned char)*c), out);
	fprintf(out, " 1\n.Os\n.Sh NAME\n.Nm fltrain%s%s\n.Nd %s\n.Sh SYNOPSIS\n", join, command, summary);
}

static void put_option(FILE *out, const struct option *option, const struct command *command)
{
	char value[FLT_HELP_SIZE], text[FLT_HELP_SIZE];
	option_value(option, value, sizeof value);
	fputs(".It ", out);
	if (option->letter)
		fprintf(out, "Fl %c , ", option->letter);
	fprintf(out, "Fl -%s%s", option->name, *value ? " Ar " : "");
	for (const char *c = value; *c; c++)
		fprintf(out, *c == '|' ? "%c\\:" : "%c", *c); /* a line may end there */
	fputc('\n', out);
	help_describe(option, command, text, sizeof text);
	put_sentences(out, text, strlen(text));
}

static void put_options(FILE *out, const struct command *command)
{
	fputs(".Sh OPTIONS\nDefaults are in brackets.\nLong names are also the keys of config files.\n", out);
	for (size_t group = 0; group < N_GROUPS; group++) {
		if (!help_has_group(command, group))
			continue;
		fprintf(out, ".Ss %s\n.Bl -tag -width Ds\n", flt_option_groups[group]);
		for (size_t i = 0; i < flt_n_options; i++)
			if (help_shows(&flt_options[i], command, group))
				put_option(out, &flt_options[i], command);
		fputs(".El\n", out);
	}
}

static void put_exit_codes(FILE *out)
{
	fputs(".Sh EXIT STATUS\n.Bl -tag -width Ds\n", out);
	for (size_t i = 0; i < flt_n_exit_codes; i++)
		fprintf(out, ".It %s\n%s\n", flt_exit_codes[i].codes, flt_exit_codes[i].meaning);
	fputs(".El\n", out);
}

static void put_environment(FILE *out)
{
	fputs(".Sh ENVIRONMENT\n.Bl -tag -width COLUMNS\n"
	      ".It Ev CC\nThe compiler of\n.Cm export Fl -verify ,\ninstead of\n.Pa cc .\n"
	      ".It Ev COLUMNS\nColumns of the terminal, between 40 and 120, in place of those it has.\n"
	      ".It Ev NO_COLOR\nIf it is not empty, terminals get neither colour nor bold.\n"
	      ".It Ev TERM\nWhere it is\n.Qq dumb ,\nterminals get no escapes, and progress comes as lines of words, "
	      "which suit a screen reader, too:\n.Fl -progress Cm lines\nasks for them anywhere.\n"
	      ".It Ev TMPDIR\nWhere temporary files go, instead of\n.Pa /tmp .\n"
	      ".El\n",
	      out);
}

static void put_command(FILE *out, const struct command *command)
{
	put_head(out, command->name, command->summary);
	fprintf(out, ".Nm fltrain %s\n.Op Ar OPTIONS\n.Ar %s\n.Sh DESCRIPTION\n", command->name, command->arguments);
	put_about(out, command->about);
	put_options(out, command);
	put_exit_codes(out);
	fputs(".Sh SEE ALSO\n.Xr fltrain 1 ,\n.Xr fltrain-model 5 ,\n.Xr fltrain-report 5\n", out);
}

static void put_word(void *context, const char *name, const char *meaning)
{
	FILE *out = context;
	fprintf(out, ".It %s\n", name);
	put_sentences(out, meaning, strlen(meaning));
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The pages of the commands, in the order of the alphabet. */
static void put_other_pages(FILE *out)
{
	enum { MOST = 16 };
	const char *names[MOST];
	assert(flt_n_commands <= MOST);
	for (size_t i = 0; i < flt_n_commands; i++)
		names[i] = flt_commands[i].name;
	qsort(names, flt_n_commands, sizeof *names, compare_names);
	fputs(".Sh SEE ALSO\n", out);
	for (size_t i = 0; i < flt_n_commands; i++)
		fprintf(out, ".Xr fltrain-%s 1 ,\n", names[i]);
	fputs(".Xr fltrain-model 5 ,\n.Xr fltrain-report 5\n", out);
}

static void put_program(FILE *out)
{
	put_head(out, "", "find the rare class in a table");
	fputs(".Nm\n.Op Ar COMMAND\n.Op Ar OPTIONS\n.Ar FILE...\n.Sh DESCRIPTION\n", out);
	put_about(out, flt_about_program);
	fputs(".Pp\nThe commands, each with a page of its own:\n.Bl -tag -width Ds\n", out);
	for (size_t i = 0; i < flt_n_commands; i++)
		fprintf(out, ".It Cm %s Ar %s\n%s\n", flt_commands[i].name, flt_commands[i].arguments,
		        flt_commands[i].summary);
	fputs(".El\n.Sh WORDS OF REPORTS\n.Bl -tag -width Ds\n", out);
	help_each_word(put_word, out);
	fputs(".El\n", out);
	put_environment(out);
	put_exit_codes(out);
	fputs(".Sh EXAMPLES\n.Dl fltrain --loss focal --gamma 2 data/fraud.csv\n", out);
	put_other_pages(out);
}

void manual_page(FILE *out, const struct command *command)
{
	if (command)
		put_command(out, command);
	else
		put_program(out);
}
