/*
 * Collecting states while networks train side by side. When a write is due, a round opens: each network that is between
 * its first step and its last copies its state between its next two steps, and the last one writes the file. So the
 * file is up to date for all networks, nobody waits, and between rounds a step costs one look at the clock. Networks
 * whose state does not move are written as they are: those that prepare their rows, score them or have ended.
 */
#include "protocol/checkpoint_rounds.h"

#include <math.h>
#include <stdatomic.h>

#include "base/alloc.h"
#include "base/atomic_file.h"
#include "base/clock.h"
#include "nn/train_state.h"
#include "protocol/checkpoint_format.h"
#include "protocol/checkpoint_slots.h"

static const double SHARE_OF_WRITING = 0.01;

double flt_checkpoint_pause(double started, double began, double now)
{
	const double most_seconds = 10, share_of_training = 0.1;
	return fmax((now - began) / SHARE_OF_WRITING, fmin((now - started) * share_of_training, most_seconds));
}

static bool all_states_are_of_this_round(const struct flt_checkpoint *checkpoint)
{
	for (size_t t = 0; t < checkpoint->n_trainings; t++) {
		const struct flt_kept_training *training = &checkpoint->trainings[t];
		for (size_t i = 0; i < training->n_members; i++)
			if (training->slots[i].is_moving && training->slots[i].round != checkpoint->round)
				return false;
	}
	return true;
}

/* Called with the mutex locked. Another rank writes the file: it gets what is new by post. */
static enum flt_status post_bytes(struct flt_checkpoint *checkpoint, struct flt_error *err)
{
	uint8_t *bytes;
	size_t n_bytes;
	FLT_TRY(flt_checkpoint_news_to_bytes(checkpoint, &bytes, &n_bytes, err));
	flt_ranks_post(checkpoint->ranks, bytes, n_bytes);
	return FLT_OK;
}

/* Called with the mutex locked, which is unlocked while the disk works. */
static enum flt_status write_bytes(struct flt_checkpoint *checkpoint, struct flt_error *err)
{
	uint8_t *bytes;
	size_t n_bytes;
	if (flt_ranks_own(checkpoint->ranks) > 0)
		return post_bytes(checkpoint, err);
	FLT_TRY(flt_checkpoint_to_bytes(checkpoint, &bytes, &n_bytes, err));
	pthread_mutex_unlock(&checkpoint->mutex);
	enum flt_status status = flt_atomic_write(checkpoint->path, bytes, n_bytes, err);
	pthread_mutex_lock(&checkpoint->mutex);
	flt_free(bytes);
	return status;
}

/* `due` is infinite while the mutex is unlocked, so no round opens. */
static enum flt_status write_states(struct flt_checkpoint *checkpoint, struct flt_error *err)
{
	double began = flt_clock_seconds();
	enum flt_status status = write_bytes(checkpoint, err);
	double now = flt_clock_seconds();
	checkpoint->affordable = now + (now - began) / SHARE_OF_WRITING;
	checkpoint->due = now + flt_checkpoint_pause(checkpoint->started, began, now);
	pthread_cond_broadcast(&checkpoint->moved);
	return status;
}

/* Called with the mutex locked, whenever something has changed that a writer waits for. */
static void write_if_complete(struct flt_checkpoint *checkpoint)
{
	pthread_cond_broadcast(&checkpoint->moved);
	if (!checkpoint->is_open || !all_states_are_of_this_round(checkpoint))
		return;
	checkpoint->is_open = false;
	struct flt_error why;
	if (write_states(checkpoint, &why) != FLT_OK && checkpoint->on_failure)
		checkpoint->on_failure(checkpoint->context, &why);
}

static void open_round(struct flt_checkpoint *checkpoint)
{
	checkpoint->round++;
	checkpoint->due = INFINITY;
}

/* A round of its own, which takes the place of an open one. */
enum flt_status flt_checkpoint_save(struct flt_checkpoint *checkpoint, struct flt_error *err)
{
	pthread_mutex_lock(&checkpoint->mutex);
	while (isinf(checkpoint->due) && !checkpoint->is_open) /* an older state is being written */
		pthread_cond_wait(&checkpoint->moved, &checkpoint->mutex);
	open_round(checkpoint);
	checkpoint->is_open = false;
	while (!all_states_are_of_this_round(checkpoint))
		pthread_cond_wait(&checkpoint->moved, &checkpoint->mutex);
	enum flt_status status = write_states(checkpoint, err);
	pthread_mutex_unlock(&checkpoint->mutex);
	return status;
}

static enum flt_status begin(struct flt_kept_training *training, size_t n_members, struct flt_error *err)
{
	if (training->n_members == 0)
		return flt_kept_training_make_slots(training, n_members, err);
	if (training->n_members == n_members)
		return FLT_OK;
	return flt_fail(err, FLT_ERR_MODEL, "holds the state of %zu networks, and this training has %zu",
	                training->n_members, n_members);
}

