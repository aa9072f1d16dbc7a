/* Each column is copied together, old rows first, with the levels of both tables numbered as those of the first. */
#include "audit/drift.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/pool.h"
#include "prep/scale.h"
#include "split/assign.h"
#include "table/dictionary.h"

const double flt_drift_bar = 0.6;

enum { OLD, NEW };

/* Shared by all columns, which workers take one by one. */
struct drift_job {
	const struct flt_table *table[2]; /* the same table twice along time */
	const uint8_t *label;             /* (n_rows) 1 = new */
	size_t n_rows;
	struct flt_drift *drift;
	struct flt_error *errors; /* (n_workers) only memory can run out */
};

/* The cells of a column in all rows. */
struct cells {
	double *numbers;
	int32_t *codes;
	struct flt_dictionary levels;
};

static void cells_release(struct cells *cells)
{
	flt_free(cells->numbers);
	flt_free(cells->codes);
	flt_dictionary_release(&cells->levels);
}

static enum flt_status add_levels(const struct flt_column *column, struct cells *cells, int32_t *code_of,
                                  struct flt_error *err)
{
	for (size_t i = 0; i < column->n_levels; i++)
		FLT_TRY(flt_dictionary_add(&cells->levels, column->levels[i], strlen(column->levels[i]), &code_of[i],
		                           err));
	return FLT_OK;
}

/* Writes the codes of a table's column at `to`. */
static enum flt_status take_codes(const struct flt_column *column, size_t n_rows, struct cells *cells, int32_t *to,
                                  struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	int32_t *code_of = flt_alloc(column->n_levels, sizeof *code_of, err);
	FLT_TRY_MEMORY(code_of);
	FLT_TRY_OUT(add_levels(column, cells, code_of, err));
	for (size_t row = 0; row < n_rows; row++)
		to[row] = column->codes[row] < 0 ? -1 : code_of[column->codes[row]];
out:
	flt_free(code_of);
	return status;
}

/* The column of the second table that has the name of the first's. */
static struct flt_column other_column(const struct drift_job *job, size_t index)
{
	size_t found = flt_table_find_near(job->table[NEW], flt_table_column(job->table[OLD], index).name, index);
	struct flt_column none = {0};
	return found == SIZE_MAX ? none : flt_table_column(job->table[NEW], found);
}

/* Nothing is taken of a column that the two tables do not share as a feature of the same type. */
static enum flt_status take_cells(const struct drift_job *job, size_t index, struct cells *cells, struct flt_error *err)
{
	struct flt_column old = flt_table_column(job->table[OLD], index), new = other_column(job, index);
	size_t n_old = flt_table_n_rows(job->table[OLD]), n_new = job->n_rows - n_old;
	if (old.role != FLT_FEATURE)
		return FLT_OK;
	if (old.numbers.cells && new.numbers.cells) {
		cells->numbers = flt_alloc(job->n_rows, sizeof *cells->numbers, err);
		FLT_TRY_MEMORY(cells->numbers);
		for (size_t row = 0; row < n_old; row++)
			cells->numbers[row] = flt_number_at(&old.numbers, row);
		for (size_t row = 0; row < n_new; row++)
			cells->numbers[n_old + row] = flt_number_at(&new.numbers, row);
	} else if (old.codes && new.codes) {
		cells->codes = flt_alloc(job->n_rows, sizeof *cells->codes, err);
		FLT_TRY_MEMORY(cells->codes);
		FLT_TRY(take_codes(&old, n_old, cells, cells->codes, err));
		if (n_new > 0)
			FLT_TRY(take_codes(&new, n_new, cells, cells->codes + n_old, err));
	}
	return FLT_OK;
}

/* ---- what changed ---- */

static enum flt_status find_medians(const struct drift_job *job, const double *numbers, struct flt_drift_column *column,
                                    struct flt_error *err)
{
	double *values = flt_alloc(job->n_rows, sizeof *values, err);
	FLT_TRY_MEMORY(values);
	for (int age = OLD; age <= NEW; age++) {
		size_t n = 0;
		for (size_t row = 0; row < job->n_rows; row++)
			if (job->label[row] == age && !isnan(numbers[row]))
				values[n++] = numbers[row];
		column->n_missing[age] = job->drift->n_rows[age] - n;
		column->median[age] = n ? flt_median(values, n) : (double)NAN;
	}
	flt_free(values);
	return FLT_OK;
}

/* Finds the level whose share changed most, and counts unseen ones. n (n_levels) holds the rows with each. */
static void compare_levels(const struct drift_job *job, const struct flt_dictionary *levels, size_t (*n)[2],
                           struct flt_drift_column *column, size_t *most)
{
	const size_t *n_rows = job->drift->n_rows;
	double largest = 0;
	*most = SIZE_MAX;
	for (size_t i = 0; i < levels->n; i++) {
		double change = fabs((double)n[i][NEW] / (double)n_rows[NEW] - (double)n[i][OLD] / (double)n_rows[OLD]);
		if (n[i][OLD] == 0)
			column->n_unseen += n[i][NEW];
		if (change > largest) {
			largest = change;
			*most = i;
		}
	}
}

/* The text of a level, as one of the tables holds it. */
static const char *level_text(const struct drift_job *job, size_t index, const char *text)
{
	for (int age = OLD; age <= NEW; age++) {
		struct flt_column column =
		        age == OLD ? flt_table_column(job->table[OLD], index) : other_column(job, index);
		for (size_t i = 0; i < column.n_levels; i++)
			if (strcmp(column.levels[i], text) == 0)
				return column.levels[i];
	}
	return NULL;
}

