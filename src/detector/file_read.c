/*
 * From the parts of a file to a detector. Nothing here trusts the file: each number is checked before it becomes a size
 * or a weight, a network is only allocated when the file holds enough weights for it, and what the file holds beyond
 * the parts that are known is refused.
 */
#include "detector/file.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

enum {
	PART_DEPTH = 8,
	PART_VALUES = 10000000, /* bounds what the parser allocates */
	MAX_MEMBERS = 10000,
};

struct reader {
	const struct flt_safetensors *file;
	struct flt_detector *detector;
	size_t n_used; /* tensors that had a place */
	const char *part;
	struct flt_error *err;
};

static enum flt_status malformed(struct reader *reader, const char *why)
{
	return flt_fail(reader->err, FLT_ERR_MODEL, "its \"%s\" is not as fltrain writes it: %s", reader->part,
	                flt_shown(why, strlen(why)).text);
}

/* Takes an object apart by jansson's format; every key must be there and no other. */
#define TAKE(reader, json, ...) take((reader), json_unpack_ex((json), &why, JSON_STRICT, __VA_ARGS__), &why)

static enum flt_status take(struct reader *reader, int result, const json_error_t *why)
{
	if (result == 0)
		return FLT_OK;
	FLT_TRY(flt_json_check_memory(reader->err));
	return malformed(reader, why->text);
}

static enum flt_status read_part(struct reader *reader, enum flt_part_text part, json_t **json)
{
	*json = NULL;
	reader->part = flt_section_names[part];
	const char *text = flt_safetensors_text(reader->file, reader->part);
	if (!text)
		return flt_fail(reader->err, FLT_ERR_MODEL, "its metadata have no \"%s\"", reader->part);
	if (!flt_json_is_modest(text, strlen(text), PART_DEPTH, PART_VALUES))
		return malformed(reader, "it nests too deep or is too long");
	json_error_t why;
	enum flt_status status = flt_json_parse(text, strlen(text), json, &why, reader->err);
	return status == FLT_ERR_MODEL ? malformed(reader, why.text) : status;
}

/* ---- texts ---- */

/* Undoes {"bytes": ...}: characters below 256 to bytes. False if there is another one. */
static bool narrow(const char *wide, char *text)
{
	const unsigned char *at = (const unsigned char *)wide;
	for (; *at; at++) {
		if (*at >= 0x80 && (*at & 0xfc) != 0xc0)
			return false;
		*text++ = (char)(*at < 0x80 ? at[0] : (at[0] & 3) << 6 | (at[1] & 0x3f));
		at += *at >= 0x80; /* the parser has seen to it that a second byte follows */
	}
	*text = '\0';
	return true;
}

static enum flt_status read_text(struct reader *reader, json_t *json, bool may_be_null, char **text)
{
	*text = NULL;
	if (may_be_null && json_is_null(json))
		return FLT_OK;
	json_t *bytes = json_object_get(json, "bytes");
	const char *from = json_string_value(bytes ? bytes : json);
	if (!from || (bytes && json_object_size(json) != 1))
		return malformed(reader, "a text is expected");
	*text = flt_copy_text(from, strlen(from), reader->err);
	if (!*text)
		return FLT_ERR_MACHINE;
	return !bytes || narrow(from, *text) ? FLT_OK : malformed(reader, "bytes are expected");
}

static void free_texts(char **texts, size_t n)
{
	for (size_t i = 0; texts && i < n; i++)
		flt_free(texts[i]);
	flt_free(texts);
}

/* Reads an array of texts; *n counts those that are to be freed, also on failure. */
static enum flt_status read_texts(struct reader *reader, const json_t *json, char ***texts, size_t *n)
{
	*n = 0;
	*texts = NULL;
	if (!json_is_array(json))
		return malformed(reader, "a list of texts is expected");
	*texts = flt_alloc_zero(json_array_size(json), sizeof **texts, reader->err);
	if (!*texts)
		return FLT_ERR_MACHINE;
	enum flt_status status = FLT_OK;
	while (status == FLT_OK && *n < json_array_size(json)) {
		status = read_text(reader, json_array_get(json, *n), false, &(*texts)[*n]);
		*n += 1;
	}
	return status;
}

