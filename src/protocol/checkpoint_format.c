/*
 * Nothing in a file is trusted: types and shapes are checked here, and nn/train.c checks that they are those of this
 * training when it starts from the state.
 */
#include "protocol/checkpoint_format.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "container/envelope.h"
#include "fltrain/version.h"
#include "nn/kernels.h"
#include "protocol/checkpoint_match.h"
#include "protocol/checkpoint_slots.h"
#include "protocol/epoch_log.h"

enum { NAME_SIZE = 40, N_SUMS = 4, N_TENSORS = FLT_N_STATE_VECTORS + 3 };

enum text { TEXT_VERSION, TEXT_OPTIONS, TEXT_DATA, TEXT_TEST, TEXT_NETWORKS, TEXT_KERNELS, N_TEXTS };

static const char *const text_names[N_TEXTS] = {
        [TEXT_VERSION] = "fltrain_version", [TEXT_OPTIONS] = "options",   [TEXT_DATA] = "data_sha256",
        [TEXT_TEST] = "test_sha256",        [TEXT_NETWORKS] = "networks", [TEXT_KERNELS] = "kernels"};

const struct flt_envelope flt_checkpoint_envelope = {
        .thing = "checkpoint",
        .version = 1,
        .remedy = "continue with that version, or start over",
        .names = text_names,
        .n_texts = N_TEXTS,
        .n_optional = 1,
};

static const char *const vector_names[FLT_N_STATE_VECTORS] = {[FLT_STATE_PARAMS] = "params",
                                                              [FLT_STATE_FIRST] = "first",
                                                              [FLT_STATE_SECOND] = "second",
                                                              [FLT_STATE_MEAN] = "mean",
                                                              [FLT_STATE_BEST] = "best"};

static void name_tensor(char name[NAME_SIZE], size_t member, const char *what)
{
	snprintf(name, NAME_SIZE, "network%zu.%s", member, what);
}

/* ---- epochs as numbers ---- */

enum column { LR, LOSS, VALIDATION_LOSS, VALIDATION_AP, TOTAL, EASY, POSITIVE, AVERAGED, N_COLUMNS };

static void epoch_to_numbers(const struct flt_epoch *epoch, double numbers[N_COLUMNS])
{
	numbers[LR] = epoch->lr;
	numbers[LOSS] = epoch->loss;
	numbers[VALIDATION_LOSS] = epoch->validation_loss;
	numbers[VALIDATION_AP] = epoch->validation_ap;
	numbers[TOTAL] = epoch->gradient_total;
	numbers[EASY] = epoch->gradient_easy;
	numbers[POSITIVE] = epoch->gradient_positive;
	numbers[AVERAGED] = epoch->averaged;
}

static struct flt_epoch epoch_of_numbers(const double numbers[N_COLUMNS])
{
	return (struct flt_epoch){.lr = numbers[LR],
	                          .loss = numbers[LOSS],
	                          .validation_loss = numbers[VALIDATION_LOSS],
	                          .validation_ap = numbers[VALIDATION_AP],
	                          .gradient_total = numbers[TOTAL],
	                          .gradient_easy = numbers[EASY],
	                          .gradient_positive = numbers[POSITIVE],
	                          .averaged = numbers[AVERAGED] != 0};
}

/* ---- writing ---- */

struct content {
	struct flt_safetensor *tensors; /* (n_members * N_TENSORS) */
	char (*names)[NAME_SIZE];
	uint64_t *steps; /* (n_members) */
	double *epochs;  /* of all networks */
	size_t n_tensors;
};

static void content_release(struct content *content)
{
	flt_free(content->tensors);
	flt_free(content->names);
	flt_free(content->steps);
	flt_free(content->epochs);
}

