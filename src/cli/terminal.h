/* The program's own streams: what stdout and stderr are, and whether all of stdout arrived. */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

/* To be called before anything is opened: no file may land on a closed standard descriptor, and a closed pipe is an
 * error of write instead of a signal. */
void terminal_init(void);

/* Whether headings may be bold: a person reads them, and neither NO_COLOR nor a dumb terminal forbids it. */
bool terminal_is_bold(FILE *stream);

/* Flushes and closes stdout. FLT_ERR_MACHINE if not all of it could be written; then err is silent (an empty text) for
 * a pipe whose reader went away. */
enum flt_status terminal_close(struct flt_error *err);

#endif