enum flt_status flt_checkpoint_begin(struct flt_checkpoint *checkpoint, size_t training, size_t n_members,
                                     struct flt_error *err)
{
	pthread_mutex_lock(&checkpoint->mutex);
	enum flt_status status = begin(&checkpoint->trainings[training], n_members, err);
	pthread_mutex_unlock(&checkpoint->mutex);
	return status;
}

static struct flt_slot *slot_of(struct flt_checkpoint *checkpoint, size_t training, size_t member)
{
	return &checkpoint->trainings[training].slots[member];
}

const struct flt_train_state *flt_checkpoint_enter(struct flt_checkpoint *checkpoint, size_t training, size_t member,
                                                   size_t max_epochs)
{
	struct flt_slot *slot = slot_of(checkpoint, training, member);
	slot->max_epochs = max_epochs;
	return slot->is_filled ? &slot->state : NULL;
}

static void open_round_if_due(struct flt_checkpoint *checkpoint)
{
	if (flt_clock_seconds() < checkpoint->due)
		return;
	open_round(checkpoint);
	checkpoint->is_open = true;
}

/* Called with the mutex locked. From a state just before divergence nobody could go on: the slot keeps the older one.
 */
static enum flt_status copy_state(struct flt_checkpoint *checkpoint, struct flt_slot *slot,
                                  const struct flt_train_state *state, struct flt_error *err)
{
	bool can_go_on = flt_train_state_fault(state) == NULL;
	if (can_go_on && !slot->has_room)
		FLT_TRY(flt_slot_make_room(slot, state, slot->max_epochs, err));
	open_round_if_due(checkpoint);
	if (can_go_on)
		flt_slot_fill(slot, state);
	slot->is_news = slot->is_filled;
	slot->round = checkpoint->round;
	slot->is_moving = !state->ended;
	write_if_complete(checkpoint);
	return FLT_OK;
}

enum flt_status flt_checkpoint_pass(struct flt_checkpoint *checkpoint, size_t training, size_t member,
                                    const struct flt_train_state *state, bool stops, struct flt_error *err)
{
	struct flt_slot *slot = slot_of(checkpoint, training, member);
	bool is_asked = slot->round != checkpoint->round || flt_clock_seconds() >= checkpoint->due;
	if (slot->has_room && !stops && !state->ended && !is_asked)
		return FLT_OK;
	pthread_mutex_lock(&checkpoint->mutex);
	enum flt_status status = copy_state(checkpoint, slot, state, err);
	pthread_mutex_unlock(&checkpoint->mutex);
	return status;
}

void flt_checkpoint_leave(struct flt_checkpoint *checkpoint, size_t training, size_t member)
{
	pthread_mutex_lock(&checkpoint->mutex);
	slot_of(checkpoint, training, member)->is_moving = false;
	write_if_complete(checkpoint);
	pthread_mutex_unlock(&checkpoint->mutex);
}

/* ---- studies ---- */

static enum flt_status begin_study(struct flt_checkpoint *checkpoint, size_t n_trainings, struct flt_error *err)
{
	const struct flt_kept_training *first = &checkpoint->trainings[0];
	bool is_new = checkpoint->n_trainings == 1 && first->n_members == 0 && !first->has_ended;
	if (is_new)
		return flt_checkpoint_make_trainings(checkpoint, n_trainings, err);
	if (checkpoint->n_trainings == n_trainings)
		return FLT_OK;
	return flt_fail(err, FLT_ERR_MODEL, "holds the state of %zu trainings, and this study has %zu",
	                checkpoint->n_trainings, n_trainings);
}

enum flt_status flt_checkpoint_begin_study(struct flt_checkpoint *checkpoint, size_t n_trainings, struct flt_error *err)
{
	pthread_mutex_lock(&checkpoint->mutex);
	enum flt_status status = begin_study(checkpoint, n_trainings, err);
	pthread_mutex_unlock(&checkpoint->mutex);
	return status;
}

const struct flt_training_result *flt_checkpoint_result(const struct flt_checkpoint *checkpoint, size_t training)
{
	const struct flt_kept_training *kept = &checkpoint->trainings[training];
	return kept->has_ended ? &kept->result : NULL;
}

enum flt_status flt_checkpoint_end(struct flt_checkpoint *checkpoint, size_t training,
                                   const struct flt_training_result *result, struct flt_error *err)
{
	pthread_mutex_lock(&checkpoint->mutex);
	enum flt_status status = flt_kept_training_end(&checkpoint->trainings[training], result, err);
	checkpoint->trainings[training].is_news = status == FLT_OK;
	if (status == FLT_OK && checkpoint->affordable < checkpoint->due && !isinf(checkpoint->due))
		checkpoint->due = checkpoint->affordable;
	open_round_if_due(checkpoint);
	write_if_complete(checkpoint);
	pthread_mutex_unlock(&checkpoint->mutex);
	return status;
}
