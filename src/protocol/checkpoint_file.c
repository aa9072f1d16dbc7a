/*
 * The file of a checkpoint, in the safetensors container. Metadata: format and version, a digest over all else, the
 * version of fltrain, the options, the checksums of the data, the number of networks. Tensors of a network that has a
 * state: "network0.params" and the other vectors as F32; "network0.steps" as U64 (1); as F64 "network0.sums" (4) and
 * "network0.epochs" (n_epochs, 8), a line each.
 *
 * Nothing of a file is trusted: sizes are checked here, and whether they are those of this training where it is taken
 * up (nn/train.c).
 */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "container/envelope.h"
#include "protocol/protocol.h"
#include "fltrain/version.h"
#include "protocol/checkpoint_contents.h"

enum { NAME_SIZE = 40, N_SUMS = 4, N_TENSORS = FLT_N_STATE_VECTORS + 3 };

enum text { TEXT_VERSION, TEXT_OPTIONS, TEXT_DATA, TEXT_TEST, TEXT_NETWORKS, N_TEXTS };

static const char *const text_names[N_TEXTS] = {[TEXT_VERSION] = "fltrain_version",
                                                [TEXT_OPTIONS] = "options",
                                                [TEXT_DATA] = "data_sha256",
                                                [TEXT_TEST] = "test_sha256",
                                                [TEXT_NETWORKS] = "networks"};

