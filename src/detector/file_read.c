/*
 * From the sections of a file to a detector. The short sections are read here, and checks that span several numbers of
 * a section stand with it. A file with anything beyond the known sections and tensors is refused.
 */
#include "detector/file.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"
#include "detector/background.h"
#include "detector/section_reader.h"
#include "prep/refit_size.h"
#include "prep/typed_rows.h"

/* Bounds on what the parser recurses into and allocates. Sections nest less deep; the levels of all categorical columns
 * of a very wide table are fewer values. */
enum { MAX_DEPTH = 8, MAX_VALUES = 10000000 };

/* ---- input ---- */

static enum flt_status read_decimal(struct flt_section_reader *reader, json_t *json, char *decimal)
{
	if (json_typeof(json) == JSON_NULL)
		return FLT_OK;
	const char *text = json_string_value(json);
	if (!text || (strcmp(text, ".") != 0 && strcmp(text, ",") != 0))
		return flt_section_fail(reader, "the decimal mark is neither . nor ,");
	*decimal = *text;
	return FLT_OK;
}

/* Both lists are there, and of one length, or neither is. */
static enum flt_status read_classes(struct flt_section_reader *reader, const json_t *classes, const json_t *rows)
{
	struct flt_input *input = &reader->detector->input;
	if (!classes && !rows)
		return FLT_OK;
	if (!json_is_array(classes) || !json_is_array(rows) || json_array_size(classes) != json_array_size(rows))
		return flt_section_fail(reader, "a number of rows is expected for each class");
	if (json_array_size(classes) == 0)
		return flt_section_fail(reader, "a list of classes is empty");
	FLT_TRY(flt_section_texts(reader, classes, &input->classes, &input->n_classes));
	input->class_rows = flt_alloc(input->n_classes, sizeof *input->class_rows, reader->err);
	FLT_TRY_MEMORY(input->class_rows);
	for (size_t i = 0; i < input->n_classes; i++) {
		const json_t *count = json_array_get(rows, i);
		if (json_typeof(count) != JSON_INTEGER)
			return flt_section_fail(reader, "the rows of a class are no count");
		FLT_TRY(flt_section_count(reader, json_integer_value(count), &input->class_rows[i]));
	}
	return FLT_OK;
}

enum { NOT_THERE = -1 };

static enum flt_status read_file_columns(struct flt_section_reader *reader, json_int_t columns, json_int_t target)
{
	struct flt_input *input = &reader->detector->input;
	if (columns == NOT_THERE && target == NOT_THERE)
		return FLT_OK;
	if (columns < 1 || target < 0 || target >= columns)
		return flt_section_fail(reader, "the target lies beyond the columns of the file");
	input->n_file_columns = (size_t)columns;
	input->file_target = (size_t)target;
	return FLT_OK;
}

static enum flt_status read_input(struct flt_section_reader *reader, json_t *json)
{
	json_t *target, *positive, *negative, *positives, *negatives, *id, *numeric, *na, *decimal;
	json_t *classes = NULL, *class_rows = NULL, *weight = NULL, *group = NULL;
	json_int_t file_columns = NOT_THERE, file_target = NOT_THERE;
	struct flt_detector *detector = reader->detector;
	struct flt_input *input = &detector->input;
	FLT_TRY(flt_section_unpack(reader, json, JSON_STRICT,
	                           "{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s?o,s?o,s?I,s?I,s?o,s?o}", "target", &target,
	                           "positive", &positive, "negative", &negative, "positive_values", &positives,
	                           "negative_values", &negatives, "id", &id, "numeric", &numeric, "na", &na, "decimal",
	                           &decimal, "classes", &classes, "class_rows", &class_rows, "file_columns",
	                           &file_columns, "file_target", &file_target, "weight", &weight, "group", &group));
	if (weight)
		FLT_TRY(flt_section_text(reader, weight, &input->weight));
	if (group)
		FLT_TRY(flt_section_text(reader, group, &input->group));
	FLT_TRY(read_classes(reader, classes, class_rows));
	FLT_TRY(read_file_columns(reader, file_columns, file_target));
	FLT_TRY(flt_section_text(reader, target, &detector->target));
	FLT_TRY(flt_section_text(reader, positive, &detector->positive));
	FLT_TRY(flt_section_text(reader, negative, &detector->negative));
	FLT_TRY(flt_section_texts(reader, positives, &input->positive, &input->n_positive));
	FLT_TRY(flt_section_texts(reader, negatives, &input->negative, &input->n_negative));
	FLT_TRY(flt_section_text_or_null(reader, id, &input->id));
	FLT_TRY(flt_section_text_or_null(reader, numeric, &input->numeric));
	FLT_TRY(flt_section_text_or_null(reader, na, &input->na));
	return read_decimal(reader, decimal, &input->decimal);
}