static enum flt_status content_new(const struct flt_checkpoint *checkpoint, struct content *content,
                                   struct flt_error *err)
{
	size_t n = checkpoint->n_members, n_epochs = 0;
	for (size_t i = 0; i < n; i++)
		n_epochs += checkpoint->slots[i].state.n_epochs;
	*content = (struct content){.tensors = flt_alloc(n * N_TENSORS, sizeof *content->tensors, err),
	                            .names = flt_alloc(n * N_TENSORS, NAME_SIZE, err),
	                            .steps = flt_alloc(n, sizeof *content->steps, err),
	                            .epochs = flt_alloc(n_epochs, N_COLUMNS * sizeof *content->epochs, err)};
	FLT_TRY_MEMORY(content->tensors && content->names && content->steps && content->epochs);
	return FLT_OK;
}

/* n_columns 0: a vector of n. */
static void add_tensor(struct content *content, size_t member, const char *what, enum flt_dtype type, size_t n,
                       size_t n_columns, const void *data)
{
	char *name = content->names[content->n_tensors];
	size_t size = type == FLT_F32 ? sizeof(float) : sizeof(double);
	name_tensor(name, member, what);
	content->tensors[content->n_tensors++] =
	        (struct flt_safetensor){.name = name,
	                                .type = type,
	                                .n_dims = n_columns ? 2 : 1,
	                                .shape = {n, n_columns},
	                                .data = data,
	                                .n_bytes = n * (n_columns ? n_columns : 1) * size};
}

static void add_network(struct content *content, size_t member, const struct flt_train_state *state, double *epochs)
{
	for (size_t i = 0; i < FLT_N_STATE_VECTORS; i++)
		if (state->vectors[i])
			add_tensor(content, member, vector_names[i], FLT_F32, state->n_params, 0, state->vectors[i]);
	content->steps[member] = state->n_steps;
	for (size_t i = 0; i < state->n_epochs; i++)
		epoch_to_numbers(&state->epochs[i], epochs + i * N_COLUMNS);
	add_tensor(content, member, "steps", FLT_U64, 1, 0, &content->steps[member]);
	add_tensor(content, member, "sums", FLT_F64, N_SUMS, 0, state->sums);
	add_tensor(content, member, "epochs", FLT_F64, state->n_epochs, N_COLUMNS, epochs);
}

static void add_networks(struct content *content, const struct flt_checkpoint *checkpoint)
{
	double *epochs = content->epochs;
	for (size_t i = 0; i < checkpoint->n_members; i++) {
		const struct flt_slot *slot = &checkpoint->slots[i];
		if (!slot->is_filled)
			continue;
		add_network(content, i, &slot->state, epochs);
		epochs += slot->state.n_epochs * N_COLUMNS;
	}
}

enum flt_status flt_checkpoint_to_bytes(const struct flt_checkpoint *checkpoint, uint8_t **bytes, size_t *n_bytes,
                                        struct flt_error *err)
{
	struct content content;
	enum flt_status status = FLT_OK;
	*bytes = NULL;
	FLT_TRY_OUT(content_new(checkpoint, &content, err));
	add_networks(&content, checkpoint);
	char networks[24];
	snprintf(networks, sizeof networks, "%zu", checkpoint->n_members);
	const char *const texts[N_TEXTS] = {[TEXT_VERSION] = flt_version(),
	                                    [TEXT_OPTIONS] = checkpoint->options,
	                                    [TEXT_DATA] = checkpoint->data_sha256,
	                                    [TEXT_TEST] = checkpoint->test_sha256,
	                                    [TEXT_NETWORKS] = networks,
	                                    [TEXT_KERNELS] = flt_kernels()->name};
	FLT_TRY_OUT(flt_envelope_write(&flt_checkpoint_envelope, texts, content.tensors, content.n_tensors, bytes,
	                               n_bytes, err));
out:
	content_release(&content);
	return status;
}

/* ---- reading: what it is ---- */

