/* The program's manual pages. */
#ifndef CLI_MANUAL_H
#define CLI_MANUAL_H

#include <stdio.h>

#include "cli/commands.h"

/* fltrain-COMMAND(1); NULL: fltrain(1) */
void manual_page(FILE *out, const struct command *command);

#endif
