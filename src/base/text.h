/* Texts: buffers that grow, numbers and lists that people type, likely misspellings, foreign text made safe to show. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * A text that grows. Zero-initialised it is empty and owns nothing; there is no init call. After the first successful
 * append or reserve, bytes[length] is NUL. A failed call leaves the text as it was. To use it again, set length to 0.
 */
struct flt_text_buffer {
	char *bytes; /* (length), then NUL; NULL while nothing has been reserved */
	size_t length, capacity;
};

enum flt_status flt_text_buffer_reserve(struct flt_text_buffer *buffer, size_t n_more, struct flt_error *err);
enum flt_status flt_text_buffer_append(struct flt_text_buffer *buffer, const char *bytes, size_t n,
                                       struct flt_error *err);
enum flt_status flt_text_buffer_print(struct flt_text_buffer *buffer, struct flt_error *err, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
void flt_text_buffer_release(struct flt_text_buffer *buffer);

/* Reads all of text (length bytes, no terminator needed) as a finite number with a decimal point, or as digits and
 * nothing else. Return false, and leave *value as it was, where text is something else or out of range. */
bool flt_text_to_number(const char *text, size_t length, double *value);
bool flt_text_to_count(const char *text, size_t length, uint64_t *value);

/* The name that the user probably meant: the one with the fewest typing mistakes (a byte added, lost, changed or
 * swapped with its neighbour, ignoring case), the first of equals. NULL if none is near, which means more than one
 * mistake in three bytes, or names longer than 127 bytes. Names may be NULL. */
const char *flt_nearest(const char *text, const char *const *names, size_t n_names);

/* Names split from a comma-separated list. Outer spaces are dropped; an item in double quotes keeps its commas and
 * spaces
 * ("" inside is one quote). An empty list has no items; `a,,b` has an empty one. */
struct flt_names {
	char **items; /* (n) */
	size_t n;
};

enum flt_status flt_names_split(const char *list, struct flt_names *names, struct flt_error *err);
void flt_names_release(struct flt_names *names);

/* Items (n) as the value of an option that takes a list: joined so that flt_names_split gives them back, and quoted so
 * that a shell takes it as one word. False where out has no room, or an item holds what cannot be typed. */
bool flt_option_value(const char *const *items, size_t n, char *out, size_t size);

/* A word as a shell takes it: in quotes unless nothing in it means anything to a shell. False where out (size of 3 or
 * more) has no room: it is cut then, and its quotes closed. FLT_SHELL_WORD_SIZE is room enough for a word of so many
 * bytes. */
#define FLT_SHELL_WORD_SIZE(length) (4 * (length) + 3)
bool flt_shell_word(const char *word, char *out, size_t size);

/* Appends it, whole. */
enum flt_status flt_text_buffer_shell_word(struct flt_text_buffer *line, const char *word, struct flt_error *err);

/* Bytes of the blank that text starts with, 0 if it starts with none; and of all blanks there. Blanks are space, tab,
 * and the no-break, narrow, thin and figure spaces of Unicode in UTF-8. */
size_t flt_first_blank(const char *text, size_t length);
size_t flt_leading_blanks(const char *text, size_t length);
const char *flt_trim(const char *text, size_t *length); /* without blanks around it */

/* Foreign text made fit for a message: control characters become '?', and long text is cut with "...". */
struct flt_shown {
	char text[56];
};

struct flt_shown flt_shown(const char *text, size_t length);

#endif