/* Another version may compute something else. */
static enum flt_status check_version(const char *made_by, struct flt_error *err)
{
	if (strcmp(made_by, flt_version()) == 0)
		return FLT_OK;
	return flt_fail(err, FLT_ERR_MODEL,
	                "it was written by fltrain %s, and this is %s, which may compute something else: continue with "
	                "that version, or start over",
	                flt_shown(made_by, strlen(made_by)).text, flt_version());
}

/* ---- reading: states ---- */

/* Finds a tensor of this type: a vector (n_columns 0), whose length *n gets, or a matrix of n_columns, whose rows. */
static enum flt_status find_tensor(const struct flt_safetensors *file, size_t member, const char *what,
                                   enum flt_dtype type, size_t n_columns, const struct flt_safetensor **tensor,
                                   size_t *n, struct flt_error *err)
{
	char name[NAME_SIZE];
	name_tensor(name, member, what);
	*tensor = flt_safetensors_find(file, name);
	if (!*tensor)
		return flt_fail(err, FLT_ERR_MODEL, "its tensor \"%s\" is missing", name);
	if ((*tensor)->type != type || (*tensor)->n_dims != (n_columns ? 2 : 1) ||
	    (n_columns && (*tensor)->shape[1] != n_columns))
		return flt_fail(err, FLT_ERR_MODEL, "its tensor \"%s\" has another type or shape than it should", name);
	*n = (*tensor)->shape[0];
	return FLT_OK;
}

static bool has_tensor(const struct flt_safetensors *file, size_t member, const char *what)
{
	char name[NAME_SIZE];
	name_tensor(name, member, what);
	return flt_safetensors_find(file, name) != NULL;
}

/* A state's numbers, still as tensors: they need not be aligned. */
struct found {
	const struct flt_safetensor *vectors[FLT_N_STATE_VECTORS], *steps, *sums, *epochs;
	size_t n_params, n_epochs;
};

static enum flt_status find_vectors(const struct flt_safetensors *file, size_t member, struct found *found,
                                    struct flt_error *err)
{
	for (size_t i = 0; i < FLT_N_STATE_VECTORS; i++) {
		size_t n;
		if (i != FLT_STATE_PARAMS && !has_tensor(file, member, vector_names[i]))
			continue;
		FLT_TRY(find_tensor(file, member, vector_names[i], FLT_F32, 0, &found->vectors[i], &n, err));
		if (i == FLT_STATE_PARAMS)
			found->n_params = n;
		if (n != found->n_params)
			return flt_fail(err, FLT_ERR_MODEL, "its vectors of network %zu differ in length", member);
	}
	return FLT_OK;
}

static enum flt_status find_state(const struct flt_safetensors *file, size_t member, struct found *found,
                                  struct flt_error *err)
{
	size_t n_steps, n_sums;
	*found = (struct found){0};
	FLT_TRY(find_vectors(file, member, found, err));
	FLT_TRY(find_tensor(file, member, "steps", FLT_U64, 0, &found->steps, &n_steps, err));
	FLT_TRY(find_tensor(file, member, "sums", FLT_F64, 0, &found->sums, &n_sums, err));
	FLT_TRY(find_tensor(file, member, "epochs", FLT_F64, N_COLUMNS, &found->epochs, &found->n_epochs, err));
	if (n_steps != 1 || n_sums != N_SUMS)
		return flt_fail(err, FLT_ERR_MODEL,
		                "the tensors for the steps or sums of network %zu have the wrong length", member);
	return FLT_OK;
}

