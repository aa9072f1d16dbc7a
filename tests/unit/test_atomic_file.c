#include "base/atomic_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "failing_calls.h"
#include "suite.h"

static char folder[64];

/* Where /proc is missing, files have names from the start. */
static bool proc_is_missing;
static bool may_not_write;

int access(const char *path, int mode)
{
	bool is_hidden = (proc_is_missing && strncmp(path, "/proc/", 6) == 0) || (may_not_write && mode == W_OK);
	return is_hidden ? -1 : (int)syscall(SYS_faccessat, AT_FDCWD, path, mode);
}

/* Whether files are mounts of their own. */
static bool is_mounted;

int statx(int at, const char *path, int flags, unsigned mask, struct statx *about)
{
	int result = (int)syscall(SYS_statx, at, path, flags, mask, about);
	if (result == 0 && is_mounted)
		about->stx_attributes |= STATX_ATTR_MOUNT_ROOT;
	return result;
}

static void make_folder(void)
{
	strcpy(folder, "/tmp/fltrain-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static const char *in_folder(const char *name)
{
	static char path[4][256];
	static unsigned turn;
	char *text = path[turn++ % 4];
	snprintf(text, 256, "%s/%s", folder, name);
	return text;
}

static size_t count_entries(void)
{
	DIR *handle = opendir(folder);
	size_t n = 0;
	while (readdir(handle))
		n++;
	closedir(handle);
	return n - 2;
}

static void remove_folder(void)
{
	char command[256];
	snprintf(command, sizeof command, "chmod -R u+rwx %s && rm -rf %s", folder, folder);
	ck_assert_int_eq(system(command), 0);
}

static enum flt_status write_text(const char *path, const char *text, struct flt_error *err)
{
	struct flt_atomic_file *file;
	enum flt_status status = flt_atomic_open(path, &file, err);
	if (status != FLT_OK) {
		ck_assert_ptr_null(file);
		return status;
	}
	fputs(text, flt_atomic_stream(file));
	return flt_atomic_commit(file, err);
}

static void expect_text(const char *path, const char *text)
{
	char found[64] = "";
	FILE *stream = fopen(path, "r");
	ck_assert_ptr_nonnull(stream);
	found[fread(found, 1, sizeof found - 1, stream)] = '\0';
	fclose(stream);
	ck_assert_str_eq(found, text);
}

START_TEST(writes_replaces_and_leaves_nothing_else)
{
	struct flt_error err;
	const char *path = in_folder("a.txt");
	ck_assert_int_eq(write_text(path, "one\n", &err), FLT_OK);
	expect_text(path, "one\n");
	ck_assert_int_eq(write_text(path, "two\n", &err), FLT_OK);
	expect_text(path, "two\n");
	ck_assert_uint_eq(count_entries(), 1);
}
END_TEST

START_TEST(older_file_is_whole_until_the_end)
{
	struct flt_error err;
	const char *path = in_folder("a.txt");
	ck_assert_int_eq(write_text(path, "old\n", &err), FLT_OK);
	struct flt_atomic_file *file;
	ck_assert_int_eq(flt_atomic_open(path, &file, &err), FLT_OK);
	fputs("new", flt_atomic_stream(file));
	fflush(flt_atomic_stream(file));
	expect_text(path, "old\n");
	flt_atomic_discard(file);
	expect_text(path, "old\n");
	ck_assert_uint_eq(count_entries(), 1);
}
END_TEST

/* Where the file system can do it, a process that is killed leaves nothing behind. */
START_TEST(unfinished_file_has_no_name)
{
	struct flt_error err;
	struct flt_atomic_file *file;
	int fd = open(folder, O_WRONLY | O_TMPFILE, 0600);
	bool can_do_it = fd >= 0;
	if (can_do_it)
		close(fd);
	ck_assert_int_eq(flt_atomic_open(in_folder("a.txt"), &file, &err), FLT_OK);
	fputs("new", flt_atomic_stream(file));
	fflush(flt_atomic_stream(file));
	ck_assert_uint_eq(count_entries(), can_do_it ? 0 : 1);
	ck_assert_int_eq(flt_atomic_finish(file, &err), FLT_OK);
	ck_assert_uint_eq(count_entries(), can_do_it ? 0 : 1);
	flt_atomic_discard(file);
	ck_assert_uint_eq(count_entries(), 0);
}
END_TEST

START_TEST(finished_file_is_in_place_only_after_commit)
{
	struct flt_error err;
	const char *path = in_folder("a.txt");
	struct flt_atomic_file *file;
	ck_assert_int_eq(flt_atomic_open(path, &file, &err), FLT_OK);
	fputs("new\n", flt_atomic_stream(file));
	ck_assert_int_eq(flt_atomic_finish(file, &err), FLT_OK);
	ck_assert_int_ne(access(path, F_OK), 0);
	ck_assert_int_eq(flt_atomic_commit(file, &err), FLT_OK);
	expect_text(path, "new\n");
	ck_assert_int_eq(flt_atomic_open("/dev/full", &file, &err), FLT_OK);
	fputs("x", flt_atomic_stream(file));
	ck_assert_int_eq(flt_atomic_finish(file, &err), FLT_ERR_MACHINE);
	flt_atomic_discard(file);
}
END_TEST

START_TEST(mode_is_the_umask_or_that_of_the_older_file)
{
	struct flt_error err;
	struct stat state;
	const char *path = in_folder("a.txt");
	mode_t before = umask(027);
	ck_assert_int_eq(write_text(path, "x", &err), FLT_OK);
	umask(before);
	stat(path, &state);
	ck_assert_uint_eq(state.st_mode & 0777, 0640);
	chmod(path, 0600);
	ck_assert_int_eq(write_text(path, "y", &err), FLT_OK);
	stat(path, &state);
	ck_assert_uint_eq(state.st_mode & 0777, 0600);
}
END_TEST

START_TEST(link_stays_and_its_file_is_replaced)
{
	struct flt_error err;
	struct stat state;
	const char *path = in_folder("real.txt"), *link = in_folder("link.txt");
	ck_assert_int_eq(write_text(path, "old", &err), FLT_OK);
	ck_assert_int_eq(symlink("real.txt", link), 0);
	ck_assert_int_eq(write_text(link, "new", &err), FLT_OK);
	expect_text(path, "new");
	ck_assert_int_eq(lstat(link, &state), 0);
	ck_assert(S_ISLNK(state.st_mode));
}
END_TEST

static void expect_link(const char *link, const char *target)
{
	char found[64] = "";
	ck_assert_int_gt(readlink(link, found, sizeof found - 1), 0);
	ck_assert_str_eq(found, target);
}

/* The temporary file is made where the real file lies, which may be another file system. */
START_TEST(link_into_another_folder_is_followed_to_its_file)
{
	struct flt_error err;
	struct flt_atomic_file *file;
	const char *link = in_folder("link.txt");
	ck_assert_int_eq(mkdir(in_folder("deep"), 0700), 0);
	ck_assert_int_eq(write_text(in_folder("deep/real.txt"), "old", &err), FLT_OK);
	ck_assert_int_eq(symlink("deep/real.txt", link), 0);
	ck_assert_int_eq(flt_atomic_open(link, &file, &err), FLT_OK);
	ck_assert_uint_eq(count_entries(), 2);
	fputs("new", flt_atomic_stream(file));
	ck_assert_int_eq(flt_atomic_commit(file, &err), FLT_OK);
	expect_text(in_folder("deep/real.txt"), "new");
	expect_link(link, "deep/real.txt");
	ck_assert_uint_eq(count_entries(), 2);
}
END_TEST

/* Where it leads, nobody looked yet: a link that leads nowhere is replaced by the file, not followed. */
START_TEST(dangling_link_is_replaced_not_followed)
{
	struct flt_error err;
	struct stat state;
	const char *link = in_folder("link.txt"), *victim = in_folder("victim.txt");
	ck_assert_int_eq(symlink("victim.txt", link), 0);
	ck_assert_int_eq(write_text(link, "new", &err), FLT_OK);
	ck_assert_int_ne(access(victim, F_OK), 0);
	ck_assert_int_eq(lstat(link, &state), 0);
	ck_assert(S_ISREG(state.st_mode));
	expect_text(link, "new");
}
END_TEST

START_TEST(link_to_a_folder_or_in_a_circle_is_refused)
{
	struct flt_error err;
	const char *circle = in_folder("circle"), *place = in_folder("place");
	ck_assert_int_eq(symlink("circle", circle), 0);
	ck_assert_int_eq(write_text(circle, "x", &err), FLT_ERR_MACHINE);
	ck_assert_ptr_nonnull(strstr(err.text, "circle: cannot be written: Too many levels of symbolic links"));
	ck_assert_int_eq(symlink(".", place), 0);
	ck_assert_int_eq(write_text(place, "x", &err), FLT_ERR_MACHINE);
	ck_assert_ptr_nonnull(strstr(err.text, "place: cannot be written: Is a directory"));
	expect_link(circle, "circle");
	expect_link(place, ".");
	ck_assert_uint_eq(count_entries(), 2);
}
END_TEST

/* The name of the only entry of folder; false if it has none. */
static bool read_temporary(char name[64])
{
	DIR *handle = opendir(folder);
	struct dirent *entry;
	while ((entry = readdir(handle)) && entry->d_name[0] == '.' && strlen(entry->d_name) < 3)
		;
	if (entry) {
		ck_assert_uint_lt(strlen(entry->d_name), 64);
		strcpy(name, entry->d_name);
	}
	closedir(handle);
	return entry;
}

/* There is none, or it holds 128 bits from the system's generator and is taken only if it is new: whoever shares the
 * folder cannot prepare a link of that name. */
START_TEST(temporary_name_cannot_be_guessed)
{
	enum { N = 20, PREFIX = sizeof ".fltrain-" - 1, SECRET = 32 };
	static char names[N][64];
	struct flt_error err;
	struct stat state;
	mode_t before = umask(077);
	for (size_t i = 0; i < N; i++) {
		struct flt_atomic_file *file;
		ck_assert_int_eq(flt_atomic_open(in_folder("a.txt"), &file, &err), FLT_OK);
		ck_assert_int_eq(fstat(fileno(flt_atomic_stream(file)), &state), 0);
		ck_assert_uint_eq(state.st_mode & 0777, 0600);
		bool has_name = read_temporary(names[i]);
		ck_assert_uint_eq(state.st_nlink, has_name);
		if (has_name) {
			ck_assert_uint_eq(strlen(names[i]), PREFIX + SECRET + sizeof ".tmp" - 1);
			ck_assert_uint_eq(strspn(names[i] + PREFIX, "0123456789abcdef"), SECRET);
		}
		for (size_t j = 0; has_name && j < i; j++)
			ck_assert_str_ne(names[i], names[j]);
		flt_atomic_discard(file);
	}
	umask(before);
}
END_TEST

/* Opens n files, of which one is ended, abandons the others and ends, as a signal handler would. */
static _Noreturn void open_and_abandon(size_t n)
{
	struct flt_error err;
	struct flt_atomic_file *file;
	for (size_t i = 0; i < n; i++) {
		ck_assert_int_eq(flt_atomic_open(in_folder("a.txt"), &file, &err), FLT_OK);
		if (i == 0)
			flt_atomic_discard(file);
	}
	ck_assert_uint_eq(count_entries(), n);
	flt_atomic_abandon();
	_exit(0);
}

START_TEST(abandoned_files_leave_no_names)
{
	struct flt_error err;
	int status;
	proc_is_missing = true;
	for (int i = 0; i < 100; i++) /* names that are forgotten make room for others */
		ck_assert_int_eq(write_text(in_folder("a.txt"), "old", &err), FLT_OK);
	pid_t child = fork();
	if (child == 0)
		open_and_abandon(6);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	ck_assert_uint_eq(count_entries(), 1);
	expect_text(in_folder("a.txt"), "old");
}
END_TEST

START_TEST(full_disk_is_found_and_named)
{
	struct flt_error err;
	ck_assert_int_eq(write_text("/dev/full", "x", &err), FLT_ERR_MACHINE);
	ck_assert_str_eq(err.text, "/dev/full: cannot be written: No space left on device");
}
END_TEST

/* More than the buffer holds: the failure happens in a write before the last, whose errno is long gone. */
START_TEST(early_failure_is_not_forgotten)
{
	struct flt_error err;
	struct flt_atomic_file *file;
	ck_assert_int_eq(flt_atomic_open("/dev/full", &file, &err), FLT_OK);
	for (int i = 0; i < 100000; i++)
		fputs("text ", flt_atomic_stream(file));
	ck_assert_int_eq(flt_atomic_commit(file, &err), FLT_ERR_MACHINE);
	ck_assert_ptr_nonnull(strstr(err.text, "No space left on device"));
}
END_TEST

START_TEST(impossible_places_are_named)
{
	struct flt_error err;
	ck_assert_int_eq(write_text(in_folder("none/a.txt"), "x", &err), FLT_ERR_MACHINE);
	ck_assert_ptr_nonnull(strstr(err.text, "none/a.txt: cannot be written: No such file or directory"));
	ck_assert_int_eq(write_text(folder, "x", &err), FLT_ERR_MACHINE);
	ck_assert_ptr_nonnull(strstr(err.text, "cannot be written: Is a directory"));
	ck_assert_int_eq(write_text("", "x", &err), FLT_ERR_MACHINE);
	ck_assert_uint_eq(count_entries(), 0);
}
END_TEST

static void expect_refusal(const char *path, const char *reason)
{
	struct flt_error err;
	struct flt_atomic_file *file;
	char says[300];
	size_t n_before = count_entries(), n_path = strlen(path), n_shown = n_path < 500 ? n_path : 500;
	ck_assert_int_eq(flt_atomic_open(path, &file, &err), FLT_ERR_MACHINE);
	ck_assert_ptr_null(file);
	snprintf(says, sizeof says, ": cannot be written: %s", reason);
	ck_assert_mem_eq(err.text, path, n_shown); /* the middle of a long sentence is left out */
	ck_assert_str_eq(err.text + strlen(err.text) - strlen(says), says);
	ck_assert_uint_eq(count_entries(), n_before);
}

/* The user may write to the file, but not replace it, which rename shows. */
START_TEST(a_file_of_another_user_in_a_sticky_folder_is_refused_at_once)
{
	enum { SOMEBODY = 65534, ANOTHER = 1 };
	struct flt_error err;
	const char *path = in_folder("a.txt"), *other = in_folder("b.txt");
	ck_assert_int_eq(chmod(folder, 01777), 0);
	ck_assert_int_eq(write_text(path, "old", &err), FLT_OK);
	ck_assert_int_eq(chmod(path, 0666), 0);
	ck_assert_int_eq(write_text(path, "new", &err), FLT_OK);
	if (geteuid() != 0) /* who cannot give files away */
		return;
	ck_assert_int_eq(chown(path, ANOTHER, ANOTHER), 0);
	ck_assert_int_eq(seteuid(SOMEBODY), 0);
	expect_refusal(path, "it belongs to another user, in a folder where files are replaced by their owners only: "
	                     "name another file");
	ck_assert_int_eq(write_text(other, "x", &err), FLT_OK);
	ck_assert_int_eq(rename(other, path), -1);
	ck_assert_int_eq(errno, EPERM);
	ck_assert_int_eq(unlink(other), 0);

	ck_assert_int_eq(seteuid(0), 0);
	ck_assert_int_eq(chown(folder, SOMEBODY, SOMEBODY), 0);
	ck_assert_int_eq(seteuid(SOMEBODY), 0);
	ck_assert_int_eq(write_text(path, "of the folder's owner", &err), FLT_OK);
	ck_assert_int_eq(seteuid(0), 0);
	ck_assert_int_eq(chown(folder, 0, 0), 0);
	ck_assert_int_eq(chown(path, SOMEBODY, SOMEBODY), 0);
	ck_assert_int_eq(seteuid(SOMEBODY), 0);
	ck_assert_int_eq(write_text(path, "of its owner", &err), FLT_OK);
	ck_assert_int_eq(seteuid(0), 0);
	ck_assert_int_eq(chown(path, ANOTHER, ANOTHER), 0);
	ck_assert_int_eq(chmod(path, 0666), 0);
	ck_assert_int_eq(write_text(path, "of root", &err), FLT_OK);
	ck_assert_int_eq(chown(path, ANOTHER, ANOTHER), 0);
	ck_assert_int_eq(chmod(folder, 0777), 0);
	ck_assert_int_eq(seteuid(SOMEBODY), 0);
	ck_assert_int_eq(write_text(path, "of anybody", &err), FLT_OK);
	ck_assert_int_eq(seteuid(0), 0);
}
END_TEST

/* cli/output-mounted mounts one. */
START_TEST(a_file_that_is_a_mount_is_refused_at_once)
{
	struct flt_error err;
	const char *path = in_folder("a.txt");
	is_mounted = true;
	ck_assert_int_eq(write_text(path, "old", &err), FLT_OK); /* it is not there yet */
	expect_refusal(path, "it is mounted by itself, so no other file can take its place: mount its folder instead, "
	                     "or name another file");
	expect_text(path, "old");
	is_mounted = false;
}
END_TEST

/* The longest path that a temporary name fits into, and one byte more. */
START_TEST(a_path_without_room_for_a_temporary_name_is_refused_at_once)
{
	enum { N_NAME = 45, N_LONGEST = PATH_MAX - 1 - N_NAME }; /* with the slash */
	static char path[PATH_MAX];
	struct flt_error err;
	size_t n = strlen(folder);
	strcpy(path, folder);
	while (n < N_LONGEST - 1) { /* at most 200 bytes at a time, and never one byte, the slash, alone at the end */
		size_t left = N_LONGEST - 1 - n, step = left > 400 ? 200 : left > 250 ? left / 2 : left;
		path[n] = '/';
		memset(path + n + 1, 'x', step - 1);
		path[n += step] = '\0';
		ck_assert_int_eq(mkdir(path, 0777), 0);
	}
	ck_assert_uint_eq(n, N_LONGEST - 1);
	strcpy(path + n, "/a");
	ck_assert_int_eq(write_text(path, "old", &err), FLT_OK);
	ck_assert_int_eq(write_text(path, "new", &err), FLT_OK);
	strcpy(path + n, "x/a");
	path[n + 1] = '\0';
	ck_assert_int_eq(mkdir(path, 0777), 0);
	path[n + 1] = '/';
	expect_refusal(path, "its path is too long for a temporary name beside it: choose a folder with a shorter one");
}
END_TEST

/* /dev/fd/N shares the offset of the descriptor, so that what was written before stays. */
START_TEST(own_descriptors_are_written_in_place)
{
	struct flt_error err;
	char name[32];
	int fd = open(in_folder("a.txt"), O_RDWR | O_CREAT, 0600);
	ck_assert_int_eq((int)write(fd, "before ", 7), 7);
	snprintf(name, sizeof name, "/dev/fd/%d", fd);
	ck_assert_int_eq(write_text(name, "after", &err), FLT_OK);
	ck_assert_int_eq((int)write(fd, "!", 1), 1);
	close(fd);
	expect_text(in_folder("a.txt"), "before after!");
	ck_assert_int_eq(write_text("/dev/fd/999", "x", &err), FLT_ERR_MACHINE);
}
END_TEST

/* As the shell's > does, these go where the descriptor goes. */
START_TEST(standard_streams_are_written_in_place)
{
	static const struct {
		const char *name;
		int fd;
	} streams[] = {
	        {"/dev/stdout", STDOUT_FILENO}, {"/dev/stderr", STDERR_FILENO}, {"/proc/self/fd/1", STDOUT_FILENO}};
	struct flt_error err;
	for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
		int kept = dup(streams[i].fd), fd = open(in_folder("a.txt"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
		dup2(fd, streams[i].fd);
		enum flt_status status = write_text(streams[i].name, "text", &err);
		dup2(kept, streams[i].fd);
		close(kept);
		close(fd);
		ck_assert_int_eq(status, FLT_OK);
		expect_text(in_folder("a.txt"), "text");
	}
	static const char *const none[] = {"/dev/fd/",   "/dev/fd/x",  "/dev/fd/-1",
	                                   "/dev/fd/1x", "/dev/fd/07", "/dev/fd/99999999999"};
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		ck_assert_int_eq(write_text(none[i], "x", &err), FLT_ERR_MACHINE);
	char name[32];
	int fd = open(in_folder("a.txt"), O_RDONLY);
	snprintf(name, sizeof name, "/dev/fd/%d", fd);
	ck_assert_int_eq(write_text(name, "x", &err), FLT_ERR_MACHINE);
	ck_assert_ptr_nonnull(strstr(err.text, "cannot be written: Invalid argument"));
	close(fd);
}
END_TEST

/* Each call of the system that a file takes, up to its commit, fails once: the older file stays, alone. */
START_TEST(each_call_may_fail)
{
	static const struct {
		enum failing_call call;
		int reason;
		bool is_late; /* between finish and commit */
		const char *says;
	} cases[] = {{CALL_REALPATH, EACCES, false, "Permission denied"},
	             {CALL_OPEN, EMFILE, false, NULL},
	             {CALL_FCHMOD, EPERM, false, "Operation not permitted"},
	             {CALL_FSYNC, EIO, false, "Input/output error"},
	             {CALL_FCNTL, EMFILE, false, "Too many open files"},
	             {CALL_GETRANDOM, ENOSYS, true, "not implemented"},
	             {CALL_FSYNC, EIO, true, "Input/output error"},
	             {CALL_RENAME, EXDEV, true, "cross-device"},
	             {CALL_OPEN, EMFILE, true, NULL}}; /* NULL: there is another way, or it is no failure */
	struct flt_error err;
	const char *path = in_folder("a.txt");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct flt_atomic_file *file;
		ck_assert_int_eq(write_text(path, "old", &err), FLT_OK);
		if (!cases[i].is_late)
			fail_next(cases[i].call, cases[i].reason);
		enum flt_status status = flt_atomic_open(path, &file, &err);
		if (status == FLT_OK) {
			fputs("new", flt_atomic_stream(file));
			status = flt_atomic_finish(file, &err);
			if (cases[i].is_late)
				fail_next(cases[i].call, cases[i].reason);
			if (status == FLT_OK)
				status = flt_atomic_commit(file, &err);
			else
				flt_atomic_discard(file);
		}
		ck_assert_int_eq(failing_call, NO_CALL);
		ck_assert_int_eq(status, cases[i].says ? FLT_ERR_MACHINE : FLT_OK);
		if (cases[i].says)
			ck_assert_msg(strstr(err.text, cases[i].says), "%s", err.text);
		expect_text(path, cases[i].says ? "old" : "new");
		ck_assert_uint_eq(count_entries(), 1);
	}
	may_not_write = true;
	ck_assert_int_eq(write_text(path, "x", &err), FLT_ERR_MACHINE);
	may_not_write = false;
	flt_atomic_discard(NULL); /* as after an open that failed */
}
END_TEST

/* A folder where all names that are tried are taken, which only broken randomness makes. */
START_TEST(names_that_are_taken_are_not_written_to)
{
	struct flt_error err;
	const char *path = in_folder("a.txt"), *taken = in_folder(".fltrain-00000000000000000000000000000000.tmp");
	without_randomness = true;
	for (int has_name = 0; has_name < 2; has_name++) {
		proc_is_missing = has_name;
		int fd = open(taken, O_WRONLY | O_CREAT, 0600);
		ck_assert_int_eq((int)write(fd, "mine", 4), 4);
		close(fd);
		ck_assert_int_eq(write_text(path, "x", &err), FLT_ERR_MACHINE);
		ck_assert_ptr_nonnull(strstr(err.text, "File exists"));
		expect_text(taken, "mine");
		ck_assert_uint_eq(count_entries(), 1);
	}
	without_randomness = false;
	fail_next(CALL_GETRANDOM, ENOSYS);
	ck_assert_int_eq(write_text(path, "x", &err), FLT_ERR_MACHINE);
	ck_assert_uint_eq(count_entries(), 1);
}
END_TEST

/* What happens to the place while the file is written. */
START_TEST(a_place_that_is_gone_at_the_end_is_told)
{
	struct flt_error err;
	struct flt_atomic_file *file;
	ck_assert_int_eq(mkdir(in_folder("deep"), 0700), 0);
	ck_assert_int_eq(flt_atomic_open(in_folder("deep/a.txt"), &file, &err), FLT_OK);
	rmdir(in_folder("deep"));
	enum flt_status status = flt_atomic_commit(file, &err);
	if (count_entries() == 0) { /* a file with a name keeps its folder */
		ck_assert_int_eq(status, FLT_ERR_MACHINE);
		ck_assert_ptr_nonnull(strstr(err.text, "No such file or directory"));
	}
}
END_TEST

/* Their names stay behind if the process is killed, but they are files as the others. */
START_TEST(more_files_than_names_are_noted)
{
	enum { N = 20 };
	struct flt_error err;
	struct flt_atomic_file *files[N];
	char names[N][8];
	proc_is_missing = true;
	for (size_t i = 0; i < N; i++) {
		snprintf(names[i], sizeof names[i], "%zu", i);
		ck_assert_int_eq(flt_atomic_open(in_folder(names[i]), &files[i], &err), FLT_OK);
		fputs(names[i], flt_atomic_stream(files[i]));
	}
	for (size_t i = 0; i < N; i++) {
		ck_assert_int_eq(flt_atomic_commit(files[i], &err), FLT_OK);
		expect_text(in_folder(names[i]), names[i]);
	}
	ck_assert_uint_eq(count_entries(), N);
}
END_TEST

/* Defined where calls are counted: a process that ends at once leaves its counts. */
extern void __gcov_dump(void) __attribute__((weak));

static void end_process(int number)
{
	if (__gcov_dump)
		__gcov_dump();
	_exit(number == SIGALRM ? 7 : 8);
}

/* flt_atomic_abandon runs in a signal handler before the process ends. Who has a file open then must not take back the
 * name that is being removed: it waits for the end. */
START_TEST(who_is_abandoned_waits_for_the_end)
{
	int status;
	pid_t child = fork();
	if (child == 0) {
		struct flt_error err;
		struct flt_atomic_file *file;
		proc_is_missing = true;
		ck_assert_int_eq(flt_atomic_open(in_folder("a.txt"), &file, &err), FLT_OK);
		ck_assert_uint_eq(count_entries(), 1);
		flt_atomic_abandon();
		ck_assert_uint_eq(count_entries(), 0);
		signal(SIGALRM, end_process);
		setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 50000}}, NULL);
		flt_atomic_discard(file);
		_exit(1);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 7);
}
END_TEST

