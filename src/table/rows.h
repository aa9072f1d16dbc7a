/* From records to rows of a table. */
#ifndef TABLE_ROWS_H
#define TABLE_ROWS_H

#include "csv/record.h"
#include "table/contents.h"

/* How records become rows. */
struct flt_row_rules {
	const struct flt_table *model; /* the target's classes must be known to it; or NULL */
	struct flt_markers markers;
	struct flt_names classes; /* of the target, which are none of the missing markers there */
	char decimal, delimiter;
	bool drop_missing_target; /* rows without a target are counted and left out instead of an error */
	bool drop_missing_time;   /* rows without a value in the time column are counted and left out */
	void (*on_wide)(const struct flt_wide_file *file); /* see struct flt_table_options, as for the next three */
	void (*on_read)(void *context, double share);
	void *read_context;
	struct flt_ranks *ranks; /* the same */
};

/* Rows of a table that count already, and whose cells wait for being added: column by column, since that is faster than
 * row by row. Zeroed memory holds none. */
struct flt_waiting_rows {
	struct flt_csv_field *fields; /* (n_columns, most) */
	size_t *lines;                /* (most) */
	size_t n, most;
};
enum flt_status flt_waiting_rows_init(struct flt_waiting_rows *waiting, size_t n_columns, struct flt_error *err);
void flt_waiting_rows_release(struct flt_waiting_rows *waiting);

/* The same as flt_table_add_row for a record in a block, but its cells may wait until flt_table_add_waiting. */
enum flt_status flt_table_hold_row(struct flt_table *table, const struct flt_row_rules *rules,
                                   const struct flt_csv_record *record, struct flt_waiting_rows *waiting,
                                   struct flt_error *err);
enum flt_status flt_table_add_waiting(struct flt_table *table, const struct flt_row_rules *rules,
                                      struct flt_waiting_rows *waiting, struct flt_error *err);

/* Adds a row; none may be waiting. After a failure the columns may differ in length. */
enum flt_status flt_table_add_row(struct flt_table *table, const struct flt_row_rules *rules,
                                  const struct flt_csv_record *record, struct flt_error *err);

/* Adds rows for those of another table with the same columns, whose row numbers count from after the first n_before
 * records of the file. Reserves room for their cells, which flt_column_append must then add to each column. */
enum flt_status flt_table_append_rows(struct flt_table *table, const struct flt_table *other, size_t n_before,
                                      struct flt_error *err);

#endif
