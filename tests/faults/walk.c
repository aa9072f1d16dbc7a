/*
 * Walks through the faults of one command: walk NAME [FAULT...] -- ARGUMENTS, in a folder that holds
 *   in/      what the command reads, and may never change; stdin comes from in/stdin, through a pipe, where it is there
 *   before/  what lies in out/ before each run
 *   out/     where the command writes; a checkpoint there is out/state
 *   tmp/     its TMPDIR
 * The command runs once undisturbed, and then, for each fault and k = 1, 2, 3, ... with the k-th call disturbed, until
 * there is no k-th call. Each run is a fork of this process, which is linked with the program. The fault "pairs", which
 * has to be named, is two calls of any kind: the k-th, and each of the WINDOW behind it.
 *
 * A run that fails says why in one sentence, exits with the code for it, leaves in out/ what was there before (or,
 * where the fault came after the files were in place, all of the new), and nothing in tmp/. One that succeeds did what
 * the undisturbed one does. Each gives back its memory, streams and descriptors. Only a file whose removal was made to
 * fail may be left under its temporary name. What it says was written, though the report could not be made, is all new.
 * Prints a line per fault, and those of each run that broke a rule.
 *
 * A checkpoint that cannot be written on the way is no failure: it is said once, and the run goes on. One that a failed
 * run leaves is whole: a run that goes on from it does what the undisturbed one does.
 *
 * DENSE is up to which k each is tried; from there on steps grow by a tenth (0: each k is tried).
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "folder.h"
#include "inject.h"
#include "rules.h"

int fltrain_main(int argc, char **argv);
const char *__asan_default_options(void);

enum { SANITIZER_STATUS = 99, SECONDS_PER_RUN = 120, WINDOW = 20, MOST_ARGUMENTS = 64 };

const char *__asan_default_options(void)
{
	return "exitcode=99:detect_leaks=0:allocator_may_return_null=1:malloc_context_size=4";
}

/* Two calls that fail, in place of a fault of the table. */
static const char pairs_name[] = "pairs";

/* The file that a deed is done to: the data, which is the last argument. NULL where there is none. */
static const char *file_of(char **argv)
{
	while (argv[1])
		argv++;
	const char *end = strrchr(*argv, '.');
	return end && strcmp(end, ".csv") == 0 ? *argv : NULL;
}

static bool needs_file(const struct fault *fault)
{
	return fault->deed == DEED_SHRINK || fault->deed == DEED_GROW || fault->deed == DEED_REWRITE;
}

/* ---- one run ---- */

struct run {
	int status; /* as waitpid gives it */
	struct file out, err;
	struct folder outputs;
	bool inputs_are_whole, left_temporary;
};

static struct folder inputs, before;
static struct strike *strike;

/* Standard input of the program: nothing, or what in/stdin holds, from a pipe (which has room for it). */
static int open_stdin(void)
{
	const struct file *file = find_file(&inputs, "stdin");
	if (!file)
		return open("/dev/null", O_RDONLY);
	int ends[2];
	if (pipe(ends) != 0 || write(ends[1], file->bytes, file->n) != (ssize_t)file->n)
		die("pipe");
	close(ends[1]);
	return ends[0];
}

static void arm(const struct attack *attack, char **argv)
{
	static int reasons[N_CALLS];
	const struct fault *fault = attack->fault;
	if (fault) {
		inject_arm(strike, fault->call, fault->deed, fault->reason, attack->k, fault->persists,
		           needs_file(fault) ? file_of(argv) : NULL);
		return;
	}
	for (enum call call = 0; call < N_CALLS; call++)
		reasons[call] = failure_of(call)->reason;
	inject_arm_pair(strike, reasons, attack->k, attack->apart);
}

static void become_program(int in, int out, int err, const struct attack *attack, char **argv)
{
	int argc = 0;
	while (argv[argc])
		argc++;
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
		_exit(98);
	close(in);
	close(out);
	close(err);
	alarm(SECONDS_PER_RUN);
	inject_begin();
	if (attack)
		arm(attack, argv);
	int status = fltrain_main(argc, argv);
	inject_end(strike);
	fflush(NULL);
	_exit(status); /* what else exit does takes a fifth of the time */
}