/* ---- map and rule ---- */

/* Probabilities within [0, 1] that never fall, at log-odds that rise. */
static bool breakpoints_rise(const struct flt_map *map)
{
	const double *at = map->breakpoint_log_odds, *probability = map->breakpoint_probability;
	for (size_t i = 0; i < map->n_breakpoints; i++) {
		if (!(probability[i] >= 0 && probability[i] <= 1))
			return false;
		if (i > 0 && !(at[i - 1] < at[i] && probability[i - 1] <= probability[i]))
			return false;
	}
	return true;
}

static enum flt_status read_map(struct flt_section_reader *reader, json_t *json)
{
	json_int_t n_breakpoints;
	size_t n;
	double prior = 0;
	struct flt_map *map = &reader->detector->map;
	FLT_TRY(flt_section_unpack(reader, json, JSON_STRICT, "{s:F,s:F,s:F,s:F,s:I,s:F,s?F}", "gamma", &map->gamma,
	                           "log_weight_ratio", &map->log_weight_ratio, "slope", &map->slope, "intercept",
	                           &map->intercept, "knots", &n_breakpoints, "prior_shift", &map->prior_shift, "prior",
	                           &prior));
	FLT_TRY(flt_section_count(reader, n_breakpoints, &n));
	if (!(prior >= 0 && prior < 1))
		return flt_section_fail(reader, "the prior is not within 0 and 1");
	reader->detector->prior = prior;
	FLT_TRY(flt_section_check_loss(reader, map->gamma, map->log_weight_ratio));
	if (!(map->slope > 0))
		return flt_section_fail(reader, "slope must be above 0");
	if (n == 0)
		return FLT_OK;
	FLT_TRY(flt_section_doubles(reader, "map.log_odds", n, &map->breakpoint_log_odds));
	FLT_TRY(flt_section_doubles(reader, "map.probability", n, &map->breakpoint_probability));
	map->n_breakpoints = n;
	return breakpoints_rise(map) ? FLT_OK : flt_section_fail(reader, "knots that do not rise");
}

/* Files of versions that did not look at times lack it. */
static enum flt_status read_spread(struct flt_section_reader *reader, const json_t *json)
{
	double *spread = &reader->detector->choice.spread;
	if (!json)
		return FLT_OK;
	*spread = json_number_value(json);
	return *spread >= 1 ? FLT_OK : flt_section_fail(reader, "a spread below 1");
}

/* What is known of a floor; without it the file is of a version whose floors were bare estimates. */
static enum flt_status read_floor(struct flt_section_reader *reader, json_t *json)
{
	static const char *const names[] = {"alarms", "bare_threshold", "bare_alarms", "has", "needed"};
	static const double most[] = {1, 1, 1, HUGE_VAL, HUGE_VAL};
	struct flt_choice *choice = &reader->detector->choice;
	double *const at[] = {&choice->alarms, &choice->bare_threshold, &choice->bare_alarms, &choice->has,
	                      &choice->needed};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		*at[i] = (double)NAN;
	choice->spread = 1;
	if (!json) {
		reader->detector->rule.confidence = FLT_RULE_ESTIMATE;
		return FLT_OK;
	}
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		FLT_TRY(flt_section_number(reader, json_object_get(json, names[i]), "a price that is no number",
		                           at[i]));
		if (*at[i] < 0 || *at[i] > most[i])
			return flt_section_fail(reader, "a price out of range");
	}
	const json_t *spread = json_object_get(json, "spread");
	if (json_object_size(json) != sizeof names / sizeof *names + (spread != NULL))
		return flt_section_fail(reader, "a price with a key that is not known");
	if (isfinite(choice->has) && isnan(choice->needed))
		choice->needed = HUGE_VAL;
	return read_spread(reader, spread);
}