static enum flt_status read_word(struct reader *reader, const char *word, const char *const *words, unsigned *index)
{
	for (*index = 0; words[*index]; ++*index)
		if (strcmp(words[*index], word) == 0)
			return FLT_OK;
	return malformed(reader, "an unknown word");
}

static enum flt_status read_count(struct reader *reader, json_int_t value, size_t *count)
{
	*count = (size_t)value;
	return value >= 0 ? FLT_OK : malformed(reader, "a negative count");
}

/* ---- tensors ---- */

/* A tensor of n numbers of that type. */
static enum flt_status use_tensor(struct reader *reader, const char *name, enum flt_dtype type, size_t n,
                                  const struct flt_safetensor **tensor)
{
	size_t size = type == FLT_F64 ? sizeof(double) : sizeof(float);
	*tensor = flt_safetensors_find(reader->file, name);
	if (!*tensor)
		return flt_fail(reader->err, FLT_ERR_MODEL, "its tensor \"%s\" is missing", name);
	if ((*tensor)->type != type || n > SIZE_MAX / size || (*tensor)->n_bytes != n * size)
		return flt_fail(reader->err, FLT_ERR_MODEL, "its tensor \"%s\" has another size or type than it should",
		                name);
	reader->n_used++;
	return FLT_OK;
}

/* Copies n doubles; all must be finite. */
static enum flt_status read_doubles(struct reader *reader, const char *name, size_t n, double **values)
{
	const struct flt_safetensor *tensor;
	enum flt_status status = use_tensor(reader, name, FLT_F64, n, &tensor);
	*values = status == FLT_OK ? flt_alloc(n, sizeof **values, reader->err) : NULL;
	if (!*values)
		return status != FLT_OK ? status : FLT_ERR_MACHINE;
	if (n > 0)
		memcpy(*values, tensor->data, tensor->n_bytes);
	for (size_t i = 0; i < n; i++)
		if (!isfinite((*values)[i]))
			return flt_fail(reader->err, FLT_ERR_MODEL, "its tensor \"%s\" holds a value that is no number",
			                name);
	return FLT_OK;
}

static enum flt_status read_weights(struct reader *reader, const char *name, size_t n, float *weights)
{
	const struct flt_safetensor *tensor;
	enum flt_status status = use_tensor(reader, name, FLT_F32, n, &tensor);
	if (status != FLT_OK)
		return status;
	if (n > 0)
		memcpy(weights, tensor->data, tensor->n_bytes);
	for (size_t i = 0; i < n; i++)
		if (!isfinite(weights[i]))
			return flt_fail(reader->err, FLT_ERR_MODEL,
			                "its tensor \"%s\" holds a weight that is not finite", name);
	return FLT_OK;
}

/* ---- input ---- */

static enum flt_status read_input(struct reader *reader, json_t *json)
{
	json_t *target, *positive, *negative, *positives, *negatives, *id, *numeric, *na, *decimal;
	json_error_t why;
	struct flt_detector *detector = reader->detector;
	struct flt_input *input = &detector->input;
	char *mark = NULL;
	enum flt_status status =
	        TAKE(reader, json, "{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "target", &target, "positive", &positive,
	             "negative", &negative, "positive_values", &positives, "negative_values", &negatives, "id", &id,
	             "numeric", &numeric, "na", &na, "decimal", &decimal);
	if (status == FLT_OK)
		status = read_text(reader, target, false, &detector->target);
	if (status == FLT_OK)
		status = read_text(reader, positive, false, &detector->positive);
	if (status == FLT_OK)
		status = read_text(reader, negative, false, &detector->negative);
	if (status == FLT_OK)
		status = read_texts(reader, positives, &input->positive, &input->n_positive);
	if (status == FLT_OK)
		status = read_texts(reader, negatives, &input->negative, &input->n_negative);
	if (status == FLT_OK)
		status = read_text(reader, id, true, &input->id);
	if (status == FLT_OK)
		status = read_text(reader, numeric, true, &input->numeric);
	if (status == FLT_OK)
		status = read_text(reader, na, true, &input->na);
	if (status == FLT_OK)
		status = read_text(reader, decimal, true, &mark);
	if (status == FLT_OK && mark && strcmp(mark, ".") != 0 && strcmp(mark, ",") != 0)
		status = malformed(reader, "the decimal mark is neither . nor ,");
	if (status == FLT_OK)
		input->decimal = mark ? *mark : '\0';
	flt_free(mark);
	return status;
}

