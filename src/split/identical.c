#include "split/identical.h"

#include <math.h>

#include "base/alloc.h"
#include "split/numbering.h"

/* So many times what chance makes is a surprise: in tables without copies the pairs were at most twice as many. */
static const double surprise = 4;

/* Near pairs are counted without each of at most so many columns, spread over all, among at most so many rows. How
 * often a column alone agrees is told by fewer. */
enum { MOST_COLUMNS = 32, MOST_ROWS = 250000, MOST_OF_ONE = 20000 };

struct search {
	const struct flt_table *table;
	size_t n_rows, *columns, n_columns;
	unsigned n_threads;
	uint32_t *id; /* (n_rows) */
	size_t *some; /* (n_some) rows among which pairs are counted */
	size_t n_some;
	double *same; /* (n_columns) the probability that two rows share a value there */
};

static double pairs_of(double n)
{
	return n * (n - 1) / 2;
}

/* Counts the pairs that agree in the given columns (n), among the given rows (NULL: all). *n_in_pairs, unless NULL,
 * gets the number of rows in such a pair. */
static enum flt_status count_pairs(struct search *s, const size_t *columns, size_t n, const size_t *rows, size_t n_rows,
                                   double *n_pairs, size_t *n_in_pairs, struct flt_error *err)
{
	size_t n_distinct, in_pairs = 0;
	*n_pairs = 0;
	FLT_TRY(flt_number_rows(s->table, columns, n, rows, n_rows, s->n_threads, s->id, &n_distinct, err));
	uint32_t *count = flt_alloc_zero(n_distinct, sizeof *count, err);
	FLT_TRY_MEMORY(count);
	for (size_t i = 0; i < n_rows; i++)
		count[s->id[i]]++;
	for (size_t i = 0; i < n_distinct; i++) {
		*n_pairs += pairs_of((double)count[i]);
		in_pairs += count[i] > 1 ? count[i] : 0;
	}
	flt_free(count);
	if (n_in_pairs)
		*n_in_pairs = in_pairs;
	return FLT_OK;
}

static void choose_rows(struct search *s, size_t most)
{
	s->n_some = s->n_rows < most ? s->n_rows : most;
	for (size_t i = 0; i < s->n_some; i++)
		s->some[i] = (size_t)((double)i * (double)s->n_rows / (double)s->n_some);
}

/* Pairs of identical rows if the columns were independent. Fills same. */
static enum flt_status expect_independent(struct search *s, double *expected, struct flt_error *err)
{
	double n_pairs;
	choose_rows(s, MOST_OF_ONE);
	*expected = pairs_of((double)s->n_rows);
	for (size_t i = 0; i < s->n_columns; i++) {
		FLT_TRY(count_pairs(s, &s->columns[i], 1, s->some, s->n_some, &n_pairs, NULL, err));
		s->same[i] = n_pairs / pairs_of((double)s->n_some);
		*expected *= s->same[i];
	}
	return FLT_OK;
}

/* The columns without number left_out. */
static void leave_out(const struct search *s, size_t left_out, size_t *columns)
{
	for (size_t i = 0, n = 0; i < s->n_columns; i++)
		if (i != left_out)
			columns[n++] = s->columns[i];
}

/* The most that near pairs of a column can announce: two rows agree in all others at most as often as in one of them.
 */
static double most_announced(const struct search *s, size_t column)
{
	double least = 1, same = s->same[column];
	for (size_t i = 0; i < s->n_columns; i++)
		if (i != column)
			least = fmin(least, s->same[i]);
	return pairs_of((double)s->n_rows) * least * same / (1 - same);
}

/* Raises *expected to the pairs of identical rows that near pairs announce, for the column that announces most. Columns
 * that cannot explain n_pairs are left aside. */
static enum flt_status expect_near(struct search *s, double n_pairs, double *expected, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t n = s->n_columns, n_tried = n < MOST_COLUMNS ? n : MOST_COLUMNS;
	double identical, agreeing, share = (double)s->n_some / (double)s->n_rows;
	size_t *columns = flt_alloc(n, sizeof *columns, err);
	FLT_TRY_MEMORY(columns);
	FLT_TRY_OUT(count_pairs(s, s->columns, n, s->some, s->n_some, &identical, NULL, err));
	for (size_t i = 0; i < n_tried; i++) {
		size_t column = i * n / n_tried;
		double same = s->same[column];
		if (same >= 1 || surprise * most_announced(s, column) < n_pairs)
			continue;
		leave_out(s, column, columns);
		FLT_TRY_OUT(count_pairs(s, columns, n - 1, s->some, s->n_some, &agreeing, NULL, err));
		*expected = fmax(*expected, (agreeing - identical) * same / (1 - same) / (share * share));
	}
out:
	flt_free(columns);
	return status;
}

/* Near pairs are looked at only if independence does not explain the copies. */
static enum flt_status expect_pairs(struct search *s, double n_pairs, double *expected, struct flt_error *err)
{
	FLT_TRY(expect_independent(s, expected, err));
	if (n_pairs <= surprise * *expected)
		return FLT_OK;
	choose_rows(s, MOST_ROWS);
	return expect_near(s, n_pairs, expected, err);
}

static enum flt_status search_init(struct search *s, const struct flt_table *table, unsigned n_threads,
                                   struct flt_error *err)
{
	*s = (struct search){.table = table, .n_rows = flt_table_n_rows(table), .n_threads = n_threads};
	FLT_TRY(flt_key_columns(table, &s->columns, &s->n_columns, err));
	s->id = flt_alloc(s->n_rows, sizeof *s->id, err);
	s->some = flt_alloc(s->n_rows < MOST_ROWS ? s->n_rows : MOST_ROWS, sizeof *s->some, err);
	s->same = flt_alloc(s->n_columns, sizeof *s->same, err);
	FLT_TRY_MEMORY(s->id && s->some && s->same);
	return FLT_OK;
}

static void search_release(struct search *s)
{
	flt_free(s->columns);
	flt_free(s->id);
	flt_free(s->some);
	flt_free(s->same);
}

enum flt_status flt_identical_rows_find(const struct flt_table *table, enum flt_identical how, unsigned n_threads,
                                        struct flt_identical_rows *found, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	struct search s;
	*found = (struct flt_identical_rows){.expected = (double)NAN, .kept = how};
	FLT_TRY_OUT(search_init(&s, table, n_threads, err));
	if (s.n_columns == 0) /* nothing tells rows apart */
		goto out;
	FLT_TRY_OUT(count_pairs(&s, s.columns, s.n_columns, NULL, s.n_rows, &found->n_pairs, &found->n, err));
	if (how != FLT_IDENTICAL_AUTO || found->n == 0)
		goto out;
	FLT_TRY_OUT(expect_pairs(&s, found->n_pairs, &found->expected, err));
out:
	if (status == FLT_OK && how == FLT_IDENTICAL_AUTO)
		found->kept = found->n_pairs > surprise * found->expected ? FLT_IDENTICAL_COPIES : FLT_IDENTICAL_APART;
	search_release(&s);
	return status;
}

enum flt_status flt_identical_resolve(const struct flt_table *table, unsigned n_threads, enum flt_identical *how,
                                      struct flt_error *err)
{
	struct flt_identical_rows found;
	if (*how != FLT_IDENTICAL_AUTO)
		return FLT_OK;
	FLT_TRY(flt_identical_rows_find(table, *how, n_threads, &found, err));
	*how = found.kept;
	return FLT_OK;
}
