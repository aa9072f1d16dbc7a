/* Making and freeing a detector, and what it tells about itself. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "detector/background.h"
#include "detector/model.h"
#include "detector/sketch.h"

static void input_release(struct flt_input *input)
{
	for (size_t i = 0; i < input->n_positive; i++)
		flt_free(input->positive[i]);
	for (size_t i = 0; i < input->n_negative; i++)
		flt_free(input->negative[i]);
	for (size_t i = 0; i < input->n_classes; i++)
		flt_free(input->classes[i]);
	flt_free(input->positive);
	flt_free(input->negative);
	flt_free(input->classes);
	flt_free(input->class_rows);
	flt_free(input->id);
	flt_free(input->weight);
	flt_free(input->group);
	flt_free(input->numeric);
	flt_free(input->na);
	*input = (struct flt_input){0};
}

void flt_detector_free(struct flt_detector *detector)
{
	if (!detector)
		return;
	flt_prep_free(detector->prep);
	for (size_t i = 0; i < detector->n_refits; i++)
		flt_prep_free(detector->refits[i]);
	flt_free(detector->refits);
	for (size_t i = 0; i < detector->n_members; i++) {
		flt_mlp_free(detector->members[i].net);
		flt_free(detector->members[i].kind);
	}
	flt_free(detector->members);
	flt_map_release(&detector->map);
	flt_kept_release(&detector->held_out);
	flt_sketch_release(&detector->sketch);
	flt_background_release(&detector->background);
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

/* Lists the values of each class. If several values are negative, the negative list stays empty: every value that is
 * not positive then is negative. */
static enum flt_status list_sides(struct flt_input *input, const struct flt_table *table, struct flt_error *err)
{
	size_t n = flt_table_n_classes(table), n_negative = 0;
	for (size_t i = 0; i < n; i++)
		n_negative += !flt_table_class(table, i).is_positive;
	input->positive = flt_alloc_zero(n - n_negative, sizeof(char *), err);
	FLT_TRY_MEMORY(input->positive);
	input->negative = flt_alloc_zero(1, sizeof(char *), err);
	FLT_TRY_MEMORY(input->negative);
	for (size_t i = 0; i < n; i++) {
		struct flt_class class = flt_table_class(table, i);
		if (class.is_positive)
			FLT_TRY(copy_text(class.text, &input->positive[input->n_positive++], err));
		else if (n_negative == 1)
			FLT_TRY(copy_text(class.text, &input->negative[input->n_negative++], err));
	}
	return FLT_OK;
}

/* Lists all classes, unless there are so many that they would fill the file. */
static enum flt_status list_classes(struct flt_input *input, const struct flt_table *table, struct flt_error *err)
{
	enum { MOST = 1000 };
	size_t n = flt_table_n_classes(table);
	if (n > MOST)
		return FLT_OK;
	input->classes = flt_alloc_zero(n, sizeof(char *), err);
	FLT_TRY_MEMORY(input->classes);
	input->class_rows = flt_alloc(n, sizeof *input->class_rows, err);
	FLT_TRY_MEMORY(input->class_rows);
	for (size_t i = 0; i < n; i++) {
		struct flt_class class = flt_table_class(table, i);
		input->class_rows[i] = class.n_rows;
		FLT_TRY(copy_text(class.text, &input->classes[input->n_classes++], err));
	}
	return FLT_OK;
}

