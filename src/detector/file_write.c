/* From a detector to the sections of its file. The order of keys is fixed, so the same detector gives the same bytes.
 */
#include "detector/file.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

const char *const flt_section_names[FLT_N_SECTIONS] = {
        [FLT_SECTION_INPUT] = "input",       [FLT_SECTION_PREPARATION] = "preparation",
        [FLT_SECTION_NETWORKS] = "networks", [FLT_SECTION_MAP] = "map",
        [FLT_SECTION_RULE] = "rule",         [FLT_SECTION_TRAINING] = "training",
        [FLT_SECTION_FIGURES] = "figures",
};

const char *const flt_kept_words[2] = {"held_out.other", "held_out.positive"};

/* ---- figures, as a table so that writing and reading cannot disagree ---- */

#define NUMBER(name, field)                                                                                            \
	{                                                                                                              \
		name, offsetof(struct flt_figures, field), false, false                                                \
	}
#define COUNT(name, field)                                                                                             \
	{                                                                                                              \
		name, offsetof(struct flt_figures, field), true, false                                                 \
	}
#define ADDED(name, field)                                                                                             \
	{                                                                                                              \
		name, offsetof(struct flt_figures, field), false, true                                                 \
	}
#define INTERVAL(name, field) NUMBER(name, field.value), NUMBER(name ".lo", field.lo), NUMBER(name ".hi", field.hi)
#define POINT(name, field)                                                                                             \
	NUMBER(name ".probability", field.probability), NUMBER(name ".tp", field.confusion.tp),                        \
	        NUMBER(name ".fp", field.confusion.fp), NUMBER(name ".fn", field.confusion.fn),                        \
	        NUMBER(name ".tn", field.confusion.tn), INTERVAL(name ".precision", field.precision),                  \
	        INTERVAL(name ".recall", field.recall), INTERVAL(name ".f1", field.f1),                                \
	        INTERVAL(name ".mcc", field.mcc), INTERVAL(name ".alarms_per_10000", field.alarms_per_10000),          \
	        NUMBER(name ".accuracy", field.accuracy)
