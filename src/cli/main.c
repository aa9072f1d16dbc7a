#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/demo.h"
#include "cli/help.h"
#include "cli/interrupt.h"
#include "cli/manual.h"
#include "cli/over_ranks.h"
#include "cli/parsed.h"
#include "cli/terminal.h"
#include "fltrain/detector.h"
#include "protocol/memory.h"
#include "ranks/launched.h"
#include "ranks/transport.h"
#include "report/layout.h"
#include "report/outputs.h"

/* Without a command, `train` is meant. A word that is no file but close to a command, or does not look like a file, is
 * a mistyped command. */
static enum flt_status choose_command(const char *word, const struct command **command, struct flt_error *err)
{
	*command = command_find(word);
	if (*command || !*word || *word == '-' || access(word, F_OK) == 0)
		return FLT_OK;
	const char *names[16];
	assert(flt_n_commands <= sizeof names / sizeof *names);
	for (size_t i = 0; i < flt_n_commands; i++)
		names[i] = flt_commands[i].name;
	const char *nearest = flt_nearest(word, names, flt_n_commands);
	if (nearest)
		return flt_fail(err, FLT_ERR_USAGE, "%s: neither a command nor a file; did you mean %s?", word,
		                nearest);
	if (!strpbrk(word, "./"))
		return flt_fail(err, FLT_ERR_USAGE, "%s: neither a command nor a file; fltrain help lists the commands",
		                word);
	return FLT_OK;
}

static enum flt_status print_config(const struct parsed *parsed, struct flt_error *err)
{
	struct flt_outputs outputs = {.standard = stdout};
	FILE *out;
	enum flt_status status = FLT_OK;
	FLT_TRY_OUT(flt_outputs_open(&outputs, "-", &out, err));
	FLT_TRY_OUT(help_config(out, parsed, err));
out:
	flt_outputs_discard(&outputs);
	return status;
}

/* Who types `fltrain predict MODEL` and nothing more sees nothing happen. */
static void tell_of_waiting(const struct command *command, const struct settings *settings)
{
	bool is_report = command->bit == FOR_REPORT;
	bool reads_terminal = command->bit == FOR_PREDICT && settings->n_files == 1;
	for (size_t i = 0; i < settings->n_files; i++)
		reads_terminal = reads_terminal || strcmp(settings->files[i], "-") == 0;
	if (reads_terminal && isatty(STDIN_FILENO) && !settings->quiet)
		fprintf(stderr, "fltrain: reads %s from the terminal; Ctrl-D at the start of a line ends %s\n",
		        is_report ? "a report" : "rows", is_report ? "it" : "them");
}

static enum flt_status run_command(const struct command *command, const struct settings *settings,
                                   struct flt_error *err)
{
	static const struct {
		unsigned bit;
		enum flt_status (*run)(const struct settings *settings, struct flt_error *err);
	} all[] = {
	        {FOR_TRAIN, run_train},     {FOR_COMPARE, run_compare}, {FOR_CV, run_cv},
	        {FOR_CHECK, run_check},     {FOR_PREDICT, run_predict}, {FOR_EVALUATE, run_evaluate},
	        {FOR_EXPLAIN, run_explain}, {FOR_INSPECT, run_inspect}, {FOR_EXPORT, run_export},
	        {FOR_REPORT, run_report},   {FOR_DEMO, run_demo},
	};
	size_t i = 0;
	while (i + 1 < sizeof all / sizeof *all && all[i].bit != command->bit)
		i++;
	assert(all[i].bit == command->bit);
	return all[i].run(settings, err);
}

static enum flt_status run(int argc, char **argv, struct flt_ranks *ranks, struct flt_error *err);

/* Each as if it had been typed in the folder, by this process alone. */
static enum flt_status take_tour(const char *folder, struct flt_error *err)
{
	if (chdir(folder) != 0)
		return flt_fail(err, FLT_ERR_MACHINE, "%s: cannot be entered: %s", folder, strerror(errno));
	for (const struct demo_step *step = demo_steps; step < demo_steps + n_demo_steps; step++) {
		char *words[MAX_DEMO_WORDS];
		int n = 0;
		for (; step->words[n]; n++)
			words[n] = step->words[n];
		words[n] = NULL;
		demo_announce(step);
		FLT_TRY(run(n, words, NULL, err));
	}
	return FLT_OK;
}

/* Runs the command, or what its options ask for instead. */
static enum flt_status answer(const struct command *command, bool is_named, const struct parsed *parsed,
                              struct flt_error *err)
{
	const struct settings *settings = &parsed->settings;
	if (settings->help) {
		if (is_named)
			help_command(stdout, command);
		else
			help_program(stdout);
		return FLT_OK;
	}
	if (settings->help_markdown) {
		help_markdown(stdout, command);
		return FLT_OK;
	}
	if (settings->help_manual) {
		manual_page(stdout, is_named ? command : NULL);
		return FLT_OK;
	}
	if (settings->version) {
		help_version(stdout);
		return FLT_OK;
	}
	if (*parsed->warning && !settings->quiet)
		warn("%s\n", parsed->warning);
	if (settings->print_config)
		return print_config(parsed, err);
	flt_memory_set_limit(settings->memory_limit, flt_ranks_beside(settings->ranks));
	bool runs;
	FLT_TRY(over_ranks_look(settings, &runs, err));
	if (!runs)
		return FLT_OK;
	if (settings->cache)
		FLT_TRY(flt_memory_in_folder(settings->cache, err));
	tell_of_waiting(command, settings);
	enum flt_status status = run_command(command, settings, err);
	flt_memory_leave_folder();
	if (status == FLT_OK && command->bit == FOR_DEMO)
		return take_tour(demo_folder(settings->n_files > 0 ? settings->files[0] : NULL), err);
	return status;
}

