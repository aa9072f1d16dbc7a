/* What may stand where a word is being typed: `fltrain --complete WORD...`, which shells ask (configs/completion/). */
#ifndef CLI_COMPLETION_H
#define CLI_COMPLETION_H

#include <stddef.h>
#include <stdio.h>

/* Of words (n), those behind the program's name, the last is being typed. Prints a line for each word that may stand in
 * its place and begins as it does; the line ":files" stands for the names of files. */
void completion_print(FILE *out, char *const *words, size_t n);

#endif
