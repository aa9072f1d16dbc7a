/*
 * Writes a CSV of the size and shape of the public set of credit card frauds: a time, normal columns of falling
 * spread with 15 digits, an amount, and a quoted label that is 1 for 492 rows of 284,807. Other sizes keep that share.
 *
 * usage: big_table FILE [ROWS [COLUMNS]]   (284807 rows, 30 columns beside the label; at least 3)
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROWS = 284807, POSITIVES = 492, COLUMNS = 30, DAYS_2 = 172792 };

static uint64_t state = 7;

/* splitmix64 */
static uint64_t draw(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15U;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return z ^ (z >> 31);
}

/* In (0, 1). */
static double uniform(void)
{
	return ((double)(draw() >> 11) + 0.5) * 0x1p-53;
}

static double normal(void)
{
	double radius = sqrt(-2 * log(uniform()));
	return radius * cos(2 * acos(-1.0) * uniform());
}

/* shift (n_normal): how far a positive row stands off. A quarter of them looks like any other row. */
static void write_row(FILE *out, long time, int is_positive, const double *shift, long n_normal)
{
	int is_hard = is_positive && uniform() < 0.25;
	fprintf(out, "%ld", time);
	for (long i = 0; i < n_normal; i++) {
		double spread = 1.9 - 1.57 * (double)i / (double)(n_normal > 1 ? n_normal - 1 : 1);
		fprintf(out, ",%.15g", normal() * spread + (is_positive && !is_hard ? shift[i] : 0));
	}
	fprintf(out, ",%.8g,\"%d\"\n", round(exp(3.2 + 1.5 * normal()) * 100) / 100, is_positive);
}

static void write_table(FILE *out, long n_rows, long n_normal, double *shift)
{
	long n_positive = (long)ceil((double)n_rows * POSITIVES / ROWS), n_left = n_positive;
	/* In a table of many columns, a shift of each would part the classes by eye. */
	for (long i = 0; i < n_normal; i++)
		shift[i] = i < COLUMNS - 2 ? 2.4 * normal() : 0;
	fputs("\"Time\"", out);
	for (long i = 0; i < n_normal; i++)
		fprintf(out, ",\"V%ld\"", i + 1);
	fputs(",\"Amount\",\"Class\"\n", out);
	for (long i = 0; i < n_rows; i++) {
		int is_positive = uniform() * (double)(n_rows - i) < (double)n_left;
		n_left -= is_positive;
		write_row(out, (long)((double)DAYS_2 * (double)i / (double)n_rows), is_positive, shift, n_normal);
	}
}

int main(int argc, char **argv)
{
	long n_rows = argc > 2 ? strtol(argv[2], NULL, 10) : ROWS;
	long n_columns = argc > 3 ? strtol(argv[3], NULL, 10) : COLUMNS;
	if (argc < 2 || argc > 4 || n_rows < 1 || n_columns < 3) {
		fprintf(stderr, "usage: big_table FILE [ROWS [COLUMNS]]\n");
		return 2;
	}
	double *shift = calloc((size_t)n_columns, sizeof *shift);
	FILE *out = fopen(argv[1], "w");
	if (!shift || !out) {
		perror(argv[1]);
		free(shift);
		return EXIT_FAILURE;
	}
	write_table(out, n_rows, n_columns - 2, shift);
	free(shift);
	if (fclose(out) != 0) {
		perror(argv[1]);
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
