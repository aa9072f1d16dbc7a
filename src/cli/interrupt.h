/*
 * SIGINT and SIGTERM during long work. From the start one of them ends the program at once (terminal.h). After
 * interrupt_defer the first is only noted: the work asks for it between its steps, cleans up and calls interrupt_exit.
 * A second one still ends the program at once.
 */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <stdbool.h>

void interrupt_defer(void);
bool interrupt_requested(void); /* from any thread */

/* If one was requested: says that the state is in the checkpoint, or with NULL that nothing was written, and exits with
 * 130 or 143. */
void interrupt_exit(const char *checkpoint);

#endif
