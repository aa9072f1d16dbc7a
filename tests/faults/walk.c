/*
 * Walks through the faults of one command: walk NAME [FAULT...] -- ARGUMENTS, in a folder that holds
 *   in/      what the command reads, and may never change; stdin comes from in/stdin, through a pipe, where it is there
 *   before/  what lies in out/ before each run
 *   out/     where the command writes; a checkpoint there is out/state
 *   tmp/     its TMPDIR
 * The command runs once undisturbed, and then, for each fault and k = 1, 2, 3, ... with the k-th call disturbed, until
 * there is no k-th call. Each run is a fork of this process, which is linked with the program under the sanitizers.
 *
 * A run that fails says why in one sentence, exits with the code for it, leaves in out/ what was there before (or,
 * where the fault came after the files were in place, all of the new), and nothing in tmp/. One that succeeds did what
 * the undisturbed one does. No run leaks. Prints a line per fault, and those of each run that broke a rule.
 *
 * A checkpoint that cannot be written on the way is no failure: it is said once, and the run goes on. One that a failed
 * run leaves is whole: a run that goes on from it does what the undisturbed one does.
 *
 * DENSE is up to which k each is tried; from there on steps grow by a tenth (0: each k is tried).
 */
#include <dirent.h>
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

#include "inject.h"

int fltrain_main(int argc, char **argv);
const char *__asan_default_options(void);

enum { SANITIZER_STATUS = 99, SECONDS_PER_RUN = 120, MOST_FILES = 16, MOST_ARGUMENTS = 64 };

const char *__asan_default_options(void)
{
	return "exitcode=99:detect_leaks=1:allocator_may_return_null=1";
}

/* ---- the faults ---- */

#define EXIT(code) (1U << (code))

struct fault {
	const char *name;
	enum call call;
	enum deed deed;
	int reason;
	bool persists;
	unsigned exits;   /* that are right, besides 0 where it may be ignored */
	const char *says; /* part of the sentence; NULL: the system's text for the reason */
};

/* Where 0 is right, what the call was for has another way: libcsv asks for less memory, a file that cannot seek is kept
 * as a pipe is, the close of what fsync has written has nothing to lose. The run then has to do all that the
 * undisturbed one does. */
static const struct fault faults[] = {
        {"alloc", CALL_ALLOC, DEED_FAIL, ENOMEM, false, EXIT(0) | EXIT(1), "out of memory"},
        {"json-alloc", CALL_JSON, DEED_FAIL, ENOMEM, false, EXIT(1), "out of memory"},
        {"read-eio", CALL_READ, DEED_FAIL, EIO, false, EXIT(1), NULL},
        {"read-eintr", CALL_READ, DEED_FAIL, EINTR, false, EXIT(0), ""},
        {"read-short", CALL_READ, DEED_SHORTEN, 0, false, EXIT(0), ""},
        {"read-all-short", CALL_READ, DEED_SHORTEN, 0, true, EXIT(0), ""},
        {"write-eio", CALL_WRITE, DEED_FAIL, EIO, false, EXIT(1), NULL},
        {"write-enospc", CALL_WRITE, DEED_FAIL, ENOSPC, true, EXIT(1), NULL},
        {"write-short", CALL_WRITE, DEED_SHORTEN, 0, false, EXIT(0), ""},
        {"open-emfile", CALL_OPEN, DEED_FAIL, EMFILE, false, EXIT(1), NULL},
        {"fopen-emfile", CALL_FOPEN, DEED_FAIL, EMFILE, false, EXIT(1), NULL},
        {"fdopen-enomem", CALL_FDOPEN, DEED_FAIL, ENOMEM, false, EXIT(1), NULL},
        {"close-eio", CALL_CLOSE, DEED_FAIL, EIO, false, EXIT(0) | EXIT(1), NULL},
        {"fsync-eio", CALL_FSYNC, DEED_FAIL, EIO, false, EXIT(1), NULL},
        {"nameless-unknown", CALL_NAMELESS, DEED_FAIL, EOPNOTSUPP, true, EXIT(0), ""},
        {"linkat-eio", CALL_LINKAT, DEED_FAIL, EIO, false, EXIT(1), NULL},
        {"rename-eio", CALL_RENAME, DEED_FAIL, EIO, false, EXIT(1), NULL},
        {"lseek-eio", CALL_LSEEK, DEED_FAIL, EIO, false, EXIT(0) | EXIT(1), NULL},
        {"stat-eio", CALL_STAT, DEED_FAIL, EIO, false, EXIT(0) | EXIT(1), NULL},
        {"access-eio", CALL_ACCESS, DEED_FAIL, EIO, false, EXIT(0) | EXIT(1), NULL},
        {"realpath-eio", CALL_REALPATH, DEED_FAIL, EIO, false, EXIT(1), NULL},
        {"fchmod-eperm", CALL_FCHMOD, DEED_FAIL, EPERM, false, EXIT(1), NULL},
        {"fcntl-emfile", CALL_FCNTL, DEED_FAIL, EMFILE, false, EXIT(0) | EXIT(1), NULL},
        {"getrandom-enosys", CALL_GETRANDOM, DEED_FAIL, ENOSYS, false, EXIT(1), NULL},
        {"mkostemp-enospc", CALL_MKOSTEMP, DEED_FAIL, ENOSPC, false, EXIT(1), NULL},
        {"mmap-enomem", CALL_MMAP, DEED_FAIL, ENOMEM, false, EXIT(1), NULL},
        {"thread-eagain", CALL_THREAD, DEED_FAIL, EAGAIN, true, EXIT(1), "refused to start thread"},
        {"file-shrinks", CALL_READ, DEED_SHRINK, 0, false, EXIT(3), ""},
        {"file-grows", CALL_READ, DEED_GROW, 0, false, EXIT(3), ""},
        {"file-rewritten", CALL_READ, DEED_REWRITE, 0, false, EXIT(3), ""},
};
enum { N_FAULTS = sizeof faults / sizeof *faults };

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

