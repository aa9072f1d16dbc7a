/*
 * SIGINT and SIGTERM during long work. At first, one of them ends the program at once. After interrupt_defer the first
 * is only recorded: the work polls interrupt_requested between its steps, cleans up and calls interrupt_exit. A second
 * one still ends the program at once.
 */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <stdbool.h>

void interrupt_defer(void);
bool interrupt_requested(void); /* from any thread */

/* If an interrupt was requested: says that the state is in the checkpoint (NULL: that nothing was written) and exits
 * with 130 or 143. */
void interrupt_exit(const char *checkpoint);

#endif
