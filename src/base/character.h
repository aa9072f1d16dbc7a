/* Characters of UTF-8, and those among them that make a terminal show what is not there. */
#ifndef BASE_CHARACTER_H
#define BASE_CHARACTER_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of the well-formed UTF-8 character at text (NUL is one), 0 if there is none. */
size_t flt_utf8_length(const char *text);
/* Bytes of the most whole characters at the beginning of text that fit in `most` bytes: where a text is cut. */
size_t flt_fitting_length(const char *text, size_t most);
uint32_t flt_code_point(const char *text, size_t length); /* of a character of that length; a byte is its own */

/* Columns that a text takes on a terminal: two for a wide character, none for a combining one, one for a byte that is
 * no part of a character. Control characters count as the '?' that they become. */
size_t flt_columns(const char *text);
/* Bytes of its first characters that take no more columns, and how many these take. */
size_t flt_bytes_within(const char *text, size_t n_columns, size_t *taken);

/* Bytes of the control character that text begins with; 0 if it is none. Those are C0, DEL and C1 (U+0080 to U+009F),
 * which a terminal might obey, the last also as bytes that are not part of a character; and the characters of Unicode
 * that turn the direction of text, break lines or are not seen. The joiners U+200C and U+200D, which scripts need, are
 * none. */
size_t flt_control_length(const char *text);
void flt_mask_controls(char *text); /* each becomes one '?' */

#endif
