/*
 * Nothing in a file is trusted: types and shapes are checked here, and nn/train.c checks that they are those of this
 * training when it starts from the state.
 */
#include "protocol/checkpoint_format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/pool.h"
#include "base/text.h"
#include "container/envelope.h"
#include "fltrain/version.h"
#include "nn/kernels.h"
#include "nn/train_state.h"
#include "protocol/checkpoint_match.h"
#include "protocol/checkpoint_slots.h"
#include "protocol/epoch_log.h"
#include "protocol/epoch_numbers.h"

enum {
	NAME_SIZE = 80,
	N_SUMS = 4,
	N_TENSORS = FLT_N_STATE_VECTORS + 3, /* of a network */
	COUNT_SIZE = 24                      /* of a number of networks as text */
};

enum text { TEXT_VERSION, TEXT_OPTIONS, TEXT_DATA, TEXT_TEST, TEXT_NETWORKS, TEXT_KERNELS, TEXT_COMMAND, N_TEXTS };

static const char *const text_names[N_TEXTS] = {
        [TEXT_VERSION] = "fltrain_version", [TEXT_OPTIONS] = "options",   [TEXT_DATA] = "data_sha256",
        [TEXT_TEST] = "test_sha256",        [TEXT_NETWORKS] = "networks", [TEXT_KERNELS] = "kernels",
        [TEXT_COMMAND] = "command"};

const struct flt_envelope flt_checkpoint_envelope = {
        .thing = "checkpoint",
        .version = 1,
        .remedy = "continue with that version, or start over",
        .names = text_names,
        .n_texts = N_TEXTS,
        .n_optional = 2,
};

static const char *const vector_names[FLT_N_STATE_VECTORS] = {[FLT_STATE_PARAMS] = "params",
                                                              [FLT_STATE_FIRST] = "first",
                                                              [FLT_STATE_SECOND] = "second",
                                                              [FLT_STATE_MEAN] = "mean",
                                                              [FLT_STATE_BEST] = "best"};

static const char *const result_names[FLT_N_RESULTS] = {[FLT_RESULT_FIGURES] = "figures",
                                                        [FLT_RESULT_SCORES] = "scores",
                                                        [FLT_RESULT_LOG_ODDS] = "log_odds",
                                                        [FLT_RESULT_EPOCHS] = "epochs"};

/* What a tensor belongs to. */
struct owner {
	bool is_of_study;
	size_t training, network; /* SIZE_MAX: the training itself */
};

static void name_tensor(char name[NAME_SIZE], struct owner owner, const char *what)
{
	char training[NAME_SIZE / 2] = "", network[NAME_SIZE / 2] = "";
	if (owner.is_of_study)
		snprintf(training, sizeof training, "training%zu.", owner.training);
	if (owner.network != SIZE_MAX)
		snprintf(network, sizeof network, "network%zu.", owner.network);
	snprintf(name, NAME_SIZE, "%s%s%s", training, network, what);
}

/* ---- writing ---- */

struct content {
	struct flt_safetensor *tensors;
	char (*names)[NAME_SIZE];
	uint64_t *steps; /* of all networks that have a state */
	double *epochs;  /* of these */
	size_t n_tensors, n_networks;
	char *networks; /* of each training, as text */
};

static void content_release(struct content *content)
{
	flt_free(content->tensors);
	flt_free(content->names);
	flt_free(content->steps);
	flt_free(content->epochs);
	flt_free(content->networks);
}

static enum flt_status content_new(const struct flt_checkpoint *checkpoint, struct content *content,
                                   struct flt_error *err)
{
	size_t n_networks = 0, n_epochs = 0, n_results = 0;
	for (size_t t = 0; t < checkpoint->n_trainings; t++) {
		const struct flt_kept_training *training = &checkpoint->trainings[t];
		n_networks += training->n_members;
		n_results += training->has_ended ? FLT_N_RESULTS : 0;
		for (size_t i = 0; i < training->n_members; i++)
			n_epochs += training->slots[i].state.n_epochs;
	}
	size_t n_tensors = n_networks * N_TENSORS + n_results;
	*content = (struct content){.tensors = flt_alloc(n_tensors, sizeof *content->tensors, err),
	                            .names = flt_alloc(n_tensors, NAME_SIZE, err),
	                            .steps = flt_alloc(n_networks, sizeof *content->steps, err),
	                            .epochs = flt_alloc(n_epochs, FLT_N_EPOCH_NUMBERS * sizeof *content->epochs, err),
	                            .networks = flt_alloc(checkpoint->n_trainings, COUNT_SIZE, err)};
	FLT_TRY_MEMORY(content->tensors && content->names && content->steps && content->epochs && content->networks);
	return FLT_OK;
}

