/*
 * Collecting states while networks train side by side. A round of writing opens when it is due; each network that
 * trains leaves its state between its next two steps; whoever is the last to do so writes the file. So it is fresh
 * everywhere, nobody waits for anybody, and between rounds a step costs one look at the clock. Networks that have not
 * begun or are through are in the file as they are.
 */
#include "protocol/checkpoint.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "base/alloc.h"
#include "base/atomic_file.h"
#include "base/json.h"
#include "protocol/checkpoint_contents.h"
#include "base/clock.h"

/* Of the time between two writes: at most so many seconds, and such a part of the time that training took so far; but
 * writing must not take more than a small part of all time. */
static const double most_seconds = 10, share_of_run = 0.1, share_of_writing = 0.01;

/* ---- slots ---- */

void flt_slot_release(struct flt_slot *slot)
{
	for (size_t i = 0; i < FLT_N_STATE_VECTORS; i++)
		flt_free(slot->vectors[i]);
	flt_free(slot->epochs);
	*slot = (struct flt_slot){0};
}

enum flt_status flt_slot_make_room(struct flt_slot *slot, const struct flt_train_state *state, size_t max_epochs,
                                   struct flt_error *err)
{
	struct flt_slot room = *slot;
	bool complete = true;
	memset(room.vectors, 0, sizeof room.vectors);
	for (size_t i = 0; complete && i < FLT_N_STATE_VECTORS; i++)
		if (state->vectors[i] || i == FLT_STATE_BEST)
			complete = (room.vectors[i] = flt_alloc(state->n_params, sizeof(float), err));
	room.epochs = complete ? flt_alloc(max_epochs, sizeof *room.epochs, err) : NULL;
	if (!room.epochs) {
		flt_slot_release(&room);
		return FLT_ERR_MACHINE;
	}
	room.is_filled = false;
	room.has_room = true;
	for (size_t i = 0; i < FLT_N_STATE_VECTORS; i++)
		flt_free(slot->vectors[i]);
	flt_free(slot->epochs);
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

enum flt_status flt_checkpoint_make_slots(struct flt_checkpoint *checkpoint, size_t n, struct flt_error *err)
{
	struct flt_slot *slots = flt_alloc_zero(n, sizeof *slots, err);
	if (!slots)
		return FLT_ERR_MACHINE;
	for (size_t i = 0; i < checkpoint->n_members; i++)
		flt_slot_release(&checkpoint->slots[i]);
	flt_free(checkpoint->slots);
	checkpoint->slots = slots;
	checkpoint->n_members = n;
	return FLT_OK;
}

/* ---- life ---- */

/* Options may hold names in any encoding. JSON takes UTF-8: other bytes become the characters of their numbers. */
static char *as_utf8(const char *text, struct flt_error *err)
{
	if (flt_json_is_utf8(text))
		return flt_copy_text(text, strlen(text), err);
	char *wide = flt_alloc(2 * strlen(text) + 1, 1, err), *to = wide;
	for (const unsigned char *at = (const unsigned char *)text; wide && *at; at++) {
		if (*at >= 0x80)
			*to++ = (char)(0xc0 | *at >> 6);
		*to++ = (char)(*at >= 0x80 ? 0x80 | (*at & 0x3f) : *at);
	}
	if (wide)
		*to = '\0';
	return wide;
}

enum flt_status flt_checkpoint_new(const char *path, const struct flt_checkpoint_about *about,
                                   flt_on_write_failure *on_failure, void *context, struct flt_checkpoint **out,
                                   struct flt_error *err)
{
	const char *test = about->test_sha256 ? about->test_sha256 : "";
	*out = NULL;
	struct flt_checkpoint *checkpoint = flt_alloc_zero(1, sizeof *checkpoint, err);
	if (!checkpoint)
		return FLT_ERR_MACHINE;
	pthread_mutex_init(&checkpoint->mutex, NULL);
	checkpoint->on_failure = on_failure;
	checkpoint->context = context;
	checkpoint->path = flt_copy_text(path, strlen(path), err);
	checkpoint->options = checkpoint->path ? as_utf8(about->options, err) : NULL;
	checkpoint->data_sha256 =
	        checkpoint->options ? flt_copy_text(about->data_sha256, strlen(about->data_sha256), err) : NULL;
	checkpoint->test_sha256 = checkpoint->data_sha256 ? flt_copy_text(test, strlen(test), err) : NULL;
	if (!checkpoint->test_sha256) {
		flt_checkpoint_free(checkpoint);
		return FLT_ERR_MACHINE;
	}
	*out = checkpoint;
	return FLT_OK;
}

void flt_checkpoint_free(struct flt_checkpoint *checkpoint)
{
	if (!checkpoint)
		return;
	for (size_t i = 0; i < checkpoint->n_members; i++)
		flt_slot_release(&checkpoint->slots[i]);
	flt_free(checkpoint->slots);
	flt_free(checkpoint->path);
	flt_free(checkpoint->options);
	flt_free(checkpoint->data_sha256);
	flt_free(checkpoint->test_sha256);
	pthread_mutex_destroy(&checkpoint->mutex);
	flt_free(checkpoint);
}

/* ---- writing ---- */

enum flt_status flt_checkpoint_save(struct flt_checkpoint *checkpoint, struct flt_error *err)
{
	uint8_t *bytes;
	size_t n_bytes;
	enum flt_status status = flt_checkpoint_to_bytes(checkpoint, &bytes, &n_bytes, err);
	if (status == FLT_OK)
		status = flt_atomic_write(checkpoint->path, bytes, n_bytes, err);
	flt_free(bytes);
	return status;
}

static double until_next(const struct flt_checkpoint *checkpoint, double began, double now)
{
	return fmax((now - began) / share_of_writing, fmin((now - checkpoint->started) * share_of_run, most_seconds));
}

static bool all_have_left_their_state(const struct flt_checkpoint *checkpoint)
{
	for (size_t i = 0; i < checkpoint->n_members; i++)
		if (checkpoint->slots[i].is_training && checkpoint->slots[i].round != checkpoint->round)
			return false;
	return true;
}

/* Called with the mutex, which others have while the disk works: no other round opens before this one is through. */
static void write_if_complete(struct flt_checkpoint *checkpoint)
{
	if (!checkpoint->is_open || !all_have_left_their_state(checkpoint))
		return;
	checkpoint->is_open = false;
	double began = flt_clock_seconds();
	uint8_t *bytes;
	size_t n_bytes;
	struct flt_error why;
	enum flt_status status = flt_checkpoint_to_bytes(checkpoint, &bytes, &n_bytes, &why);
	pthread_mutex_unlock(&checkpoint->mutex);
	if (status == FLT_OK)
		status = flt_atomic_write(checkpoint->path, bytes, n_bytes, &why);
	flt_free(bytes);
	if (status != FLT_OK && checkpoint->on_failure)
		checkpoint->on_failure(checkpoint->context, &why);
	double now = flt_clock_seconds();
	pthread_mutex_lock(&checkpoint->mutex);
	checkpoint->due = now + until_next(checkpoint, began, now);
}

/* ---- networks ---- */

enum flt_status flt_checkpoint_begin(struct flt_checkpoint *checkpoint, size_t n_members, struct flt_error *err)
{
	checkpoint->started = flt_clock_seconds();
	checkpoint->due = checkpoint->started;
	if (checkpoint->n_members == 0)
		return flt_checkpoint_make_slots(checkpoint, n_members, err);
	if (checkpoint->n_members == n_members)
		return FLT_OK;
	return flt_fail(err, FLT_ERR_MODEL, "%s: holds the state of %zu networks, and this training has %zu",
	                checkpoint->path, checkpoint->n_members, n_members);
}

const struct flt_train_state *flt_checkpoint_enter(struct flt_checkpoint *checkpoint, size_t member, size_t max_epochs)
{
	struct flt_slot *slot = &checkpoint->slots[member];
	pthread_mutex_lock(&checkpoint->mutex);
	slot->max_epochs = max_epochs;
	slot->is_training = true;
	slot->round = checkpoint->round; /* what is known of it is as fresh as can be */
	pthread_mutex_unlock(&checkpoint->mutex);
	return slot->is_filled ? &slot->state : NULL;
}

enum flt_status flt_checkpoint_pass(struct flt_checkpoint *checkpoint, size_t member,
                                    const struct flt_train_state *state, bool stops, struct flt_error *err)
{
	struct flt_slot *slot = &checkpoint->slots[member];
	bool is_due = flt_clock_seconds() >= checkpoint->due;
	if (slot->has_room && !stops && !state->ended && !is_due && slot->round == checkpoint->round)
		return FLT_OK;
	pthread_mutex_lock(&checkpoint->mutex);
	enum flt_status status = slot->has_room ? FLT_OK : flt_slot_make_room(slot, state, slot->max_epochs, err);
	if (is_due && flt_clock_seconds() >= checkpoint->due) {
		checkpoint->round++;
		checkpoint->due = INFINITY;
		checkpoint->is_open = true;
	}
	if (status == FLT_OK) {
		flt_slot_fill(slot, state);
		slot->round = checkpoint->round;
		write_if_complete(checkpoint);
	}
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