/* ---- preparation ---- */

/* A column and what it owns until the recipe has copied it. */
struct column {
	struct flt_prep_column view;
	char *name, **levels;
	double *knots;
};

static void column_release(struct column *column)
{
	flt_free(column->name);
	free_texts(column->levels, column->view.n_levels);
	flt_free(column->knots);
}

static enum flt_status read_numeric(struct reader *reader, json_t *json, size_t index, struct column *column)
{
	json_error_t why;
	json_t *name;
	const char *type, *use;
	int has_number, has_indicator;
	json_int_t n_knots;
	struct flt_prep_column *view = &column->view;
	enum flt_status status =
	        TAKE(reader, json, "{s:o,s:s,s:s,s:b,s:b,s:F,s:F,s:F,s:I}", "name", &name, "type", &type, "use", &use,
	             "number", &has_number, "mark", &has_indicator, "median", &view->median, "center", &view->center,
	             "factor", &view->factor, "knots", &n_knots);
	if (status == FLT_OK)
		status = read_count(reader, n_knots, &view->n_quantiles);
	if (status != FLT_OK || view->n_quantiles > FLT_PREP_MAX_QUANTILES)
		return status != FLT_OK ? status : malformed(reader, "too many knots");
	view->has_number = has_number;
	view->has_indicator = has_indicator;
	if (view->n_quantiles == 0)
		return FLT_OK;
	char tensor[64];
	snprintf(tensor, sizeof tensor, "preparation.%zu.knots", index);
	status = read_doubles(reader, tensor, view->n_quantiles, &column->knots);
	view->quantiles = column->knots;
	return status;
}

static enum flt_status read_categorical(struct reader *reader, json_t *json, struct column *column)
{
	json_error_t why;
	json_t *name, *levels;
	const char *type, *use;
	int has_missing, has_other;
	struct flt_prep_column *view = &column->view;
	enum flt_status status = TAKE(reader, json, "{s:o,s:s,s:s,s:o,s:b,s:b}", "name", &name, "type", &type, "use",
	                              &use, "levels", &levels, "missing", &has_missing, "other", &has_other);
	if (status != FLT_OK)
		return status;
	view->has_missing = has_missing;
	view->has_other = has_other;
	status = read_texts(reader, levels, &column->levels, &view->n_levels);
	view->levels = (const char *const *)column->levels;
	return status;
}

static enum flt_status read_column(struct reader *reader, json_t *json, size_t index, struct column *column)
{
	json_error_t why;
	json_t *name;
	const char *type, *use;
	unsigned type_index, use_index;
	if (json_unpack_ex(json, &why, 0, "{s:o,s:s,s:s}", "name", &name, "type", &type, "use", &use) != 0)
		return take(reader, -1, &why);
	enum flt_status status = read_text(reader, name, false, &column->name);
	if (status == FLT_OK)
		status = read_word(reader, type, flt_column_type_words, &type_index);
	if (status == FLT_OK)
		status = read_word(reader, use, flt_column_use_words, &use_index);
	if (status != FLT_OK)
		return status;
	column->view.name = column->name;
	column->view.type = (enum flt_column_type)type_index;
	column->view.use = (enum flt_column_use)use_index;
	if (column->view.use == FLT_USED_NUMERIC)
		return read_numeric(reader, json, index, column);
	if (column->view.use == FLT_USED_CATEGORICAL)
		return read_categorical(reader, json, column);
	return TAKE(reader, json, "{s:o,s:s,s:s}", "name", &name, "type", &type, "use", &use);
}