static void print_error(const struct flt_error *err)
{
	if (*err->text)
		flt_say(stderr, "fltrain: %s\n", err->text);
}

static enum flt_status find_model_as_report(const char *path, enum flt_status status, struct flt_error *err)
{
	bool is_model = false;
	if (flt_detector_is_file(path, &is_model, NULL) != FLT_OK || !is_model)
		return status;
	return flt_fail(
	        err, FLT_ERR_USAGE,
	        "%s: is a model, not a report; fltrain evaluate --report FILE MODEL DATA.csv makes a page of how "
	        "good it is",
	        path);
}

/* A model in place of a table, or of a report, is the reason for whatever else was wrong. */
static enum flt_status find_model(const struct parsed *parsed, enum flt_status status, struct flt_error *err)
{
	const struct settings *settings = &parsed->settings;
	if (parsed->command->bit == FOR_REPORT && settings->n_files > 0)
		return find_model_as_report(settings->files[0], status, err);
	for (size_t i = 0; i < settings->n_files && (parsed->command->bit & FOR_LABELLED); i++) {
		bool is_model = false;
		if (parsed->ids[i].inode && flt_detector_is_file(settings->files[i], &is_model, NULL) == FLT_OK &&
		    is_model)
			return flt_fail(err, FLT_ERR_USAGE,
			                "%s: is a model, not a table; predict, evaluate and inspect take models",
			                settings->files[i]);
	}
	return status;
}

static enum flt_status run(int argc, char **argv, struct flt_ranks *ranks, struct flt_error *err)
{
	const struct command *named;
	if (strcmp(argv[1], "help") == 0 && argc > 3)
		return flt_fail(err, FLT_ERR_USAGE, "help takes one word; %s is a second one", argv[3]);
	if (strcmp(argv[1], "help") == 0)
		return help_topic(stdout, argc > 2 ? argv[2] : NULL, err);
	if (strcmp(argv[1], "--complete") == 0) {
		completion_print(stdout, argv + 2, (size_t)argc - 2);
		return FLT_OK;
	}
	if (strcmp(argv[1], "version") == 0) {
		help_version(stdout);
		return FLT_OK;
	}
	FLT_TRY(choose_command(argv[1], &named, err));
	const struct command *command = named ? named : flt_commands;
	int n_before = named ? 2 : 1;
	struct parsed parsed;
	enum flt_status status = FLT_OK;
	FLT_TRY_OUT(command_line_parse(argc - n_before, argv + n_before, command, &parsed, err));
	FLT_TRY_OUT(command_line_keep(argc, argv, &parsed, err));
	over_ranks_settle(&parsed.settings, ranks);
	FLT_TRY_OUT(answer(command, named, &parsed, err));
out:
	if (status == FLT_ERR_USAGE || status == FLT_ERR_DATA)
		status = find_model(&parsed, status, err);
	parsed_release(&parsed);
	return status;
}

/* Beyond the limit of its stack a program ends without a word. */
static enum flt_status check_stack(struct flt_error *err)
{
	enum { LEAST = 128 << 10 }; /* 88 KB were enough; arguments and environment are there, too */
	struct rlimit limit;
	if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= LEAST)
		return FLT_OK;
	return flt_fail(err, FLT_ERR_MACHINE,
	                "the stack may take %llu KB only; raise its limit to %d KB or more (ulimit -s)",
	                (unsigned long long)limit.rlim_cur >> 10, LEAST >> 10);
}

static enum flt_status start(int argc, char **argv, struct flt_ranks *ranks, struct flt_error *err)
{
	FLT_TRY(over_ranks_begin(ranks, err));
	if (argc < 2) {
		if (flt_ranks_own(ranks) == 0)
			help_usage(stderr);
		return flt_fail(err, FLT_ERR_USAGE, "%s", "");
	}
	return run(argc, argv, ranks, err);
}

/* *ranks NULL: this process works alone. */
static enum flt_status connect_ranks(const struct flt_transport **transport, struct flt_ranks **ranks,
                                     struct flt_error *err)
{
	struct flt_launched launched = flt_launched();
	FLT_TRY(check_stack(err));
	if (launched.is_launched)
		terminal_is_pipe();
	if (launched.own > 0)
		interrupt_is_silent();
	FLT_TRY(flt_transport_open(transport, err));
	return flt_ranks_new(*transport, ranks, err);
}

static enum flt_status run_rank(int argc, char **argv, const struct flt_transport **transport, struct flt_ranks **ranks,
                                struct flt_error *err)
{
	FLT_TRY(connect_ranks(transport, ranks, err));
	return start(argc, argv, *ranks, err);
}

/* Prints what is left to print, on the rank that speaks for all. */
static enum flt_status finish(enum flt_status status, struct flt_error *err)
{
	if (status) {
		fflush(stdout);
		print_error(err);
	}
	enum flt_status end_status = terminal_close(err);
	if (!status && end_status) {
		print_error(err);
		status = end_status;
	}
	return status;
}

int main(int argc, char **argv)
{
	struct flt_error err = {0};
	const struct flt_transport *transport = NULL;
	struct flt_ranks *ranks = NULL;
	terminal_init();
	interrupt_init();
	enum flt_status status = run_rank(argc, argv, &transport, &ranks, &err);
	status = flt_ranks_end(ranks, status, &err);
	if (flt_ranks_own(ranks) == 0)
		status = finish(status, &err);
	if (ranks) { /* launchers end all ranks once one has ended with a failure */
		interrupt_is_silent();
		transport->close();
	}
	flt_ranks_free(ranks);
	return (int)status;
}
