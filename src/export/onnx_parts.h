/*
 * The parts of the ONNX graph of a detector, from the record's columns to the decision. All arithmetic is that of
 * scoring (export/view.h), and in its types: numbers and what is made of logits are double, inputs of networks, weights
 * and logits float.
 *
 * The columns of all preparations are worked on side by side: an operator handles those that are scaled alike, of all
 * refits, at once, so that a graph has few nodes however many columns and refits there are.
 */
#ifndef EXPORT_ONNX_PARTS_H
#define EXPORT_ONNX_PARTS_H

#include "export/view.h"
#include "onnx/graph.h"

/* Writes what each preparation makes of a record: x (n_preps of the view) are the values (rows, n_inputs), float. Value
 * c of the graph is the view's column c: a number, the seconds of a date, or a text. */
enum flt_status flt_onnx_prepare(struct flt_onnx_graph *graph, const struct flt_view *view, size_t *x,
                                 struct flt_error *err);

/* A part of a date (rows, 1), double, of its seconds. */
size_t flt_onnx_date_part(struct flt_onnx_graph *graph, size_t seconds, enum flt_date_part part);

/* Scales numbers (rows, n), NaN where they are missing, each as its column (n) learnt to, and returns them as float. */
enum flt_status flt_onnx_scale(struct flt_onnx_graph *graph, enum flt_scale scale,
                               const struct flt_prep_column *const *columns, size_t n, size_t numbers, size_t *scaled,
                               struct flt_error *err);

/* The normal scores of numbers (rows, n) without gaps, double. */
enum flt_status flt_onnx_normal_scores(struct flt_onnx_graph *graph, const struct flt_prep_column *const *columns,
                                       size_t n, size_t numbers, size_t *scores, struct flt_error *err);

/* The logit (rows, 1), float, of a member for x, what its preparation makes of records. */
enum flt_status flt_onnx_network(struct flt_onnx_graph *graph, const struct flt_view_member *member, size_t x,
                                 size_t *logit, struct flt_error *err);

/* The log-odds (rows, 1), double, of the members' logits. */
enum flt_status flt_onnx_log_odds(struct flt_onnx_graph *graph, const struct flt_view *view, const size_t *logits,
                                  size_t *log_odds, struct flt_error *err);
size_t flt_onnx_sigmoid(struct flt_onnx_graph *graph, size_t log_odds);

/* Where a search through tables ends up, one table for each column. */
struct flt_onnx_search {
	size_t table; /* all tables, one behind the other, each with an item before it and one behind it */
	size_t start; /* (1, n) where they begin */
	size_t most;  /* items of the longest; others end in infinities */
};

/* tables (n), of sizes (n) rising numbers. */
enum flt_status flt_onnx_search_init(struct flt_onnx_graph *graph, const double *const *tables, const size_t *sizes,
                                     size_t n, struct flt_onnx_search *search, struct flt_error *err);

/* For numbers (rows, n): the place of the first item of the column's table that is not below it (or_equal: that is
 * above it), integers (rows, n) which count as `start` does. */
size_t flt_onnx_find(struct flt_onnx_graph *graph, const struct flt_onnx_search *search, size_t numbers, bool or_equal);

/* The item at a place, or so many items behind it. */
size_t flt_onnx_item(struct flt_onnx_graph *graph, const struct flt_onnx_search *search, size_t place, int64_t behind);

#endif