static enum flt_status find_levels(const struct drift_job *job, size_t index, const struct cells *cells,
                                   struct flt_drift_column *column, struct flt_error *err)
{
	size_t most, (*n)[2] = flt_alloc_zero(cells->levels.n, sizeof *n, err);
	FLT_TRY_MEMORY(n);
	for (size_t row = 0; row < job->n_rows; row++) {
		int32_t code = cells->codes[row];
		if (code < 0)
			column->n_missing[job->label[row]]++;
		else
			n[code][job->label[row]]++;
	}
	compare_levels(job, &cells->levels, n, column, &most);
	if (most != SIZE_MAX) {
		column->level = level_text(job, index, flt_dictionary_text(&cells->levels, most));
		column->n_level[OLD] = n[most][OLD];
		column->n_level[NEW] = n[most][NEW];
	}
	flt_free(n);
	return FLT_OK;
}

static enum flt_status measure_cells(const struct drift_job *job, size_t index, const struct cells *cells,
                                     struct flt_error *err)
{
	struct flt_drift_column *column = &job->drift->columns[index];
	if (!cells->numbers && !cells->codes)
		return FLT_OK;
	if (cells->numbers)
		FLT_TRY(find_medians(job, cells->numbers, column, err));
	else
		FLT_TRY(find_levels(job, index, cells, column, err));
	FLT_TRY(flt_strength_of_cells(cells->numbers, cells->codes, cells->levels.n, job->label, job->n_rows,
	                              &column->strength, err));
	column->drifts = column->strength.is_measured && column->strength.roc_auc.lo >= flt_drift_bar;
	return FLT_OK;
}

static enum flt_status take_and_measure(const struct drift_job *job, size_t index, struct cells *cells,
                                        struct flt_error *err)
{
	FLT_TRY(take_cells(job, index, cells, err));
	return measure_cells(job, index, cells, err);
}

static void measure_column(void *context, size_t index, size_t worker)
{
	struct drift_job *job = context;
	struct cells cells = {0};
	struct flt_error err = {0};
	if (take_and_measure(job, index, &cells, &err))
		job->errors[worker] = err;
	cells_release(&cells);
}

/* ---- old and new rows ---- */

static void count_rows(struct drift_job *job)
{
	size_t n_old = flt_table_n_rows(job->table[OLD]);
	for (size_t row = 0; row < job->n_rows; row++) {
		bool first = row < n_old;
		job->drift->n_rows[job->label[row]]++;
		job->drift->n_positive[job->label[row]] +=
		        flt_table_labels(job->table[!first])[first ? row : row - n_old];
	}
}

static enum flt_status measure_columns(struct drift_job *job, unsigned n_threads, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	struct flt_drift *drift = job->drift;
	struct flt_pool *pool;
	drift->n_columns = flt_table_n_columns(job->table[OLD]);
	drift->columns = flt_alloc_zero(drift->n_columns, sizeof *drift->columns, err);
	FLT_TRY_MEMORY(drift->columns);
	count_rows(job);
	FLT_TRY(flt_pool_new_for(job->n_rows * drift->n_columns, n_threads, &pool, err));
	job->errors = flt_alloc_zero(flt_pool_n_threads(pool), sizeof *job->errors, err);
	FLT_TRY_MEMORY_OUT(job->errors);
	flt_pool_run(pool, drift->n_columns, measure_column, job);
	for (size_t i = 0; i < flt_pool_n_threads(pool); i++)
		if (job->errors[i].status)
			FLT_TRY_OUT(flt_fail(err, job->errors[i].status, "%s", job->errors[i].text));
	for (size_t i = 0; i < drift->n_columns; i++)
		drift->n_drifting += drift->columns[i].drifts;
out:
	flt_pool_free(pool);
	flt_free(job->errors);
	return status;
}

enum flt_status flt_drift_between(const struct flt_table *old, const struct flt_table *new, unsigned n_threads,
                                  struct flt_drift *drift, struct flt_error *err)
{
	size_t n_old = flt_table_n_rows(old), n_new = flt_table_n_rows(new);
	struct drift_job job = {.table = {old, new}, .n_rows = n_old + n_new, .drift = drift};
	*drift = (struct flt_drift){0};
	uint8_t *label = flt_alloc_zero(job.n_rows, sizeof *label, err);
	FLT_TRY_MEMORY(label);
	memset(label + n_old, 1, n_new);
	job.label = label;
	enum flt_status status = measure_columns(&job, n_threads, err);
	flt_free(label);
	return status;
}

enum flt_status flt_drift_along_time(const struct flt_table *table, double latest, unsigned n_threads,
                                     struct flt_drift *drift, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	struct flt_split_options halves = {.test_fraction = latest};
	struct drift_job job = {.table = {table, table}, .n_rows = flt_table_n_rows(table), .drift = drift};
	*drift = (struct flt_drift){.by_time = true};
	uint8_t *role = flt_alloc(job.n_rows, sizeof *role, err);
	FLT_TRY_MEMORY(role);
	FLT_TRY_OUT(flt_assign_by_time(table, &halves, role, err));
	for (size_t row = 0; row < job.n_rows; row++)
		role[row] = role[row] == FLT_TEST;
	job.label = role;
	status = measure_columns(&job, n_threads, err);
out:
	flt_free(role);
	return status;
}

void flt_drift_release(struct flt_drift *drift)
{
	flt_free(drift->columns);
	*drift = (struct flt_drift){0};
}
