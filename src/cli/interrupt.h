/*
 * SIGINT, SIGTERM, SIGHUP, and SIGXCPU for a limit on CPU time; none that was ignored when the program began, as by
 * nohup. From interrupt_init on, one of them ends the program at once, whatever it waits for or computes, with 128 and
 * its number as exit code; temporary files are removed. Two kinds of work are spared that end:
 *
 * After interrupt_save, a thread that does nothing else saves the state of training first. Only the steps that networks
 * are at are waited for. A second signal ends the program at once.
 *
 * After interrupt_hold, while files are put in place, the first signal does nothing. No reader of a pipe may be waited
 * for then.
 */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include "base/error.h"

struct flt_checkpoint;

void interrupt_init(void);

/* Once. The state is that of checkpoint, with whose file (path) the sentence says how to go on. Both are borrowed until
 * interrupt_at_once. checkpoint may be NULL: then the end at once says that there is such a thing. */
enum flt_status interrupt_save(struct flt_checkpoint *checkpoint, const char *path, struct flt_error *err);

void interrupt_hold(void);
void interrupt_at_once(void); /* again */

/* From now on SIGTERM, by which services are ended, is no failure: the exit code is 0. */
void interrupt_ends_service(void);

/* Another rank says what there is to say. */
void interrupt_is_silent(void);

/* What an end at once says of the outputs: "nothing was written" unless told otherwise. Keeps the pointer. */
void interrupt_will_say(const char *outputs);

#endif
