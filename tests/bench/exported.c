/*
 * CPU microseconds a row that model.c, which `fltrain export` wrote, takes for all rows of a file, texts not counted:
 * the best of several runs. usage: exported DATA.csv (no quotes in it, the header first)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model.h"

enum { N = sizeof model_names / sizeof *model_names, MAX_COLUMNS = 200, MAX_ROWS = 1000000, RUNS = 5 };

static size_t split(char *line, const char *fields[MAX_COLUMNS])
{
	size_t n = 0;
	line[strcspn(line, "\r\n")] = '\0';
	for (char *field; n < MAX_COLUMNS && (field = strsep(&line, ",")); n++)
		fields[n] = field;
	return n;
}

/* Where each of the model's columns stands in a line. */
static int find_columns(char *header, size_t place[N])
{
	const char *names[MAX_COLUMNS];
	size_t n = split(header, names);
	for (size_t i = 0; i < N; i++) {
		for (place[i] = 0; place[i] < n && strcmp(names[place[i]], model_names[i]) != 0;)
			place[i]++;
		if (place[i] == n)
			return 0;
	}
	return 1;
}

static size_t read_rows(const char *path, struct model_row *rows)
{
	static char line[1 << 16];
	const char *fields[MAX_COLUMNS], *cells[N];
	size_t place[N], n = 0;
	FILE *file = fopen(path, "r");
	if (!file || !fgets(line, sizeof line, file) || !find_columns(line, place))
		return 0;
	for (; n < MAX_ROWS && fgets(line, sizeof line, file); n++) {
		split(strdup(line), fields);
		for (size_t i = 0; i < N; i++)
			cells[i] = fields[place[i]];
		if (model_row_from_cells(&rows[n], cells) != 0)
			return 0;
	}
	fclose(file);
	return n;
}

int main(int argc, char **argv)
{
	struct model_row *rows = malloc(MAX_ROWS * sizeof *rows);
	size_t n = argc == 2 && rows ? read_rows(argv[1], rows) : 0;
	double best = 0, sum = 0;
	if (n == 0) {
		fputs("exported: no rows\n", stderr);
		return 1;
	}
	for (int run = 0; run < RUNS; run++) {
		clock_t begin = clock();
		for (size_t i = 0; i < n; i++)
			sum += model_score(&rows[i]);
		double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
		best = run == 0 || seconds < best ? seconds : best;
	}
	fprintf(stderr, "mean probability %g\n", sum / (double)n / RUNS);
	printf("%g\n", 1e6 * best / (double)n);
	free(rows);
	return 0;
}
