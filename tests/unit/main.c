/*
 * The one main of the unit tests: runs the program's suite, and fails each test that leaves memory allocated.
 *
 * Check runs each test in a child process. What the child inherits from fixtures of the whole suite is counted when it
 * is forked; at its exit, no more may be allocated. Without forks (CK_FORK=no) all tests are checked together.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "suite.h"

static size_t inherited;
static bool is_child;

static void on_fork(void)
{
	inherited = flt_alloc_live();
	is_child = true;
}

static bool leaks(void)
{
	size_t live = flt_alloc_live();
	if (live == inherited)
		return false;
	fprintf(stderr, "memory left allocated at the end of the test: %zu bytes, %zu before\n", live, inherited);
	return true;
}

static void on_exit_of_child(void)
{
	if (is_child && leaks())
		_exit(EXIT_FAILURE);
}

int main(void)
{
	pthread_atfork(NULL, NULL, on_fork);
	atexit(on_exit_of_child);
	SRunner *runner = srunner_create(test_suite());
	srunner_run_all(runner, CK_NORMAL);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed || leaks() ? EXIT_FAILURE : EXIT_SUCCESS;
}
