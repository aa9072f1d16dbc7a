#include "base/machine.h"

#include <stdint.h>

#include "scratch.h"
#include "suite.h"

/* Writes a file of the machine that the tests make up, with the folders above it. */
static void put(const char *path, const char *text)
{
	char part[256];
	for (size_t i = 0; path[i]; i++) {
		if (path[i] != '/')
			continue;
		snprintf(part, sizeof part, "%.*s", (int)i, path);
		mkdir(part, 0700);
	}
	scratch_write(path, text, strlen(text));
}

static void put_free_memory(void)
{
	put("m/proc/meminfo", "MemTotal:       8000000 kB\nMemFree:         100 kB\nMemAvailable:    4000 kB\n");
}

START_TEST(what_is_available_is_what_linux_says)
{
	ck_assert_uint_eq(flt_machine_memory("m"), SIZE_MAX);
	put_free_memory();
	ck_assert_uint_eq(flt_machine_memory("m"), 4000 * 1024);
	put("m/proc/meminfo", "MemTotal: nothing\n");
	ck_assert_uint_eq(flt_machine_memory("m"), SIZE_MAX);
}
END_TEST

START_TEST(each_group_above_the_process_counts)
{
	put_free_memory();
	put("m/proc/self/cgroup", "0::/a/b\n");
	put("m/sys/fs/cgroup/a/b/memory.max", "max\n");
	put("m/sys/fs/cgroup/a/b/memory.current", "500000\n");
	ck_assert_uint_eq(flt_machine_memory("m"), 4000 * 1024);
	put("m/sys/fs/cgroup/a/memory.max", "3000000\n");
	put("m/sys/fs/cgroup/a/memory.current", "2000000\n");
	ck_assert_uint_eq(flt_machine_memory("m"), 1000000);
	put("m/sys/fs/cgroup/a/memory.stat", "file 9\ninactive_file 1500000\n"); /* cache that is given up */
	ck_assert_uint_eq(flt_machine_memory("m"), 2500000);
	put("m/sys/fs/cgroup/a/b/memory.max", "400000\n"); /* less than what is used */
	ck_assert_uint_eq(flt_machine_memory("m"), 0);
	put("m/sys/fs/cgroup/a/b/memory.max", "600000\n");
	ck_assert_uint_eq(flt_machine_memory("m"), 100000);
}
END_TEST

START_TEST(groups_of_the_first_version_count_too)
{
	put_free_memory();
	put("m/proc/self/cgroup", "9:name=systemd:/\n4:cpu,memory:/job\n3:memory_other:/x\n0::/\n");
	put("m/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
	put("m/sys/fs/cgroup/memory/memory.usage_in_bytes", "5000\n");
	put("m/sys/fs/cgroup/memory/x/memory.limit_in_bytes", "1\n");
	ck_assert_uint_eq(flt_machine_memory("m"), 4000 * 1024);
	put("m/sys/fs/cgroup/memory/job/memory.limit_in_bytes", "700000\n");
	put("m/sys/fs/cgroup/memory/job/memory.usage_in_bytes", "600000\n");
	put("m/sys/fs/cgroup/memory/job/memory.stat", "inactive_file 1\ntotal_inactive_file 50000\n");
	ck_assert_uint_eq(flt_machine_memory("m"), 150000);
	/* In a container the group's own folder need not be there, but the mount is. */
	put("m/proc/self/cgroup", "4:memory:/of/the/host\n");
	put("m/sys/fs/cgroup/memory/memory.limit_in_bytes", "300000\n");
	ck_assert_uint_eq(flt_machine_memory("m"), 295000);
}
END_TEST

START_TEST(this_machine_says_something)
{
	size_t n_bytes = flt_machine_memory("");
	ck_assert_uint_gt(n_bytes, 1 << 20);
	ck_assert_uint_lt(n_bytes, SIZE_MAX);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("machine");
	TCase *tests = tcase_create("machine");
	tcase_add_checked_fixture(tests, scratch_enter, scratch_leave);
	tcase_add_test(tests, what_is_available_is_what_linux_says);
	tcase_add_test(tests, each_group_above_the_process_counts);
	tcase_add_test(tests, groups_of_the_first_version_count_too);
	tcase_add_test(tests, this_machine_says_something);
	suite_add_tcase(suite, tests);
	return suite;
}
