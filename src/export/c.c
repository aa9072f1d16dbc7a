/* Puts a C file and its header together. */
#include "export/c.h"

#include <string.h>

#include "base/alloc.h"
#include "export/c_names.h"
#include "export/c_parts.h"
#include "export/c_text.h"

/* ---- the header ---- */

static void put_guard(struct flt_c_file *file)
{
	for (const char *at = file->prefix; *at; at++) {
		bool is_lower = *at >= 'a' && *at <= 'z';
		flt_c_put(&file->put, "%c", is_lower ? *at - 'a' + 'A' : *at);
	}
	flt_c_put_text(&file->put, "_H");
}

static void put_row(struct flt_c_file *file)
{
	static const char *const types[] = {
	        [FLT_VIEW_NUMBER] = "double ", [FLT_VIEW_CATEGORY] = "const char *", [FLT_VIEW_DATE] = "double "};
	static const char *const meanings[] = {
	        [FLT_VIEW_NUMBER] = "a number", [FLT_VIEW_CATEGORY] = "a category", [FLT_VIEW_DATE] = "a date"};
	struct flt_c_put *put = &file->put;
	flt_c_put(put,
	          "/* The columns that the model uses. A number that is missing is NAN, a category NULL or \"\". A "
	          "date is\n"
	          " * in seconds since 1970-01-01T00:00, as it is written, or in UTC if the dates of training had a "
	          "zone. */\n"
	          "struct %s_row {\n",
	          file->prefix);
	for (size_t c = 0; c < file->view->n_columns; c++) {
		const struct flt_view_column *column = &file->view->columns[c];
		flt_c_put(put, "\t%s", types[column->type]);
		flt_c_put_text(put, file->members[c]);
		flt_c_put_text(put, "; /* ");
		flt_c_put_literal(put, column->name);
		flt_c_put(put, ": %s */\n", meanings[column->type]);
	}
	flt_c_put_text(put, "};\n\n");
}

static void put_declarations(struct flt_c_file *file)
{
	struct flt_c_put *put = &file->put;
	const char *p = file->prefix;
	flt_c_put(put,
	          "/* The names of the columns, in the order of the struct, and those of its members. */\n"
	          "extern const char *const %s_names[%zu];\nextern const char *const %s_members[%zu];\n\n",
	          p, file->view->n_columns, p, file->view->n_columns);
	flt_c_put_text(
	        put,
	        "/* The probability of the positive class, and ln(p / (1 - p)). NAN where the weights lead beyond\n"
	        " * the range of float. */\n");
	flt_c_put(put, "double %s_score(const struct %s_row *row);\n", p, p);
	flt_c_put(put, "double %s_log_odds(const struct %s_row *row);\n\n", p, p);
	flt_c_put(
	        put,
	        "/* 1 where the probability is at least the threshold, else 0. */\nextern const double %s_threshold;\n",
	        p);
	flt_c_put(put, "int %s_is_positive(const struct %s_row *row);\n\n", p, p);
	flt_c_put(put,
	          "/* Reads texts as they stand in the cells of a CSV file, those of %s_names in that order; \"\" is "
	          "missing.\n"
	          " * The row borrows the texts of categories. Returns 0, or the number (from 1) of the first column "
	          "whose\n"
	          " * text is no value of it: fltrain refuses such a row. */\n",
	          p);
	flt_c_put(put, "int %s_row_from_cells(struct %s_row *row, const char *const *cells);\n\n", p, p);
}

static void put_about(struct flt_c_file *file)
{
	struct flt_c_put *put = &file->put;
	const struct flt_detector *detector = file->view->detector;
	flt_c_put_text(put, "/*\n * Made by fltrain " FLT_VERSION
	                    ": scores rows as the model does, without any library but that of C.\n * It predicts ");
	flt_c_put_literal(put, detector->target);
	flt_c_put_text(put, "; positive is ");
	flt_c_put_literal(put, detector->positive);
	flt_c_put(put, ".\n * %zu network%s with weights in %s.\n", file->view->n_members,
	          file->view->n_members == 1 ? "" : "s", file->int8 ? "eight bits" : "float");
	if (*detector->file_sha256)
		flt_c_put(put, " * The SHA-256 of the model's file is\n * %s.\n", detector->file_sha256);
	flt_c_put_text(put, " */\n");
}

