/* The copy that a pipe is kept in: nobody else gets at it, and where it cannot be made that is said. */
#include "csv/source.h"

#include <dirent.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <sys/stat.h>

#include <errno.h>
#include <signal.h>
#include <sys/time.h>
#include <zlib.h>

#include "failing_calls.h"
#include "scratch.h"
#include "suite.h"

enum { N_BYTES = 150000 }; /* more than one read brings, and than a pipe holds */

static char text[N_BYTES];

/* The name of a pipe that a child fills with text. */
static const char *open_pipe(void)
{
	static char name[32];
	int ends[2];
	for (size_t i = 0; i < N_BYTES; i++)
		text[i] = (char)('0' + i % 71);
	ck_assert_int_eq(pipe(ends), 0);
	if (fork() == 0) {
		close(ends[0]);
		for (ssize_t at = 0, n = 1; n > 0 && at < N_BYTES; at += n)
			n = write(ends[1], text + at, (size_t)(N_BYTES - at));
		_exit(0);
	}
	close(ends[1]);
	snprintf(name, sizeof name, "/dev/fd/%d", ends[0]);
	return name;
}

/* A folder inside the scratch one, as TMPDIR. */
static const char *make_folder(void)
{
	static char path[PATH_MAX];
	snprintf(path, sizeof path, "%s/temporary", scratch_folder);
	ck_assert_int_eq(mkdir(path, 0777), 0);
	ck_assert_int_eq(setenv("TMPDIR", path, 1), 0);
	return path;
}

static size_t count_entries(const char *folder)
{
	size_t n = 0;
	DIR *handle = opendir(folder);
	ck_assert_ptr_nonnull(handle);
	for (struct dirent *entry; (entry = readdir(handle));)
		n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(handle);
	return n;
}

/* The descriptors of this process that lie in folder; what the last of them is goes into *about. */
static size_t find_descriptors(const char *folder, struct stat *about)
{
	size_t n = 0;
	for (int fd = 3; fd < 64; fd++) {
		char own[32], target[PATH_MAX] = "";
		snprintf(own, sizeof own, "/proc/self/fd/%d", fd);
		if (readlink(own, target, sizeof target - 1) < 0 || strncmp(target, folder, strlen(folder)) != 0)
			continue;
		ck_assert_int_eq(fstat(fd, about), 0);
		n++;
	}
	return n;
}

static void read_all(struct flt_source *source)
{
	static unsigned char bytes[N_BYTES + 1];
	size_t n = 0, n_read = 1;
	for (; n_read > 0; n += n_read)
		ck_assert_int_eq(flt_source_read(source, bytes + n, sizeof bytes - n, &n_read, NULL), FLT_OK);
	ck_assert_uint_eq(n, N_BYTES);
	ck_assert_mem_eq(bytes, text, N_BYTES);
}

static void read_rest(struct flt_source *source)
{
	unsigned char bytes[1024];
	for (size_t n_read = 1; n_read > 0;)
		ck_assert_int_eq(flt_source_read(source, bytes, sizeof bytes, &n_read, NULL), FLT_OK);
}

static void check_copy(const char *folder, off_t size)
{
	struct stat about;
	ck_assert_uint_eq(count_entries(folder), 0);
	ck_assert_uint_eq(find_descriptors(folder, &about), 1);
	ck_assert_uint_eq(about.st_nlink, 0);
	ck_assert_uint_eq(about.st_mode & 0777, 0600);
	ck_assert(S_ISREG(about.st_mode));
	ck_assert(size < 0 || about.st_size == size);
}

START_TEST(copy_of_a_pipe_has_no_name_and_one_owner)
{
	struct flt_source *source;
	struct stat about;
	const char *folder = make_folder();
	umask(0);
	ck_assert_int_eq(flt_source_open(open_pipe(), true, &source, NULL), FLT_OK);
	check_copy(folder, -1);
	read_all(source);
	check_copy(folder, N_BYTES);
	ck_assert_int_eq(flt_source_rewind(source, NULL), FLT_OK);
	check_copy(folder, N_BYTES);
	read_all(source);
	flt_source_free(source);
	ck_assert_uint_eq(find_descriptors(folder, &about), 0);
	ck_assert_uint_eq(count_entries(folder), 0);
}
END_TEST