/* n_columns 0: a vector of n. */
static void add_tensor(struct content *content, struct owner owner, const char *what, enum flt_dtype type, size_t n,
                       size_t n_columns, const void *data)
{
	char *name = content->names[content->n_tensors];
	size_t size = type == FLT_F32 ? sizeof(float) : sizeof(double);
	name_tensor(name, owner, what);
	content->tensors[content->n_tensors++] =
	        (struct flt_safetensor){.name = name,
	                                .type = type,
	                                .n_dims = n_columns ? 2 : 1,
	                                .shape = {n, n_columns},
	                                .data = data,
	                                .n_bytes = n * (n_columns ? n_columns : 1) * size};
}

static void add_network(struct content *content, struct owner owner, const struct flt_train_state *state,
                        double *epochs)
{
	uint64_t *steps = &content->steps[content->n_networks++];
	for (size_t i = 0; i < FLT_N_STATE_VECTORS; i++)
		if (state->vectors[i])
			add_tensor(content, owner, vector_names[i], FLT_F32, state->n_params, 0, state->vectors[i]);
	*steps = state->n_steps;
	for (size_t i = 0; i < state->n_epochs; i++)
		flt_epoch_to_numbers(&state->epochs[i], epochs + i * FLT_N_EPOCH_NUMBERS);
	add_tensor(content, owner, "steps", FLT_U64, 1, 0, steps);
	add_tensor(content, owner, "sums", FLT_F64, N_SUMS, 0, state->sums);
	add_tensor(content, owner, "epochs", FLT_F64, state->n_epochs, FLT_N_EPOCH_NUMBERS, epochs);
}

static void add_result(struct content *content, struct owner owner, const struct flt_training_result *result)
{
	for (size_t i = 0; i < FLT_N_RESULTS; i++)
		add_tensor(content, owner, result_names[i], FLT_F64, result->n[i], 0, result->values[i]);
}

/* Networks are counted once one of them has a state. */
static void add_trainings(struct content *content, const struct flt_checkpoint *checkpoint, bool only_news)
{
	double *epochs = content->epochs;
	char *networks = content->networks;
	for (size_t t = 0; t < checkpoint->n_trainings; t++) {
		const struct flt_kept_training *training = &checkpoint->trainings[t];
		struct owner owner = {.is_of_study = checkpoint->n_trainings > 1, .training = t, .network = SIZE_MAX};
		size_t n_before = content->n_networks;
		if (training->has_ended && (training->is_news || !only_news))
			add_result(content, owner, &training->result);
		for (owner.network = 0; owner.network < training->n_members; owner.network++) {
			const struct flt_slot *slot = &training->slots[owner.network];
			if (!slot->is_filled || (only_news && !slot->is_news))
				continue;
			add_network(content, owner, &slot->state, epochs);
			epochs += slot->state.n_epochs * FLT_N_EPOCH_NUMBERS;
		}
		networks += snprintf(networks, COUNT_SIZE, t ? " %zu" : "%zu",
		                     content->n_networks > n_before ? training->n_members : 0);
	}
}

static enum flt_status to_bytes(const struct flt_checkpoint *checkpoint, bool only_news, uint8_t **bytes,
                                size_t *n_bytes, struct flt_error *err)
{
	struct content content;
	enum flt_status status = FLT_OK;
	*bytes = NULL;
	FLT_TRY_OUT(content_new(checkpoint, &content, err));
	add_trainings(&content, checkpoint, only_news);
	const char *const texts[N_TEXTS] = {
	        [TEXT_VERSION] = flt_version(),        [TEXT_OPTIONS] = checkpoint->options,
	        [TEXT_DATA] = checkpoint->data_sha256, [TEXT_TEST] = checkpoint->test_sha256,
	        [TEXT_NETWORKS] = content.networks,    [TEXT_KERNELS] = flt_kernels()->name,
	        [TEXT_COMMAND] = checkpoint->command};
	FLT_TRY_OUT(flt_envelope_write(&flt_checkpoint_envelope, texts, content.tensors, content.n_tensors, bytes,
	                               n_bytes, err));
out:
	content_release(&content);
	return status;
}

enum flt_status flt_checkpoint_to_bytes(const struct flt_checkpoint *checkpoint, uint8_t **bytes, size_t *n_bytes,
                                        struct flt_error *err)
{
	return to_bytes(checkpoint, false, bytes, n_bytes, err);
}

