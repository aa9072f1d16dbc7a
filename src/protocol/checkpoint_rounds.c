/*
 * Collecting states while networks train side by side. When a write is due, a round opens: each training network copies
 * its state between its next two steps, and the last one writes the file. So the file is up to date for all networks,
 * nobody waits, and between rounds a step costs one look at the clock. Networks that have not begun or have ended are
 * written as they are.
 */
#include "protocol/checkpoint_rounds.h"

#include <math.h>
#include <stdatomic.h>

#include "base/alloc.h"
#include "base/atomic_file.h"
#include "base/clock.h"
#include "protocol/checkpoint_format.h"
#include "protocol/checkpoint_slots.h"

double flt_checkpoint_pause(double started, double began, double now)
{
	const double most_seconds = 10, share_of_training = 0.1, share_of_writing = 0.01;
	return fmax((now - began) / share_of_writing, fmin((now - started) * share_of_training, most_seconds));
}

static bool all_states_are_of_this_round(const struct flt_checkpoint *checkpoint)
{
	for (size_t i = 0; i < checkpoint->n_members; i++)
		if (checkpoint->slots[i].is_training && checkpoint->slots[i].round != checkpoint->round)
			return false;
	return true;
}

static enum flt_status write_bytes(const struct flt_checkpoint *checkpoint, const uint8_t *bytes, size_t n_bytes,
                                   enum flt_status status, struct flt_error *why)
{
	return status == FLT_OK ? flt_atomic_write(checkpoint->path, bytes, n_bytes, why) : status;
}

/* Called with the mutex locked. It is unlocked while the disk works; `due` is infinite then, so no other round opens.
 */
static void write_if_complete(struct flt_checkpoint *checkpoint)
{
	if (!checkpoint->is_open || !all_states_are_of_this_round(checkpoint))
		return;
	checkpoint->is_open = false;
	double began = flt_clock_seconds();
	uint8_t *bytes;
	size_t n_bytes;
	struct flt_error why;
	enum flt_status made = flt_checkpoint_to_bytes(checkpoint, &bytes, &n_bytes, &why);
	pthread_mutex_unlock(&checkpoint->mutex);
	enum flt_status written = write_bytes(checkpoint, bytes, n_bytes, made, &why);
	flt_free(bytes);
	if (written != FLT_OK && checkpoint->on_failure)
		checkpoint->on_failure(checkpoint->context, &why);
	double now = flt_clock_seconds();
	pthread_mutex_lock(&checkpoint->mutex);
	checkpoint->due = now + flt_checkpoint_pause(checkpoint->started, began, now);
}

enum flt_status flt_checkpoint_begin(struct flt_checkpoint *checkpoint, size_t n_members, struct flt_error *err)
{
	checkpoint->started = flt_clock_seconds();
	checkpoint->due = checkpoint->started;
	if (checkpoint->n_members == 0)
		return flt_checkpoint_make_slots(checkpoint, n_members, err);
	if (checkpoint->n_members == n_members)
		return FLT_OK;
	return flt_fail(err, FLT_ERR_MODEL, "holds the state of %zu networks, and this training has %zu",
	                checkpoint->n_members, n_members);
}

const struct flt_train_state *flt_checkpoint_enter(struct flt_checkpoint *checkpoint, size_t member, size_t max_epochs)
{
	struct flt_slot *slot = &checkpoint->slots[member];
	pthread_mutex_lock(&checkpoint->mutex);
	slot->max_epochs = max_epochs;
	slot->is_training = true;
	slot->round = checkpoint->round; /* its state is up to date: it has not moved yet */
	pthread_mutex_unlock(&checkpoint->mutex);
	return slot->is_filled ? &slot->state : NULL;
}

static void open_round_if_due(struct flt_checkpoint *checkpoint)
{
	if (flt_clock_seconds() < checkpoint->due)
		return;
	checkpoint->round++;
	checkpoint->due = INFINITY;
	checkpoint->is_open = true;
}

/* Called with the mutex locked. */
static enum flt_status copy_state(struct flt_checkpoint *checkpoint, struct flt_slot *slot,
                                  const struct flt_train_state *state, struct flt_error *err)
{
	if (!slot->has_room)
		FLT_TRY(flt_slot_make_room(slot, state, slot->max_epochs, err));
	open_round_if_due(checkpoint);
	flt_slot_fill(slot, state);
	slot->round = checkpoint->round;
	write_if_complete(checkpoint);
	return FLT_OK;
}

enum flt_status flt_checkpoint_pass(struct flt_checkpoint *checkpoint, size_t member,
                                    const struct flt_train_state *state, bool stops, struct flt_error *err)
{
	struct flt_slot *slot = &checkpoint->slots[member];
	bool is_asked = slot->round != checkpoint->round || flt_clock_seconds() >= checkpoint->due;
	if (slot->has_room && !stops && !state->ended && !is_asked)
		return FLT_OK;
	pthread_mutex_lock(&checkpoint->mutex);
	enum flt_status status = copy_state(checkpoint, slot, state, err);
	pthread_mutex_unlock(&checkpoint->mutex);
	return status;
}

void flt_checkpoint_leave(struct flt_checkpoint *checkpoint, size_t member)
{
	pthread_mutex_lock(&checkpoint->mutex);
	checkpoint->slots[member].is_training = false;
	write_if_complete(checkpoint);
	pthread_mutex_unlock(&checkpoint->mutex);
}
