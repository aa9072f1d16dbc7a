/* Characters of UTF-8, and those among them that control a terminal. */
#ifndef BASE_CHARACTER_H
#define BASE_CHARACTER_H

#include <stddef.h>

/* Bytes of the well-formed UTF-8 character at text (NUL is one), 0 if there is none. */
size_t flt_utf8_length(const char *text);

/* Bytes of the control character that text begins with, which a terminal might obey; 0 if it is none. Those are C0,
 * DEL and C1 (U+0080 to U+009F), the last also as bytes that are not part of a character. */
size_t flt_control_length(const char *text);
void flt_mask_controls(char *text); /* each becomes one '?' */

#endif
