/* What each unit test program defines; main.c runs it. */
#ifndef TESTS_SUITE_H
#define TESTS_SUITE_H

#include <check.h>

Suite *test_suite(void);

/* Built for ThreadSanitizer, under which a test takes tens of times as long: what is about figures or bytes, not about
 * threads, is left to the other builds. */
#ifdef __SANITIZE_THREAD__
enum { WATCHES_THREADS = 1 };
#else
enum { WATCHES_THREADS = 0 };
#endif

#endif