/* The share of rows that top:K took. Files of versions that did not tell whether other rows miss it lack it. */
static enum flt_status read_alarms(struct flt_section_reader *reader, const json_t *json)
{
	double *alarms = &reader->detector->choice.alarms;
	if (!json)
		return FLT_OK;
	*alarms = json_number_value(json);
	return *alarms > 0 && *alarms <= 1 ? FLT_OK : flt_section_fail(reader, "alarms that are no share of rows");
}

static enum flt_status read_rule(struct flt_section_reader *reader, json_t *json)
{
	const char *text;
	int met;
	json_t *attained, *alarms = NULL, *known = NULL;
	struct flt_choice *choice = &reader->detector->choice;
	FLT_TRY(flt_section_unpack(reader, json, JSON_STRICT, "{s:s,s:F,s:b,s:o,s?o,s?o}", "rule", &text, "threshold",
	                           &choice->threshold, "met", &met, "attained", &attained, "alarms", &alarms, "floor",
	                           &known));
	if (flt_rule_parse(text, &reader->detector->rule, NULL) != FLT_OK)
		return flt_section_fail(reader, "an unknown rule");
	if (!(choice->threshold >= 0 && choice->threshold <= 1))
		return flt_section_fail(reader, "the threshold is not a probability");
	choice->met = met;
	FLT_TRY(flt_section_number(reader, attained, "what the rule attained is no number", &choice->attained));
	if (reader->detector->rule.kind == FLT_RULE_TOP)
		return read_alarms(reader, alarms);
	return flt_rule_is_floor(&reader->detector->rule) ? read_floor(reader, known) : FLT_OK;
}

/* ---- training ---- */

static enum flt_status read_counts(struct flt_section_reader *reader, const json_t *json,
                                   size_t counts[FLT_N_ROW_ROLES])
{
	if (json_typeof(json) != JSON_ARRAY || json_array_size(json) != FLT_N_ROW_ROLES)
		return flt_section_fail(reader, "a count for each role of rows is expected");
	for (size_t i = 0; i < FLT_N_ROW_ROLES; i++) {
		const json_t *count = json_array_get(json, i);
		if (json_typeof(count) != JSON_INTEGER || json_integer_value(count) < 0)
			return flt_section_fail(reader, "a count is expected");
		counts[i] = (size_t)json_integer_value(count);
	}
	return FLT_OK;
}

static enum flt_status read_seed(struct flt_section_reader *reader, const char *text, uint64_t *seed)
{
	size_t n_digits = strspn(text, "0123456789");
	errno = 0; /* ERANGE: beyond 64 bits */
	*seed = strtoull(text, NULL, 10);
	return n_digits > 0 && !text[n_digits] && errno == 0 ? FLT_OK
	                                                     : flt_section_fail(reader, "the seed is no number");
}

/* Scores from the highest down, weights that sums of those of a table can be (table/weight.h). */
static bool is_kept_class(const struct flt_kept_class *class)
{
	for (size_t i = 0; i < class->n; i++) {
		if (i > 0 && class->score[i] > class->score[i - 1])
			return false;
		if (class->weight && !(class->weight[i] >= 1e-12 && class->weight[i] <= 1e24))
			return false;
	}
	return true;
}