/* An attack of NULL disturbs nothing. */
static void run_program(struct run *run, const struct folder *outputs, const struct attack *attack, char **argv)
{
	static const struct folder nothing;
	struct folder now;
	write_folder("in", &inputs);
	write_folder("tmp", &nothing);
	write_folder("out", outputs);
	*strike = (struct strike){0};
	int in = open_stdin(), out = memfd_create("out", 0), err = memfd_create("err", 0);
	fflush(stdout);
	pid_t child = fork();
	if (child == 0)
		become_program(in, out, err, attack, argv);
	if (child < 0 || waitpid(child, &run->status, 0) != child)
		die("fork");
	read_fd(out, &run->out);
	read_fd(err, &run->err);
	close(in);
	close(out);
	close(err);
	read_folder("out", &run->outputs);
	read_folder("in", &now);
	run->inputs_are_whole = same_folder(&now, &inputs);
	release_folder(&now);
	read_folder("tmp", &now);
	run->left_temporary = now.n > 0;
	release_folder(&now);
}

static void release_run(struct run *run)
{
	free(run->out.bytes);
	free(run->err.bytes);
	release_folder(&run->outputs);
}

/* ---- the rules ---- */

static bool is_one_sentence(const char *text)
{
	const char *end = strchr(text, '\n');
	return strncmp(text, "fltrain: ", 9) == 0 && end && end[1] == '\0' && end - text > 12;
}

static const char checkpoint_name[] = "state";

/* What follows the sentence that a checkpoint could not be written, where text begins with it. */
static const char *behind_notice(const char *text)
{
	static const char ending[] = "; training continues and will try again\n";
	const char *found = strstr(text, ending);
	return found && found < strchr(text, '\n') ? found + strlen(ending) : text;
}

static bool says_why(const struct rule *rule, const char *all, const char *sentence)
{
	bool says = rule->cause == NULL || strstr(all, rule->cause);
	bool any = false;
	for (size_t i = 0; i < 2; i++)
		any = any || (rule->reasons[i] && strstr(sentence, rule->reasons[i]));
	return says && any;
}

/* Whether all is as it was to be; or each file is as it was before or as it was to be, and none of those before is
 * gone. What a checkpoint is worth is found by going on from it. */
static bool are_whole(const struct folder *now, const struct folder *good)
{
	if (same_folder(now, good))
		return true;
	for (size_t i = 0; i < now->n; i++) {
		const struct file *file = &now->files[i];
		if (strcmp(file->name, checkpoint_name) == 0)
			continue;
		if (!same_file(file, find_file(&before, file->name)) && !same_file(file, find_file(good, file->name)))
			return false;
	}
	for (size_t i = 0; i < before.n; i++)
		if (!find_file(now, before.files[i].name))
			return false;
	return true;
}

/* Whether the files are new that the sentence says were written, though the report could not be made. */
static bool are_written(const char *sentence, const struct folder *now, const struct folder *good)
{
	const char *end = strstr(sentence, " written, but the report could not be made");
	for (size_t i = 0; end && i < good->n; i++) {
		const char *found = strstr(sentence, good->files[i].name);
		if (found && found < end && !same_file(&good->files[i], find_file(now, good->files[i].name)))
			return false;
	}
	return true;
}

static const char *judge_end(const struct run *run, const struct run *good, const struct rule *rule)
{
	if (run->left_temporary && !rule->may_leave)
		return "left something in the temporary folder";
	if (strike->left)
		return strike->left;
	if (!run->inputs_are_whole && !rule->may_change_inputs)
		return "changed its input";
	const char *sentence = behind_notice(run->err.bytes);
	if (WEXITSTATUS(run->status) != 0) {
		if (!is_one_sentence(sentence))
			return "not one sentence on stderr";
		if (!are_written(sentence, &run->outputs, &good->outputs))
			return "did not write what it says";
		bool whole = are_whole(&run->outputs, &good->outputs);
		return whole ? NULL : "left a file that is neither the older nor the new one";
	}
	if (*sentence)
		return "says something, though it succeeded";
	if (!same_file(&run->out, &good->out))
		return "another output than undisturbed";
	return same_folder(&run->outputs, &good->outputs) ? NULL : "other files than undisturbed";
}

