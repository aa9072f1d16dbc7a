/*
 * Classes are compared as values: "1" and "1.0" are one class, as is a "1" between blanks of any kind. A text that is
 * no number is another class in every byte; but texts that differ only in upper and lower case or in blanks are alike,
 * and alike classes are never told apart in silence.
 */
#ifndef TABLE_CLASS_TEXT_H
#define TABLE_CLASS_TEXT_H

#include "base/text.h"

/* Sets *key to a text that is the same for texts of one class. Numbers with a leading zero ("01") or of more than 15
 * characters are texts: they may be codes, or differ where a double does not. */
enum flt_status flt_class_key(const char *text, size_t length, char decimal, struct flt_text_buffer *key,
                              struct flt_error *err);

/* The same for texts that are alike. */
enum flt_status flt_class_loose_key(const char *text, size_t length, char decimal, struct flt_text_buffer *key,
                                    struct flt_error *err);

/* Without blanks at its ends, no-break spaces and their like among them. */
void flt_class_trim(const char **text, size_t *length);

#endif
