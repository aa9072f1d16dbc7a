/* The section "networks": a network is only allocated if the file holds enough weights for it, so that a few bytes
 * cannot ask for much memory. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "detector/section_reader.h"

enum { MAX_MEMBERS = 10000 }; /* far more than fltrain trains (FLT_MAX_MEMBERS, 128) */

/* sum + a * b, or SIZE_MAX if that is more. */
static size_t add_product(size_t sum, size_t a, size_t b)
{
	size_t product;
	return __builtin_mul_overflow(a, b, &product) || __builtin_add_overflow(sum, product, &sum) ? SIZE_MAX : sum;
}

/* Whether the file has at least as many numbers as the embedding and the hidden layers have weights. */
static bool file_can_hold(const struct flt_safetensors *file, const struct flt_mlp_spec *spec, size_t n_embedded_inputs)
{
	size_t n_held = 0, n_needed = 0, n_in = spec->n_in;
	for (size_t i = 0; i < file->n_tensors; i++)
		n_held += file->tensors[i].n_bytes / sizeof(float);
	if (spec->embedding == FLT_EMBEDDING_PBLD && n_embedded_inputs > 0) {
		n_needed = add_product(0, add_product(0, spec->n_frequencies, spec->n_embedded), n_embedded_inputs);
		n_in = add_product(n_in, n_embedded_inputs, spec->n_embedded - 1);
	}
	for (size_t i = 0; i < spec->n_hidden && n_needed <= n_held; i++) {
		n_needed = add_product(n_needed, n_in, spec->hidden[i]);
		n_in = spec->hidden[i];
	}
	return n_needed <= n_held && n_in <= n_held;
}

static enum flt_status read_hidden(struct flt_section_reader *reader, const json_t *json, struct flt_mlp_spec *spec)
{
	if (json_typeof(json) != JSON_ARRAY || json_array_size(json) > FLT_MAX_HIDDEN)
		return flt_section_fail(reader, "too many hidden layers");
	spec->n_hidden = json_array_size(json);
	for (size_t i = 0; i < spec->n_hidden; i++) {
		json_int_t width = json_integer_value(json_array_get(json, i));
		if (width <= 0)
			return flt_section_fail(reader, "a hidden layer without units");
		spec->hidden[i] = (size_t)width;
	}
	return FLT_OK;
}

/* Fields that may be absent: NULL, 1 and NULL then stand. */
struct membership {
	json_t *kind;
	double weight;
	json_t *refit;
};

static enum flt_status read_membership(struct flt_section_reader *reader, const struct membership *found,
                                       struct flt_detector_member *member)
{
	enum { MAX_KIND = 100 };
	const struct flt_detector *detector = reader->detector;
	if (found->kind)
		FLT_TRY(flt_section_text(reader, found->kind, &member->kind));
	if (member->kind && strlen(member->kind) > MAX_KIND)
		return flt_section_fail(reader, "a kind that is too long");
	if (!(found->weight > 0))
		return flt_section_fail(reader, "a weight is not above 0");
	member->weight = found->weight;
	if (!found->refit)
		return FLT_OK;
	bool is_number = json_typeof(found->refit) == JSON_INTEGER;
	size_t refit = is_number ? (size_t)json_integer_value(found->refit) : SIZE_MAX;
	if (refit >= detector->n_refits)
		return flt_section_fail(reader, "a member with a preparation that is not there");
	member->prep = detector->refits[refit];
	return FLT_OK;
}

static enum flt_status read_spec(struct flt_section_reader *reader, json_t *json, struct flt_mlp_spec *spec,
                                 struct flt_detector_member *member)
{
	struct membership found = {.weight = 1};
	json_t *hidden;
	const char *activation, *embedding;
	json_int_t n_in, n_frequencies, n_embedded;
	int front_scale;
	unsigned activation_index, embedding_index;
	*spec = (struct flt_mlp_spec){0};
	FLT_TRY(flt_section_unpack(reader, json, JSON_STRICT, "{s:I,s:o,s:s,s:b,s:s,s:I,s:I,s?o,s?F,s?o}", "inputs",
	                           &n_in, "hidden", &hidden, "activation", &activation, "front_scale", &front_scale,
	                           "embedding", &embedding, "frequencies", &n_frequencies, "embedded", &n_embedded,
	                           "kind", &found.kind, "weight", &found.weight, "refit", &found.refit));
	FLT_TRY(flt_section_word(reader, activation, flt_activation_words, &activation_index));
	FLT_TRY(flt_section_word(reader, embedding, flt_embedding_words, &embedding_index));
	FLT_TRY(flt_section_count(reader, n_in, &spec->n_in));
	FLT_TRY(flt_section_count(reader, n_frequencies, &spec->n_frequencies));
	FLT_TRY(flt_section_count(reader, n_embedded, &spec->n_embedded));
	spec->activation = (enum flt_activation)activation_index;
	spec->embedding = (enum flt_embedding)embedding_index;
	spec->front_scale = front_scale;
	FLT_TRY(read_membership(reader, &found, member));
	return read_hidden(reader, hidden, spec);
}