static enum flt_status read_kept_class(struct flt_section_reader *reader, int label, json_int_t n_rows, bool weighted)
{
	const struct flt_provenance *made = &reader->detector->provenance;
	struct flt_kept_class *class = &reader->detector->held_out.of[label];
	char name[FLT_TENSOR_NAME];
	size_t most = 0;
	for (int role = 0; role < FLT_N_ROW_ROLES; role++)
		most += label ? made->n_positive[role] : made->n_rows[role];
	if (n_rows < 1 || (uint64_t)n_rows > most)
		return flt_section_fail(reader, "held-out rows are not among those of training");
	class->n_rows = (size_t)n_rows;
	class->n = flt_kept_n(class->n_rows);
	snprintf(name, sizeof name, "%s.score", flt_kept_words[label]);
	FLT_TRY(flt_section_doubles(reader, name, class->n, &class->score));
	snprintf(name, sizeof name, "%s.weight", flt_kept_words[label]);
	if (weighted)
		FLT_TRY(flt_section_doubles(reader, name, class->n, &class->weight));
	return is_kept_class(class) ? FLT_OK : flt_section_fail(reader, "held-out scores or weights out of order");
}

/* Of files that have none: 0. */
static bool is_unit(double unit)
{
	return unit == 0 || (unit >= 1e-12 && unit <= 1e24);
}

static enum flt_status read_held_out(struct flt_section_reader *reader, json_t *json)
{
	json_int_t n_positive, n_other;
	int weighted;
	double *unit = reader->detector->held_out.unit;
	if (!json)
		return FLT_OK;
	FLT_TRY(flt_section_unpack(reader, json, JSON_STRICT, "{s:I,s:I,s:b,s?F,s?F}", "positive", &n_positive, "other",
	                           &n_other, "weighted", &weighted, "positive_unit", &unit[1], "other_unit", &unit[0]));
	if (!is_unit(unit[0]) || !is_unit(unit[1]) || (unit[0] > 0) != (unit[1] > 0))
		return flt_section_fail(reader, "what a held-out row tells is no weight");
	FLT_TRY(read_kept_class(reader, 1, n_positive, weighted));
	return read_kept_class(reader, 0, n_other, weighted);
}

static bool is_sketch(const struct flt_sketch *sketch)
{
	double before = -1;
	for (size_t i = 0; i < sketch->n; i++) {
		if (!(sketch->hash[i] > before && sketch->hash[i] >= 0 && sketch->hash[i] < sketch->below))
			return false;
		before = sketch->hash[i];
	}
	return sketch->below <= 1 && sketch->repeated >= 0 && sketch->repeated <= 1;
}

static enum flt_status read_sketch(struct flt_section_reader *reader, json_t *json)
{
	struct flt_sketch *sketch = &reader->detector->sketch;
	json_int_t n;
	if (!json)
		return FLT_OK;
	FLT_TRY(flt_section_unpack(reader, json, JSON_STRICT, "{s:I,s:F,s:F}", "rows", &n, "below", &sketch->below,
	                           "repeated", &sketch->repeated));
	if (n < 1 || n > FLT_SKETCH_SIZE)
		return flt_section_fail(reader, "the sketch of its rows is too long, or empty");
	FLT_TRY(flt_section_doubles(reader, "training.rows", (size_t)n, &sketch->hash));
	sketch->n = (size_t)n;
	return is_sketch(sketch) ? FLT_OK : flt_section_fail(reader, "hashes of rows out of order");
}

static enum flt_status read_background(struct flt_section_reader *reader, json_t *json)
{
	struct flt_detector *detector = reader->detector;
	struct flt_background *background = &detector->background;
	json_int_t n, n_values;
	if (!json)
		return FLT_OK;
	FLT_TRY(flt_section_unpack(reader, json, JSON_STRICT, "{s:I,s:I}", "rows", &n, "columns", &n_values));
	if (n < 1 || n > FLT_BACKGROUND_MOST)
		return flt_section_fail(reader, "background rows that are too many, or none");
	if (n_values < 0 || (size_t)n_values != flt_prep_n_read(detector->prep))
		return flt_section_fail(reader, "background rows with other columns than it uses");
	FLT_TRY(flt_section_any_doubles(reader, "training.background", (size_t)(n * n_values), &background->values));
	background->n = (size_t)n;
	background->n_values = (size_t)n_values;
	return flt_typed_rows_are_valid(detector->prep, background->values, background->n)
	               ? FLT_OK
	               : flt_section_fail(reader, "background values that no row can have");
}

