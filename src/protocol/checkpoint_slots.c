#include "protocol/checkpoint_slots.h"

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

void flt_checkpoint_release_slots(struct flt_checkpoint *checkpoint)
{
	for (size_t i = 0; i < checkpoint->n_members; i++)
		slot_release(&checkpoint->slots[i]);
	flt_free(checkpoint->slots);
	checkpoint->slots = NULL;
	checkpoint->n_members = 0;
}

enum flt_status flt_checkpoint_make_slots(struct flt_checkpoint *checkpoint, size_t n, struct flt_error *err)
{
	struct flt_slot *slots = flt_alloc_zero(n, sizeof *slots, err);
	FLT_TRY_MEMORY(slots);
	flt_checkpoint_release_slots(checkpoint);
	checkpoint->slots = slots;
	checkpoint->n_members = n;
	return FLT_OK;
}