START_TEST(no_copy_is_made_where_none_is_needed)
{
	struct flt_source *source;
	struct stat about;
	const char *folder = make_folder();
	ck_assert_int_eq(flt_source_open(open_pipe(), false, &source, NULL), FLT_OK);
	ck_assert_uint_eq(find_descriptors(folder, &about), 0);
	read_all(source);
	flt_source_free(source);
	scratch_write("file", text, N_BYTES);
	ck_assert_int_eq(flt_source_open("file", true, &source, NULL), FLT_OK);
	ck_assert_uint_eq(find_descriptors(folder, &about), 0);
	read_all(source);
	flt_source_free(source);
}
END_TEST

START_TEST(the_share_that_was_read)
{
	struct flt_source *source;
	unsigned char bytes[N_BYTES / 2];
	size_t n_read;
	ck_assert_int_eq(flt_source_open(open_pipe(), false, &source, NULL), FLT_OK);
	ck_assert(isnan(flt_source_share(source)));
	flt_source_free(source);
	scratch_write("file", text, 0);
	ck_assert_int_eq(flt_source_open("file", false, &source, NULL), FLT_OK);
	ck_assert(isnan(flt_source_share(source)));
	flt_source_free(source);
	scratch_write("file", text, N_BYTES);
	ck_assert_int_eq(flt_source_open("file", false, &source, NULL), FLT_OK);
	ck_assert_double_lt(flt_source_share(source), 1);
	ck_assert_int_eq(flt_source_read(source, bytes, sizeof bytes, &n_read, NULL), FLT_OK);
	ck_assert_double_ge(flt_source_share(source), (double)n_read / N_BYTES);
	read_rest(source);
	ck_assert_double_eq(flt_source_share(source), 1);
	flt_source_free(source);
}
END_TEST

static void expect_refusal(const char *reason)
{
	struct flt_source *source;
	struct flt_error err;
	const char *pipe_name = open_pipe();
	char expected[256];
	snprintf(expected, sizeof expected, "%s: no copy of it can be made in the temporary folder (TMPDIR): %s",
	         pipe_name, reason);
	ck_assert_int_eq(flt_source_open(pipe_name, true, &source, &err), FLT_ERR_MACHINE);
	ck_assert_str_eq(err.text, expected);
	ck_assert_ptr_null(source);
}

START_TEST(an_impossible_temporary_folder_is_named)
{
	const char *folder = make_folder();
	ck_assert_int_eq(chmod(folder, 0500), 0);
	if (geteuid() == 0) /* whom no mode stops */
		ck_assert_int_eq(chown(".", 65534, 65534) + chown(folder, 65534, 65534) + seteuid(65534), 0);
	expect_refusal("Permission denied");
	ck_assert(getuid() != 0 || seteuid(0) == 0);
	ck_assert_int_eq(rmdir(folder), 0);
	expect_refusal("No such file or directory");
	scratch_write("temporary", "", 0);
	expect_refusal("Not a directory");
	char long_name[5000];
	memset(long_name, 'x', sizeof long_name - 1);
	long_name[sizeof long_name - 1] = '\0';
	ck_assert_int_eq(setenv("TMPDIR", long_name, 1), 0);
	expect_refusal("File name too long");
}
END_TEST

START_TEST(without_a_name_the_temporary_folder_is_the_usual_one)
{
	struct flt_source *source;
	struct stat about;
	for (int is_empty = 0; is_empty < 2; is_empty++) {
		ck_assert_int_eq(is_empty ? setenv("TMPDIR", "", 1) : unsetenv("TMPDIR"), 0);
		ck_assert_int_eq(flt_source_open(open_pipe(), true, &source, NULL), FLT_OK);
		ck_assert_uint_eq(find_descriptors("/tmp/.fltrain-", &about), 1);
		flt_source_free(source); /* before the copy was read */
		ck_assert_uint_eq(find_descriptors("/tmp/.fltrain-", &about), 0);
	}
}
END_TEST

