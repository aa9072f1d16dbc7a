/*
 * SIGINT and SIGTERM. Before interrupt_defer, one of them ends the program at once, with a sentence. After it, the
 * first is only noted: long work asks for it between its steps, cleans up and calls interrupt_exit. A second ends at
 * once.
 */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <stdbool.h>

void interrupt_watch(void);
void interrupt_defer(void);
bool interrupt_requested(void);
void interrupt_exit(void); /* if one was requested: says that nothing was written and exits with 130 or 143 */

#endif