static enum flt_status build_preparation(struct reader *reader, enum flt_scale scale, const struct column *columns,
                                         size_t n_columns)
{
	struct flt_prep_column *views = flt_alloc(n_columns, sizeof *views, reader->err);
	if (!views)
		return FLT_ERR_MACHINE;
	for (size_t i = 0; i < n_columns; i++)
		views[i] = columns[i].view;
	enum flt_status status = flt_prep_from_columns(scale, views, n_columns, &reader->detector->prep, reader->err);
	flt_free(views);
	return status;
}

static enum flt_status read_preparation(struct reader *reader, json_t *json)
{
	json_error_t why;
	json_t *list;
	const char *word;
	unsigned scale;
	enum flt_status status = TAKE(reader, json, "{s:s,s:o}", "scale", &word, "columns", &list);
	if (status == FLT_OK)
		status = read_word(reader, word, flt_scale_words, &scale);
	if (status == FLT_OK && !json_is_array(list))
		status = malformed(reader, "a list of columns is expected");
	if (status != FLT_OK)
		return status;
	size_t n_columns = json_array_size(list);
	struct column *columns = flt_alloc_zero(n_columns, sizeof *columns, reader->err);
	if (!columns)
		return FLT_ERR_MACHINE;
	for (size_t i = 0; status == FLT_OK && i < n_columns; i++)
		status = read_column(reader, json_array_get(list, i), i, &columns[i]);
	if (status == FLT_OK)
		status = build_preparation(reader, (enum flt_scale)scale, columns, n_columns);
	for (size_t i = 0; i < n_columns; i++)
		column_release(&columns[i]);
	flt_free(columns);
	return status;
}

/* ---- networks ---- */

static size_t add_product(size_t sum, size_t a, size_t b)
{
	size_t product;
	return __builtin_mul_overflow(a, b, &product) || __builtin_add_overflow(sum, product, &sum) ? SIZE_MAX : sum;
}

/* Whether the file holds as many weights as the shape has, at least, so that a few bytes cannot ask for much memory. */
static bool file_can_hold(const struct flt_safetensors *file, const struct flt_mlp_spec *spec, size_t n_embedded_inputs)
{
	size_t n_held = 0, n_needed = 0, n_in = spec->n_in;
	for (size_t i = 0; i < file->n_tensors; i++)
		n_held += file->tensors[i].n_bytes / sizeof(float);
	if (spec->embedding == FLT_EMBEDDING_PBLD) {
		n_needed = add_product(n_needed, spec->n_frequencies, spec->n_embedded);
		n_in = add_product(n_in, n_embedded_inputs, spec->n_embedded - 1);
		n_needed = n_embedded_inputs ? add_product(0, n_needed, n_embedded_inputs) : 0;
	}
	for (size_t i = 0; i < spec->n_hidden && n_needed <= n_held; i++) {
		n_needed = add_product(n_needed, n_in, spec->hidden[i]);
		n_in = spec->hidden[i];
	}
	return n_needed <= n_held && n_in <= n_held;
}

