/*
 * Promised of a checkpoint: any bytes are the state of the training or study that they name, or are refused in a
 * sentence, with the checksum right or, as here, not looked at. What is a state is written as a file that is read
 * again and gives the same bytes. A training goes on from each network's state to its end, diverges, or says in a
 * sentence why the state is not its own; of each training that has ended, a trial is made or refused in a sentence.
 *
 * Input: the file. Its own options and checksums are taken for those of the command.
 */
#include "base/alloc.h"
#include "container/safetensors.h"
#include "protocol/checkpoint_format.h"
#include "protocol/checkpoint_slots.h"
#include "protocol/trial_result.h"
#include "harness.h"

enum { N_ROWS = 6, N_IN = 2, EPOCHS = 3 };

static const char *text_in(const struct flt_safetensors *file, const char *name)
{
	const char *text = flt_safetensors_text(file, name);
	return text ? text : "";
}

static struct flt_checkpoint *checkpoint_like(const uint8_t *bytes, size_t n)
{
	struct flt_checkpoint_about about = {.options = "", .data_sha256 = "", .command = "train"};
	struct flt_safetensors file = {0};
	struct flt_checkpoint *checkpoint;
	struct flt_error err;
	if (flt_safetensors_parse(bytes, n, &file, &err) == FLT_OK) {
		const char *command = text_in(&file, "command"), *test = text_in(&file, "test_sha256");
		about.options = text_in(&file, "options");
		about.data_sha256 = text_in(&file, "data_sha256");
		about.test_sha256 = *test ? test : NULL;
		about.command = *command ? command : about.command;
	}
	PROMISE(flt_checkpoint_new("state", &about, NULL, NULL, &checkpoint, &err) == FLT_OK);
	flt_safetensors_release(&file);
	return checkpoint;
}

static void check_written(const struct flt_checkpoint *checkpoint)
{
	uint8_t *bytes, *again;
	size_t n, n_again;
	struct flt_error err;
	PROMISE(flt_checkpoint_to_bytes(checkpoint, &bytes, &n, &err) == FLT_OK);
	struct flt_checkpoint *copy = checkpoint_like(bytes, n);
	PROMISE(flt_checkpoint_parse(copy, bytes, n, true, &err) == FLT_OK);
	PROMISE(flt_checkpoint_to_bytes(copy, &again, &n_again, &err) == FLT_OK);
	PROMISE(n_again == n && memcmp(again, bytes, n) == 0);
	flt_checkpoint_free(copy);
	flt_free(bytes);
	flt_free(again);
}

static void go_on(const struct flt_train_state *state)
{
	static const float x[N_ROWS * N_IN] = {0, 1, -1, 0.5F, 2, -2, 0.1F, 3, -0.5F, 0, 1, 1};
	static const uint8_t label[N_ROWS] = {0, 1, 0, 0, 1, 0};
	const struct flt_data rows = {.x = x, .label = label, .n_rows = N_ROWS, .n_in = N_IN};
	const struct flt_train_hooks hooks = {.from = state};
	struct flt_train_options options;
	struct flt_train_result result;
	struct flt_mlp *mlp = NULL;
	struct flt_error err;
	flt_train_options_init(&options);
	options.n_hidden = 1;
	options.hidden[0] = 2;
	options.epochs = EPOCHS;
	options.batch = 2;
	enum flt_status status = flt_train(&options, &rows, &rows, &hooks, &mlp, &result, &err);
	if (status != FLT_OK && status != FLT_ERR_DIVERGED)
		promise_sentence(status, &err);
	flt_mlp_free(mlp);
}

static void take_up(const struct flt_kept_training *training)
{
	for (size_t i = 0; i < training->n_members; i++)
		if (training->slots[i].is_filled)
			go_on(&training->slots[i].state);
	if (!training->has_ended)
		return;
	struct flt_cv_trial trial = {0};
	struct flt_error err;
	enum flt_status status = flt_trial_take(&trial, training->result.n[FLT_RESULT_SCORES], &training->result, &err);
	if (status)
		promise_sentence(status, &err);
	flt_free(trial.score);
	flt_free(trial.log_odds);
	flt_epoch_log_release(&trial.log);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct flt_checkpoint *checkpoint = checkpoint_like(bytes, n);
	struct flt_error err;
	enum flt_status status = flt_checkpoint_parse(checkpoint, bytes, n, false, &err);
	if (status)
		promise_sentence(status, &err);
	else
		check_written(checkpoint);
	for (size_t t = 0; !status && t < checkpoint->n_trainings; t++)
		take_up(&checkpoint->trainings[t]);
	flt_checkpoint_free(checkpoint);
	return 0;
}