/* What the header defines and the file asks for: files of two names, a-b.c and a_b.c, have headers of the same. */
static void put_made_of(struct flt_c_file *file, const char *before, const char *after)
{
	if (!*file->view->detector->file_sha256)
		return;
	flt_c_put(&file->put, "%s%s_of_%.16s%s", before, file->prefix, file->view->detector->file_sha256, after);
}

void flt_c_put_header(struct flt_c_file *file)
{
	struct flt_c_put *put = &file->put;
	put_about(file);
	flt_c_put_text(put, "#ifndef ");
	put_guard(file);
	flt_c_put_text(put, "\n#define ");
	put_guard(file);
	flt_c_put_text(put, "\n");
	put_made_of(file, "#define ", "\n");
	flt_c_put_text(put, "\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n");
	put_row(file);
	put_declarations(file);
	flt_c_put_text(put, "#ifdef __cplusplus\n}\n#endif\n\n#endif\n");
}

/* ---- the score ---- */

static size_t widest_layer(const struct flt_view *view)
{
	size_t widest = 1;
	for (size_t m = 0; m < view->n_members; m++) {
		struct flt_tensor shape;
		flt_view_tensor(&view->members[m], "layer0.weight", &shape);
		widest = shape.n_cols > widest ? shape.n_cols : widest;
		for (size_t i = 0; i < view->members[m].spec.n_hidden; i++)
			widest = view->members[m].spec.hidden[i] > widest ? view->members[m].spec.hidden[i] : widest;
	}
	return widest;
}

static bool has_psi(double gamma, double log_weight_ratio)
{
	return gamma > 0 || gamma < 0 || log_weight_ratio > 0 || log_weight_ratio < 0;
}

/* psi(name, ...), or the name alone where psi changes nothing. */
static void put_psi(struct flt_c_put *put, const char *name, double gamma, double log_weight_ratio)
{
	if (!has_psi(gamma, log_weight_ratio)) {
		flt_c_put_text(put, name);
		return;
	}
	flt_c_put(put, "psi(%s, ", name);
	flt_c_put_double(put, gamma);
	flt_c_put_text(put, ", ");
	flt_c_put_double(put, log_weight_ratio);
	flt_c_put_text(put, ")");
}

/* The mean of several networks is kept as two logarithms, of the sums of p and of 1 - p. */
static void put_mean(struct flt_c_file *file)
{
	struct flt_c_put *put = &file->put;
	const struct flt_detector *detector = file->view->detector;
	flt_c_put_text(put,
	               "/* Adds a network's probability to the weighted sums of p and 1 - p, of which these are the "
	               "logarithms. */\n"
	               "static void add(double z, double log_weight, double *log_p, double *log_q)\n{\n\tdouble x = ");
	put_psi(put, "z", detector->member_gamma, detector->member_log_weight_ratio);
	flt_c_put_text(put, ";\n\t*log_p = log_sum(*log_p, log_weight - softplus(-x));\n"
	                    "\t*log_q = log_sum(*log_q, log_weight - softplus(x));\n}\n\n");
}

/* The networks of one preparation: members [first, end). */
static void put_run(struct flt_c_file *file, size_t p, size_t first, size_t end)
{
	struct flt_c_put *put = &file->put;
	flt_c_put(put, "\tinputs_%zu(values, places, x);\n\tfor (i = %zu; i < %zu; i++) {\n", p, first, end);
	flt_c_put_text(put, "\t\tz = (double)logit_of(&networks[i], x, a, b);\n"
	                    "\t\tif (!(fabs(z) <= FLT_MAX))\n\t\t\treturn (double)NAN;\n");
	if (file->view->is_mean)
		flt_c_put_text(put, "\t\tadd(z, networks[i].log_weight, &log_p, &log_q);\n");
	flt_c_put_text(put, "\t}\n");
}

