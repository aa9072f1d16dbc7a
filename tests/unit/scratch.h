/* A test's own folder: files are written there, and messages name them without a path. */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

#include <check.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char scratch_folder[64];
static int scratch_home;

/* Makes a new folder the current one, in memory where there is /dev/shm: files that are written again and again wait
 * for no disk. As a fixture it surrounds each test. */
static void scratch_enter(void)
{
	const char *room = access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : "/tmp";
	snprintf(scratch_folder, sizeof scratch_folder, "%s/fltrain-test-XXXXXX", room);
	scratch_home = open(".", O_RDONLY | O_DIRECTORY);
	ck_assert_int_ge(scratch_home, 0);
	ck_assert_ptr_nonnull(mkdtemp(scratch_folder));
	ck_assert_int_eq(chdir(scratch_folder), 0);
}

static int scratch_remove(const char *path, const struct stat *info, int kind, struct FTW *place)
{
	(void)info, (void)kind, (void)place;
	return remove(path);
}

static void scratch_leave(void)
{
	ck_assert_int_eq(fchdir(scratch_home), 0);
	close(scratch_home);
	nftw(scratch_folder, scratch_remove, 8, FTW_DEPTH | FTW_PHYS);
}

static inline void scratch_write(const char *name, const char *bytes, size_t n)
{
	FILE *file = fopen(name, "wb");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(bytes, 1, n, file), n);
	ck_assert_int_eq(fclose(file), 0);
}

#endif