#define AT_K(i)                                                                                                        \
	COUNT("at_k" #i, at_k[i].k), NUMBER("at_k" #i ".precision", at_k[i].precision),                                \
	        NUMBER("at_k" #i ".recall", at_k[i].recall)
#define AT_PRECISION(i)                                                                                                \
	NUMBER("at_precision" #i, at_precision[i].precision),                                                          \
	        NUMBER("at_precision" #i ".recall", at_precision[i].recall)

const struct flt_figure_field flt_figure_fields[] = {
        COUNT("rows", n_rows),
        COUNT("positives", n_positive),
        INTERVAL("ap", ap),
        NUMBER("chance", chance),
        NUMBER("chance95", chance95),
        INTERVAL("roc_auc", roc_auc),
        NUMBER("davis_goadrich", davis_goadrich),
        NUMBER("trapezoid", trapezoid),
        NUMBER("log_loss", log_loss),
        NUMBER("brier", brier),
        NUMBER("ece", ece),
        NUMBER("mean_probability", mean_probability),
        POINT("chosen", chosen),
        POINT("at_half", at_half),
        AT_K(0),
        AT_K(1),
        AT_K(2),
        AT_K(3),
        AT_K(4),
        AT_PRECISION(0),
        AT_PRECISION(1),
        AT_PRECISION(2),
        AT_PRECISION(3),
        NUMBER("majority_accuracy", majority_accuracy),
        ADDED("weight", weight),
        ADDED("weight_positive", weight_positive),
        ADDED("ece_null", ece_null),
        ADDED("top", top),
        ADDED("top.said", top_said),
        ADDED("top.were", top_were.value),
        ADDED("top.were.lo", top_were.lo),
        ADDED("top.were.hi", top_were.hi),
};
const size_t flt_n_figure_fields = sizeof flt_figure_fields / sizeof *flt_figure_fields;

static void write_figures(const struct flt_detector *detector, struct flt_json *json)
{
	const char *base = (const char *)&detector->provenance.figures;
	flt_json_open(json, '{');
	for (size_t i = 0; i < flt_n_figure_fields; i++) {
		const struct flt_figure_field *field = &flt_figure_fields[i];
		flt_json_key(json, field->name);
		if (field->is_count)
			flt_json_count(json, *(const size_t *)(const void *)(base + field->offset));
		else
			flt_json_number(json, *(const double *)(const void *)(base + field->offset));
	}
	flt_json_close(json, '}');
}

/* ---- texts ---- */

/* Texts of the user's file may be in any encoding. A text that is not UTF-8 becomes {"bytes": ...}, with each byte as
 * the character of that number. */
static void write_text(struct flt_json *json, const char *text)
{
	if (!text || flt_json_is_utf8(text)) {
		flt_json_text(json, text);
		return;
	}
	char *wide = flt_alloc(2 * strlen(text) + 1, 1, json->err);
	if (!wide) {
		json->status = FLT_ERR_MACHINE;
		return;
	}
	size_t n = 0;
	for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
		if (*at >= 0x80)
			wide[n++] = (char)(0xc0 | *at >> 6);
		wide[n++] = (char)(*at >= 0x80 ? 0x80 | (*at & 0x3f) : *at);
	}
	wide[n] = '\0';
	flt_json_open(json, '{');
	flt_json_key(json, "bytes");
	flt_json_text(json, wide);
	flt_json_close(json, '}');
	flt_free(wide);
}

static void write_key_text(struct flt_json *json, const char *key, const char *text)
{
	flt_json_key(json, key);
	write_text(json, text);
}

static void write_texts(struct flt_json *json, const char *key, const char *const *texts, size_t n)
{
	flt_json_key(json, key);
	flt_json_open(json, '[');
	for (size_t i = 0; i < n; i++)
		write_text(json, texts[i]);
	flt_json_close(json, ']');
}

/* ---- sections ---- */

static void write_classes(const struct flt_input *input, struct flt_json *json)
{
	write_texts(json, "classes", (const char *const *)input->classes, input->n_classes);
	flt_json_open_key(json, "class_rows", '[');
	for (size_t i = 0; i < input->n_classes; i++)
		flt_json_count(json, input->class_rows[i]);
	flt_json_close(json, ']');
}

static void write_input(const struct flt_detector *detector, struct flt_json *json)
{
	const struct flt_input *input = &detector->input;
	flt_json_open(json, '{');
	write_key_text(json, "target", detector->target);
	write_key_text(json, "positive", detector->positive);
	write_key_text(json, "negative", detector->negative);
	write_texts(json, "positive_values", (const char *const *)input->positive, input->n_positive);
	write_texts(json, "negative_values", (const char *const *)input->negative, input->n_negative);
	write_key_text(json, "id", input->id);
	write_key_text(json, "numeric", input->numeric);
	write_key_text(json, "na", input->na);
	write_key_text(json, "decimal", input->decimal ? (const char[]){input->decimal, '\0'} : NULL);
	if (input->n_classes > 0)
		write_classes(input, json);
	if (input->weight)
		write_key_text(json, "weight", input->weight);
	if (input->group)
		write_key_text(json, "group", input->group);
	if (input->n_file_columns > 0) {
		flt_json_put_count(json, "file_columns", input->n_file_columns);
		flt_json_put_count(json, "file_target", input->file_target);
	}
	flt_json_close(json, '}');
}

static void write_date(const struct flt_prep_column *column, struct flt_json *json)
{
	flt_json_key(json, "date");
	flt_json_open(json, '{');
	write_key_text(json, "source", column->source);
	write_key_text(json, "part", flt_date_part_words[column->part]);
	write_key_text(json, "shape", flt_date_shape_words[column->date.shape]);
	write_key_text(json, "order", flt_date_order_words[column->date.order]);
	flt_json_put_bool(json, "zone", column->date.has_zone);
	flt_json_put_bool(json, "time", column->date.has_time);
	flt_json_close(json, '}');
}

static void write_profile(const struct flt_prep_column *column, struct flt_json *json)
{
	const struct flt_profile *profile = &column->profile;
	if (profile->n_rows == 0)
		return;
	flt_json_open_key(json, "profile", '{');
	flt_json_put_count(json, "rows", profile->n_rows);
	flt_json_put_count(json, "missing", profile->n_missing);
	if (column->use == FLT_USED_NUMERIC) {
		flt_json_open_key(json, "quantiles", '[');
		for (size_t i = 0; i < FLT_PROFILE_QUANTILES; i++)
			flt_json_number(json, profile->quantiles[i]);
	} else {
		flt_json_open_key(json, "levels", '[');
		for (size_t i = 0; i < column->n_levels; i++)
			flt_json_count(json, profile->level_rows[i]);
	}
	flt_json_close(json, ']');
	flt_json_close(json, '}');
}

static void write_format(const struct flt_number_format *format, struct flt_json *json)
{
	flt_json_key(json, "format");
	flt_json_open(json, '{');
	write_key_text(json, "decimal", (const char[]){format->decimal, '\0'});
	write_key_text(json, "thousands", flt_thousands_words[format->thousands]);
	write_key_text(json, "prefix", format->prefix);
	write_key_text(json, "suffix", format->suffix);
	flt_json_put_bool(json, "parentheses", format->parentheses);
	flt_json_put_bool(json, "trailing_minus", format->trailing_minus);
	flt_json_put_bool(json, "minus_sign", format->minus_sign);
	flt_json_put_bool(json, "quotes", format->quotes);
	flt_json_close(json, '}');
}

static void write_fences(const struct flt_fences *fences, struct flt_json *json)
{
	if (!(fences->low < fences->high))
		return;
	flt_json_open_key(json, "fences", '[');
	flt_json_number(json, fences->low);
	flt_json_number(json, fences->high);
	flt_json_close(json, ']');
}

/* decimal: of the file; numbers that are plain in it have no format of their own. */
static void write_column(const struct flt_prep_column *column, char decimal, struct flt_json *json)
{
	flt_json_open(json, '{');
	write_key_text(json, "name", column->name);
	write_key_text(json, "type", flt_column_type_words[column->type]);
	write_key_text(json, "use", flt_column_use_words[column->use]);
	if (column->use == FLT_USED_NUMERIC) {
		flt_json_put_bool(json, "number", column->has_number);
		flt_json_put_bool(json, "mark", column->has_indicator);
		flt_json_put_number(json, "median", column->median);
		flt_json_put_number(json, "center", column->center);
		flt_json_put_number(json, "factor", column->factor);
		write_fences(&column->fences, json);
		flt_json_put_count(json, "knots", column->n_quantiles);
		if (column->source)
			write_date(column, json);
		write_profile(column, json);
		if (!flt_format_is_plain(&column->format) ||
		    (column->format.decimal && column->format.decimal != decimal))
			write_format(&column->format, json);
	} else if (column->use == FLT_USED_CATEGORICAL) {
		write_texts(json, "levels", column->levels, column->n_levels);
		flt_json_put_bool(json, "missing", column->has_missing);
		flt_json_put_bool(json, "other", column->has_other);
		write_profile(column, json);
	} else if (column->reason) {
		write_key_text(json, "reason", column->reason);
	}
	flt_json_close(json, '}');
}

static void write_preparation(const struct flt_detector *detector, struct flt_json *json)
{
	flt_json_open(json, '{');
	write_key_text(json, "scale", flt_scale_words[flt_prep_scale(detector->prep)]);
	flt_json_key(json, "columns");
	flt_json_open(json, '[');
	for (size_t i = 0; i < flt_prep_n_columns(detector->prep); i++) {
		struct flt_prep_column column = flt_prep_column(detector->prep, i);
		write_column(&column, detector->input.decimal ? detector->input.decimal : '.', json);
	}
	flt_json_close(json, ']');
	flt_json_close(json, '}');
}

static void write_network(const struct flt_mlp *mlp, struct flt_json *json)
{
	struct flt_mlp_spec spec = flt_mlp_spec(mlp);
	flt_json_open(json, '{');
	flt_json_put_count(json, "inputs", spec.n_in);
	flt_json_key(json, "hidden");
	flt_json_open(json, '[');
	for (size_t i = 0; i < spec.n_hidden; i++)
		flt_json_count(json, spec.hidden[i]);
	flt_json_close(json, ']');
	write_key_text(json, "activation", flt_activation_words[spec.activation]);
	flt_json_put_bool(json, "front_scale", spec.front_scale);
	write_key_text(json, "embedding", flt_embedding_words[spec.embedding]);
	flt_json_put_count(json, "frequencies", spec.n_frequencies);
	flt_json_put_count(json, "embedded", spec.n_embedded);
	flt_json_close(json, '}');
}

static void write_networks(const struct flt_detector *detector, struct flt_json *json)
{
	flt_json_open(json, '{');
	flt_json_put_number(json, "member_gamma", detector->member_gamma);
	flt_json_put_number(json, "member_log_weight_ratio", detector->member_log_weight_ratio);
	flt_json_key(json, "members");
	flt_json_open(json, '[');
	for (size_t i = 0; i < detector->n_nets; i++)
		write_network(detector->nets[i], json);
	flt_json_close(json, ']');
	flt_json_close(json, '}');
}

static void write_map(const struct flt_detector *detector, struct flt_json *json)
{
	const struct flt_map *map = &detector->map;
	flt_json_open(json, '{');
	flt_json_put_number(json, "gamma", map->gamma);
	flt_json_put_number(json, "log_weight_ratio", map->log_weight_ratio);
	flt_json_put_number(json, "slope", map->slope);
	flt_json_put_number(json, "intercept", map->intercept);
	flt_json_put_count(json, "knots", map->n_breakpoints);
	flt_json_put_number(json, "prior_shift", map->prior_shift);
	if (detector->prior > 0)
		flt_json_put_number(json, "prior", detector->prior);
	flt_json_close(json, '}');
}

/* Files of versions whose floors were bare estimates lack it. */
static void write_floor(const struct flt_choice *choice, struct flt_json *json)
{
	flt_json_open_key(json, "floor", '{');
	flt_json_put_number(json, "alarms", choice->alarms);
	flt_json_put_number(json, "bare_threshold", choice->bare_threshold);
	flt_json_put_number(json, "bare_alarms", choice->bare_alarms);
	flt_json_put_number(json, "has", choice->has);
	flt_json_put_number(json, "needed", choice->needed);
	if (choice->spread > 1)
		flt_json_put_number(json, "spread", choice->spread);
	flt_json_close(json, '}');
}

static void write_rule(const struct flt_detector *detector, struct flt_json *json)
{
	char text[128];
	flt_rule_format(&detector->rule, text, sizeof text);
	flt_json_open(json, '{');
	write_key_text(json, "rule", text);
	flt_json_put_number(json, "threshold", detector->choice.threshold);
	flt_json_put_bool(json, "met", detector->choice.met);
	flt_json_put_number(json, "attained", detector->choice.attained);
	if (flt_rule_is_floor(&detector->rule))
		write_floor(&detector->choice, json);
	flt_json_close(json, '}');
}

static void write_counts(struct flt_json *json, const char *key, const size_t counts[FLT_N_ROW_ROLES])
{
	flt_json_key(json, key);
	flt_json_open(json, '[');
	for (size_t i = 0; i < FLT_N_ROW_ROLES; i++)
		flt_json_count(json, counts[i]);
	flt_json_close(json, ']');
}

static void write_sketch(const struct flt_sketch *sketch, struct flt_json *json)
{
	if (sketch->n == 0)
		return;
	flt_json_open_key(json, "sketch", '{');
	flt_json_put_count(json, "rows", sketch->n);
	flt_json_put_number(json, "below", sketch->below);
	flt_json_put_number(json, "repeated", sketch->repeated);
	flt_json_close(json, '}');
}

static void write_held_out(const struct flt_kept *kept, struct flt_json *json)
{
	if (flt_kept_n_rows(kept) == 0)
		return;
	flt_json_open_key(json, "held_out", '{');
	flt_json_put_count(json, "positive", kept->of[1].n_rows);
	flt_json_put_count(json, "other", kept->of[0].n_rows);
	flt_json_put_bool(json, "weighted", kept->of[0].weight != NULL);
	if (kept->unit[0] != 1 || kept->unit[1] != 1) { /* else rows have neither weights nor clusters */
		flt_json_put_number(json, "positive_unit", kept->unit[1]);
		flt_json_put_number(json, "other_unit", kept->unit[0]);
	}
	flt_json_close(json, '}');
}

static void write_training(const struct flt_detector *detector, struct flt_json *json)
{
	const struct flt_provenance *made = &detector->provenance;
	char seed[24]; /* a text: JSON readers differ in how large a whole number may be */
	snprintf(seed, sizeof seed, "%llu", (unsigned long long)made->seed);
	flt_json_open(json, '{');
	write_key_text(json, "version", made->version);
	write_key_text(json, "options", made->options);
	write_key_text(json, "data_sha256", made->data_sha256);
	write_key_text(json, "seed", seed);
	write_counts(json, "rows", made->n_rows);
	write_counts(json, "positives", made->n_positive);
	flt_json_put_number(json, "prevalence", made->prevalence);
	flt_json_put_bool(json, "marked", made->marked);
	write_key_text(json, "rule_sha256", made->rule_sha256);
	write_held_out(&detector->held_out, json);
	write_sketch(&detector->sketch, json);
	flt_json_close(json, '}');
}

static void (*const writers[FLT_N_SECTIONS])(const struct flt_detector *, struct flt_json *) = {
        [FLT_SECTION_INPUT] = write_input,       [FLT_SECTION_PREPARATION] = write_preparation,
        [FLT_SECTION_NETWORKS] = write_networks, [FLT_SECTION_MAP] = write_map,
        [FLT_SECTION_RULE] = write_rule,         [FLT_SECTION_TRAINING] = write_training,
        [FLT_SECTION_FIGURES] = write_figures,
};

/* ---- tensors ---- */

/* name is the next of sections->names, written by the caller. */
static void add_tensor(struct flt_sections *sections, enum flt_dtype type, const void *data, size_t n_rows,
                       size_t n_cols)
{
	size_t i = sections->n_tensors++, size = type == FLT_F64 ? sizeof(double) : sizeof(float);
	sections->tensors[i] = (struct flt_safetensor){
	        .name = sections->names[i],
	        .type = type,
	        .n_dims = n_cols > 1 ? 2 : 1,
	        .shape = {n_rows, n_cols},
	        .data = data,
	        .n_bytes = n_rows * n_cols * size,
	};
}

static void add_network(struct flt_sections *sections, const struct flt_mlp *mlp, size_t i)
{
	for (size_t t = 0; t < flt_mlp_n_tensors(mlp); t++) {
		struct flt_tensor tensor = flt_mlp_tensor(mlp, t);
		snprintf(sections->names[sections->n_tensors], FLT_TENSOR_NAME, "net%zu.%s", i, tensor.name);
		add_tensor(sections, FLT_F32, flt_mlp_params_const(mlp) + tensor.offset, tensor.n_rows, tensor.n_cols);
	}
}

static void add_preparation(struct flt_sections *sections, const struct flt_prep *prep)
{
	for (size_t i = 0; i < flt_prep_n_columns(prep); i++) {
		struct flt_prep_column column = flt_prep_column(prep, i);
		if (column.n_quantiles == 0)
			continue;
		snprintf(sections->names[sections->n_tensors], FLT_TENSOR_NAME, "preparation.%zu.knots", i);
		add_tensor(sections, FLT_F64, column.quantiles, column.n_quantiles, 1);
	}
}

static void add_map(struct flt_sections *sections, const struct flt_map *map)
{
	if (map->n_breakpoints == 0)
		return;
	snprintf(sections->names[sections->n_tensors], FLT_TENSOR_NAME, "map.log_odds");
	add_tensor(sections, FLT_F64, map->breakpoint_log_odds, map->n_breakpoints, 1);
	snprintf(sections->names[sections->n_tensors], FLT_TENSOR_NAME, "map.probability");
	add_tensor(sections, FLT_F64, map->breakpoint_probability, map->n_breakpoints, 1);
}

static void add_held_out(struct flt_sections *sections, const struct flt_kept *kept)
{
	for (int label = 0; label < 2; label++) {
		const struct flt_kept_class *class = &kept->of[label];
		if (class->n == 0)
			continue;
		snprintf(sections->names[sections->n_tensors], FLT_TENSOR_NAME, "%s.score", flt_kept_words[label]);
		add_tensor(sections, FLT_F64, class->score, class->n, 1);
		if (!class->weight)
			continue;
		snprintf(sections->names[sections->n_tensors], FLT_TENSOR_NAME, "%s.weight", flt_kept_words[label]);
		add_tensor(sections, FLT_F64, class->weight, class->n, 1);
	}
}

static void add_sketch(struct flt_sections *sections, const struct flt_sketch *sketch)
{
	if (sketch->n == 0)
		return;
	snprintf(sections->names[sections->n_tensors], FLT_TENSOR_NAME, "training.rows");
	add_tensor(sections, FLT_F64, sketch->hash, sketch->n, 1);
}

/* At most: one for each column, two of the map, four of held-out rows, the sketch, and the networks'. */
static size_t max_tensors(const struct flt_detector *detector)
{
	size_t n = flt_prep_n_columns(detector->prep) + 2 + 4 + 1;
	for (size_t i = 0; i < detector->n_nets; i++)
		n += flt_mlp_n_tensors(detector->nets[i]);
	return n;
}

static enum flt_status add_tensors(struct flt_sections *sections, const struct flt_detector *detector,
                                   struct flt_error *err)
{
	size_t n = max_tensors(detector);
	sections->tensors = flt_alloc(n, sizeof *sections->tensors, err);
	FLT_TRY_MEMORY(sections->tensors);
	sections->names = flt_alloc(n, sizeof *sections->names, err);
	FLT_TRY_MEMORY(sections->names);
	for (size_t i = 0; i < detector->n_nets; i++)
		add_network(sections, detector->nets[i], i);
	add_preparation(sections, detector->prep);
	add_map(sections, &detector->map);
	add_held_out(sections, &detector->held_out);
	add_sketch(sections, &detector->sketch);
	assert(sections->n_tensors <= n);
	return FLT_OK;
}

static enum flt_status write_section(const struct flt_detector *detector, enum flt_section section, char **text,
                                     struct flt_error *err)
{
	struct flt_json json = {.err = err};
	writers[section](detector, &json);
	enum flt_status status = json.status;
	*text = flt_json_take(&json);
	flt_json_release(&json);
	return status;
}

enum flt_status flt_sections_write(const struct flt_detector *detector, struct flt_sections *sections,
                                   struct flt_error *err)
{
	*sections = (struct flt_sections){0};
	enum flt_status status = FLT_OK;
	FLT_TRY_OUT(add_tensors(sections, detector, err));
	for (size_t i = 0; i < FLT_N_SECTIONS; i++)
		FLT_TRY_OUT(write_section(detector, (enum flt_section)i, &sections->text[i], err));
	return FLT_OK;
out:
	flt_sections_release(sections);
	return status;
}

void flt_sections_release(struct flt_sections *sections)
{
	for (size_t i = 0; i < FLT_N_SECTIONS; i++)
		flt_free(sections->text[i]);
	flt_free(sections->tensors);
	flt_free(sections->names);
	*sections = (struct flt_sections){0};
}