static enum flt_status read_training(struct flt_section_reader *reader, json_t *json)
{
	struct flt_provenance *made = &reader->detector->provenance;
	json_t *version, *options, *data_sha256, *rule_sha256, *rows, *positives, *held_out = NULL, *sketch = NULL;
	json_t *background = NULL;
	const char *seed;
	int marked;
	FLT_TRY(flt_section_unpack(reader, json, JSON_STRICT, "{s:o,s:o,s:o,s:s,s:o,s:o,s:F,s:b,s:o,s?o,s?o,s?o}",
	                           "version", &version, "options", &options, "data_sha256", &data_sha256, "seed", &seed,
	                           "rows", &rows, "positives", &positives, "prevalence", &made->prevalence, "marked",
	                           &marked, "rule_sha256", &rule_sha256, "held_out", &held_out, "sketch", &sketch,
	                           "background", &background));
	FLT_TRY(flt_section_text_or_null(reader, version, &made->version));
	FLT_TRY(flt_section_text_or_null(reader, options, &made->options));
	FLT_TRY(flt_section_text_or_null(reader, data_sha256, &made->data_sha256));
	FLT_TRY(flt_section_text_or_null(reader, rule_sha256, &made->rule_sha256));
	FLT_TRY(read_seed(reader, seed, &made->seed));
	FLT_TRY(read_counts(reader, rows, made->n_rows));
	FLT_TRY(read_counts(reader, positives, made->n_positive));
	made->marked = marked;
	if (!(made->prevalence >= 0 && made->prevalence <= 1))
		return flt_section_fail(reader, "prevalence lies outside 0 to 1");
	FLT_TRY(read_sketch(reader, sketch));
	FLT_TRY(read_background(reader, background));
	return read_held_out(reader, held_out);
}

/* ---- all sections ---- */

/* Each section comes after those that it depends on. */
static enum flt_status (*const readers[FLT_N_SECTIONS])(struct flt_section_reader *, json_t *) = {
        [FLT_SECTION_INPUT] = read_input,
        [FLT_SECTION_PREPARATION] = flt_read_preparation,
        [FLT_SECTION_NETWORKS] = flt_read_networks,
        [FLT_SECTION_MAP] = read_map,
        [FLT_SECTION_RULE] = read_rule,
        [FLT_SECTION_TRAINING] = read_training,
        [FLT_SECTION_FIGURES] = flt_read_figures,
};

static enum flt_status parse_section(struct flt_section_reader *reader, const char *text, json_t **json)
{
	json_error_t why;
	if (!flt_json_is_modest(text, strlen(text), MAX_DEPTH, MAX_VALUES))
		return flt_section_fail(reader, "it nests too deep or is too long");
	enum flt_status status = flt_json_parse(text, strlen(text), json, NULL, &why, reader->err);
	return status == FLT_ERR_MODEL ? flt_section_fail(reader, why.text) : status;
}

enum flt_status flt_sections_read(const struct flt_safetensors *file, const char *const texts[FLT_N_SECTIONS],
                                  struct flt_detector *detector, struct flt_error *err)
{
	struct flt_section_reader reader = {.file = file, .detector = detector, .err = err};
	for (size_t i = 0; i < FLT_N_SECTIONS; i++) {
		json_t *json = NULL;
		reader.section = flt_section_names[i];
		FLT_TRY(parse_section(&reader, texts[i], &json));
		enum flt_status status = readers[i](&reader, json);
		json_decref(json);
		FLT_TRY(status);
	}
	if (reader.n_used != file->n_tensors)
		return flt_fail(err, FLT_ERR_MODEL, "it holds %zu tensors, of which only %zu are known",
		                file->n_tensors, reader.n_used);
	return FLT_OK;
}
