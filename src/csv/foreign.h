/* Files that are no CSV files, recognised by their first bytes. */
#ifndef CSV_FOREIGN_H
#define CSV_FOREIGN_H

#include <stddef.h>

#include "base/error.h"
#include "csv/remedy.h"

/* bytes (n): the beginning of the (unpacked) file. FLT_ERR_DATA: it is no text in UTF-8 or a superset of ASCII, or no
 * table; the message says what it is, and the command that turns it into CSV. */
enum flt_status flt_check_is_csv(const struct flt_named_file *file, const unsigned char *bytes, size_t n,
                                 struct flt_error *err);

#endif
