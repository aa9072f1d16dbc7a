/*
 * Counts the steps of a program that was compiled with -fsanitize-coverage=trace-pc: the stretches of code without a
 * branch that it passes, which do not depend on what else the machine does. Writes their number to the file that
 * FLTRAIN_STEPS names. Of several threads it would lose some.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t n_steps;

void __sanitizer_cov_trace_pc(void);

void __sanitizer_cov_trace_pc(void)
{
	n_steps++;
}

unsigned long long steps_so_far(void);

unsigned long long steps_so_far(void)
{
	return n_steps;
}

__attribute__((destructor)) static void write_steps(void)
{
	const char *path = getenv("FLTRAIN_STEPS");
	FILE *file = path ? fopen(path, "w") : NULL;
	if (!file)
		return;
	fprintf(file, "%llu\n", (unsigned long long)n_steps);
	fclose(file);
}
