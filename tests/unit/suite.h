/* What each unit test program defines; main.c runs it. */
#ifndef TESTS_SUITE_H
#define TESTS_SUITE_H

#include <check.h>

Suite *test_suite(void);

/* Built for a sanitizer, under which a test takes several times as long, or tens of times: the same with fewer numbers
 * will do there. Under ThreadSanitizer, what is about figures or bytes alone is left to the other builds. */
#ifdef __SANITIZE_THREAD__
enum { WATCHES_THREADS = 1 };
#else
enum { WATCHES_THREADS = 0 };
#endif
#ifdef __SANITIZE_ADDRESS__
enum { IS_WATCHED = 1 };
#else
enum { IS_WATCHED = WATCHES_THREADS };
#endif

#endif