static void put_map(struct flt_c_file *file)
{
	struct flt_c_put *put = &file->put;
	const struct flt_map *map = &file->view->detector->map;
	if (file->view->is_mean || has_psi(map->gamma, map->log_weight_ratio)) {
		flt_c_put_text(put, "\tz = ");
		put_psi(put, file->view->is_mean ? "log_p - log_q" : "z", map->gamma, map->log_weight_ratio);
		flt_c_put_text(put, ";\n");
	}
	if (map->n_breakpoints > 0) {
		flt_c_put_text(put, "\tz = isotonic(z);\n\tz = log(z / (1 - z));\n");
	} else {
		flt_c_put_text(put, "\tz = ");
		flt_c_put_double(put, map->slope);
		flt_c_put_text(put, " * z + ");
		flt_c_put_double(put, map->intercept);
		flt_c_put_text(put, ";\n");
	}
	flt_c_put_text(put, "\treturn z + ");
	flt_c_put_double(put, map->prior_shift);
	flt_c_put_text(put, ";\n}\n\n");
}

static void put_log_odds(struct flt_c_file *file)
{
	struct flt_c_put *put = &file->put;
	const struct flt_view *view = file->view;
	size_t widest = widest_layer(view);
	flt_c_put(put, "double %s_log_odds(const struct %s_row *row)\n{\n", file->prefix, file->prefix);
	flt_c_put(put, "\tdouble values[%zu], z = 0;\n\tsize_t places[%zu], i;\n\tfloat x[%zu], a[%zu], b[%zu];\n",
	          view->n_values, view->n_values, view->max_inputs, widest, widest);
	if (view->is_mean)
		flt_c_put_text(put, "\tdouble log_p = -HUGE_VAL, log_q = -HUGE_VAL;\n");
	flt_c_put_text(put, "\tread_values(row, values, places);\n");
	for (size_t p = 0, first = 0, end; p < view->n_preps; p++, first = end) {
		for (end = first; end < view->n_members && view->members[end].prep == p; end++) {
		}
		put_run(file, p, first, end);
	}
	put_map(file);
}

static void put_decision(struct flt_c_file *file)
{
	struct flt_c_put *put = &file->put;
	const char *p = file->prefix;
	flt_c_put(put, "double %s_score(const struct %s_row *row)\n{\n", p, p);
	flt_c_put(put,
	          "\tdouble x = %s_log_odds(row), e = exp(-fabs(x));\n\treturn x >= 0 ? 1 / (1 + e) : e / (1 + "
	          "e);\n}\n\n",
	          p);
	flt_c_put(put, "const double %s_threshold = ", p);
	flt_c_put_double(put, file->view->detector->choice.threshold);
	flt_c_put(put,
	          ";\n\nint %s_is_positive(const struct %s_row *row)\n{\n\treturn %s_score(row) >= %s_threshold;\n}\n",
	          p, p, p, p);
}

static void put_scoring(struct flt_c_file *file)
{
	struct flt_c_put *put = &file->put;
	const struct flt_detector *detector = file->view->detector;
	const struct flt_map *map = &detector->map;
	flt_c_put_text(put, flt_c_log_odds);
	if (has_psi(map->gamma, map->log_weight_ratio) ||
	    (file->view->is_mean && has_psi(detector->member_gamma, detector->member_log_weight_ratio)))
		flt_c_put_text(put, flt_c_psi);
	if (file->view->is_mean) {
		flt_c_put_text(put, flt_c_mean);
		put_mean(file);
	}
	if (map->n_breakpoints > 0) {
		flt_c_put_doubles(put, "map_x", map->breakpoint_log_odds, map->n_breakpoints);
		flt_c_put_doubles(put, "map_p", map->breakpoint_probability, map->n_breakpoints);
		flt_c_put_text(put, flt_c_isotonic);
	}
	put_log_odds(file);
	put_decision(file);
}

