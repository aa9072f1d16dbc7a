/*
 * SIGINT, SIGTERM, and SIGXCPU for a limit on CPU time. From interrupt_init on, one of them ends the program at once,
 * whatever it waits for or computes, with 128 and its number as exit code; temporary files are removed. Two kinds of
 * work are spared that end:
 *
 * A training with a checkpoint calls interrupt_defer when it begins, since there is nothing to save before. The first
 * signal is then only recorded: the training polls interrupt_requested between its steps, saves its state and calls
 * interrupt_exit. A second one ends the program at once.
 *
 * A command that puts its files in place calls interrupt_defer as well, and ends as if the first had not come.
 */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <stdbool.h>

void interrupt_init(void);
void interrupt_defer(void);
bool interrupt_requested(void); /* from any thread */

/* What an end at once says of the outputs: "nothing was written" unless told otherwise. Keeps the pointer. */
void interrupt_will_say(const char *outputs);

/* If an interrupt was requested: says that the state is in the checkpoint and exits. */
void interrupt_exit(const char *checkpoint);

#endif