static const struct flt_envelope envelope = {
        .thing = "checkpoint",
        .version = 1,
        .remedy = "go on with the one that wrote it, or start anew",
        .names = text_names,
        .n_texts = N_TEXTS,
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
	*content = (struct content){.tensors = flt_alloc(n * N_TENSORS, sizeof *content->tensors, err)};
	content->names = content->tensors ? flt_alloc(n * N_TENSORS, NAME_SIZE, err) : NULL;
	content->steps = content->names ? flt_alloc(n, sizeof *content->steps, err) : NULL;
	content->epochs = content->steps ? flt_alloc(n_epochs, N_COLUMNS * sizeof *content->epochs, err) : NULL;
	return content->epochs ? FLT_OK : FLT_ERR_MACHINE;
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

enum flt_status flt_checkpoint_to_bytes(const struct flt_checkpoint *checkpoint, uint8_t **bytes, size_t *n_bytes,
                                        struct flt_error *err)
{
	struct content content;
	*bytes = NULL;
	enum flt_status status = content_new(checkpoint, &content, err);
	double *epochs = content.epochs;
	for (size_t i = 0; status == FLT_OK && i < checkpoint->n_members; i++) {
		const struct flt_slot *slot = &checkpoint->slots[i];
		if (!slot->is_filled)
			continue;
		add_network(&content, i, &slot->state, epochs);
		epochs += slot->state.n_epochs * N_COLUMNS;
	}
	char networks[24];
	snprintf(networks, sizeof networks, "%zu", checkpoint->n_members);
	const char *const texts[N_TEXTS] = {flt_version(), checkpoint->options, checkpoint->data_sha256,
	                                    checkpoint->test_sha256, networks};
	if (status == FLT_OK)
		status = flt_envelope_write(&envelope, texts, content.tensors, content.n_tensors, bytes, n_bytes, err);
	content_release(&content);
	return status;
}

enum flt_status flt_checkpoint_is_file(const char *path, bool *is_one, struct flt_error *err)
{
	return flt_envelope_is_file(&envelope, path, is_one, err);
}

/* ---- reading: what it is ---- */

/* Another version may compute something else. */
static enum flt_status check_version(const char *made_by, struct flt_error *err)
{
	if (strcmp(made_by, flt_version()) == 0)
		return FLT_OK;
	return flt_fail(err, FLT_ERR_MODEL,
	                "it was written by fltrain %s, and this is %s, which may compute something else: go on "
	                "with the one that wrote it, or start anew",
	                flt_shown(made_by, strlen(made_by)).text, flt_version());
}

/* ---- reading: whether it is of this training ---- */

/* One line "key = value". */
struct line {
	const char *key, *value;
	size_t key_length, length; /* of the value */
};

/* Cuts the first line off *text; false at its end. */
static bool next_line(const char **text, struct line *line)
{
	if (!**text)
		return false;
	size_t n = strcspn(*text, "\n");
	const char *mark = memmem(*text, n, " = ", 3);
	line->key = *text;
	line->key_length = mark ? (size_t)(mark - *text) : n;
	line->value = mark ? mark + 3 : *text + n;
	line->length = (size_t)(*text + n - line->value);
	*text += n + ((*text)[n] == '\n');
	return true;
}

static bool find_line(const char *text, const struct line *key, struct line *found)
{
	while (next_line(&text, found))
		if (found->key_length == key->key_length && memcmp(found->key, key->key, key->key_length) == 0)
			return true;
	return false;
}

enum difference { CHANGED, ABSENT };

/* The first line of text that other has with another value, which goes into *instead, or that other has not. */
static bool find_difference(const char *text, const char *other, enum difference what, struct line *line,
                            struct line *instead)
{
	while (next_line(&text, line)) {
		bool is_there = find_line(other, line, instead);
		bool differs = is_there && (instead->length != line->length ||
		                            memcmp(instead->value, line->value, line->length) != 0);
		if (what == CHANGED ? differs : !is_there)
			return true;
	}
	return false;
}

static const char remedy[] = "take the same options, or start anew with --checkpoint";

/* Changed values come first: what is there on one side only may follow from them. */
static enum flt_status compare_options(const char *stored, const char *own, struct flt_error *err)
{
	struct line a, b;
	if (find_difference(stored, own, CHANGED, &a, &b))
		return flt_fail(err, FLT_ERR_USAGE, "is of a training with --%s %s, and this one has --%s %s; %s",
		                flt_shown(a.key, a.key_length).text, flt_shown(a.value, a.length).text,
		                flt_shown(b.key, b.key_length).text, flt_shown(b.value, b.length).text, remedy);
	if (find_difference(stored, own, ABSENT, &a, &b))
		return flt_fail(err, FLT_ERR_USAGE, "is of a training with --%s %s, and this one has no --%s; %s",
		                flt_shown(a.key, a.key_length).text, flt_shown(a.value, a.length).text,
		                flt_shown(a.key, a.key_length).text, remedy);
	if (find_difference(own, stored, ABSENT, &a, &b))
		return flt_fail(err, FLT_ERR_USAGE, "is of a training without --%s, and this one has --%s %s; %s",
		                flt_shown(a.key, a.key_length).text, flt_shown(a.key, a.key_length).text,
		                flt_shown(a.value, a.length).text, remedy);
	return FLT_OK;
}

static enum flt_status compare_run(const struct flt_checkpoint *checkpoint, const char *const texts[N_TEXTS],
                                   struct flt_error *err)
{
	bool had_test = *texts[TEXT_TEST], has_test = *checkpoint->test_sha256;
	if (had_test != has_test)
		return flt_fail(err, FLT_ERR_USAGE, "is of a training %s --test, and this one has %s; %s",
		                had_test ? "with" : "without", has_test ? "one" : "none", remedy);
	enum flt_status status = compare_options(texts[TEXT_OPTIONS], checkpoint->options, err);
	if (status != FLT_OK)
		return status;
	if (strcmp(texts[TEXT_DATA], checkpoint->data_sha256) != 0)
		return flt_fail(
		        err, FLT_ERR_DATA,
		        "is of a training on other data: the file has changed since, or is another one; give it "
		        "the same, or start anew with --checkpoint");
	if (strcmp(texts[TEXT_TEST], checkpoint->test_sha256) != 0)
		return flt_fail(err, FLT_ERR_DATA,
		                "is of a training with other rows in the file of --test; give it the same, or start "
		                "anew with --checkpoint");
	return FLT_OK;
}

/* ---- reading: states ---- */

/* The tensor, or NULL with an error if it is not what it must be. n_columns 0: a vector; *n is its length or rows. */
static const struct flt_safetensor *use_tensor(const struct flt_safetensors *file, size_t member, const char *what,
                                               enum flt_dtype type, size_t n_columns, size_t *n, struct flt_error *err)
{
	char name[NAME_SIZE];
	name_tensor(name, member, what);
	const struct flt_safetensor *tensor = flt_safetensors_find(file, name);
	if (!tensor)
		flt_fail(err, FLT_ERR_MODEL, "its tensor \"%s\" is missing", name);
	else if (tensor->type != type || tensor->n_dims != (n_columns ? 2 : 1) ||
	         (n_columns && tensor->shape[1] != n_columns))
		flt_fail(err, FLT_ERR_MODEL, "its tensor \"%s\" has another type or shape than it should", name);
	else
		*n = tensor->shape[0];
	return err->status == FLT_OK ? tensor : NULL;
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

static enum flt_status find_state(const struct flt_safetensors *file, size_t member, struct found *found,
                                  struct flt_error *err)
{
	size_t n_steps = 0, n_sums = 0, n;
	*found = (struct found){0};
	for (size_t i = 0; i < FLT_N_STATE_VECTORS && err->status == FLT_OK; i++) {
		if (i > FLT_STATE_FIRST && !has_tensor(file, member, vector_names[i]))
			continue;
		found->vectors[i] = use_tensor(file, member, vector_names[i], FLT_F32, 0, &n, err);
		if (found->vectors[i] && i == 0)
			found->n_params = n;
		else if (found->vectors[i] && n != found->n_params)
			flt_fail(err, FLT_ERR_MODEL, "its vectors of network %zu differ in length", member);
	}
	if (err->status == FLT_OK)
		found->steps = use_tensor(file, member, "steps", FLT_U64, 0, &n_steps, err);
	if (err->status == FLT_OK)
		found->sums = use_tensor(file, member, "sums", FLT_F64, 0, &n_sums, err);
	if (err->status == FLT_OK)
		found->epochs = use_tensor(file, member, "epochs", FLT_F64, N_COLUMNS, &found->n_epochs, err);
	if (err->status == FLT_OK && (n_steps != 1 || n_sums != N_SUMS))
		flt_fail(err, FLT_ERR_MODEL, "its steps or sums of network %zu are too few or too many", member);
	return err->status;
}

static enum flt_status read_state(struct flt_slot *slot, const struct found *found, struct flt_error *err)
{
	struct flt_train_state state = {.n_params = found->n_params, .n_epochs = found->n_epochs};
	uint64_t n_steps;
	for (size_t i = 0; i < FLT_N_STATE_VECTORS; i++)
		if (found->vectors[i])
			state.vectors[i] = (const float *)found->vectors[i]->data; /* only whether there is one */
	if (flt_slot_make_room(slot, &state, found->n_epochs, err) != FLT_OK)
		return FLT_ERR_MACHINE;
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

/* A whole number up to FLT_MAX_MEMBERS, as it was written. */
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
		return flt_fail(err, FLT_ERR_MODEL, "its number of networks is none");
	if (n_members && flt_checkpoint_make_slots(checkpoint, n_members, err) != FLT_OK)
		return FLT_ERR_MACHINE;
	for (size_t i = 0; i < n_members; i++) {
		struct found found;
		if (!has_tensor(file, i, vector_names[FLT_STATE_PARAMS]))
			continue;
		enum flt_status status = find_state(file, i, &found, err);
		if (status == FLT_OK)
			status = read_state(&checkpoint->slots[i], &found, err);
		if (status != FLT_OK)
			return status;
		for (size_t v = 0; v < FLT_N_STATE_VECTORS; v++)
			n_used += found.vectors[v] != NULL;
		n_used += N_TENSORS - FLT_N_STATE_VECTORS;
	}
	if (n_used != file->n_tensors)
		return flt_fail(err, FLT_ERR_MODEL, "it has %zu tensors, and %zu of them have a meaning",
		                file->n_tensors, n_used);
	return FLT_OK;
}

enum flt_status flt_checkpoint_parse(struct flt_checkpoint *checkpoint, const uint8_t *bytes, size_t n_bytes,
                                     bool check_digest, struct flt_error *err)
{
	struct flt_safetensors file;
	struct flt_error unused = {0};
	const char *texts[N_TEXTS];
	err = err ? err : &unused;
	*err = (struct flt_error){0};
	FLT_TRY(flt_envelope_open(&envelope, bytes, n_bytes, &file, texts, err));
	enum flt_status status = FLT_OK;
	FLT_TRY_OUT(check_version(texts[TEXT_VERSION], err));
	if (check_digest)
		FLT_TRY_OUT(flt_envelope_verify(&envelope, &file, texts, err));
	FLT_TRY_OUT(compare_run(checkpoint, texts, err));
	FLT_TRY_OUT(read_states(checkpoint, &file, texts[TEXT_NETWORKS], err));
out:
	flt_safetensors_release(&file);
	return status;
}

enum flt_status flt_checkpoint_load(struct flt_checkpoint *checkpoint, const char *path, struct flt_error *err)
{
	uint8_t *bytes;
	size_t n_bytes;
	struct flt_error why;
	enum flt_status status = flt_safetensors_read(path, &bytes, &n_bytes, err);
	if (status != FLT_OK)
		return status;
	status = flt_checkpoint_parse(checkpoint, bytes, n_bytes, true, &why);
	if (status != FLT_OK)
		flt_envelope_fail(&envelope, path, status, &why, err);
	flt_free(bytes);
	return status;
}
