#include "protocol/checkpoint_slots.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"

static void slot_release(struct flt_slot *slot)
{
	for (size_t i = 0; i < FLT_N_STATE_VECTORS; i++)
		flt_free(slot->vectors[i]);
	flt_free(slot->epochs);
}

/* Fills a slot without memory of its own. On failure the caller releases it. */
static enum flt_status allocate(struct flt_slot *slot, const struct flt_train_state *state, size_t max_epochs,
                                struct flt_error *err)
{
	for (size_t i = 0; i < FLT_N_STATE_VECTORS; i++) {
		if (!state->vectors[i] && i != FLT_STATE_BEST)
			continue;
		slot->vectors[i] = flt_alloc(state->n_params, sizeof(float), err);
		FLT_TRY_MEMORY(slot->vectors[i]);
	}
	slot->epochs = flt_alloc(max_epochs, sizeof *slot->epochs, err);
	FLT_TRY_MEMORY(slot->epochs);
	return FLT_OK;
}

enum flt_status flt_slot_make_room(struct flt_slot *slot, const struct flt_train_state *state, size_t max_epochs,
                                   struct flt_error *err)
{
	struct flt_slot room = *slot;
	memset(room.vectors, 0, sizeof room.vectors);
	room.epochs = NULL;
	room.is_filled = false;
	room.has_room = true;
	enum flt_status status = allocate(&room, state, max_epochs, err);
	if (status != FLT_OK) {
		slot_release(&room);
		return status;
	}
	slot_release(slot);
	*slot = room;
	return FLT_OK;
}

void flt_slot_fill(struct flt_slot *slot, const struct flt_train_state *state)
{
	slot->state = *state;
	for (size_t i = 0; i < FLT_N_STATE_VECTORS; i++) {
		if (!state->vectors[i])
			continue;
		memcpy(slot->vectors[i], state->vectors[i], state->n_params * sizeof(float));
		slot->state.vectors[i] = slot->vectors[i];
	}
	if (state->n_epochs)
		memcpy(slot->epochs, state->epochs, state->n_epochs * sizeof *slot->epochs);
	slot->state.epochs = slot->epochs;
	slot->is_filled = true;
}

static void release_slots(struct flt_kept_training *training)
{
	for (size_t i = 0; i < training->n_members; i++)
		slot_release(&training->slots[i]);
	flt_free(training->slots);
	training->slots = NULL;
	training->n_members = 0;
}

enum flt_status flt_kept_training_make_slots(struct flt_kept_training *training, size_t n, struct flt_error *err)
{
	training->slots = flt_alloc_zero(n, sizeof *training->slots, err);
	FLT_TRY_MEMORY(training->slots);
	training->n_members = n;
	return FLT_OK;
}

/* All arrays lie in one allocation, the first of them at its start. */
enum flt_status flt_kept_training_end(struct flt_kept_training *training, const struct flt_training_result *result,
                                      struct flt_error *err)
{
	size_t n = 0;
	assert(!training->has_ended);
	for (size_t i = 0; i < FLT_N_RESULTS; i++)
		n += result->n[i];
	double *values = flt_alloc(n, sizeof *values, err);
	FLT_TRY_MEMORY(values);
	release_slots(training);
	training->has_ended = true;
	for (size_t i = 0; i < FLT_N_RESULTS; i++) {
		if (result->n[i])
			memcpy(values, result->values[i], result->n[i] * sizeof *values);
		training->result.values[i] = values;
		training->result.n[i] = result->n[i];
		values += result->n[i];
	}
	return FLT_OK;
}

void flt_checkpoint_release_trainings(struct flt_checkpoint *checkpoint)
{
	for (size_t i = 0; i < checkpoint->n_trainings; i++) {
		release_slots(&checkpoint->trainings[i]);
		flt_free((void *)checkpoint->trainings[i].result.values[0]);
	}
	flt_free(checkpoint->trainings);
	checkpoint->trainings = NULL;
	checkpoint->n_trainings = 0;
}

enum flt_status flt_checkpoint_make_trainings(struct flt_checkpoint *checkpoint, size_t n, struct flt_error *err)
{
	struct flt_kept_training *trainings = flt_alloc_zero(n, sizeof *trainings, err);
	FLT_TRY_MEMORY(trainings);
	flt_checkpoint_release_trainings(checkpoint);
	checkpoint->trainings = trainings;
	checkpoint->n_trainings = n;
	return FLT_OK;
}
