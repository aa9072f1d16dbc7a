/* The program's standard streams. */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "report/style.h"

/* Call it before opening anything: it keeps files off closed standard descriptors, and makes a closed pipe and
 * the limit on file sizes (ulimit -f) errors of write instead of signals. */
void terminal_init(void);

/* From now on stdout counts as a pipe: a launcher of ranks makes it a terminal, whatever it is on the other side. */
void terminal_is_pipe(void);

/* Whether a person reads stdout. */
bool terminal_is_read(void);

/* Whether a terminal, if there is one, does more than print in a row: TERM is set, and not "dumb". */
bool terminal_knows_escapes(void);

/* Headings are bold, and what is good, bad or to be minded is coloured, on a terminal that can show it, unless NO_COLOR
 * is set. Block elements are for locales in UTF-8. The width is that of the environment's COLUMNS, else the terminal's,
 * else unknown (0). */
struct flt_style terminal_style(FILE *stream);

/* Says on stderr that something may not be as it was meant. Control characters become '?'. */
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Shows what was printed so far. A pipe whose reader went away is no failure yet, since other outputs may be wanted. */
enum flt_status terminal_show(struct flt_error *err);

/* Flushes and closes stdout. FLT_ERR_MACHINE if not all of it could be written; for a pipe whose reader
 * went away, err has an empty text. */
enum flt_status terminal_close(struct flt_error *err);

#endif
