/* What a table is made of, for the files that make one. */
#ifndef TABLE_CONTENTS_H
#define TABLE_CONTENTS_H

#include "table/column.h"
#include "csv/reader.h"
#include "table/table.h"

struct flt_table_column {
	char *name;
	enum flt_column_role role;
	const char *role_option; /* the option that gave it, for messages; NULL if none did */
	struct flt_column_cells cells;
	const char **levels; /* (cells.levels.n) the texts, or NULL */
	bool looks_like_dates, integers;
	size_t source; /* the column of the file, or SIZE_MAX if the file has none */
};

struct flt_table {
	char *path; /* as messages say it */
	size_t n_rows, row_capacity;
	struct flt_table_column *columns; /* (n_columns) */
	size_t n_columns;
	size_t target, id;   /* columns, or SIZE_MAX */
	size_t *row_numbers; /* (n_rows) records as the file counts them; NULL while they are 1, 2, ... */
	size_t row_number_capacity;

	uint8_t *labels;            /* (n_rows), or NULL without a target */
	uint8_t *level_is_positive; /* (target's levels) */
	size_t n_positive;
	char *positive, *negative;
	bool negative_is_rest; /* every class that is not positive: there are several */
	struct flt_table_notes notes;
	char sha256[65]; /* of the file */
};

/* A table of n named columns without rows, all of them features. */
enum flt_status flt_table_new(const char *path, const char *const *names, size_t n, struct flt_table **table,
                              struct flt_error *err);

/* table_roles.c: gives the columns their roles and readings, by options and by the target rule. */
enum flt_status flt_table_assign_roles(struct flt_table *table, const struct flt_table_options *options,
                                       struct flt_error *err);

/* table_classes.c: from the target's texts to labels, by --positive or by counts. */
enum flt_status flt_table_choose_positive(struct flt_table *table, const char *positive, struct flt_error *err);
/* The same by what model's classes are; each class must be one that model knows. */
enum flt_status flt_table_label_like(struct flt_table *table, const struct flt_table *model, struct flt_error *err);

/* Whether model says what the class is: it has seen it, or its negatives are all the rest. */
bool flt_table_knows_class(const struct flt_table *model, const char *text, size_t length);

/* table_rows.c: rows from records. */
struct flt_row_reader {
	struct flt_csv *csv;
	struct flt_dictionary names; /* of the file's columns; a code is a column, for no two are equal */
	struct flt_table *table;
	const struct flt_table *model; /* whose classes the target must have, or NULL */
	struct flt_markers markers;
	char decimal;
	bool drop_missing_target;
	unsigned n_threads;
};

/* Adds one record; a row without a target is an error, or is counted and left out. */
enum flt_status flt_table_add_row(struct flt_row_reader *reader, const struct flt_csv_record *record,
                                  struct flt_error *err);
/* Adds the rows of part, a table of the same columns whose row numbers count from behind the n_before records of the
 * file. There is room for their cells then; each column is still to be given them (flt_column_append). */
enum flt_status flt_table_append_rows(struct flt_table *table, const struct flt_table *part, size_t n_before,
                                      struct flt_error *err);
/* Reads all records, a second time for the texts of columns that only turned out to be text. */
enum flt_status flt_table_add_all_rows(struct flt_row_reader *reader, struct flt_error *err);
/* table_parts.c: adds the records that csv has still to read, on several threads. */
enum flt_status flt_table_add_parts(struct flt_row_reader *reader, struct flt_error *err);
/* After the last row: levels as pointers, what the columns look like. */
enum flt_status flt_table_finish_columns(struct flt_table *table, struct flt_error *err);

/* "; did you mean "X"?", or "; there are "A", "B", ..." if no name is near. */
enum { FLT_HINT_SIZE = 320 };
void flt_table_hint(const char *text, const char *const *names, size_t n, char hint[FLT_HINT_SIZE]);

#endif