/* A write that a signal interrupts is made again; one that fails is told. */
START_TEST(writes_of_the_copy_may_fail)
{
	struct flt_source *source;
	struct flt_error err;
	const char *name = open_pipe();
	make_folder();
	fail_next(CALL_WRITE, EINTR);
	ck_assert_int_eq(flt_source_open(name, true, &source, NULL), FLT_OK);
	read_all(source);
	ck_assert_int_eq(flt_source_rewind(source, NULL), FLT_OK);
	read_all(source);
	flt_source_free(source);

	name = open_pipe();
	fail_next(CALL_WRITE, ENOSPC);
	ck_assert_int_eq(flt_source_open(name, true, &source, &err), FLT_ERR_MACHINE);
	ck_assert_ptr_nonnull(
	        strstr(err.text, "its copy in the temporary folder (TMPDIR) cannot be written: No space"));
	ck_assert_ptr_null(source);
}
END_TEST

/* What was read is not kept under a name. */
START_TEST(a_copy_that_keeps_its_name_is_an_error)
{
	struct flt_source *source;
	struct flt_error err;
	const char *name = open_pipe();
	make_folder();
	fail_next(CALL_UNLINK, EBUSY);
	ck_assert_int_eq(flt_source_open(name, true, &source, &err), FLT_ERR_MACHINE);
	ck_assert_ptr_nonnull(strstr(err.text, "Device or resource busy"));
	ck_assert_ptr_null(source);
}
END_TEST

START_TEST(a_file_that_cannot_be_looked_at_is_an_error)
{
	static unsigned char bytes[100];
	struct flt_source *source;
	struct flt_error err;
	size_t n_read = 1;
	scratch_write("file", "a,b\n", 4);
	fail_next(CALL_FSTAT, EIO);
	ck_assert_int_eq(flt_source_open("file", false, &source, &err), FLT_ERR_MACHINE);
	ck_assert_str_eq(err.text, "file: Input/output error");
	ck_assert_int_eq(flt_source_open("file", false, &source, NULL), FLT_OK);
	ck_assert_ptr_null(flt_source_sha256(source));
	ck_assert_int_eq(flt_source_read(source, bytes, sizeof bytes, &n_read, NULL), FLT_OK);
	ck_assert_uint_eq(n_read, 4);
	fail_next(CALL_FSTAT, EIO);
	ck_assert_int_eq(flt_source_read(source, bytes, sizeof bytes, &n_read, &err), FLT_ERR_MACHINE);
	ck_assert_str_eq(err.text, "file: Input/output error");
	flt_source_free(source);
}
END_TEST

static void on_signal(int number)
{
	(void)number;
}

/* A read that waits for a pipe is interrupted by signals, again and again, and goes on. */
START_TEST(signals_do_not_end_a_read)
{
	struct flt_source *source;
	char name[32];
	int ends[2];
	ck_assert_int_eq(pipe(ends), 0);
	if (fork() == 0) {
		usleep(100000);
		_exit(write(ends[1], "1,2\n", 4) != 4);
	}
	close(ends[1]);
	sigaction(SIGALRM, &(struct sigaction){.sa_handler = on_signal}, NULL);
	setitimer(ITIMER_REAL, &(struct itimerval){{0, 5000}, {0, 5000}}, NULL);
	snprintf(name, sizeof name, "/dev/fd/%d", ends[0]);
	unsigned char bytes[10];
	size_t n_read;
	enum flt_status status = flt_source_open(name, false, &source, NULL);
	setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 0}}, NULL);
	ck_assert_int_eq(status, FLT_OK);
	ck_assert_int_eq(flt_source_read(source, bytes, sizeof bytes, &n_read, NULL), FLT_OK);
	ck_assert_uint_eq(n_read, 4);
	flt_source_free(source);
}
END_TEST

