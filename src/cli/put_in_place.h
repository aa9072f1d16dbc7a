/* The end of every command: what an interrupt says while outputs are written, and putting them in place. */
#ifndef CLI_PUT_IN_PLACE_H
#define CLI_PUT_IN_PLACE_H

#include "report/outputs.h"

/* Before the first byte goes to one of the outputs. */
void put_in_place_begin(const struct flt_outputs *outputs);

/* First waits for the disk and for the readers of pipes and of stdout: an interrupt ends the program, and no file has
 * appeared. Then all of them do, whatever comes. What is printed after that, an interrupt may cut off. */
enum flt_status put_in_place(struct flt_outputs *outputs, struct flt_error *err);

#endif