/* ---- the file ---- */

static void put_names(struct flt_c_file *file)
{
	struct flt_c_put *put = &file->put;
	size_t n = file->view->n_columns;
	flt_c_put(put, "const char *const %s_names[%zu] = {", file->prefix, n);
	for (size_t c = 0; c < n; c++) {
		flt_c_put_text(put, "\n\t");
		flt_c_put_literal(put, file->view->columns[c].name);
		flt_c_put_text(put, ",");
	}
	flt_c_put(put, "\n};\n\nconst char *const %s_members[%zu] = {", file->prefix, n);
	for (size_t c = 0; c < n; c++) {
		flt_c_put_text(put, "\n\t");
		flt_c_put_literal(put, file->members[c]);
		flt_c_put_text(put, ",");
	}
	flt_c_put_end(put);
}

static void put_body(struct flt_c_file *file)
{
	struct flt_c_put *put = &file->put;
	put_about(file);
	flt_c_put(
	        put,
	        "#include \"%s.h\"\n\n#include <float.h>\n#include <math.h>\n#include <stddef.h>\n#include <stdint.h>\n"
	        "#include <string.h>\n\n",
	        file->prefix);
	put_made_of(file, "#ifndef ", "\n");
	put_made_of(file, "#error this header is not that of this file: ", "\n#endif\n\n");
	flt_c_put_text(put,
	               "/* gcc does so with -std=c99. */\n#ifdef __clang__\n#pragma STDC FP_CONTRACT OFF\n#endif\n\n");
	put_names(file);
	flt_c_put_columns(file);
	flt_c_put_cells(file);
	flt_c_put_inputs(file);
	flt_c_put_networks(file);
	put_scoring(file);
}

static enum flt_status name_members(const struct flt_view *view, struct flt_text_buffer *names, char **members,
                                    struct flt_error *err)
{
	for (size_t c = 0; c < view->n_columns; c++) {
		FLT_TRY(flt_c_name(view->columns[c].name, &names[c], err));
		members[c] = names[c].bytes;
	}
	return FLT_OK;
}

static enum flt_status write_both(struct flt_c_file *file, struct flt_text_buffer *body, struct flt_text_buffer *header,
                                  size_t *n_bytes)
{
	file->put.to = header;
	flt_c_put_header(file);
	file->put.to = body;
	file->put.n_bytes = 0;
	put_body(file);
	*n_bytes = file->put.n_bytes;
	return file->put.status;
}

enum flt_status flt_c_write(const struct flt_view *view, const struct flt_export_options *options,
                            struct flt_text_buffer *body, struct flt_text_buffer *header, size_t *n_bytes,
                            struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	struct flt_text_buffer prefix = {0}, *names = flt_alloc_zero(view->n_columns, sizeof *names, err);
	char **members = flt_alloc_zero(view->n_columns, sizeof *members, err);
	FLT_TRY_MEMORY_OUT(names && members);
	FLT_TRY_OUT(flt_c_prefix(options->path, &prefix, err));
	FLT_TRY_OUT(name_members(view, names, members, err));
	struct flt_c_file file = {.view = view,
	                          .prefix = prefix.bytes,
	                          .members = members,
	                          .int8 = options->precision == FLT_PRECISION_INT8,
	                          .put = {.err = err}};
	status = write_both(&file, body, header, n_bytes);
out:
	for (size_t c = 0; names && c < view->n_columns; c++)
		flt_text_buffer_release(&names[c]);
	flt_free(names);
	flt_free(members);
	flt_text_buffer_release(&prefix);
	return status;
}

enum flt_status flt_c_header_path(const char *path, struct flt_text_buffer *header_path, struct flt_error *err)
{
	const char *slash = strrchr(path, '/');
	FLT_TRY(flt_text_buffer_append(header_path, path, slash ? (size_t)(slash - path) + 1 : 0, err));
	FLT_TRY(flt_c_prefix(path, header_path, err));
	return flt_text_buffer_print(header_path, err, ".h");
}
