/* Random tables as CSV text: columns whose cells are of one kind, with others among them. */
#ifndef TESTS_RANDOM_CSV_H
#define TESTS_RANDOM_CSV_H

#include <check.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/random.h"

/* What a column's cells are: its usual kind, and what turns up among them, rarely or from some row on. */
enum kind { EMPTY, NUMBER, LONG_NUMBER, LEVEL, DATE, COMMA, OUT_OF_RANGE, QUOTED, LINES, MARKER, N_KINDS };

static inline void write_cell(struct flt_random *random, enum kind kind, FILE *out)
{
	unsigned n = (unsigned)flt_random_below(random, 30);
	switch (kind) {
	case NUMBER:
		fprintf(out, "%u", n);
		break;
	case LONG_NUMBER:
		fprintf(out, "%.17g", flt_random_normal(random));
		break;
	case LEVEL:
		fprintf(out, " l%u ", n);
		break;
	case DATE:
		fprintf(out, "2024-01-%02u", n + 1);
		break;
	case COMMA:
		fprintf(out, "\"%u,5\"", n);
		break;
	case OUT_OF_RANGE:
		fputs("1e999", out);
		break;
	case QUOTED:
		fprintf(out, "\"q\"\"%u\"", n);
		break;
	case LINES:
		fprintf(out, "\"a\n%u\r\nb\"", n);
		break;
	case MARKER:
		fputs("NA", out);
		break;
	default:
		break;
	}
}

struct column_kind {
	enum kind usual, other;
	size_t share, from; /* one in `share` cells is other; until row `from` all are missing */
};

static inline struct column_kind random_kind(struct flt_random *random, size_t n_rows)
{
	struct column_kind kind = {.usual = (enum kind)flt_random_below(random, N_KINDS), .share = 1000000};
	if (flt_random_below(random, 3) == 0)
		kind.usual = NUMBER;
	kind.other = flt_random_below(random, 2) ? MARKER : (enum kind)flt_random_below(random, N_KINDS);
	if (flt_random_below(random, 2))
		kind.share = 2 + flt_random_below(random, 2 * n_rows);
	if (flt_random_below(random, 4) == 0)
		kind.from = flt_random_below(random, n_rows);
	return kind;
}

static inline void write_random_table(struct flt_random *random, const char *path)
{
	enum { MOST = 5 };
	struct column_kind kinds[MOST];
	size_t n_columns = 1 + flt_random_below(random, MOST), n_rows = 20 + flt_random_below(random, 120);
	size_t ragged = flt_random_below(random, 4) ? SIZE_MAX : flt_random_below(random, n_rows);
	size_t no_target = flt_random_below(random, 4) ? SIZE_MAX : flt_random_below(random, n_rows);
	FILE *out = fopen(path, "w");
	ck_assert_ptr_nonnull(out);
	for (size_t i = 0; i < n_columns; i++) {
		kinds[i] = random_kind(random, n_rows);
		fprintf(out, "c%zu,", i);
	}
	fputs("y\n", out);
	for (size_t row = 0; row < n_rows; row++) {
		for (size_t i = 0; i < n_columns; i++) {
			bool is_other = flt_random_below(random, kinds[i].share) == 0;
			write_cell(random,
			           row < kinds[i].from ? EMPTY
			           : is_other          ? kinds[i].other
			                               : kinds[i].usual,
			           out);
			fputc(',', out);
		}
		fprintf(out, row == ragged ? "1,1\n" : row % 5 == 0 ? "\"1\"\n" : row == no_target ? "\n" : "0\n");
	}
	ck_assert_int_eq(fclose(out), 0);
}

static inline const char *random_table(struct flt_random *random)
{
	static char bytes[1 << 16];
	write_random_table(random, "made.csv");
	FILE *in = fopen("made.csv", "r");
	ck_assert_ptr_nonnull(in);
	size_t n = fread(bytes, 1, sizeof bytes - 1, in);
	bytes[n] = '\0';
	fclose(in);
	return bytes;
}

#endif
