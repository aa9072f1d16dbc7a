/*
 * A table: the typed columns of a CSV file in memory, its target as 0/1 labels, and what reading noticed.
 *
 * The type of a column (numeric or categorical) depends on all rows. Nothing is learnt from the values here: medians,
 * levels in use, and constant or id-like columns belong to prep.h, which looks at fit rows only.
 *
 * This interface counts rows from 0. What people see (`row` in an output file) counts from 1.
 */
#ifndef TABLE_TABLE_H
#define TABLE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "csv/reader.h"
#include "ranks/ranks.h"
#include "table/date_format.h"
#include "table/number_format.h"
#include "table/numbers.h"

/* The most rows that a table may have: 2^30 - 1, so that a row's number and two bits more fit into 32. */
#define FLT_MOST_ROWS ((size_t)0x3fffffff)

struct flt_table; /* opaque; made by flt_table_read, released by flt_table_free */

/* A file of more columns than FLT_CSV_WIDE, before its rows are read. */
struct flt_wide_file {
	const char *name; /* the path, or "standard input" */
	bool is_standard_input;
	size_t n_columns;
	size_t record_bytes; /* of its first record */
};

/* What the caller knows about the file. Zeroed: find everything out. Lists are column names separated by commas; a name
 * that contains a comma is put in "". */
struct flt_table_options {
	const char *target;      /* NULL: it is guessed (target_guess.h) */
	const char *positive;    /* value, or comma-separated values, of the positive class; NULL: the rarer class */
	const char *id;          /* kept as text for output, never a feature */
	const char *drop;        /* list */
	const char *categorical; /* list of columns to read as text */
	const char *numeric;     /* list of columns to read as numbers, in the format of most; all else is missing */
	const char *na;          /* list of missing markers besides those that always count (markers.h) */
	const char *date;   /* list of columns of dates, whose parts (hour, weekday, month, days) become features */
	const char *time;   /* column of numbers or dates, read as double, never a feature itself */
	const char *group;  /* column whose equal values stay together, never a feature */
	const char *weight; /* column that says how many rows a row stands for, never a feature */
	char delimiter;     /* 0: found; ' ' stands for runs of blanks and tabs */
	char decimal;       /* 0: '.' */
	enum flt_date_order date_order; /* of day and month in dates that time and date name; 0: found */
	enum flt_header header;
	size_t skip_lines;        /* lines before the table; 0: those that are found */
	bool skip_bad_rows;       /* records with a wrong number of fields are counted instead of an error */
	bool drop_missing_target; /* rows without a target are counted and dropped instead of an error */
	bool drop_missing_time;   /* the same for rows without a value in the time column */
	unsigned n_threads;       /* 0: all; never changes the result */
	size_t block_size;        /* bytes read at a time, 0: the default; never changes the result */
	bool skip_sha256;         /* flt_table_sha256 will not be called; it takes a fifth of the time on one thread */
	void (*on_wide)(const struct flt_wide_file *file); /* told of a wide file; NULL: nobody is */
	/* Told, by the caller's thread, which share of a file has been read, NaN of a pipe; NULL: nobody is. A file may
	 * be read twice. */
	void (*on_read)(void *context, double share);
	void *read_context;
	/* Ranks that all read the same files, with the same options, and divide their parsing; NULL: none. Each gets
	 * the table, or the error, of one process. */
	struct flt_ranks *ranks;
};

enum flt_column_type { FLT_NUMERIC, FLT_CATEGORICAL, FLT_N_COLUMN_TYPES };
extern const char *const flt_column_type_words[];

/* FLT_DATE: its parts are columns of the table, behind those of the file, and features in its place. */
enum flt_column_role {
	FLT_FEATURE,
	FLT_TARGET,
	FLT_ID,
	FLT_TIME,
	FLT_GROUP,
	FLT_WEIGHT,
	FLT_DATE,
	FLT_DROPPED,
	FLT_N_COLUMN_ROLES
};
extern const char *const flt_column_role_words[];

/* A view of a column, valid as long as the table. A dropped column has no cells (neither numbers nor codes), and the
 * type and counts of an empty column. */
struct flt_column {
	const char *name;
	enum flt_column_type type;
	enum flt_column_role role;
	size_t n_missing;           /* cells, after missing markers are folded */
	struct flt_numbers numbers; /* (n_rows) if numeric, time or date; else none */
	const int32_t *codes;      /* (n_rows) if categorical and no target (flt_table_code), -1 = missing; else NULL */
	const char *const *levels; /* (n_levels) texts in order of first appearance, or NULL */
	size_t n_levels;
	struct flt_number_format format; /* of its cells, if numeric */
	bool looks_like_dates;           /* categorical, and every non-missing text is a date or date-time */
	bool integers;                   /* numeric, and every non-missing value is a whole number */
	bool type_given;                 /* an option names the column's type: no guess may overrule it */
	/* Of time and date: the numbers are seconds since 1970-01-01, read from dates in this format; NULL: plain
	 * numbers. Of a part: the format of its source. */
	const struct flt_date_format *dates;
	const char *source; /* a part of the dates in that column, named "when (hour)"; NULL: a column of the file */
	enum flt_date_part part;
	const char *remark; /* how its cells were understood, if that was not plain, or NULL */
};

/* A class of the target: one value, whichever texts stand for it ("1", "1.0"). */
struct flt_class {
	const char *text; /* the commonest; lives as long as the table */
	size_t n_rows;
	bool is_positive;
	bool is_new; /* flt_table_read_like: the other table has no such class, and it counts as negative */
};

