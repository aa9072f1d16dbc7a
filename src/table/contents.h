/* What an flt_table consists of. Private to table/. */
#ifndef TABLE_CONTENTS_H
#define TABLE_CONTENTS_H

#include "base/digest.h"
#include "base/text.h"
#include "table/column.h"
#include "table/table.h"

struct flt_table_column {
	char *name;
	enum flt_column_role role;
	const char *role_option; /* the option that gave the role, for messages; NULL if none did */
	struct flt_column_cells cells;
	struct flt_numbers narrow;  /* owned: those of cells, which then has none; or without cells */
	uint8_t *narrow_codes;      /* the same of the target's codes, or NULL */
	const char **levels;        /* (cells.levels.n) the texts, or NULL */
	struct flt_finding finding; /* on its type, once it is judged */
	bool is_judged;
	bool looks_like_dates, integers, type_given;
	bool gives_parts; /* --date names it */
	bool is_part;     /* of the dates in column `source` */
	size_t source;
	enum flt_date_part part;
	bool is_own;        /* fltrain's own output, left out */
	char *remark;       /* see struct flt_column */
	size_t file_column; /* SIZE_MAX if the file has no such column */
};

/* Records without a target, of which the first is described. */
struct flt_no_target {
	size_t n, n_empty; /* the others hold a missing marker */
	const char *file;  /* while it is being read */
	size_t line;
	bool is_blank_line;
	struct flt_shown marker;
};

struct flt_table {
	char *path;              /* as messages show it: "a.csv", "a.csv and 2 more files" */
	const char *file;        /* whose rows are being added, for messages; borrowed */
	size_t n_records_before; /* of the files before it */
	size_t n_rows, row_capacity;
	size_t n_expected;                /* rows, as the file looks so far; 0: nobody knows */
	struct flt_table_column *columns; /* (n_columns) */
	size_t n_columns;
	size_t target, id, time, weight; /* columns, or SIZE_MAX */
	size_t *row_numbers;             /* (n_rows) record numbers in the file; NULL while they are 1, 2, ... */
	size_t row_number_capacity;

	uint8_t *labels;                  /* (n_rows), or NULL without a target */
	struct flt_class *classes;        /* (the target's levels), or NULL without a target */
	struct flt_class **by_size;       /* the same, most frequent first */
	struct flt_dictionary class_keys; /* (the target's levels) their values (class_text.h) */
	char decimal;
	size_t n_positive;
	char *positive, *negative;
	bool negative_is_rest; /* there are several negative classes: any class that is not positive is one */
	struct flt_table_notes notes;
	struct flt_no_target no_target;
	bool is_partial;              /* see partial_tables.c */
	bool is_told_of;              /* on_wide was called */
	struct flt_names files;       /* their names */
	struct flt_names remarks;     /* about the layout of the file */
	struct flt_names warnings;    /* about options that did not do what they were meant to */
	char sha256[FLT_SHA256_TEXT]; /* of the file */
};

/* A table without rows; its n named columns are features, and column i of the table is column i of the file. */
enum flt_status flt_table_new(const char *path, const char *const *names, size_t n, struct flt_table **table,
                              struct flt_error *err);

/* Takes over the text (flt_alloc), after a failure too. */
enum flt_status flt_table_add_warning(struct flt_table *table, char *text, struct flt_error *err);

/* Points column->levels at the texts of its dictionary, which must be listed anew when it changes. */
enum flt_status flt_table_list_levels(struct flt_table_column *column, struct flt_error *err);

/* Notes something about the layout of the file, as a phrase without a full stop (flt_table_remark). */
enum flt_status flt_table_add_remark(struct flt_table *table, struct flt_error *err, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

#endif
