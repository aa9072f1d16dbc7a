/* The refits of the section "preparation". Only what they have learnt stands in the file; the rest is that of the
 * preparation that they belong to, which is read already. */
#include <stdio.h>

#include "base/alloc.h"
#include "detector/section_reader.h"

/* Each costs as much memory as the preparation itself: more than fltrain makes, too few to be a danger. */
enum { MAX_REFITS = 256 };

static enum flt_status read_silent(struct flt_section_reader *reader, const json_t *list,
                                   struct flt_prep_column *column)
{
	if (list && json_typeof(list) != JSON_ARRAY)
		return flt_section_fail(reader, "a list of silent features is expected");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *feature = json_array_get(list, i);
		json_int_t bit = json_typeof(feature) == JSON_INTEGER ? json_integer_value(feature) : -1;
		if (bit < 0 || bit > 63)
			return flt_section_fail(reader, "a silent feature that is none");
		column->silent |= UINT64_C(1) << bit;
	}
	return FLT_OK;
}

/* What a column owns while it is read. */
struct numbers {
	double *quantiles, *effects, steps[FLT_PREP_MAX_STEPS];
};

static enum flt_status read_number(struct flt_section_reader *reader, json_t *json, const char *owner,
                                   struct flt_prep_column *column, struct numbers *numbers)
{
	json_int_t n;
	json_t *silent = NULL, *fences = NULL, *steps = NULL;
	int is_passed_over = 0;
	FLT_TRY(flt_section_unpack(reader, json, JSON_STRICT, "{s:F,s:F,s:F,s:I,s?o,s?o,s?o,s?b}", "median",
	                           &column->median, "center", &column->center, "factor", &column->factor, "knots", &n,
	                           "silent", &silent, "fences", &fences, "steps", &steps, "passed_over",
	                           &is_passed_over));
	column->is_passed_over = is_passed_over;
	FLT_TRY(flt_section_steps(reader, steps, column, numbers->steps));
	FLT_TRY(flt_section_fences(reader, fences, &column->fences));
	FLT_TRY(read_silent(reader, silent, column));
	if (n < 0 || n > FLT_PREP_MAX_QUANTILES)
		return flt_section_fail(reader, "too many knots");
	if (n == 0)
		return FLT_OK;
	column->n_quantiles = (size_t)n;
	char tensor[64];
	snprintf(tensor, sizeof tensor, "%s.knots", owner);
	FLT_TRY(flt_section_doubles(reader, tensor, column->n_quantiles, &numbers->quantiles));
	column->quantiles = numbers->quantiles;
	return FLT_OK;
}

static enum flt_status read_category(struct flt_section_reader *reader, json_t *json, const char *owner,
                                     struct flt_prep_column *column, struct numbers *numbers)
{
	json_t *silent = NULL;
	int is_passed_over = 0;
	char tensor[64];
	FLT_TRY(flt_section_unpack(reader, json, JSON_STRICT, "{s?o,s?b,s?F,s?F}", "silent", &silent, "passed_over",
	                           &is_passed_over, "center", &column->center, "factor", &column->factor));
	column->is_passed_over = is_passed_over;
	FLT_TRY(read_silent(reader, silent, column));
	if (!column->has_effects || is_passed_over)
		return FLT_OK;
	snprintf(tensor, sizeof tensor, "%s.effects", owner);
	FLT_TRY(flt_section_doubles(reader, tensor, flt_prep_n_places(column), &numbers->effects));
	column->effects = numbers->effects;
	return FLT_OK;
}

/* Fills columns and numbers (n_columns of the preparation, zeroed): the list has those that it uses. */
static enum flt_status read_columns(struct flt_section_reader *reader, const json_t *list, size_t index,
                                    struct flt_prep_column *columns, struct numbers *numbers)
{
	const struct flt_prep *base = reader->detector->prep;
	size_t next = 0;
	char owner[48];
	for (size_t c = 0; c < flt_prep_n_columns(base); c++) {
		columns[c] = flt_prep_column_unlearnt(base, c);
		snprintf(owner, sizeof owner, "refit%zu.%zu", index, c);
		if (columns[c].use == FLT_USED_NUMERIC)
			FLT_TRY(read_number(reader, json_array_get(list, next++), owner, &columns[c], &numbers[c]));
		else if (columns[c].use == FLT_USED_CATEGORICAL)
			FLT_TRY(read_category(reader, json_array_get(list, next++), owner, &columns[c], &numbers[c]));
	}
	return json_array_size(list) == next ? FLT_OK : flt_section_fail(reader, "a refit with columns too many");
}

static enum flt_status read_refit(struct flt_section_reader *reader, json_t *json, size_t index)
{
	json_t *list;
	const char *word;
	unsigned scale;
	struct flt_detector *detector = reader->detector;
	size_t n_columns = flt_prep_n_columns(detector->prep);
	FLT_TRY(flt_section_unpack(reader, json, JSON_STRICT, "{s:s,s:o}", "scale", &word, "columns", &list));
	FLT_TRY(flt_section_word(reader, word, flt_scale_words, &scale));
	enum flt_status status = FLT_OK;
	struct flt_prep_column *columns = flt_alloc_zero(n_columns, sizeof *columns, reader->err);
	struct numbers *numbers = flt_alloc_zero(n_columns, sizeof *numbers, reader->err);
	FLT_TRY_MEMORY_OUT(columns && numbers);
	FLT_TRY_OUT(read_columns(reader, list, index, columns, numbers));
	status =
	        flt_prep_from_columns((enum flt_scale)scale, columns, n_columns, &detector->refits[index], reader->err);
out:
	for (size_t c = 0; numbers && c < n_columns; c++) {
		flt_free(numbers[c].quantiles);
		flt_free(numbers[c].effects);
	}
	flt_free(numbers);
	flt_free(columns);
	return status;
}

enum flt_status flt_read_refits(struct flt_section_reader *reader, const json_t *list)
{
	struct flt_detector *detector = reader->detector;
	if (json_typeof(list) != JSON_ARRAY || json_array_size(list) > MAX_REFITS)
		return flt_section_fail(reader, "a list of at most 256 refits is expected");
	detector->refits = flt_alloc_zero(json_array_size(list), sizeof *detector->refits, reader->err);
	FLT_TRY_MEMORY(detector->refits);
	detector->n_refits = json_array_size(list);
	for (size_t i = 0; i < detector->n_refits; i++)
		FLT_TRY(read_refit(reader, json_array_get(list, i), i));
	return FLT_OK;
}