/* What a run did wrong, or NULL. */
static const char *judge(const struct run *run, const struct run *good, const struct attack *attack)
{
	if (!WIFEXITED(run->status))
		return WTERMSIG(run->status) == SIGALRM ? "does not end" : "was killed by a signal";
	int code = WEXITSTATUS(run->status);
	if (code == SANITIZER_STATUS)
		return "a sanitizer's report";
	struct rule rule = rule_of(attack, strike);
	const char *all = run->err.bytes, *sentence = behind_notice(all);
	bool is_noticed = sentence > all;
	bool is_right = code < 8 && (rule.exits & EXIT(code)) != 0;
	if (!is_right && !(code == 0 && is_noticed))
		return "wrong exit code";
	if (is_noticed && !rule.may_notice)
		return "could not write a checkpoint";
	if ((code != 0 || is_noticed) && !says_why(&rule, all, code == 0 ? all : sentence))
		return "does not say why";
	return judge_end(run, good, &rule);
}

/* The arguments by which a run goes on from the checkpoint that the one by argv keeps; false if it keeps none. */
static bool go_on_by(char **argv, char *resuming[MOST_ARGUMENTS])
{
	static char resume[] = "--resume";
	bool keeps_one = false;
	size_t n = 0;
	for (; argv[n] && n + 1 < MOST_ARGUMENTS; n++) {
		bool is_it = strcmp(argv[n], "--checkpoint") == 0 || strcmp(argv[n], resume) == 0;
		resuming[n] = is_it ? resume : argv[n];
		keeps_one |= is_it;
	}
	resuming[n] = NULL;
	return keeps_one;
}

/* What is wrong with the checkpoint that a run left, or NULL. */
static const char *judge_checkpoint(const struct run *run, const struct run *good, char **argv)
{
	struct run again;
	char *resuming[MOST_ARGUMENTS];
	const struct file *left = find_file(&run->outputs, checkpoint_name);
	if (!left || same_file(left, find_file(&before, checkpoint_name)) || !go_on_by(argv, resuming))
		return NULL;
	run_program(&again, &run->outputs, NULL, resuming);
	bool is_same = again.status == good->status && again.err.n == 0 && same_file(&again.out, &good->out) &&
	               same_folder(&again.outputs, &good->outputs);
	release_run(&again);
	return is_same ? NULL : "left a checkpoint that leads to another end";
}

static void show(const char *name, const struct attack *attack, const char *wrong, const struct run *run)
{
	printf("FAILED  %s %s, call %lu", name, attack->fault ? attack->fault->name : pairs_name, attack->k);
	if (attack->apart)
		printf(" and %lu behind it", attack->apart);
	printf(": %s (exit %d)\n", wrong, WIFEXITED(run->status) ? WEXITSTATUS(run->status) : -1);
	for (size_t i = 0; !attack->fault && i < 2 && i < atomic_load(&strike->n_struck); i++)
		printf("    %s fails\n", failure_of(strike->struck[i].call)->name);
	printf("%.3000s", run->err.bytes);
	for (size_t i = 0; i < run->outputs.n; i++)
		printf("    out/%s: %zu bytes\n", run->outputs.files[i].name, run->outputs.files[i].n);
}

/* ---- the walk ---- */

enum { MOST_FAILURES = 20 };

struct count {
	unsigned long passed, failed;
};

/* What a failing unlink leaves. */
static void drop_temporaries(struct folder *folder)
{
	size_t n = 0;
	for (size_t i = 0; i < folder->n; i++) {
		if (strncmp(folder->files[i].name, ".fltrain-", 9) == 0)
			free(folder->files[i].bytes);
		else
			folder->files[n++] = folder->files[i];
	}
	folder->n = n;
}

