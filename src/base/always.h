/*
 * A mark for defence in depth: a condition that no input and no failure of the machine makes false, kept for what we
 * cannot test, such as another version of a library. The reason stands beside it. Our own mistakes are asserts.
 *
 * Built for the sanitizers, fuzzers and faults (FLT_WATCHED) it asserts; built to count branches (FLT_COVERAGE) it is a
 * constant, so that no test is asked for what it guards; else it is the condition, which has no effects.
 */
#ifndef BASE_ALWAYS_H
#define BASE_ALWAYS_H

#include <assert.h>
#include <stdbool.h>

#if defined FLT_COVERAGE
#define FLT_ALWAYS(condition) true
#elif defined FLT_WATCHED
#define FLT_ALWAYS(condition) ((condition) ? true : (assert(false), false))
#else
#define FLT_ALWAYS(condition) (condition)
#endif

#endif