/* ---- folders ---- */

struct file {
	char name[256];
	char *bytes;
	size_t n;
};

struct folder {
	struct file files[MOST_FILES];
	size_t n;
};

static void die(const char *what)
{
	fprintf(stderr, "walk: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void read_fd(int fd, struct file *file)
{
	struct stat about;
	if (fstat(fd, &about) != 0)
		die("fstat");
	file->n = (size_t)about.st_size;
	file->bytes = malloc(file->n + 1);
	if (!file->bytes || pread(fd, file->bytes, file->n, 0) != about.st_size)
		die("pread");
	file->bytes[file->n] = '\0';
}

static void read_folder(const char *path, struct folder *folder)
{
	*folder = (struct folder){.n = 0};
	DIR *handle = opendir(path);
	if (!handle)
		die(path);
	for (struct dirent *entry; (entry = readdir(handle));) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		int fd = openat(dirfd(handle), entry->d_name, O_RDONLY);
		if (folder->n == MOST_FILES || fd < 0)
			die(entry->d_name);
		struct file *file = &folder->files[folder->n++];
		snprintf(file->name, sizeof file->name, "%s", entry->d_name);
		read_fd(fd, file);
		close(fd);
	}
	closedir(handle);
}

static void release_folder(struct folder *folder)
{
	for (size_t i = 0; i < folder->n; i++)
		free(folder->files[i].bytes);
	folder->n = 0;
}

static const struct file *find_file(const struct folder *folder, const char *name)
{
	for (size_t i = 0; i < folder->n; i++)
		if (strcmp(folder->files[i].name, name) == 0)
			return &folder->files[i];
	return NULL;
}

static bool same_file(const struct file *a, const struct file *b)
{
	return a && b && a->n == b->n && memcmp(a->bytes, b->bytes, a->n) == 0;
}

static bool same_folder(const struct folder *a, const struct folder *b)
{
	bool same = a->n == b->n;
	for (size_t i = 0; same && i < a->n; i++)
		same = same_file(&a->files[i], find_file(b, a->files[i].name));
	return same;
}

static void write_folder(const char *path, const struct folder *folder)
{
	struct folder now;
	char name[600];
	read_folder(path, &now);
	for (size_t i = 0; i < now.n; i++) {
		snprintf(name, sizeof name, "%s/%s", path, now.files[i].name);
		if (!find_file(folder, now.files[i].name))
			unlink(name);
	}
	for (size_t i = 0; i < folder->n; i++) {
		const struct file *file = &folder->files[i];
		if (same_file(file, find_file(&now, file->name)))
			continue;
		snprintf(name, sizeof name, "%s/%s", path, file->name);
		int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
		if (fd < 0 || write(fd, file->bytes, file->n) != (ssize_t)file->n)
			die(name);
		close(fd);
	}
	release_folder(&now);
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

static void become_program(int in, int out, int err, const struct fault *fault, unsigned long k, char **argv)
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
	inject_into_stdout();
	if (fault)
		inject_arm(strike, fault->call, fault->deed, fault->reason, k, fault->persists,
		           needs_file(fault) ? file_of(argv) : NULL);
	int status = fltrain_main(argc, argv);
	if (fault)
		inject_end();
	exit(status);
}

static void run_program(struct run *run, const struct folder *outputs, const struct fault *fault, unsigned long k,
                        char **argv)
{
	struct folder now;
	write_folder("in", &inputs);
	write_folder("out", outputs);
	*strike = (struct strike){0};
	int in = open_stdin(), out = memfd_create("out", 0), err = memfd_create("err", 0);
	fflush(stdout);
	pid_t child = fork();
	if (child == 0)
		become_program(in, out, err, fault, k, argv);
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

/* What a run did wrong, or NULL. */
static const char *judge(const struct run *run, const struct run *good, const struct fault *fault)
{
	if (!WIFEXITED(run->status))
		return WTERMSIG(run->status) == SIGALRM ? "does not end" : "was killed by a signal";
	int code = WEXITSTATUS(run->status);
	if (code == SANITIZER_STATUS)
		return "a sanitizer's report";
	const char *sentence = behind_notice(run->err.bytes);
	bool is_noticed = sentence > run->err.bytes, may_fail = (fault->exits & EXIT(1)) != 0;
	bool is_right = code < 8 && (fault->exits & EXIT(code)) != 0;
	if (!is_right && !(code == 0 && (is_noticed || atomic_load(&strike->ignorable))))
		return "wrong exit code";
	if (is_noticed && !may_fail)
		return "could not write a checkpoint";
	const char *reason = fault->says ? fault->says : strerror(fault->reason);
	if ((code != 0 || is_noticed) && !strstr(code == 0 ? run->err.bytes : sentence, reason))
		return "does not say why";
	if (run->left_temporary)
		return "left something in the temporary folder";
	if (!run->inputs_are_whole && fault->exits != EXIT(3))
		return "changed its input";
	if (code == 0) {
		if (*sentence)
			return "says something, though it succeeded";
		if (!same_file(&run->out, &good->out))
			return "another output than undisturbed";
		return same_folder(&run->outputs, &good->outputs) ? NULL : "other files than undisturbed";
	}
	if (!is_one_sentence(sentence))
		return "not one sentence on stderr";
	return are_whole(&run->outputs, &good->outputs) ? NULL
	                                                : "left a file that is neither the older nor the new one";
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
	run_program(&again, &run->outputs, NULL, 0, resuming);
	bool is_same = again.status == good->status && again.err.n == 0 && same_file(&again.out, &good->out) &&
	               same_folder(&again.outputs, &good->outputs);
	release_run(&again);
	return is_same ? NULL : "left a checkpoint that leads to another end";
}

static void show(const char *name, const struct fault *fault, unsigned long k, const char *wrong, const struct run *run)
{
	printf("FAILED  %s %s, call %lu: %s (exit %d)\n", name, fault->name, k, wrong,
	       WIFEXITED(run->status) ? WEXITSTATUS(run->status) : -1);
	printf("%.3000s", run->err.bytes);
	for (size_t i = 0; i < run->outputs.n; i++)
		printf("    out/%s: %zu bytes\n", run->outputs.files[i].name, run->outputs.files[i].n);
}

/* ---- the walk ---- */

static void walk(const char *name, const struct fault *fault, const struct run *good, unsigned long dense, char **argv)
{
	unsigned long passed = 0, failed = 0;
	for (unsigned long k = 1;; k += dense && k >= dense ? 1 + k / 10 : 1) {
		struct run run;
		run_program(&run, &before, fault, k, argv);
		bool struck = atomic_load(&strike->n_struck) > 0;
		const char *wrong = struck ? judge(&run, good, fault) : NULL;
		/* Whoever did not come to the end did not count either. */
		if (!struck && run.status != good->status)
			wrong = "does not end well";
		if (struck && !wrong && run.status != good->status)
			wrong = judge_checkpoint(&run, good, argv);
		if (wrong)
			show(name, fault, k, wrong, &run);
		failed += wrong != NULL;
		passed += struck && !wrong;
		release_run(&run);
		if (!struck || failed > 20)
			break;
	}
	if (passed + failed > 0)
		printf("%s %s %lu passed, %lu failed\n", name, fault->name, passed, failed);
	fflush(stdout);
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
	const char *dense = getenv("DENSE");
	setenv("TMPDIR", "tmp", 1);
	strike = mmap(NULL, sizeof *strike, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (strike == MAP_FAILED)
		die("mmap");
	read_folder("in", &inputs);
	read_folder("before", &before);
	struct run good;
	run_program(&good, &before, NULL, 0, argv + split);
	if (!WIFEXITED(good.status) || WEXITSTATUS(good.status) != 0 || good.err.n > 0) {
		printf("FAILED  %s undisturbed\n%s%s", argv[1], good.out.bytes, good.err.bytes);
		release_run(&good);
		return 1;
	}
	for (size_t i = 0; i < N_FAULTS; i++)
		if (is_wanted(faults[i].name, argv + 2, split - 2) &&
		    (!needs_file(&faults[i]) || file_of(argv + split)))
			walk(argv[1], &faults[i], &good, dense ? strtoul(dense, NULL, 10) : 0, argv + split);
	release_run(&good);
	release_folder(&inputs);
	release_folder(&before);
	return 0;
}