/* A stream whose earlier write failed has lost something, even if its last one succeeds; and one that is closed
 * beneath us fails at the very end. */
START_TEST(failures_of_streams_are_found)
{
	struct flt_error err;
	struct flt_atomic_file *file;
	FILE *stream = fopen("/dev/full", "w");
	setvbuf(stream, NULL, _IONBF, 0);
	fputc('x', stream);
	ck_assert(ferror(stream));
	int fd = open("/dev/null", O_WRONLY);
	dup2(fd, fileno(stream));
	close(fd);
	errno = 0;
	ck_assert(!flt_flush(stream));
	ck_assert_int_eq(errno, EIO);
	fclose(stream);

	ck_assert_int_eq(flt_atomic_open("/dev/null", &file, &err), FLT_OK);
	close(fileno(flt_atomic_stream(file)));
	ck_assert_int_eq(flt_atomic_finish(file, &err), FLT_ERR_MACHINE);
	ck_assert_str_eq(err.text, "/dev/null: cannot be written: Bad file descriptor");
	flt_atomic_discard(file);
	ck_assert_int_eq(flt_atomic_open(in_folder("a.txt"), &file, &err), FLT_OK);
	close(fileno(flt_atomic_stream(file)));
	ck_assert_int_eq(flt_atomic_commit(file, &err), FLT_ERR_MACHINE);
	ck_assert_ptr_nonnull(strstr(err.text, "cannot be written: Bad file descriptor"));
	ck_assert_uint_eq(count_entries(), 0);
}
END_TEST