static enum flt_status read_spec(struct reader *reader, json_t *json, struct flt_mlp_spec *spec)
{
	json_error_t why;
	json_t *hidden;
	const char *activation, *embedding;
	json_int_t n_in, n_frequencies, n_embedded;
	int front_scale;
	unsigned activation_index, embedding_index;
	*spec = (struct flt_mlp_spec){0};
	enum flt_status status = TAKE(reader, json, "{s:I,s:o,s:s,s:b,s:s,s:I,s:I}", "inputs", &n_in, "hidden", &hidden,
	                              "activation", &activation, "front_scale", &front_scale, "embedding", &embedding,
	                              "frequencies", &n_frequencies, "embedded", &n_embedded);
	if (status == FLT_OK)
		status = read_word(reader, activation, flt_activation_words, &activation_index);
	if (status == FLT_OK)
		status = read_word(reader, embedding, flt_embedding_words, &embedding_index);
	if (status == FLT_OK)
		status = read_count(reader, n_in, &spec->n_in);
	if (status == FLT_OK)
		status = read_count(reader, n_frequencies, &spec->n_frequencies);
	if (status == FLT_OK)
		status = read_count(reader, n_embedded, &spec->n_embedded);
	if (status == FLT_OK && (!json_is_array(hidden) || json_array_size(hidden) > FLT_MAX_HIDDEN))
		status = malformed(reader, "too many hidden layers");
	if (status != FLT_OK)
		return status;
	spec->activation = (enum flt_activation)activation_index;
	spec->embedding = (enum flt_embedding)embedding_index;
	spec->front_scale = front_scale;
	spec->n_hidden = json_array_size(hidden);
	for (size_t i = 0; status == FLT_OK && i < spec->n_hidden; i++) {
		json_int_t width = json_integer_value(json_array_get(hidden, i));
		status = width > 0 ? read_count(reader, width, &spec->hidden[i])
		                   : malformed(reader, "a hidden layer without units");
	}
	return status;
}

static enum flt_status new_network(struct reader *reader, struct flt_mlp_spec *spec, struct flt_mlp **mlp)
{
	const struct flt_prep *prep = reader->detector->prep;
	size_t n_numeric = 0;
	if (spec->n_in == 0 || spec->n_in != flt_prep_n_features(prep))
		return malformed(reader, "another number of inputs than features");
	if (spec->embedding == FLT_EMBEDDING_PBLD && (spec->n_embedded < 2 || spec->n_frequencies < 1))
		return malformed(reader, "an embedding without numbers");
	bool *numeric = flt_alloc(spec->n_in, sizeof *numeric, reader->err);
	if (!numeric)
		return FLT_ERR_MACHINE;
	for (size_t i = 0; i < spec->n_in; i++) {
		numeric[i] = flt_prep_feature_is_numeric(prep, i);
		n_numeric += numeric[i];
	}
	spec->numeric = numeric;
	enum flt_status status = FLT_OK;
	if (file_can_hold(reader->file, spec, n_numeric))
		status = flt_mlp_new(spec, mlp, reader->err);
	else
		status = malformed(reader, "larger than the weights in the file");
	if (status != FLT_OK && status != FLT_ERR_MACHINE && status != FLT_ERR_MODEL)
		status = malformed(reader, "a shape out of bounds");
	flt_free(numeric);
	return status;
}

static enum flt_status read_network(struct reader *reader, json_t *json, size_t index)
{
	struct flt_mlp_spec spec;
	struct flt_mlp **mlp = &reader->detector->nets[index];
	enum flt_status status = read_spec(reader, json, &spec);
	if (status == FLT_OK)
		status = new_network(reader, &spec, mlp);
	for (size_t t = 0; status == FLT_OK && t < flt_mlp_n_tensors(*mlp); t++) {
		struct flt_tensor part = flt_mlp_tensor(*mlp, t);
		char name[80];
		snprintf(name, sizeof name, "net%zu.%s", index, part.name);
		status = read_weights(reader, name, part.n_rows * part.n_cols, flt_mlp_params(*mlp) + part.offset);
	}
	return status;
}

static enum flt_status read_networks(struct reader *reader, json_t *json)
{
	json_error_t why;
	json_t *members;
	struct flt_detector *detector = reader->detector;
	enum flt_status status =
	        TAKE(reader, json, "{s:F,s:F,s:o}", "member_gamma", &detector->member_gamma, "member_log_weight_ratio",
	             &detector->member_log_weight_ratio, "members", &members);
	if (status != FLT_OK)
		return status;
	if (!json_is_array(members) || json_array_size(members) < 1 || json_array_size(members) > MAX_MEMBERS)
		return malformed(reader, "a list of networks is expected");
	if (detector->member_gamma < 0)
		return malformed(reader, "a gamma below 0");
	detector->nets = flt_alloc_zero(json_array_size(members), sizeof(struct flt_mlp *), reader->err);
	if (!detector->nets)
		return FLT_ERR_MACHINE;
	detector->n_nets = json_array_size(members);
	for (size_t i = 0; status == FLT_OK && i < detector->n_nets; i++)
		status = read_network(reader, json_array_get(members, i), i);
	return status;
}

