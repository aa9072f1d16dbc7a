/* From a detector to the sections of its file. The order of keys is fixed, so the same detector gives the same bytes.
 */
#include "detector/file.h"

#include <assert.h>
#include <stdio.h>

#include "base/alloc.h"
#include "detector/section_writer.h"

const char *const flt_section_names[FLT_N_SECTIONS] = {
        [FLT_SECTION_INPUT] = "input",       [FLT_SECTION_PREPARATION] = "preparation",
        [FLT_SECTION_NETWORKS] = "networks", [FLT_SECTION_MAP] = "map",
        [FLT_SECTION_RULE] = "rule",         [FLT_SECTION_TRAINING] = "training",
        [FLT_SECTION_FIGURES] = "figures",
};

const char *const flt_kept_words[2] = {"held_out.other", "held_out.positive"};

/* ---- sections ---- */

static void write_classes(const struct flt_input *input, struct flt_json *json)
{
	flt_section_put_texts(json, "classes", (const char *const *)input->classes, input->n_classes);
	flt_json_open_key(json, "class_rows", '[');
	for (size_t i = 0; i < input->n_classes; i++)
		flt_json_count(json, input->class_rows[i]);
	flt_json_close(json, ']');
}

static void write_input(const struct flt_detector *detector, struct flt_json *json)
{
	const struct flt_input *input = &detector->input;
	flt_json_open(json, '{');
	flt_section_put_text(json, "target", detector->target);
	flt_section_put_text(json, "positive", detector->positive);
	flt_section_put_text(json, "negative", detector->negative);
	flt_section_put_texts(json, "positive_values", (const char *const *)input->positive, input->n_positive);
	flt_section_put_texts(json, "negative_values", (const char *const *)input->negative, input->n_negative);
	flt_section_put_text(json, "id", input->id);
	flt_section_put_text(json, "numeric", input->numeric);
	flt_section_put_text(json, "na", input->na);
	flt_section_put_text(json, "decimal", input->decimal ? (const char[]){input->decimal, '\0'} : NULL);
	if (input->n_classes > 0)
		write_classes(input, json);
	if (input->weight)
		flt_section_put_text(json, "weight", input->weight);
	if (input->group)
		flt_section_put_text(json, "group", input->group);
	if (input->n_file_columns > 0) {
		flt_json_put_count(json, "file_columns", input->n_file_columns);
		flt_json_put_count(json, "file_target", input->file_target);
	}
	flt_json_close(json, '}');
}

/* What only some members have: a kind, a weight that is not 1, a preparation of their own. */
static void write_membership(const struct flt_detector *detector, const struct flt_detector_member *member,
                             struct flt_json *json)
{
	size_t refit = 0;
	if (member->kind)
		flt_section_put_text(json, "kind", member->kind);
	if (member->weight < 1 || member->weight > 1)
		flt_json_put_number(json, "weight", member->weight);
	if (!member->prep)
		return;
	while (detector->refits[refit] != member->prep)
		refit++;
	flt_json_put_count(json, "refit", refit);
}

static void write_member(const struct flt_detector *detector, const struct flt_detector_member *member,
                         struct flt_json *json)
{
	struct flt_mlp_spec spec = flt_mlp_spec(member->net);
	flt_json_open(json, '{');
	flt_json_put_count(json, "inputs", spec.n_in);
	flt_json_key(json, "hidden");
	flt_json_open(json, '[');
	for (size_t i = 0; i < spec.n_hidden; i++)
		flt_json_count(json, spec.hidden[i]);
	flt_json_close(json, ']');
	flt_section_put_text(json, "activation", flt_activation_words[spec.activation]);
	flt_json_put_bool(json, "front_scale", spec.front_scale);
	flt_section_put_text(json, "embedding", flt_embedding_words[spec.embedding]);
	flt_json_put_count(json, "frequencies", spec.n_frequencies);
	flt_json_put_count(json, "embedded", spec.n_embedded);
	write_membership(detector, member, json);
	flt_json_close(json, '}');
}