/* What is read of it again would be another part. */
START_TEST(a_pipe_without_a_copy_cannot_be_rewound)
{
	struct flt_source *source;
	struct flt_error err;
	const char *name = open_pipe();
	ck_assert_int_eq(flt_source_open(name, false, &source, NULL), FLT_OK);
	read_all(source);
	ck_assert_int_eq(flt_source_rewind(source, &err), FLT_ERR_MACHINE);
	ck_assert_ptr_nonnull(strstr(err.text, "Illegal seek"));
	flt_source_free(source);
}
END_TEST

/* Reads to the end or the first failure. */
static enum flt_status read_on(struct flt_source *source, struct flt_error *err)
{
	static unsigned char bytes[1 << 16];
	size_t n_read = 1;
	enum flt_status status = FLT_OK;
	while (status == FLT_OK && n_read > 0)
		status = flt_source_read(source, bytes, sizeof bytes, &n_read, err);
	return status;
}

/* Of an empty file, its size tells nothing before its end; of another, its time may be all that changes. */
START_TEST(changes_that_only_the_end_shows)
{
	struct flt_source *source;
	struct flt_error err;
	scratch_write("file", "", 0);
	ck_assert_int_eq(flt_source_open("file", false, &source, NULL), FLT_OK);
	scratch_write("file", "a\n", 2);
	ck_assert_int_eq(read_on(source, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, "file: grew while it was read: try again when nothing writes to it");
	flt_source_free(source);

	struct timespec times[2] = {{1000, 5}, {1000, 5}};
	for (int changes_nanoseconds = 0; changes_nanoseconds < 2; changes_nanoseconds++) {
		ck_assert_int_eq(utimensat(AT_FDCWD, "file", times, 0), 0);
		ck_assert_int_eq(flt_source_open("file", false, &source, NULL), FLT_OK);
		struct timespec *now = &times[1];
		*(changes_nanoseconds ? &now->tv_nsec : &now->tv_sec) += 1;
		ck_assert_int_eq(utimensat(AT_FDCWD, "file", times, 0), 0);
		ck_assert_int_eq(read_on(source, &err), FLT_ERR_DATA);
		ck_assert_str_eq(err.text, "file: changed while it was read: try again when nothing writes to it");
		flt_source_free(source);
	}
}
END_TEST

/* Opens "file", under that name or as standard input, changes it, and reads it. */
static enum flt_status read_changed(const char *path, void (*change)(void), struct flt_error *err)
{
	enum { TICK = 20000 }; /* microseconds in which a file's time moves on */
	struct flt_source *source;
	unlink("file");
	unlink("other");
	scratch_write("file", "a,b\n1,2\n", 8);
	ck_assert_ptr_nonnull(freopen("file", "r", stdin));
	usleep(TICK);
	ck_assert_int_eq(flt_source_open(path, false, &source, NULL), FLT_OK);
	change();
	enum flt_status status = read_on(source, err);
	flt_source_free(source);
	return status;
}

static void rewrite_in_secret(void)
{
	struct stat about;
	ck_assert_int_eq(stat("file", &about), 0);
	scratch_write("file", "a,b\n3,4\n", 8);
	ck_assert_int_eq(utimensat(AT_FDCWD, "file", (struct timespec[]){about.st_atim, about.st_mtim}, 0), 0);
}

static void move(void)
{
	ck_assert_int_eq(rename("file", "other"), 0);
}

static void replace(void)
{
	scratch_write("other", "a,b\n3,4\n", 8);
	ck_assert_int_eq(rename("other", "file"), 0);
}

static void move_and_write_anew(void)
{
	move();
	scratch_write("file", "a,b\n3,4\n", 8);
}

static void add_name(void)
{
	ck_assert_int_eq(link("file", "other"), 0);
}

static void protect(void)
{
	ck_assert_int_eq(chmod("file", 0400), 0);
}

/* Its times can be put back, but not the one of its last change; which a new name changes, too. */
START_TEST(a_change_in_secret_is_seen_and_a_new_name_is_none)
{
	static void (*const harmless[])(void) = {move, replace, move_and_write_anew, add_name, protect};
	struct flt_error err;
	ck_assert_int_eq(read_changed("-", rewrite_in_secret, &err), FLT_ERR_DATA);
	ck_assert_int_eq(read_changed("file", rewrite_in_secret, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, "file: changed while it was read: try again when nothing writes to it");
	for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
		ck_assert_msg(read_changed("file", harmless[i], &err) == FLT_OK, "%zu: %s", i, err.text);
}
END_TEST

/* Text that hardly packs, so that its file takes more than one read. */
static size_t pack(const char *name)
{
	struct stat about;
	unsigned state = 1;
	gzFile file = gzopen(name, "wb1");
	for (size_t i = 0; i < N_BYTES; i++)
		text[i] = (char)('0' + ((state = state * 1103515245 + 12345) >> 16) % 71);
	ck_assert_int_eq(gzwrite(file, text, N_BYTES), N_BYTES);
	ck_assert_int_eq(gzclose(file), Z_OK);
	ck_assert_int_eq(stat(name, &about), 0);
	ck_assert_int_gt(about.st_size, 1 << 16);
	return (size_t)about.st_size;
}

START_TEST(a_packed_file_that_changes_while_it_is_read)
{
	struct flt_source *source;
	struct flt_error err;
	size_t size = pack("file.gz");
	ck_assert_int_eq(flt_source_open("file.gz", false, &source, NULL), FLT_OK);
	ck_assert_int_eq(truncate("file.gz", (off_t)size + 1), 0);
	ck_assert_int_eq(read_on(source, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, "file.gz: grew while it was read: try again when nothing writes to it");
	flt_source_free(source);
}
END_TEST

/* Writes "file.gz": an empty member, zeros up to `end`, and n bytes; returns where the member ends. */
static size_t write_after_member(size_t end, const void *bytes, size_t n)
{
	struct stat about;
	gzclose(gzopen("file.gz", "wb"));
	ck_assert_int_eq(stat("file.gz", &about), 0);
	ck_assert(end == 0 || truncate("file.gz", (off_t)end) == 0);
	FILE *file = fopen("file.gz", "ab");
	ck_assert_uint_eq(fwrite(bytes, 1, n, file), n);
	ck_assert_int_eq(fclose(file), 0);
	return (size_t)about.st_size;
}

/* Bytes after a member are told from a member that is damaged, or that ends too early. */
START_TEST(what_follows_gzip_data)
{
	enum { READ = 1 << 16 }; /* bytes that one read brings */
	static const struct {
		const char *bytes;
		size_t n, end;
		const char *says;
	} tails[] = {
	        {"1,2\n", 4, 0, NULL},
	        {"\x1F", 1, 0, NULL},
	        {"\x1F\x8C\x08", 3, 1000, NULL},
	        {"x", 1, READ, NULL},
	        {"xy", 2, READ - 1, NULL},
	        {"\x1F\x8B\x07 of an unknown method", 25, READ - 1,
	         "damaged gzip data (unknown compression method): get the file again"},
	        {"\x1F\x8B", 2, 0, "the gzip data end too early: the file is not whole, get it again"},
	};
	for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
		struct flt_source *source;
		struct flt_error err;
		char says[250];
		size_t end = write_after_member(tails[i].end, tails[i].bytes, tails[i].n);
		end = tails[i].end ? tails[i].end : end;
		snprintf(says, sizeof says,
		         "file.gz: its first %zu bytes are gzip data, and those that follow are not: get the file "
		         "again, or leave them out if they hold no rows: head -c %zu file.gz | fltrain ... -",
		         end, end);
		if (tails[i].says)
			snprintf(says, sizeof says, "file.gz: %s", tails[i].says);
		ck_assert_int_eq(flt_source_open("file.gz", false, &source, NULL), FLT_OK);
		ck_assert_int_eq(read_on(source, &err), FLT_ERR_DATA);
		ck_assert_str_eq(err.text, says);
		flt_source_free(source);
	}
	struct flt_source *source;
	struct flt_error err;
	write_after_member(0, "x", 1);
	ck_assert_int_eq(flt_source_open("file.gz", false, &source, NULL), FLT_OK);
	fail_next(CALL_FSTAT, EIO);
	ck_assert_int_eq(read_on(source, &err), FLT_ERR_MACHINE);
	ck_assert_str_eq(err.text, "file.gz: Input/output error");
	flt_source_free(source);
}
END_TEST

/* Zeros between members and after the last, as many as fill what one read brings and more; and bytes that begin like
 * gzip and are none. */
START_TEST(zeros_that_fill_up_a_tape)
{
	struct flt_source *source;
	static char zeros[1 << 17];
	size_t size = pack("file.gz");
	char *packed = malloc(size);
	FILE *file = fopen("file.gz", "rb");
	ck_assert_uint_eq(fread(packed, 1, size, file), size);
	fclose(file);
	gzFile empty = gzopen("empty.gz", "wb");
	gzclose(empty);
	char nothing[100];
	file = fopen("empty.gz", "rb");
	size_t n_nothing = fread(nothing, 1, sizeof nothing, file);
	fclose(file);
	file = fopen("file.gz", "wb");
	fwrite(nothing, 1, n_nothing, file);
	fwrite(zeros, 1, 3, file);
	fwrite(nothing, 1, n_nothing, file);
	fwrite(zeros, 1, sizeof zeros, file);
	fwrite(packed, 1, size, file);
	fwrite(zeros, 1, sizeof zeros, file);
	ck_assert_int_eq(fclose(file), 0);
	free(packed);
	ck_assert_int_eq(flt_source_open("file.gz", true, &source, NULL), FLT_OK);
	ck_assert(flt_source_is_packed(source));
	read_all(source);
	ck_assert_int_eq(flt_source_rewind(source, NULL), FLT_OK);
	read_all(source);
	flt_source_free(source);

	static const char *const beginnings[] = {"\x1F,a\n", "\x1F", "a\x8B\n"};
	for (size_t i = 0; i < 3; i++) {
		scratch_write("file", beginnings[i], strlen(beginnings[i]));
		ck_assert_int_eq(flt_source_open("file", false, &source, NULL), FLT_OK);
		ck_assert(!flt_source_is_packed(source));
		flt_source_free(source);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("source");
	TCase *tcase = tcase_create("source");
	tcase_add_checked_fixture(tcase, scratch_enter, scratch_leave);
	tcase_add_test(tcase, copy_of_a_pipe_has_no_name_and_one_owner);
	tcase_add_test(tcase, no_copy_is_made_where_none_is_needed);
	tcase_add_test(tcase, the_share_that_was_read);
	tcase_add_test(tcase, an_impossible_temporary_folder_is_named);
	tcase_add_test(tcase, without_a_name_the_temporary_folder_is_the_usual_one);
	tcase_add_test(tcase, writes_of_the_copy_may_fail);
	tcase_add_test(tcase, a_copy_that_keeps_its_name_is_an_error);
	tcase_add_test(tcase, a_file_that_cannot_be_looked_at_is_an_error);
	tcase_add_test(tcase, signals_do_not_end_a_read);
	tcase_add_test(tcase, a_pipe_without_a_copy_cannot_be_rewound);
	tcase_add_test(tcase, changes_that_only_the_end_shows);
	tcase_add_test(tcase, a_change_in_secret_is_seen_and_a_new_name_is_none);
	tcase_add_test(tcase, a_packed_file_that_changes_while_it_is_read);
	tcase_add_test(tcase, what_follows_gzip_data);
	tcase_add_test(tcase, zeros_that_fill_up_a_tape);
	suite_add_tcase(suite, tcase);
	return suite;
}