/* numeric (spec->n_in) is scratch. */
static enum flt_status make_network(struct flt_section_reader *reader, const struct flt_prep *prep,
                                    struct flt_mlp_spec *spec, bool *numeric, struct flt_mlp **mlp)
{
	size_t n_numeric = 0;
	for (size_t i = 0; i < spec->n_in; i++) {
		numeric[i] = flt_prep_feature_is_numeric(prep, i);
		n_numeric += numeric[i];
	}
	spec->numeric = numeric;
	if (!file_can_hold(reader->file, spec, n_numeric))
		return flt_section_fail(reader, "larger than the weights in the file");
	enum flt_status status = flt_mlp_new(spec, mlp, reader->err);
	bool is_shape = status != FLT_OK && status != FLT_ERR_MACHINE; /* in words for an option */
	return is_shape ? flt_section_fail(reader, "a shape out of bounds") : status;
}

static enum flt_status new_network(struct flt_section_reader *reader, struct flt_mlp_spec *spec,
                                   struct flt_detector_member *member)
{
	const struct flt_prep *prep = member->prep ? member->prep : reader->detector->prep;
	if (spec->n_in == 0 || spec->n_in != flt_prep_n_features(prep))
		return flt_section_fail(reader, "the number of inputs differs from the number of features");
	if (spec->embedding == FLT_EMBEDDING_PBLD && (spec->n_embedded < 2 || spec->n_frequencies < 1))
		return flt_section_fail(reader, "an embedding without frequencies or outputs");
	bool *numeric = flt_alloc(spec->n_in, sizeof *numeric, reader->err);
	FLT_TRY_MEMORY(numeric);
	enum flt_status status = make_network(reader, prep, spec, numeric, &member->net);
	flt_free(numeric);
	return status;
}

static enum flt_status read_network(struct flt_section_reader *reader, json_t *json, size_t index)
{
	struct flt_mlp_spec spec;
	struct flt_detector_member *member = &reader->detector->members[index];
	FLT_TRY(read_spec(reader, json, &spec, member));
	FLT_TRY(new_network(reader, &spec, member));
	for (size_t t = 0; t < flt_mlp_n_tensors(member->net); t++) {
		struct flt_tensor tensor = flt_mlp_tensor(member->net, t);
		char name[80];
		snprintf(name, sizeof name, "net%zu.%s", index, tensor.name);
		FLT_TRY(flt_section_weights(reader, name, tensor.n_rows * tensor.n_cols,
		                            flt_mlp_params(member->net) + tensor.offset));
	}
	return FLT_OK;
}

enum flt_status flt_read_networks(struct flt_section_reader *reader, json_t *json)
{
	json_t *members;
	struct flt_detector *detector = reader->detector;
	FLT_TRY(flt_section_unpack(reader, json, JSON_STRICT, "{s:F,s:F,s:o}", "member_gamma", &detector->member_gamma,
	                           "member_log_weight_ratio", &detector->member_log_weight_ratio, "members", &members));
	size_t n = json_array_size(members); /* 0 of what is no array */
	if (n < 1 || n > MAX_MEMBERS)
		return flt_section_fail(reader, "a list of networks is expected");
	FLT_TRY(flt_section_check_loss(reader, detector->member_gamma, detector->member_log_weight_ratio));
	detector->members = flt_alloc_zero(n, sizeof *detector->members, reader->err);
	FLT_TRY_MEMORY(detector->members);
	detector->n_members = n;
	for (size_t i = 0; i < detector->n_members; i++)
		FLT_TRY(read_network(reader, json_array_get(members, i), i));
	return FLT_OK;
}