START_TEST(every_failed_allocation_leaves_the_older_file)
{
	struct flt_error err;
	const char *path = in_folder("a.txt");
	ck_assert_int_eq(write_text(path, "old", &err), FLT_OK);
	unsigned long k = 0;
	enum flt_status status;
	do {
		expect_text(path, "old");
		ck_assert_uint_eq(count_entries(), 1);
		flt_alloc_fail_at(++k);
		status = write_text(path, "new", &err);
		flt_alloc_fail_at(0);
		ck_assert(status == FLT_OK || status == FLT_ERR_MACHINE);
	} while (status != FLT_OK);
	ck_assert_uint_gt(k, 3);
	expect_text(path, "new");
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("atomic_file");
	TCase *tcase = tcase_create("all");
	tcase_add_checked_fixture(tcase, make_folder, remove_folder);
	tcase_add_test(tcase, writes_replaces_and_leaves_nothing_else);
	tcase_add_test(tcase, older_file_is_whole_until_the_end);
	tcase_add_test(tcase, unfinished_file_has_no_name);
	tcase_add_test(tcase, finished_file_is_in_place_only_after_commit);
	tcase_add_test(tcase, mode_is_the_umask_or_that_of_the_older_file);
	tcase_add_test(tcase, link_stays_and_its_file_is_replaced);
	tcase_add_test(tcase, link_into_another_folder_is_followed_to_its_file);
	tcase_add_test(tcase, dangling_link_is_replaced_not_followed);
	tcase_add_test(tcase, link_to_a_folder_or_in_a_circle_is_refused);
	tcase_add_test(tcase, temporary_name_cannot_be_guessed);
	tcase_add_test(tcase, abandoned_files_leave_no_names);
	tcase_add_test(tcase, full_disk_is_found_and_named);
	tcase_add_test(tcase, early_failure_is_not_forgotten);
	tcase_add_test(tcase, impossible_places_are_named);
	tcase_add_test(tcase, a_file_of_another_user_in_a_sticky_folder_is_refused_at_once);
	tcase_add_test(tcase, a_file_that_is_a_mount_is_refused_at_once);
	tcase_add_test(tcase, a_path_without_room_for_a_temporary_name_is_refused_at_once);
	tcase_add_test(tcase, own_descriptors_are_written_in_place);
	tcase_add_test(tcase, standard_streams_are_written_in_place);
	tcase_add_test(tcase, each_call_may_fail);
	tcase_add_test(tcase, names_that_are_taken_are_not_written_to);
	tcase_add_test(tcase, a_place_that_is_gone_at_the_end_is_told);
	tcase_add_test(tcase, more_files_than_names_are_noted);
	tcase_add_test(tcase, who_is_abandoned_waits_for_the_end);
	tcase_add_test(tcase, failures_of_streams_are_found);
	tcase_add_test(tcase, every_failed_allocation_leaves_the_older_file);
	suite_add_tcase(suite, tcase);
	return suite;
}