static enum flt_status read_input(struct flt_input *input, const struct flt_table *table,
                                  const struct flt_table_options *options, struct flt_error *err)
{
	input->decimal = options->decimal == ',' ? ',' : '\0';
	FLT_TRY(copy_text(options->id, &input->id, err));
	FLT_TRY(copy_text(options->weight, &input->weight, err));
	FLT_TRY(copy_text(options->group, &input->group, err));
	FLT_TRY(copy_text(options->na, &input->na, err));
	FLT_TRY(copy_text(options->numeric, &input->numeric, err));
	if (!flt_table_notes(table).header) {
		input->n_file_columns = flt_table_n_columns(table);
		input->file_target = flt_table_role(table, FLT_TARGET);
	}
	FLT_TRY(list_sides(input, table, err));
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

/* ---- the class of a text ---- */

static enum flt_status add_classes(struct flt_class_index *index, char *const *values, size_t n, struct flt_error *err)
{
	for (size_t i = 0; i < n; i++)
		FLT_TRY(flt_class_index_add(index, values[i], err));
	return FLT_OK;
}

enum flt_status flt_detector_index_classes(const struct flt_detector *detector, struct flt_class_index *index,
                                           struct flt_error *err)
{
	const struct flt_input *input = &detector->input;
	*index = (struct flt_class_index){.decimal = input->decimal ? input->decimal : '.'};
	FLT_TRY(add_classes(index, input->positive, input->n_positive, err));
	FLT_TRY(add_classes(index, input->negative, input->n_negative, err));
	return add_classes(index, input->classes, input->n_classes, err);
}

/* The class of that number in the index. */
static const char *class_at(const struct flt_input *input, size_t i)
{
	if (i < input->n_positive)
		return input->positive[i];
	i -= input->n_positive;
	return i < input->n_negative ? input->negative[i] : input->classes[i - input->n_negative];
}

enum flt_status flt_detector_class_of(const struct flt_detector *detector, struct flt_class_index *index,
                                      const char *text, enum flt_target_class *class, const char **alike,
                                      struct flt_error *err)
{
	const struct flt_input *input = &detector->input;
	size_t same, near;
	FLT_TRY(flt_class_index_find(index, text, &same, &near, err));
	*class = same < input->n_positive ? FLT_CLASS_POSITIVE : FLT_CLASS_NEGATIVE;
	/* A file that lists no classes does not tell new ones from those of training. */
	if (same == SIZE_MAX && (input->n_negative > 0 || input->n_classes > 0 || near != SIZE_MAX))
		*class = FLT_CLASS_UNKNOWN;
	*alike = *class == FLT_CLASS_UNKNOWN && near != SIZE_MAX ? class_at(input, near) : NULL;
	return FLT_OK;
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

/* A part of dates that is not needed has an earlier part of the same dates, which is. */
void flt_detector_columns_of(const struct flt_detector *detector, size_t *column)
{
	size_t n = 0;
	for (size_t i = 0; i < flt_prep_n_columns(detector->prep); i++) {
		struct flt_prep_column own = flt_prep_column(detector->prep, i);
		bool is_read = own.use == FLT_USED_NUMERIC || own.use == FLT_USED_CATEGORICAL;
		column[i] = SIZE_MAX;
		if (is_needed(detector, i)) {
			column[i] = n++;
			continue;
		}
		for (size_t first = 0; is_read && column[i] == SIZE_MAX; first++) {
			struct flt_prep_column other = flt_prep_column(detector->prep, first);
			if (other.use == FLT_USED_NUMERIC && other.source && strcmp(other.source, own.source) == 0)
				column[i] = column[first];
		}
	}
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

bool flt_detector_has_profile(const struct flt_detector *detector)
{
	return needed_column(detector, 0).profile.n_rows > 0;
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

const struct flt_prep *flt_detector_prep_of(const struct flt_detector *detector, size_t member)
{
	const struct flt_prep *own = detector->members[member].prep;
	return own ? own : detector->prep;
}

double flt_detector_share(const struct flt_detector *detector, size_t member)
{
	double largest = 0, sum = 0; /* a sum of weights may overflow, that of their ratios does not */
	for (size_t i = 0; i < detector->n_members; i++)
		largest = fmax(largest, detector->members[i].weight);
	for (size_t i = 0; i < detector->n_members; i++)
		sum += detector->members[i].weight / largest;
	return detector->members[member].weight / largest / sum;
}

size_t flt_detector_n_params(const struct flt_detector *detector)
{
	size_t n = 0;
	for (size_t i = 0; i < detector->n_members; i++)
		n += flt_mlp_n_params(detector->members[i].net);
	return n;
}
