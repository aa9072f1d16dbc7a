/* What each unit test program defines; main.c runs it. */
#ifndef TESTS_SUITE_H
#define TESTS_SUITE_H

#include <check.h>

Suite *test_suite(void);

#endif