static void write_networks(const struct flt_detector *detector, struct flt_json *json)
{
	flt_json_open(json, '{');
	flt_json_put_number(json, "member_gamma", detector->member_gamma);
	flt_json_put_number(json, "member_log_weight_ratio", detector->member_log_weight_ratio);
	flt_json_key(json, "members");
	flt_json_open(json, '[');
	for (size_t i = 0; i < detector->n_members; i++)
		write_member(detector, &detector->members[i], json);
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
	flt_section_put_text(json, "rule", text);
	flt_json_put_number(json, "threshold", detector->choice.threshold);
	flt_json_put_bool(json, "met", detector->choice.met);
	flt_json_put_number(json, "attained", detector->choice.attained);
	if (detector->rule.kind == FLT_RULE_TOP && detector->choice.alarms > 0)
		flt_json_put_number(json, "alarms", detector->choice.alarms);
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

static void write_background(const struct flt_background *background, struct flt_json *json)
{
	if (background->n == 0)
		return;
	flt_json_open_key(json, "background", '{');
	flt_json_put_count(json, "rows", background->n);
	flt_json_put_count(json, "columns", background->n_values);
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
	bool is_known = kept->unit[0] > 0;                            /* else the file that it was read from had none */
	if (is_known && (kept->unit[0] != 1 || kept->unit[1] != 1)) { /* else rows have neither weights nor clusters */
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
	flt_section_put_text(json, "version", made->version);
	flt_section_put_text(json, "options", made->options);
	flt_section_put_text(json, "data_sha256", made->data_sha256);
	flt_section_put_text(json, "seed", seed);
	write_counts(json, "rows", made->n_rows);
	write_counts(json, "positives", made->n_positive);
	flt_json_put_number(json, "prevalence", made->prevalence);
	flt_json_put_bool(json, "marked", made->marked);
	flt_section_put_text(json, "rule_sha256", made->rule_sha256);
	write_held_out(&detector->held_out, json);
	write_sketch(&detector->sketch, json);
	write_background(&detector->background, json);
	flt_json_close(json, '}');
}

static void (*const writers[FLT_N_SECTIONS])(const struct flt_detector *, struct flt_json *) = {
        [FLT_SECTION_INPUT] = write_input,         [FLT_SECTION_PREPARATION] = flt_write_preparation,
        [FLT_SECTION_NETWORKS] = write_networks,   [FLT_SECTION_MAP] = write_map,
        [FLT_SECTION_RULE] = write_rule,           [FLT_SECTION_TRAINING] = write_training,
        [FLT_SECTION_FIGURES] = flt_write_figures,
};

/* ---- tensors ---- */

static void add_network(struct flt_sections *sections, const struct flt_mlp *mlp, size_t i)
{
	for (size_t t = 0; t < flt_mlp_n_tensors(mlp); t++) {
		struct flt_tensor tensor = flt_mlp_tensor(mlp, t);
		snprintf(sections->names[sections->n_tensors], FLT_TENSOR_NAME, "net%zu.%s", i, tensor.name);
		flt_section_add_tensor(sections, FLT_F32, flt_mlp_params_const(mlp) + tensor.offset, tensor.n_rows,
		                       tensor.n_cols);
	}
}

static void add_map(struct flt_sections *sections, const struct flt_map *map)
{
	if (map->n_breakpoints == 0)
		return;
	snprintf(sections->names[sections->n_tensors], FLT_TENSOR_NAME, "map.log_odds");
	flt_section_add_tensor(sections, FLT_F64, map->breakpoint_log_odds, map->n_breakpoints, 1);
	snprintf(sections->names[sections->n_tensors], FLT_TENSOR_NAME, "map.probability");
	flt_section_add_tensor(sections, FLT_F64, map->breakpoint_probability, map->n_breakpoints, 1);
}

static void add_held_out(struct flt_sections *sections, const struct flt_kept *kept)
{
	for (int label = 0; label < 2; label++) {
		const struct flt_kept_class *class = &kept->of[label];
		if (class->n == 0)
			continue;
		snprintf(sections->names[sections->n_tensors], FLT_TENSOR_NAME, "%s.score", flt_kept_words[label]);
		flt_section_add_tensor(sections, FLT_F64, class->score, class->n, 1);
		if (!class->weight)
			continue;
		snprintf(sections->names[sections->n_tensors], FLT_TENSOR_NAME, "%s.weight", flt_kept_words[label]);
		flt_section_add_tensor(sections, FLT_F64, class->weight, class->n, 1);
	}
}

static void add_sketch(struct flt_sections *sections, const struct flt_sketch *sketch)
{
	if (sketch->n == 0)
		return;
	snprintf(sections->names[sections->n_tensors], FLT_TENSOR_NAME, "training.rows");
	flt_section_add_tensor(sections, FLT_F64, sketch->hash, sketch->n, 1);
}

static void add_background(struct flt_sections *sections, const struct flt_background *background)
{
	if (background->n == 0)
		return;
	snprintf(sections->names[sections->n_tensors], FLT_TENSOR_NAME, "training.background");
	flt_section_add_tensor(sections, FLT_F64, background->values, background->n, background->n_values);
}

/* At most: those of preparations, two of the map, four of held-out rows, the sketch, background rows, and the
 * networks'. */
static size_t max_tensors(const struct flt_detector *detector)
{
	size_t n = flt_preparation_max_tensors(detector) + 2 + 4 + 1 + 1;
	for (size_t i = 0; i < detector->n_members; i++)
		n += flt_mlp_n_tensors(detector->members[i].net);
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
	for (size_t i = 0; i < detector->n_members; i++)
		add_network(sections, detector->members[i].net, i);
	flt_add_preparation(sections, detector);
	add_map(sections, &detector->map);
	add_held_out(sections, &detector->held_out);
	add_sketch(sections, &detector->sketch);
	add_background(sections, &detector->background);
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
