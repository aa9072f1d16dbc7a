/*
 * The languages that a detector can be exported to. One row of a table each: how it is written, and how what was
 * written scores rows, so that it can be compared with the program.
 */
#ifndef EXPORT_TARGET_H
#define EXPORT_TARGET_H

#include "base/text.h"
#include "export/view.h"

enum flt_precision { FLT_PRECISION_FLOAT, FLT_PRECISION_INT8, FLT_N_PRECISIONS };
extern const char *const flt_precision_words[];

struct flt_export_options {
	const char *path; /* of the main file: names inside come from its last part */
	enum flt_precision precision;
};

/* Rows as cells: those of the columns of the view, in its order, each with its NUL; then the next row. */
struct flt_export_rows {
	size_t n, n_columns;
	const char *cells;
	size_t n_bytes;
	unsigned n_threads; /* 0: one per processor; never changes a score */
};

struct flt_export_target {
	const char *word;     /* of --to */
	const char *language; /* for people */
	const char *counted;  /* what n_bytes of write counts: "bytes of constants" */

	/* Appends the main file to body, and a second one, if the language has any, to header. *n_bytes: what the model
	 * needs where it runs, the bytes of the constants in the compiled file, or of the file where nothing is
	 * compiled. */
	enum flt_status (*write)(const struct flt_view *view, const struct flt_export_options *options,
	                         struct flt_text_buffer *body, struct flt_text_buffer *header, size_t *n_bytes,
	                         struct flt_error *err);

	/* Appends the path of the second file; NULL: there is none. */
	enum flt_status (*header_path)(const char *path, struct flt_text_buffer *header_path, struct flt_error *err);

	const char *ending; /* of a file's name by default: ".c" */
	const char *begins; /* how each file of fltrain's begins: such a file may be replaced */

	/* Scores rows with the very bytes that write made: log_odds (n), is_positive (n). */
	enum flt_status (*score)(const struct flt_view *view, const struct flt_export_options *options,
	                         const struct flt_text_buffer *body, const struct flt_text_buffer *header,
	                         const struct flt_export_rows *rows, double *log_odds, unsigned char *is_positive,
	                         struct flt_error *err);
	double tolerance;      /* by how much its log-odds may differ from the program's, in full precision */
	double int8_tolerance; /* the same with eight bits, from those of the program with the same weights; 0: it
	                        * cannot be written so */
};

extern const struct flt_export_target flt_export_targets[];
extern const char *const flt_export_target_words[]; /* for --to, then NULL */
enum flt_export_word { FLT_EXPORT_C, FLT_EXPORT_ONNX, FLT_N_EXPORT_TARGETS };

#endif