/* ---- map and rule ---- */

/* Probabilities within [0, 1] that never fall, at log-odds that rise. */
static bool knots_rise(const struct flt_map *map)
{
	for (size_t i = 0; i < map->n_breakpoints; i++) {
		if (!(map->breakpoint_probability[i] >= 0 && map->breakpoint_probability[i] <= 1))
			return false;
		if (i > 0 && !(map->breakpoint_log_odds[i - 1] < map->breakpoint_log_odds[i] &&
		               map->breakpoint_probability[i - 1] <= map->breakpoint_probability[i]))
			return false;
	}
	return true;
}

static enum flt_status read_map(struct reader *reader, json_t *json)
{
	json_error_t why;
	json_int_t n_knots;
	struct flt_map *map = &reader->detector->map;
	enum flt_status status = TAKE(reader, json, "{s:F,s:F,s:F,s:F,s:I,s:F}", "gamma", &map->gamma,
	                              "log_weight_ratio", &map->log_weight_ratio, "slope", &map->slope, "intercept",
	                              &map->intercept, "knots", &n_knots, "prior_shift", &map->prior_shift);
	size_t n = 0;
	if (status == FLT_OK)
		status = read_count(reader, n_knots, &n);
	if (status == FLT_OK && (map->gamma < 0 || !(map->slope > 0)))
		status = malformed(reader, "gamma must not be below 0, and slope must be above 0");
	if (status != FLT_OK || n == 0)
		return status;
	status = read_doubles(reader, "map.log_odds", n, &map->breakpoint_log_odds);
	if (status == FLT_OK)
		status = read_doubles(reader, "map.probability", n, &map->breakpoint_probability);
	map->n_breakpoints = n;
	return status != FLT_OK || knots_rise(map) ? status : malformed(reader, "knots that do not rise");
}

static enum flt_status read_rule(struct reader *reader, json_t *json)
{
	json_error_t why;
	const char *text;
	int met;
	json_t *attained;
	struct flt_choice *choice = &reader->detector->choice;
	struct flt_error ignored;
	enum flt_status status = TAKE(reader, json, "{s:s,s:F,s:b,s:o}", "rule", &text, "threshold", &choice->threshold,
	                              "met", &met, "attained", &attained);
	if (status != FLT_OK)
		return status;
	if (flt_rule_parse(text, &reader->detector->rule, &ignored) != FLT_OK)
		return malformed(reader, "an unknown rule");
	if (!(choice->threshold >= 0 && choice->threshold <= 1))
		return malformed(reader, "the threshold is not a probability");
	if (!json_is_number(attained) && !json_is_null(attained))
		return malformed(reader, "what the rule attained is no number");
	choice->met = met;
	choice->attained = json_is_null(attained) ? (double)NAN : json_number_value(attained);
	return FLT_OK;
}

/* ---- provenance ---- */

static enum flt_status read_counts(struct reader *reader, const json_t *json, size_t counts[FLT_N_ROW_ROLES])
{
	if (!json_is_array(json) || json_array_size(json) != FLT_N_ROW_ROLES)
		return malformed(reader, "a count for each part is expected");
	for (size_t i = 0; i < FLT_N_ROW_ROLES; i++) {
		const json_t *count = json_array_get(json, i);
		if (!json_is_integer(count) || json_integer_value(count) < 0)
			return malformed(reader, "a count is expected");
		counts[i] = (size_t)json_integer_value(count);
	}
	return FLT_OK;
}

