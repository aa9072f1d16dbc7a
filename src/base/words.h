/* The words for the values of an enum. Each list is written once, in words.c of the folder that owns the enum; files,
 * reports and options use it. */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include <stddef.h>

/* Defines name (n + 1): a word for each value of the enum, in its order, then NULL. */
#define FLT_WORDS(name, n, ...)                                                                                        \
	const char *const name[] = {__VA_ARGS__, NULL};                                                                \
	_Static_assert(sizeof(name) / sizeof(*(name)) == (n) + 1, #name " has another number of words than its enum")

#endif
