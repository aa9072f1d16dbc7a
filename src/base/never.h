/*
 * Marks for defence in depth: a condition that no input and no failure of the machine makes false (or true), kept for
 * what we cannot test, another version of a library. The reason stands beside each mark. Our own mistakes are asserts.
 *
 * Built for the sanitizers, fuzzers and faults (FLT_WATCHED) a mark asserts; built to count branches (FLT_COVERAGE) it
 * is a constant, so that what it guards is not asked for; else it is the condition. The condition has no effects.
 */
#ifndef BASE_NEVER_H
#define BASE_NEVER_H

#include <assert.h>
#include <stdbool.h>

#if defined FLT_COVERAGE
#define FLT_ALWAYS(condition) true
#define FLT_NEVER(condition) false
#elif defined FLT_WATCHED
#define FLT_ALWAYS(condition) ((condition) ? true : (assert(!#condition), false))
#define FLT_NEVER(condition) ((condition) ? (assert(!#condition), true) : false)
#else
#define FLT_ALWAYS(condition) (condition)
#define FLT_NEVER(condition) (condition)
#endif

#endif
