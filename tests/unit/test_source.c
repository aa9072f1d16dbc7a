/* The copy that a pipe is kept in: nobody else gets at it, and where it cannot be made that is said. */
#include "csv/source.h"

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

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

Suite *test_suite(void)
{
	Suite *suite = suite_create("source");
	TCase *tcase = tcase_create("source");
	tcase_add_checked_fixture(tcase, scratch_enter, scratch_leave);
	tcase_add_test(tcase, copy_of_a_pipe_has_no_name_and_one_owner);
	tcase_add_test(tcase, no_copy_is_made_where_none_is_needed);
	tcase_add_test(tcase, an_impossible_temporary_folder_is_named);
	suite_add_tcase(suite, tcase);
	return suite;
}
