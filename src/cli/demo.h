/* The steps of the tour, which main.c takes in the folder that `demo` made, as if they had been typed there. */
#ifndef CLI_DEMO_H
#define CLI_DEMO_H

#include <stddef.h>

enum { MAX_DEMO_WORDS = 8 };

struct demo_step {
	const char *about;           /* a line */
	char *words[MAX_DEMO_WORDS]; /* the program's name first; NULL after the last */
};

extern const struct demo_step demo_steps[];
extern const size_t n_demo_steps;

const char *demo_folder(const char *given); /* NULL: the one by default */

/* Prints what the step is about, and its command as it can be typed. */
void demo_announce(const struct demo_step *step);

#endif
