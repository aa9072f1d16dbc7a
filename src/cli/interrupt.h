/*
 * SIGINT and SIGTERM during long work. From the start one of them ends the program at once (terminal.h). After
 * interrupt_defer the first is only noted: the work asks for it between its steps, cleans up and calls interrupt_exit.
 * A second one still ends the program at once.
 */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <stdbool.h>

void interrupt_defer(void);
bool interrupt_requested(void);
void interrupt_exit(void); /* if one was requested: says that nothing was written and exits with 130 or 143 */

#endif