static enum flt_status read_state(struct flt_slot *slot, const struct found *found, struct flt_error *err)
{
	struct flt_train_state state = {.n_params = found->n_params, .n_epochs = found->n_epochs};
	uint64_t n_steps;
	for (size_t i = 0; i < FLT_N_STATE_VECTORS; i++)
		if (found->vectors[i])
			state.vectors[i] = (const float *)found->vectors[i]->data; /* says only that there is one */
	FLT_TRY(flt_slot_make_room(slot, &state, found->n_epochs, err));
	for (size_t i = 0; i < FLT_N_STATE_VECTORS; i++) {
		if (!found->vectors[i])
			continue;
		memcpy(slot->vectors[i], found->vectors[i]->data, found->n_params * sizeof(float));
		state.vectors[i] = slot->vectors[i];
	}
	for (size_t i = 0; i < found->n_epochs; i++) {
		double numbers[N_COLUMNS];
		memcpy(numbers, (const uint8_t *)found->epochs->data + i * sizeof numbers, sizeof numbers);
		slot->epochs[i] = epoch_of_numbers(numbers);
	}
	memcpy(&n_steps, found->steps->data, sizeof n_steps);
	memcpy(state.sums, found->sums->data, sizeof state.sums);
	state.n_steps = n_steps;
	state.epochs = slot->epochs;
	slot->state = state;
	slot->is_filled = true;
	slot->has_room = false; /* for the epochs to come */
	return FLT_OK;
}

/* Reads a whole number up to FLT_MAX_MEMBERS, written as flt_checkpoint_to_bytes writes it. */
static bool read_n_members(const char *text, size_t *n)
{
	for (*n = 0; *n <= FLT_MAX_MEMBERS; ++*n) {
		char expected[24];
		snprintf(expected, sizeof expected, "%zu", *n);
		if (strcmp(text, expected) == 0)
			return true;
	}
	return false;
}

static enum flt_status read_states(struct flt_checkpoint *checkpoint, const struct flt_safetensors *file,
                                   const char *networks, struct flt_error *err)
{
	size_t n_members, n_used = 0;
	if (!read_n_members(networks, &n_members))
		return flt_fail(err, FLT_ERR_MODEL, "its number of networks is not a whole number up to %d",
		                FLT_MAX_MEMBERS);
	if (n_members)
		FLT_TRY(flt_checkpoint_make_slots(checkpoint, n_members, err));
	for (size_t i = 0; i < n_members; i++) {
		struct found found;
		if (!has_tensor(file, i, vector_names[FLT_STATE_PARAMS]))
			continue;
		FLT_TRY(find_state(file, i, &found, err));
		FLT_TRY(read_state(&checkpoint->slots[i], &found, err));
		for (size_t v = 0; v < FLT_N_STATE_VECTORS; v++)
			n_used += found.vectors[v] != NULL;
		n_used += N_TENSORS - FLT_N_STATE_VECTORS;
	}
	if (n_used != file->n_tensors)
		return flt_fail(err, FLT_ERR_MODEL, "it holds %zu tensors, of which only %zu are known",
		                file->n_tensors, n_used);
	return FLT_OK;
}

enum flt_status flt_checkpoint_parse(struct flt_checkpoint *checkpoint, const uint8_t *bytes, size_t n_bytes,
                                     bool check_digest, struct flt_error *err)
{
	struct flt_safetensors file;
	const char *texts[N_TEXTS];
	FLT_TRY(flt_envelope_open(&flt_checkpoint_envelope, bytes, n_bytes, &file, texts, err));
	enum flt_status status = FLT_OK;
	FLT_TRY_OUT(check_version(texts[TEXT_VERSION], err));
	if (check_digest)
		FLT_TRY_OUT(flt_envelope_verify(&flt_checkpoint_envelope, &file, texts, err));
	const struct flt_checkpoint_about stored = {
	        .options = texts[TEXT_OPTIONS], .data_sha256 = texts[TEXT_DATA], .test_sha256 = texts[TEXT_TEST]};
	FLT_TRY_OUT(flt_checkpoint_match(checkpoint, &stored, err));
	FLT_TRY_OUT(read_states(checkpoint, &file, texts[TEXT_NETWORKS], err));
	const char *kernels = texts[TEXT_KERNELS];
	if (kernels && strcmp(kernels, flt_kernels()->name) != 0)
		checkpoint->other_kernels = flt_shown(kernels, strlen(kernels));
out:
	flt_safetensors_release(&file);
	return status;
}