static enum flt_status read_seed(struct reader *reader, const char *text, uint64_t *seed)
{
	size_t n_digits = strspn(text, "0123456789");
	errno = 0; /* ERANGE: beyond 64 bits */
	*seed = strtoull(text, NULL, 10);
	return n_digits > 0 && !text[n_digits] && errno == 0 ? FLT_OK : malformed(reader, "the seed is no number");
}

static enum flt_status read_training(struct reader *reader, json_t *json)
{
	json_error_t why;
	struct flt_provenance *made = &reader->detector->provenance;
	json_t *version, *options, *data_sha256, *rule_sha256, *rows, *positives;
	const char *seed;
	int marked;
	enum flt_status status =
	        TAKE(reader, json, "{s:o,s:o,s:o,s:s,s:o,s:o,s:F,s:b,s:o}", "version", &version, "options", &options,
	             "data_sha256", &data_sha256, "seed", &seed, "rows", &rows, "positives", &positives, "prevalence",
	             &made->prevalence, "marked", &marked, "rule_sha256", &rule_sha256);
	if (status == FLT_OK)
		status = read_text(reader, version, true, &made->version);
	if (status == FLT_OK)
		status = read_text(reader, options, true, &made->options);
	if (status == FLT_OK)
		status = read_text(reader, data_sha256, true, &made->data_sha256);
	if (status == FLT_OK)
		status = read_text(reader, rule_sha256, true, &made->rule_sha256);
	if (status == FLT_OK)
		status = read_seed(reader, seed, &made->seed);
	if (status == FLT_OK)
		status = read_counts(reader, rows, made->n_rows);
	if (status == FLT_OK)
		status = read_counts(reader, positives, made->n_positive);
	if (status != FLT_OK)
		return status;
	made->marked = marked;
	return made->prevalence >= 0 && made->prevalence <= 1 ? FLT_OK
	                                                      : malformed(reader, "prevalence lies outside 0 to 1");
}

static enum flt_status read_figures(struct reader *reader, json_t *json)
{
	char *base = (char *)&reader->detector->provenance.figures;
	if (!json_is_object(json) || json_object_size(json) != flt_n_figure_fields)
		return malformed(reader, "a list of figures is expected");
	for (size_t i = 0; i < flt_n_figure_fields; i++) {
		const struct flt_figure_field *field = &flt_figure_fields[i];
		const json_t *value = json_object_get(json, field->name);
		void *place = base + field->offset;
		if (field->is_count) {
			if (!json_is_integer(value) || json_integer_value(value) < 0)
				return malformed(reader, field->name);
			*(size_t *)place = (size_t)json_integer_value(value);
		} else {
			if (!json_is_number(value) && !json_is_null(value))
				return malformed(reader, field->name);
			*(double *)place = json_is_null(value) ? (double)NAN : json_number_value(value);
		}
	}
	return FLT_OK;
}

/* In an order in which each finds what it needs. */
static enum flt_status (*const readers[N_PARTS])(struct reader *, json_t *) = {
        [PART_INPUT] = read_input,       [PART_PREPARATION] = read_preparation,
        [PART_NETWORKS] = read_networks, [PART_MAP] = read_map,
        [PART_RULE] = read_rule,         [PART_TRAINING] = read_training,
        [PART_FIGURES] = read_figures,
};

enum flt_status flt_parts_read(const struct flt_safetensors *file, struct flt_detector *detector, struct flt_error *err)
{
	struct reader reader = {.file = file, .detector = detector, .err = err};
	enum flt_status status = FLT_OK;
	for (size_t i = 0; status == FLT_OK && i < N_PARTS; i++) {
		json_t *json;
		status = read_part(&reader, (enum flt_part_text)i, &json);
		if (status == FLT_OK)
			status = readers[i](&reader, json);
		json_decref(json);
	}
	if (status == FLT_OK && reader.n_used != file->n_tensors)
		status = flt_fail(err, FLT_ERR_MODEL, "it holds %zu tensors, of which %zu have a place",
		                  file->n_tensors, reader.n_used);
	return status;
}
