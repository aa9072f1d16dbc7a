/* A stream to a terminal that shows what a file holds: line by line, and harmlessly. */
#ifndef REPORT_TERMINAL_STREAM_H
#define REPORT_TERMINAL_STREAM_H

#include <stdio.h>

#include "base/error.h"

/*
 * Control characters (base/character.h) but tabs and line feeds become '?' on their way to `to`, which is borrowed and
 * keeps the errors of writing. Closing the stream writes what it still holds.
 */
enum flt_status flt_terminal_stream(FILE *to, FILE **stream, struct flt_error *err);

#endif
