/*
 * Writes the four data sets that ship, the truth behind them, or other draws of the same kind:
 *
 *   generate data FOLDER          FOLDER/fraud.csv, defects.csv, screening.csv, churn.csv
 *   generate truth FOLDER         FOLDER/fraud.truth.csv ... (row, probability), and a table of figures on stdout
 *   generate other NAME SEED      other rows of fraud, defects, screening or churn, on stdout
 *
 * They are simulations: scenario.h says how a row comes about, and fraud.c, defects.c, screening.c and churn.c hold the
 * four stories. The bytes are the same with every compiler and machine (draw.h).
 */
#include "attainable.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct scenario *const scenarios[] = {&fraud, &defects, &screening, &churn};
enum { N_SCENARIOS = sizeof scenarios / sizeof *scenarios };

static void write_header(const struct scenario *scenario, FILE *file)
{
	if (scenario->id)
		fprintf(file, "%s,", scenario->id);
	for (size_t j = 0; j < scenario->n_columns; j++)
		fprintf(file, "%s,", scenario->columns[j].name);
	fprintf(file, "%s\n", scenario->target);
}

static void write_cell(const struct column *column, double x, FILE *file)
{
	if (column->levels) {
		fputs(column->levels[(size_t)x], file);
		return;
	}
	long units = row_units(column, x), one = 1;
	for (unsigned d = 0; d < column->decimals; d++)
		one *= 10;
	fprintf(file, "%s%ld", units < 0 ? "-" : "", labs(units) / one);
	if (column->decimals)
		fprintf(file, ".%0*ld", (int)column->decimals, labs(units) % one);
}

/* Codes that neither rise nor repeat: the row number times a number that has no factor in common with a million. */
static unsigned code(size_t row)
{
	return (unsigned)((row * 387421 + 271828) % 1000000);
}

static void write_data(const struct scenario *scenario, const struct row *rows, FILE *file)
{
	write_header(scenario, file);
	for (size_t i = 0; i < scenario->n_rows; i++) {
		const struct row *row = &rows[i];
		if (scenario->id)
			fprintf(file, "C%06u,", code(row->original));
		for (size_t j = 0; j < scenario->n_columns; j++) {
			if (row->missing[j])
				fputs(scenario->missing, file);
			else
				write_cell(&scenario->columns[j], row->x[j], file);
			fputc(',', file);
		}
		fprintf(file, "%s\n", row->positive ? scenario->positive : scenario->negative);
	}
}

static void write_truth(const struct scenario *scenario, const struct row *rows, FILE *file)
{
	fputs("row,probability\n", file);
	for (size_t i = 0; i < scenario->n_rows; i++)
		fprintf(file, "%zu,%.17g\n", i + 1, rows[i].truth);
}

/* One row of the table that data/README.md repeats. */
static bool print_figures(const struct scenario *scenario, const struct row *rows)
{
	size_t positives = 0, missing = 0, copies = 0;
	for (size_t i = 0; i < scenario->n_rows; i++) {
		positives += rows[i].positive;
		copies += rows[i].original != i;
		for (size_t j = 0; j < scenario->n_columns; j++)
			missing += rows[i].missing[j];
	}
	struct attainable best;
	if (!attainable_compute(scenario, rows, &best))
		return false;
	char name[32];
	snprintf(name, sizeof name, "%s.csv", scenario->name);
	printf("| %-13s | %5zu | %9zu | %6.2f %% | %7zu | %6zu | %.4f +- %.4f | %.4f |\n", name, scenario->n_rows,
	       positives, 100.0 * (double)positives / (double)scenario->n_rows, missing, copies, best.mean,
	       best.deviation, best.of_file);
	return true;
}

static bool produce(const struct scenario *scenario, bool truth, const char *folder)
{
	char path[1024];
	int length = snprintf(path, sizeof path, "%s/%s%s.csv", folder, scenario->name, truth ? ".truth" : "");
	FILE *file = length < (int)sizeof path ? fopen(path, "wb") : NULL;
	if (!file) {
		perror(path);
		return false;
	}
	struct row *rows = rows_draw(scenario);
	bool good = rows != NULL;
	if (good && truth)
		write_truth(scenario, rows, file);
	else if (good)
		write_data(scenario, rows, file);
	if (good && truth)
		good = print_figures(scenario, rows);
	free(rows);
	bool failed = ferror(file) != 0;
	if (fclose(file) || failed || !good) {
		fprintf(stderr, "generate: could not write %s\n", path);
		return false;
	}
	return true;
}

static int show_other(const char *name, const char *seed)
{
	for (size_t i = 0; i < N_SCENARIOS; i++) {
		if (strcmp(scenarios[i]->name, name) != 0)
			continue;
		struct scenario other = *scenarios[i];
		other.seed = strtoull(seed, NULL, 10);
		struct row *rows = rows_draw(&other);
		if (rows)
			write_data(&other, rows, stdout);
		free(rows);
		return !rows || fflush(stdout) != 0;
	}
	fprintf(stderr, "generate: there is no %s\n", name);
	return 2;
}

int main(int argc, char **argv)
{
	bool truth = argc == 3 && !strcmp(argv[1], "truth");
	if (argc == 4 && !strcmp(argv[1], "other"))
		return show_other(argv[2], argv[3]);
	if (argc != 3 || (!truth && strcmp(argv[1], "data") != 0)) {
		fputs("usage: generate data|truth FOLDER, or generate other NAME SEED\n", stderr);
		return 2;
	}
	if (truth)
		printf("| file          |  rows | positives |    share | missing | copies | best PR-AUC, mean | in the "
		       "file |\n"
		       "|---|---|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < N_SCENARIOS; i++)
		if (!produce(scenarios[i], truth, argv[2]))
			return 1;
	return 0;
}