/* What reading noticed, for people. */
struct flt_table_notes {
	char delimiter;
	bool header;
	size_t n_bad_rows;       /* skipped records */
	char bad_rows[160];      /* first places, e.g. "lines 17, 40, 122 ..." */
	size_t n_without_target; /* dropped rows */
	size_t n_without_time;   /* more of them */
	size_t n_zero_weight;    /* more: rows that stand for none */
	bool target_by_name;     /* the target was found by its name, not by being last or by option */
	bool target_given;
	bool positive_given;
};

/* Reads path ("-" is stdin; a gzip file is unpacked). On failure *table is NULL. */
enum flt_status flt_table_read(const char *path, const struct flt_table_options *options, struct flt_table **table,
                               struct flt_error *err);

/* The same from n_paths >= 1 files, which make one table: the columns of the first, in any order, and the rows of all.
 * Each has a header if the first has one. At most one path may be "-". */
enum flt_status flt_table_read_files(const char *const *paths, size_t n_paths, const struct flt_table_options *options,
                                     struct flt_table **table, struct flt_error *err);

/* Reads path (--test FILE) with the names, types, target and positive class of model. Columns are matched by name, in
 * any order; extra ones are ignored, and a missing one is an error. The file must have the target. The levels of a
 * column are numbered anew, and can be matched by text. */
enum flt_status flt_table_read_like(const struct flt_table *model, const char *path,
                                    const struct flt_table_options *options, struct flt_table **table,
                                    struct flt_error *err);

void flt_table_free(struct flt_table *table);

/* Puts into an error about the table, one of FLT_ERR_DATA whose text starts with its path, that the target is only a
 * guess, if it is one, and --target as the first remedy. Returns status. */
enum flt_status flt_table_blame_guess(const struct flt_table *table, enum flt_status status, struct flt_error *err);

/* About what a table takes in memory while it is read. */
double flt_table_bytes(size_t n_columns, size_t n_rows);

size_t flt_table_n_rows(const struct flt_table *table);
size_t flt_table_n_columns(const struct flt_table *table);
struct flt_column flt_table_column(const struct flt_table *table, size_t index); /* index < n_columns */
size_t flt_table_find(const struct flt_table *table, const char *name);          /* SIZE_MAX if there is none */
/* The same, but tries the expected column first. This matters when each of many thousand columns is looked up. */
size_t flt_table_find_near(const struct flt_table *table, const char *name, size_t expected);
size_t flt_table_role(const struct flt_table *table, enum flt_column_role role); /* first of that role, or SIZE_MAX */

const uint8_t *flt_table_labels(const struct flt_table *table); /* (n_rows) 1 = positive class */
size_t flt_table_n_positive(const struct flt_table *table);
/* (n_rows) how many rows each stands for, > 0; NULL: the table has no weights, and each row counts 1. */
const double *flt_table_weights(const struct flt_table *table);
size_t flt_table_n_missing(const struct flt_table *table); /* values of features */
const char *flt_table_path(const struct flt_table *table); /* "a.csv", "a.csv and 2 more files" */
size_t flt_table_n_files(const struct flt_table *table);
const char *flt_table_file(const struct flt_table *table, size_t i); /* a name */
const char *flt_table_target(const struct flt_table *table);         /* the target's name */
const char *flt_table_positive(const struct flt_table *table); /* the positive class's text ("a or b" for several) */
const char *flt_table_negative(const struct flt_table *table); /* the other class's text ("not X" for several) */
/* What n weights come to; NULL: 1 each. */
struct flt_weighing {
	double sum;
	double effective; /* (sum w)^2 / sum w^2: so many rows of equal weight tell as much */
};
struct flt_weighing flt_weigh(const double *weight, size_t n);
/* The same of the rows with this label. */
struct flt_weighing flt_weigh_class(const double *weight, const uint8_t *label, size_t n, uint8_t class);
/* Of the given rows (n; NULL: the first n), those with this label. */
struct flt_weighing flt_table_weigh_class(const struct flt_table *table, const size_t *rows, size_t n, uint8_t label);
/* The share of their weight that the positive of these rows hold; rows NULL: the first n. */
double flt_table_prevalence(const struct flt_table *table, const size_t *rows, size_t n);

/* The target's classes, most frequent first. */
size_t flt_table_n_classes(const struct flt_table *table);
struct flt_class flt_table_class(const struct flt_table *table, size_t i);
/* The code of a cell: the number of its level, -1 = missing. Of the target, whose column shows no codes, too. */
int32_t flt_table_code(const struct flt_table *table, size_t column, size_t row);
const char *flt_table_target_text(const struct flt_table *table, size_t row); /* the text of the row's class */
const char *flt_table_id_text(const struct flt_table *table, size_t row);     /* NULL if there is no id column */
/* The number of the row's data record in the file, from 1; in further files numbers go on. Skipped and dropped records
 * count. */
size_t flt_table_row_number(const struct flt_table *table, size_t row);
const char *flt_table_sha256(const struct flt_table *table); /* of the bytes of all files (unpacked), hexadecimal
                                                                digits; NULL with skip_sha256 */
struct flt_table_notes flt_table_notes(const struct flt_table *table);
/* What reading found out about the layout of the file, as short phrases without a full stop. */
size_t flt_table_n_remarks(const struct flt_table *table);
const char *flt_table_remark(const struct flt_table *table, size_t i);

/* Sentences on options that did not do what they were probably meant to: a marker of --na that no cell holds, a column
 * of
 * --numeric that loses many values. */
size_t flt_table_n_warnings(const struct flt_table *table);
const char *flt_table_warning(const struct flt_table *table, size_t i);

#endif
