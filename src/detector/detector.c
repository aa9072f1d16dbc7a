/* Making and freeing a detector, and what it tells about itself. */
#include <string.h>

#include "base/alloc.h"
#include "detector/model.h"

static void input_release(struct flt_input *input)
{
	for (size_t i = 0; i < input->n_positive; i++)
		flt_free(input->positive[i]);
	for (size_t i = 0; i < input->n_negative; i++)
		flt_free(input->negative[i]);
	flt_free(input->positive);
	flt_free(input->negative);
	flt_free(input->id);
	flt_free(input->numeric);
	flt_free(input->na);
	*input = (struct flt_input){0};
}

void flt_detector_free(struct flt_detector *detector)
{
	if (!detector)
		return;
	flt_prep_free(detector->prep);
	for (size_t i = 0; i < detector->n_nets; i++)
		flt_mlp_free(detector->nets[i]);
	flt_free(detector->nets);
	flt_map_release(&detector->map);
	flt_free(detector->target);
	flt_free(detector->positive);
	flt_free(detector->negative);
	input_release(&detector->input);
	flt_free(detector->provenance.version);
	flt_free(detector->provenance.options);
	flt_free(detector->provenance.data_sha256);
	flt_free(detector->provenance.rule_sha256);
	flt_free(detector);
}

/* ---- how to read the next file ---- */

static enum flt_status copy_text(const char *text, char **copy, struct flt_error *err)
{
	*copy = text ? flt_copy_text(text, strlen(text), err) : NULL;
	return *copy || !text ? FLT_OK : FLT_ERR_MACHINE;
}

/* Adds text to a list, which has room for it, unless the list already holds it. */
static enum flt_status add_value(char **values, size_t *n, const char *text, struct flt_error *err)
{
	for (size_t i = 0; i < *n; i++)
		if (strcmp(values[i], text) == 0)
			return FLT_OK;
	FLT_TRY(copy_text(text, &values[*n], err));
	++*n;
	return FLT_OK;
}

/* Lists the values of each class. If several values are negative, the negative list stays empty: every value that is
 * not positive then is negative. */
static enum flt_status list_classes(struct flt_input *input, const struct flt_table *table, struct flt_error *err)
{
	enum { MAX_VALUES = 100 };
	const uint8_t *label = flt_table_labels(table);
	input->positive = flt_alloc_zero(MAX_VALUES, sizeof(char *), err);
	FLT_TRY_MEMORY(input->positive);
	input->negative = flt_alloc_zero(2, sizeof(char *), err);
	FLT_TRY_MEMORY(input->negative);
	for (size_t row = 0; row < flt_table_n_rows(table); row++) {
		const char *text = flt_table_target_text(table, row);
		if (label[row] && input->n_positive < MAX_VALUES)
			FLT_TRY(add_value(input->positive, &input->n_positive, text, err));
		else if (!label[row] && input->n_negative < 2)
			FLT_TRY(add_value(input->negative, &input->n_negative, text, err));
	}
	if (input->n_negative > 1)
		while (input->n_negative > 0)
			flt_free(input->negative[--input->n_negative]);
	return FLT_OK;
}

static enum flt_status read_input(struct flt_input *input, const struct flt_table *table,
                                  const struct flt_table_options *options, struct flt_error *err)
{
	input->decimal = options->decimal == ',' ? ',' : '\0';
	FLT_TRY(copy_text(options->id, &input->id, err));
	FLT_TRY(copy_text(options->na, &input->na, err));
	FLT_TRY(copy_text(options->numeric, &input->numeric, err));
	return list_classes(input, table, err);
}

enum flt_status flt_detector_describe(struct flt_detector *detector, const struct flt_table *table,
                                      const struct flt_table_options *options, struct flt_error *err)
{
	struct flt_input input = {0};
	enum flt_status status = read_input(&input, table, options, err);
	input_release(status == FLT_OK ? &detector->input : &input);
	if (status == FLT_OK)
		detector->input = input;
	return status;
}

static bool is_among(char *const *values, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(values[i], text) == 0)
			return true;
	return false;
}

enum flt_target_class flt_detector_class_of(const struct flt_detector *detector, const char *text)
{
	const struct flt_input *input = &detector->input;
	if (is_among(input->positive, input->n_positive, text))
		return FLT_CLASS_POSITIVE;
	bool is_negative = input->n_negative == 0 || is_among(input->negative, input->n_negative, text);
	return is_negative ? FLT_CLASS_NEGATIVE : FLT_CLASS_UNKNOWN;
}

/* ---- what it is ---- */

const char *flt_detector_target(const struct flt_detector *detector)
{
	return detector->target;
}

const char *flt_detector_positive(const struct flt_detector *detector)
{
	return detector->positive;
}

const char *flt_detector_negative(const struct flt_detector *detector)
{
	return detector->negative;
}

double flt_detector_prevalence(const struct flt_detector *detector)
{
	return detector->provenance.prevalence;
}

/* Whether the column's cells are needed, and are not those of an earlier part of the same dates. */
static bool is_needed(const struct flt_detector *detector, size_t column)
{
	struct flt_prep_column wanted = flt_prep_column(detector->prep, column);
	if (wanted.use != FLT_USED_NUMERIC && wanted.use != FLT_USED_CATEGORICAL)
		return false;
	for (size_t i = 0; wanted.source && i < column; i++) {
		struct flt_prep_column other = flt_prep_column(detector->prep, i);
		if (other.use == FLT_USED_NUMERIC && other.source && strcmp(other.source, wanted.source) == 0)
			return false;
	}
	return true;
}

size_t flt_detector_n_columns(const struct flt_detector *detector)
{
	size_t n = 0;
	for (size_t i = 0; i < flt_prep_n_columns(detector->prep); i++)
		n += is_needed(detector, i);
	return n;
}

static struct flt_prep_column needed_column(const struct flt_detector *detector, size_t index)
{
	size_t i = 0;
	while (!is_needed(detector, i) || index-- > 0)
		i++;
	return flt_prep_column(detector->prep, i);
}

const char *flt_detector_column_name(const struct flt_detector *detector, size_t column)
{
	struct flt_prep_column needed = needed_column(detector, column);
	return needed.source ? needed.source : needed.name;
}

bool flt_detector_column_is_numeric(const struct flt_detector *detector, size_t column)
{
	struct flt_prep_column needed = needed_column(detector, column);
	return needed.use == FLT_USED_NUMERIC && !needed.source;
}

bool flt_detector_column_is_date(const struct flt_detector *detector, size_t column)
{
	return needed_column(detector, column).source != NULL;
}

size_t flt_detector_n_params(const struct flt_detector *detector)
{
	size_t n = 0;
	for (size_t i = 0; i < detector->n_nets; i++)
		n += flt_mlp_n_params(detector->nets[i]);
	return n;
}
