/*
 * Reading the sections of a detector's file (file.h). Nothing here trusts the file: each number is checked before it
 * becomes a size or a weight.
 *
 * All functions that return a status fail with FLT_ERR_MODEL and a sentence that names the section or tensor, or with
 * FLT_ERR_MACHINE.
 */
#ifndef DETECTOR_SECTION_READER_H
#define DETECTOR_SECTION_READER_H

#include <jansson.h>

#include "container/safetensors.h"
#include "detector/model.h"

struct flt_section_reader {
	const struct flt_safetensors *file;
	struct flt_detector *detector; /* owns what was read so far */
	size_t n_used;                 /* tensors of the file that had a place */
	const char *section;           /* the one that is being read */
	struct flt_error *err;         /* may be NULL */
};

/* Fails: the section is not as fltrain writes it, and why. */
enum flt_status flt_section_fail(struct flt_section_reader *reader, const char *why);

/* Takes an object apart by jansson's format. flags JSON_STRICT: it may have no other keys. */
enum flt_status flt_section_unpack(struct flt_section_reader *reader, json_t *json, size_t flags, const char *format,
                                   ...);

/* *text is a copy (flt_free), as section_writer.h writes texts: a string, or {"bytes": ...}. The caller owns it, after
 * a failure too. */
enum flt_status flt_section_text(struct flt_section_reader *reader, json_t *json, char **text);
enum flt_status flt_section_text_or_null(struct flt_section_reader *reader, json_t *json, char **text);

/* An array of texts. The caller frees *texts (*n), after a failure too. */
enum flt_status flt_section_texts(struct flt_section_reader *reader, const json_t *json, char ***texts, size_t *n);

/* *index is the place of word in a list that ends with NULL. */
enum flt_status flt_section_word(struct flt_section_reader *reader, const char *word, const char *const *words,
                                 unsigned *index);
enum flt_status flt_section_count(struct flt_section_reader *reader, json_int_t value, size_t *count);
/* null is NaN. why: what the failure says. */
enum flt_status flt_section_number(struct flt_section_reader *reader, const json_t *json, const char *why,
                                   double *number);

/* Fills numbers (n) with the array's elements; false if it has another length or type. */
bool flt_section_numbers(const json_t *list, double *numbers, size_t n);

/* What numeric columns have learnt besides: json is NULL where there is none. steps are filled and become the column's.
 */
enum flt_status flt_section_fences(struct flt_section_reader *reader, const json_t *json, struct flt_fences *fences);
/* Refuses what no loss has: a gamma below 0, class weights whose ratio is beyond double. */
enum flt_status flt_section_check_loss(struct flt_section_reader *reader, double gamma, double log_weight_ratio);
enum flt_status flt_section_steps(struct flt_section_reader *reader, const json_t *json, struct flt_prep_column *column,
                                  double steps[FLT_PREP_MAX_STEPS]);

/* n finite numbers from a tensor, or of any_doubles any bits: *values (n) is allocated, weights (n) is not. */
enum flt_status flt_section_doubles(struct flt_section_reader *reader, const char *name, size_t n, double **values);
enum flt_status flt_section_any_doubles(struct flt_section_reader *reader, const char *name, size_t n, double **values);
enum flt_status flt_section_weights(struct flt_section_reader *reader, const char *name, size_t n, float *weights);

/* The long sections. The preparation is read first: it determines the number of inputs of the networks. */
enum flt_status flt_read_preparation(struct flt_section_reader *reader, json_t *json);
enum flt_status flt_read_refits(struct flt_section_reader *reader, const json_t *list); /* part of the preparation */
enum flt_status flt_read_networks(struct flt_section_reader *reader, json_t *json);
enum flt_status flt_read_figures(struct flt_section_reader *reader, json_t *json);

#endif
