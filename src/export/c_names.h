/*
 * Names of columns as identifiers of C. A name that is one already stays as it is. Else each byte that cannot stand in
 * an identifier becomes _xHH_ with its two hexadecimal digits; so does the first character of a name that begins with a
 * digit, or that C, C++ or their headers claim (int, NAN); and an underscore that would look like the beginning of such
 * an escape. So different names get different identifiers, and to read an identifier back, from the left, each _xHH_ is
 * that byte. The empty name is _x00_.
 */
#ifndef EXPORT_C_NAMES_H
#define EXPORT_C_NAMES_H

#include "base/text.h"

/* Appends the identifier of a name. */
enum flt_status flt_c_name(const char *name, struct flt_text_buffer *identifier, struct flt_error *err);

enum { FLT_C_PREFIX_SIZE = 128 }; /* with its NUL */

/* Appends what functions and files are called after a file's name: letters, digits and _, a letter first. Not
 * reversible, and cut where it is long. "models/fraud-2.c" gives "fraud_2". */
enum flt_status flt_c_prefix(const char *path, struct flt_text_buffer *prefix, struct flt_error *err);

#endif