/* Runs under one attack and judges; how many calls were struck. */
static unsigned long try(const char *name, const struct attack *attack, const struct run *good, char **argv,
                         struct count *count)
{
	struct run run;
	run_program(&run, &before, attack, argv);
	unsigned long struck = atomic_load(&strike->n_struck);
	if (struck && rule_of(attack, strike).may_leave)
		drop_temporaries(&run.outputs);
	const char *wrong = struck ? judge(&run, good, attack) : NULL;
	/* Whoever did not come to the end did not count either. */
	if (!struck && run.status != good->status)
		wrong = "does not end well";
	if (wrong)
		show(name, attack, wrong, &run);
	if (struck && !wrong && run.status != good->status) {
		wrong = judge_checkpoint(&run, good, argv);
		if (wrong)
			show(name, attack, wrong, &run);
	}
	count->failed += wrong != NULL;
	count->passed += !wrong && struck > (attack->apart > 0);
	release_run(&run);
	return struck;
}

static unsigned long next(unsigned long k, unsigned long dense)
{
	return k + (dense && k >= dense ? 1 + k / 10 : 1);
}

static void tell(const char *name, const char *fault, const struct count *count)
{
	if (count->passed + count->failed > 0)
		printf("%s %s %lu passed, %lu failed\n", name, fault, count->passed, count->failed);
	fflush(stdout);
}

static void walk(const char *name, const struct fault *fault, const struct run *good, unsigned long dense, char **argv)
{
	struct count count = {0};
	struct attack attack = {fault, 1, 0};
	while (try(name, &attack, good, argv, &count) > 0 && count.failed <= MOST_FAILURES)
		attack.k = next(attack.k, dense);
	tell(name, fault->name, &count);
}

/* Each call of any kind, and each of the next behind it: what comes after the first failure is mostly cleaning up. */
static void walk_pairs(const char *name, const struct run *good, unsigned long dense, char **argv)
{
	struct count count = {0};
	unsigned long struck = 2;
	for (struct attack attack = {NULL, 1, 0}; struck > 0 && count.failed <= MOST_FAILURES;
	     attack.k = next(attack.k, dense)) {
		struck = 2;
		for (attack.apart = 1; struck == 2 && attack.apart <= WINDOW; attack.apart++)
			struck = try(name, &attack, good, argv, &count);
	}
	tell(name, pairs_name, &count);
}

static bool is_wanted(const char *name, char **wanted, int n)
{
	for (int i = 0; i < n; i++)
		if (strcmp(wanted[i], name) == 0)
			return true;
	return n == 0;
}

int main(int argc, char **argv)
{
	int split = 2;
	while (split < argc && strcmp(argv[split], "--") != 0)
		split++;
	if (split + 1 >= argc) {
		fputs("usage: walk NAME [FAULT...] -- ARGUMENTS\n", stderr);
		return 2;
	}
	static char program[] = "fltrain";
	argv[split] = program;
	const char *text = getenv("DENSE");
	unsigned long dense = text ? strtoul(text, NULL, 10) : 0;
	setenv("TMPDIR", "tmp", 1);
	strike = mmap(NULL, sizeof *strike, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (strike == MAP_FAILED)
		die("mmap");
	read_folder("in", &inputs);
	read_folder("before", &before);
	struct run good;
	run_program(&good, &before, NULL, argv + split);
	if (!WIFEXITED(good.status) || WEXITSTATUS(good.status) != 0 || good.err.n > 0 || strike->left) {
		printf("FAILED  %s undisturbed\n%s%s%s\n", argv[1], good.out.bytes, good.err.bytes,
		       strike->left ? strike->left : "");
		release_run(&good);
		return 1;
	}
	for (size_t i = 0; i < n_faults; i++)
		if (is_wanted(faults[i].name, argv + 2, split - 2) &&
		    (!needs_file(&faults[i]) || file_of(argv + split)))
			walk(argv[1], &faults[i], &good, dense, argv + split);
	if (split > 2 && is_wanted(pairs_name, argv + 2, split - 2))
		walk_pairs(argv[1], &good, dense, argv + split);
	release_run(&good);
	release_folder(&inputs);
	release_folder(&before);
	return 0;
}
