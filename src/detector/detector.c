/* Making and freeing a detector, and what it tells about itself. */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/encoding.h"
#include "detector/model.h"
#include "detector/sketch.h"
#include "table/class_text.h"

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

struct class_match {
	const char *text;
	char decimal;
	struct flt_text_buffer key, loose; /* of the text */
	struct flt_text_buffer other;
	const char *alike;
};

/* Whether one of the values is the class. If not, notes the first that is alike. */
static enum flt_status match(struct class_match *match, char *const *values, size_t n, bool *is_one,
                             struct flt_error *err)
{
	*is_one = false;
	for (size_t i = 0; i < n && !*is_one; i++) {
		size_t length = strlen(values[i]);
		FLT_TRY(flt_class_key(values[i], length, match->decimal, &match->other, err));
		*is_one = strcmp(match->other.bytes, match->key.bytes) == 0;
		FLT_TRY(flt_class_loose_key(values[i], length, match->decimal, &match->other, err));
		bool is_alike = strcmp(match->other.bytes, match->loose.bytes) == 0 ||
		                flt_encoding_remedy(match->text, values[i]);
		if (!match->alike && is_alike)
			match->alike = values[i];
	}
	return FLT_OK;
}

static enum flt_status find_class(const struct flt_input *input, struct class_match *text, enum flt_target_class *class,
                                  struct flt_error *err)
{
	bool is_one;
	*class = FLT_CLASS_POSITIVE;
	FLT_TRY(match(text, input->positive, input->n_positive, &is_one, err));
	if (is_one)
		return FLT_OK;
	*class = FLT_CLASS_NEGATIVE;
	FLT_TRY(match(text, input->negative, input->n_negative, &is_one, err));
	if (!is_one)
		FLT_TRY(match(text, input->classes, input->n_classes, &is_one, err));
	/* A file that lists no classes does not tell new ones from those of training. */
	if (!is_one && (input->n_negative > 0 || input->n_classes > 0 || text->alike))
		*class = FLT_CLASS_UNKNOWN;
	return FLT_OK;
}

enum flt_status flt_detector_class_of(const struct flt_detector *detector, const char *text,
                                      enum flt_target_class *class, const char **alike, struct flt_error *err)
{
	const struct flt_input *input = &detector->input;
	struct class_match match = {.text = text, .decimal = input->decimal ? input->decimal : '.'};
	enum flt_status status;
	FLT_TRY_OUT(flt_class_key(text, strlen(text), match.decimal, &match.key, err));
	FLT_TRY_OUT(flt_class_loose_key(text, strlen(text), match.decimal, &match.loose, err));
	FLT_TRY_OUT(find_class(input, &match, class, err));
	*alike = *class == FLT_CLASS_UNKNOWN ? match.alike : NULL;
out:
	flt_text_buffer_release(&match.key);
	flt_text_buffer_release(&match.loose);
	flt_text_buffer_release(&match.other);
	return status;
}

static bool is_among(char *const *values, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(values[i], text) == 0)
			return true;
	return false;
}

bool flt_detector_lists_class(const struct flt_detector *detector, const char *text)
{
	const struct flt_input *input = &detector->input;
	return is_among(input->positive, input->n_positive, text) ||
	       is_among(input->negative, input->n_negative, text) || is_among(input->classes, input->n_classes, text);
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
