/*
 * CPU microseconds a row that the public library takes for all rows of a file, as texts row by row, and as columns of
 * numbers and texts: the best of several runs on one thread.
 * usage: library MODEL DATA.csv (no quotes in it)
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fltrain/fltrain.h"

enum { MAX_COLUMNS = 200, MAX_ROWS = 1000000, LINE_SIZE = 1 << 16, RUNS = 5 };

struct rows {
	char *names[MAX_COLUMNS];
	size_t n_columns, n;
	const char **cells; /* (n, n_columns) */
	struct flt_cells columns[MAX_COLUMNS];
};

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static size_t split(char *line, char *fields[MAX_COLUMNS])
{
	size_t n = 0;
	line[strcspn(line, "\r\n")] = '\0';
	for (char *field; n < MAX_COLUMNS && (field = strsep(&line, ",")); n++)
		fields[n] = field;
	return n;
}

static int read_rows(const char *path, struct rows *rows)
{
	static char line[LINE_SIZE];
	FILE *file = fopen(path, "r");
	if (!file || !fgets(line, sizeof line, file))
		return 0;
	rows->n_columns = split(strdup(line), rows->names);
	rows->cells = malloc(MAX_ROWS * rows->n_columns * sizeof *rows->cells);
	while (rows->cells && rows->n < MAX_ROWS && fgets(line, sizeof line, file)) {
		char *fields[MAX_COLUMNS];
		if (split(strdup(line), fields) != rows->n_columns)
			return 0;
		memcpy(rows->cells + rows->n++ * rows->n_columns, fields, rows->n_columns * sizeof *fields);
	}
	fclose(file);
	return rows->n > 0;
}

/* Numbers where every cell is one, else texts. */
static int make_column(struct rows *rows, size_t c)
{
	double *number = malloc(rows->n * sizeof *number);
	const char **text = malloc(rows->n * sizeof *text);
	int all = 1;
	for (size_t i = 0; number && text && i < rows->n; i++) {
		char *end;
		text[i] = rows->cells[i * rows->n_columns + c];
		number[i] = *text[i] ? strtod(text[i], &end) : (double)NAN;
		all = all && (!*text[i] || !*end);
	}
	rows->columns[c] = (struct flt_cells){.number = all ? number : NULL, .text = text};
	return number && text;
}

static enum flt_status measure(const struct flt_detector *detector, const struct rows *rows, struct flt_error *err)
{
	double best[2] = {1e9, 1e9};
	struct flt_scorer *scorer;
	double *score = malloc(2 * rows->n * sizeof *score);
	enum flt_status status =
	        flt_scorer_new(detector, (const char *const *)rows->names, rows->n_columns, NULL, &scorer, err);
	for (int run = 0; status == FLT_OK && score && run < RUNS; run++) {
		double begin = now(), middle;
		status = flt_scorer_score(scorer, rows->cells, rows->n, score, NULL, err);
		middle = now();
		if (status == FLT_OK)
			status = flt_scorer_score_columns(scorer, rows->columns, rows->n, score + rows->n, NULL, err);
		best[0] = fmin(best[0], middle - begin);
		best[1] = fmin(best[1], now() - middle);
	}
	if (status == FLT_OK && memcmp(score, score + rows->n, rows->n * sizeof *score) != 0)
		puts("the two differ: 0");
	printf("library, texts: %.3f\nlibrary, columns: %.3f\n", 1e6 * best[0] / (double)rows->n,
	       1e6 * best[1] / (double)rows->n);
	flt_scorer_free(scorer);
	free(score);
	return status;
}

int main(int argc, char **argv)
{
	static struct rows rows;
	struct flt_detector *detector;
	struct flt_error err = {0};
	if (argc != 3 || !read_rows(argv[2], &rows)) {
		fprintf(stderr, "usage: library MODEL DATA.csv\n");
		return 2;
	}
	for (size_t c = 0; c < rows.n_columns; c++)
		if (!make_column(&rows, c))
			return 1;
	enum flt_status status = flt_detector_load(argv[1], &detector, &err);
	if (status == FLT_OK)
		status = measure(detector, &rows, &err);
	if (status != FLT_OK)
		fprintf(stderr, "library: %s\n", err.text);
	flt_detector_free(detector);
	return (int)status;
}