enum flt_status flt_checkpoint_news_to_bytes(const struct flt_checkpoint *checkpoint, uint8_t **bytes, size_t *n_bytes,
                                             struct flt_error *err)
{
	return to_bytes(checkpoint, true, bytes, n_bytes, err);
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
static enum flt_status find_tensor(const struct flt_safetensors *file, struct owner owner, const char *what,
                                   enum flt_dtype type, size_t n_columns, const struct flt_safetensor **tensor,
                                   size_t *n, struct flt_error *err)
{
	char name[NAME_SIZE];
	name_tensor(name, owner, what);
	*tensor = flt_safetensors_find(file, name);
	if (!*tensor)
		return flt_fail(err, FLT_ERR_MODEL, "its tensor \"%s\" is missing", name);
	if ((*tensor)->type != type || (*tensor)->n_dims != (n_columns ? 2 : 1) ||
	    (n_columns && (*tensor)->shape[1] != n_columns))
		return flt_fail(err, FLT_ERR_MODEL, "its tensor \"%s\" has another type or shape than it should", name);
	*n = (*tensor)->shape[0];
	return FLT_OK;
}

static bool has_tensor(const struct flt_safetensors *file, struct owner owner, const char *what)
{
	char name[NAME_SIZE];
	name_tensor(name, owner, what);
	return flt_safetensors_find(file, name) != NULL;
}

/* A state's numbers, still as tensors: they need not be aligned. */
struct found {
	const struct flt_safetensor *vectors[FLT_N_STATE_VECTORS], *steps, *sums, *epochs;
	size_t n_params, n_epochs;
};

static enum flt_status find_vectors(const struct flt_safetensors *file, struct owner owner, struct found *found,
                                    struct flt_error *err)
{
	for (size_t i = 0; i < FLT_N_STATE_VECTORS; i++) {
		size_t n;
		if (i != FLT_STATE_PARAMS && !has_tensor(file, owner, vector_names[i]))
			continue;
		FLT_TRY(find_tensor(file, owner, vector_names[i], FLT_F32, 0, &found->vectors[i], &n, err));
		if (i == FLT_STATE_PARAMS)
			found->n_params = n;
		if (n != found->n_params)
			return flt_fail(err, FLT_ERR_MODEL, "its vectors of network %zu differ in length",
			                owner.network);
	}
	return FLT_OK;
}

static enum flt_status find_state(const struct flt_safetensors *file, struct owner owner, struct found *found,
                                  struct flt_error *err)
{
	size_t n_steps, n_sums;
	*found = (struct found){0};
	FLT_TRY(find_vectors(file, owner, found, err));
	FLT_TRY(find_tensor(file, owner, "steps", FLT_U64, 0, &found->steps, &n_steps, err));
	FLT_TRY(find_tensor(file, owner, "sums", FLT_F64, 0, &found->sums, &n_sums, err));
	FLT_TRY(find_tensor(file, owner, "epochs", FLT_F64, FLT_N_EPOCH_NUMBERS, &found->epochs, &found->n_epochs,
	                    err));
	if (n_steps != 1 || n_sums != N_SUMS)
		return flt_fail(err, FLT_ERR_MODEL,
		                "the tensors for the steps or sums of network %zu have the wrong length",
		                owner.network);
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
		double numbers[FLT_N_EPOCH_NUMBERS];
		memcpy(numbers, (const uint8_t *)found->epochs->data + i * sizeof numbers, sizeof numbers);
		slot->epochs[i] = flt_epoch_of_numbers(numbers);
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

/* Takes a whole number up to FLT_MAX_MEMBERS off *text, as flt_checkpoint_to_bytes writes it, and the blank behind. */
static bool read_n_members(const char **text, size_t *n)
{
	const char *at = *text;
	size_t n_digits = strspn(at, "0123456789");
	if (n_digits == 0 || n_digits > 3 || (*at == '0' && n_digits > 1))
		return false;
	*n = (size_t)strtoul(at, NULL, 10);
	at += n_digits;
	*text = at + (*at == ' ');
	return *n <= FLT_MAX_MEMBERS && (*at == '\0' || (*at == ' ' && at[1]));
}

/* Makes as many trainings as there are numbers, with as many slots as each says. Slots take much more memory than their
 * number takes bytes, but only trainings under way have any, each of which had a thread. */
static enum flt_status make_trainings(struct flt_checkpoint *checkpoint, const char *networks, struct flt_error *err)
{
	size_t n = 1, n_begun = 0;
	for (const char *at = networks; *at; at++)
		n += *at == ' ';
	if (n > checkpoint->most_trainings)
		return flt_fail(err, FLT_ERR_MODEL, "it holds %zu trainings, more than there can be", n);
	FLT_TRY(flt_checkpoint_make_trainings(checkpoint, n, err));
	for (size_t t = 0; t < n; t++) {
		size_t n_members;
		if (!read_n_members(&networks, &n_members))
			return flt_fail(err, FLT_ERR_MODEL, "its number of networks is not a whole number up to %d",
			                FLT_MAX_MEMBERS);
		n_begun += n_members > 0;
		if (n_begun > FLT_MAX_THREADS)
			return flt_fail(
			        err, FLT_ERR_MODEL,
			        "it holds networks of more than %d trainings, which cannot be under way at once",
			        FLT_MAX_THREADS);
		if (n_members)
			FLT_TRY(flt_kept_training_make_slots(&checkpoint->trainings[t], n_members, err));
	}
	return FLT_OK;
}

static enum flt_status read_network(struct flt_slot *slot, const struct flt_safetensors *file, struct owner owner,
                                    size_t *n_used, struct flt_error *err)
{
	struct found found;
	if (!has_tensor(file, owner, vector_names[FLT_STATE_PARAMS]))
		return FLT_OK;
	FLT_TRY(find_state(file, owner, &found, err));
	FLT_TRY(read_state(slot, &found, err));
	const char *fault = flt_train_state_fault(&slot->state);
	if (fault)
		return flt_fail(err, FLT_ERR_MODEL,
		                "it holds %s of network %zu that cannot be those of a training, so it is damaged; "
		                "remove it and start over",
		                fault, owner.network);
	for (size_t v = 0; v < FLT_N_STATE_VECTORS; v++)
		*n_used += found.vectors[v] != NULL;
	*n_used += N_TENSORS - FLT_N_STATE_VECTORS;
	return FLT_OK;
}

/* Of a training without networks. The numbers need not be aligned in the file. */
static enum flt_status read_result(struct flt_kept_training *training, const struct flt_safetensors *file,
                                   struct owner owner, size_t *n_used, struct flt_error *err)
{
	struct flt_training_result result;
	const struct flt_safetensor *tensors[FLT_N_RESULTS];
	if (!has_tensor(file, owner, result_names[FLT_RESULT_FIGURES]))
		return FLT_OK;
	for (size_t i = 0; i < FLT_N_RESULTS; i++) {
		FLT_TRY(find_tensor(file, owner, result_names[i], FLT_F64, 0, &tensors[i], &result.n[i], err));
		result.values[i] = tensors[i]->data;
	}
	*n_used += FLT_N_RESULTS;
	return flt_kept_training_end(training, &result, err);
}

static enum flt_status read_trainings(struct flt_checkpoint *checkpoint, const struct flt_safetensors *file,
                                      const char *networks, struct flt_error *err)
{
	size_t n_used = 0;
	FLT_TRY(make_trainings(checkpoint, networks, err));
	for (size_t t = 0; t < checkpoint->n_trainings; t++) {
		struct flt_kept_training *training = &checkpoint->trainings[t];
		struct owner owner = {.is_of_study = checkpoint->n_trainings > 1, .training = t, .network = SIZE_MAX};
		if (owner.is_of_study && training->n_members == 0)
			FLT_TRY(read_result(training, file, owner, &n_used, err));
		for (owner.network = 0; owner.network < training->n_members; owner.network++)
			FLT_TRY(read_network(&training->slots[owner.network], file, owner, &n_used, err));
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
	const struct flt_checkpoint_about stored = {.options = texts[TEXT_OPTIONS],
	                                            .data_sha256 = texts[TEXT_DATA],
	                                            .test_sha256 = texts[TEXT_TEST],
	                                            .command = texts[TEXT_COMMAND] ? texts[TEXT_COMMAND] : "train"};
	FLT_TRY_OUT(flt_checkpoint_match(checkpoint, &stored, err));
	FLT_TRY_OUT(read_trainings(checkpoint, &file, texts[TEXT_NETWORKS], err));
	const char *kernels = texts[TEXT_KERNELS];
	if (kernels && strcmp(kernels, flt_kernels()->name) != 0)
		checkpoint->other_kernels = flt_shown(kernels, strlen(kernels));
out:
	flt_safetensors_release(&file);
	return status;
}
