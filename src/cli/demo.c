/* `demo`: make a folder, copy the data sets into it, and say how the commands are tried there, which main.c runs. */
#include "cli/demo.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/put_in_place.h"
#include "cli/terminal.h"
#include "report/outputs.h"

/* The quick preset: what takes a minute without it is no tour. */
const struct demo_step demo_steps[] = {
        {"Is anything wrong with the file?", {"fltrain", "check", "fraud.csv"}},
        {"Train a model, and judge it by rows that it has never seen.",
         {"fltrain", "--preset", "fast", "--loss", "focal", "fraud.csv"}},
        {"What does the model file hold?", {"fltrain", "inspect", "fraud.safetensors"}},
        {"Score rows, and flag the 100 most suspicious.",
         {"fltrain", "predict", "--threshold=top:100", "-o", "scored.csv", "fraud.safetensors", "fraud.csv"}},
        {"If a miss costs as much as 20 false alarms, where should the threshold be?",
         {"fltrain", "evaluate", "--threshold=cost:1:20", "fraud.safetensors", "fraud.csv"}},
        {"Which columns does the model go by?", {"fltrain", "explain", "fraud.safetensors", "fraud.csv"}},
};
const size_t n_demo_steps = sizeof demo_steps / sizeof *demo_steps;

static const char *const tables[] = {"fraud.csv", "defects.csv", "screening.csv", "churn.csv"};
enum { N_TABLES = sizeof tables / sizeof *tables };

const char *demo_folder(const char *given)
{
	return given ? given : "fltrain-demo";
}

void demo_announce(const struct demo_step *step)
{
	printf("\n# %s\n$", step->about);
	for (char *const *word = step->words; *word; word++)
		printf(" %s", *word);
	printf("\n\n");
}

/* Where the tables lie: beside the installed program, or in the tree that it was built in. */
static enum flt_status find_tables(char place[PATH_MAX], struct flt_error *err)
{
	static const char *const from_program[] = {"../share/fltrain/data", "data", "../../data"};
	char program[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
	program[length > 0 ? length : 0] = '\0';
	char *end = strrchr(program, '/');
	for (size_t i = 0; end && i < sizeof from_program / sizeof *from_program; i++) {
		char file[PATH_MAX];
		*end = '\0';
		int n = snprintf(place, PATH_MAX, "%s/%s", program, from_program[i]);
		int n_file = n < PATH_MAX ? snprintf(file, sizeof file, "%s/%s", place, tables[0]) : PATH_MAX;
		if (n_file < PATH_MAX && access(file, R_OK) == 0)
			return FLT_OK;
	}
	return flt_fail(
	        err, FLT_ERR_MACHINE,
	        "the tables of the demo are not there: they lie in share/fltrain/data beside the program's bin; "
	        "make install puts them there, on Debian the package fltrain-data");
}

static enum flt_status make_folder(const char *folder, struct flt_error *err)
{
	if (mkdir(folder, 0777) == 0)
		return FLT_OK;
	if (errno == EEXIST)
		return flt_fail(
		        err, FLT_ERR_USAGE,
		        "%s: exists, and the demo replaces nothing; name a folder that it can make: fltrain demo "
		        "FOLDER",
		        folder);
	return flt_fail(err, FLT_ERR_MACHINE, "%s: the folder cannot be made: %s; name another one", folder,
	                strerror(errno));
}

static enum flt_status copy(const char *path, FILE *to, struct flt_error *err)
{
	FILE *from = fopen(path, "rb");
	if (!from)
		return flt_fail(err, FLT_ERR_MACHINE, "%s: cannot be read: %s", path, strerror(errno));
	char bytes[1 << 14];
	size_t n;
	while ((n = fread(bytes, 1, sizeof bytes, from)) > 0)
		fwrite(bytes, 1, n, to); /* a failure is found when all is put in place */
	bool is_whole = !ferror(from);
	fclose(from);
	return is_whole ? FLT_OK : flt_fail(err, FLT_ERR_MACHINE, "%s: cannot be read to its end", path);
}

static enum flt_status copy_tables(const char *place, const char *folder, struct flt_outputs *outputs,
                                   struct flt_error *err)
{
	char from[PATH_MAX + 64];
	static char to[N_TABLES][PATH_MAX]; /* outputs borrow them */
	FILE *stream;
	for (size_t i = 0; i < N_TABLES; i++) {
		snprintf(from, sizeof from, "%s/%s", place, tables[i]);
		if (snprintf(to[i], sizeof to[i], "%s/%s", folder, tables[i]) >= (int)sizeof to[i])
			return flt_fail(err, FLT_ERR_USAGE, "%s: is too long a name; name another folder", folder);
		FLT_TRY(flt_outputs_open(outputs, to[i], &stream, err));
		FLT_TRY(copy(from, stream, err));
	}
	FLT_TRY(put_in_place(outputs, err));
	flt_outputs_list(outputs, stdout, terminal_style(stdout));
	return FLT_OK;
}

enum flt_status run_demo(const struct settings *settings, struct flt_error *err)
{
	const char *folder = demo_folder(settings->n_files > 0 ? settings->files[0] : NULL);
	char place[PATH_MAX], word[FLT_SHELL_WORD_SIZE(PATH_MAX)];
	struct flt_outputs outputs = {.standard = stdout, .keeps_files = true};
	FLT_TRY(find_tables(place, err));
	FLT_TRY(make_folder(folder, err));
	enum flt_status status = copy_tables(place, folder, &outputs, err);
	flt_outputs_discard(&outputs);
	FLT_TRY(status);
	flt_shell_word(folder, word, sizeof word);
	printf("\nThese are simulated tables. %zu commands follow, as they run in that folder\nnow; to try them "
	       "yourself:\n"
	       "\n$ cd %s%s\n",
	       n_demo_steps, *folder == '-' ? "./" : "", word);
	return FLT_OK;
}
