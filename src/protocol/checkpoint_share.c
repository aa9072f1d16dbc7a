#include "protocol/checkpoint_share.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/pool.h"
#include "protocol/checkpoint_format.h"
#include "protocol/checkpoint_slots.h"
#include "ranks/same.h"

/* ---- merging ---- */

static size_t count_begun(const struct flt_checkpoint *checkpoint)
{
	size_t n = 0;
	for (size_t t = 0; t < checkpoint->n_trainings; t++)
		n += checkpoint->trainings[t].n_members > 0;
	return n;
}

/* What has come late by post may be older than what is there. */
static bool is_newer(const struct flt_slot *slot, const struct flt_slot *than)
{
	if (!slot->is_filled || than->is_moving)
		return false;
	return !than->is_filled || slot->state.n_steps > than->state.n_steps ||
	       (slot->state.n_steps == than->state.n_steps && slot->state.n_epochs > than->state.n_epochs);
}

static void take_slot(struct flt_slot *to, struct flt_slot *from)
{
	struct flt_slot older = *to;
	*to = *from;
	to->max_epochs = older.max_epochs;
	to->round = older.round;
	*from = older;
}

/* A file holds no more trainings under way than one process can have. Those of other ranks beyond that begin anew if
 * all is stopped. */
static enum flt_status merge_slots(struct flt_checkpoint *checkpoint, struct flt_kept_training *to,
                                   struct flt_kept_training *from, struct flt_error *err)
{
	if (from->n_members == 0 || to->has_ended)
		return FLT_OK;
	if (to->n_members == 0) {
		if (checkpoint->n_trainings > 1 && count_begun(checkpoint) >= FLT_MAX_THREADS)
			return FLT_OK;
		FLT_TRY(flt_kept_training_make_slots(to, from->n_members, err));
	}
	for (size_t i = 0; i < to->n_members && i < from->n_members; i++)
		if (is_newer(&from->slots[i], &to->slots[i]))
			take_slot(&to->slots[i], &from->slots[i]);
	return FLT_OK;
}

static enum flt_status merge_training(struct flt_checkpoint *checkpoint, struct flt_kept_training *to,
                                      struct flt_kept_training *from, struct flt_error *err)
{
	if (from->has_ended && !to->has_ended)
		return flt_kept_training_end(to, &from->result, err);
	return merge_slots(checkpoint, to, from, err);
}

static bool is_empty(const struct flt_checkpoint *checkpoint)
{
	const struct flt_kept_training *first = &checkpoint->trainings[0];
	return checkpoint->n_trainings == 1 && first->n_members == 0 && !first->has_ended;
}

static enum flt_status merge(struct flt_checkpoint *to, struct flt_checkpoint *from, struct flt_error *err)
{
	if (is_empty(from))
		return FLT_OK;
	if (is_empty(to) && from->n_trainings > 1)
		FLT_TRY(flt_checkpoint_make_trainings(to, from->n_trainings, err));
	if (to->n_trainings != from->n_trainings)
		return flt_fail(err, FLT_ERR_MACHINE,
		                "ranks have %zu and %zu trainings; start all of them with the same "
		                "program, options and files",
		                to->n_trainings, from->n_trainings);
	for (size_t t = 0; t < to->n_trainings; t++)
		FLT_TRY(merge_training(to, &to->trainings[t], &from->trainings[t], err));
	return FLT_OK;
}

/* Called with the mutex unlocked. The bytes are read into a checkpoint of their own, as a file would be. */
static enum flt_status take_bytes(void *context, size_t rank, const uint8_t *bytes, size_t n_bytes,
                                  struct flt_error *err)
{
	struct flt_checkpoint *checkpoint = context;
	struct flt_checkpoint from = {.command = checkpoint->command,
	                              .options = checkpoint->options,
	                              .data_sha256 = checkpoint->data_sha256,
	                              .test_sha256 = checkpoint->test_sha256,
	                              .most_trainings = checkpoint->most_trainings};
	enum flt_status status = flt_checkpoint_parse(&from, bytes, n_bytes, true, err);
	if (status == FLT_OK) {
		pthread_mutex_lock(&checkpoint->mutex);
		status = merge(checkpoint, &from, err);
		if (*from.other_kernels.text && rank != SIZE_MAX && !*checkpoint->odd_kernels.text) {
			checkpoint->odd_kernels = from.other_kernels;
			checkpoint->odd_rank = rank;
		}
		pthread_mutex_unlock(&checkpoint->mutex);
	}
	flt_checkpoint_release_trainings(&from);
	return status;
}

/* ---- sharing ---- */

static void mark_news(struct flt_checkpoint *checkpoint, bool are_news)
{
	for (size_t t = 0; t < checkpoint->n_trainings; t++) {
		struct flt_kept_training *training = &checkpoint->trainings[t];
		training->is_news = are_news;
		for (size_t i = 0; i < training->n_members; i++)
			training->slots[i].is_news = are_news;
	}
}

void flt_checkpoint_drop_news(struct flt_checkpoint *checkpoint)
{
	pthread_mutex_lock(&checkpoint->mutex);
	mark_news(checkpoint, false);
	pthread_mutex_unlock(&checkpoint->mutex);
}

static enum flt_status news_to_bytes(struct flt_checkpoint *checkpoint, uint8_t **bytes, size_t *n_bytes,
                                     struct flt_error *err)
{
	pthread_mutex_lock(&checkpoint->mutex);
	enum flt_status status = flt_checkpoint_news_to_bytes(checkpoint, bytes, n_bytes, err);
	pthread_mutex_unlock(&checkpoint->mutex);
	return status;
}

enum flt_status flt_checkpoint_share(struct flt_checkpoint *checkpoint, struct flt_error *err)
{
	uint8_t *bytes;
	size_t n_bytes;
	FLT_TRY(news_to_bytes(checkpoint, &bytes, &n_bytes, err));
	enum flt_status status = flt_ranks_share(checkpoint->ranks, bytes, n_bytes, take_bytes, checkpoint, err);
	flt_free(bytes);
	flt_checkpoint_drop_news(checkpoint);
	return status;
}

/* ---- joining ---- */

static enum flt_status check_same(const struct flt_checkpoint *checkpoint, struct flt_error *err)
{
	struct flt_ranks_trait traits[] = {
	        {.own = checkpoint->data_sha256,
	         .status = FLT_ERR_DATA,
	         .differs = "has read other data; give all ranks the same files"},
	        {.own = checkpoint->test_sha256,
	         .status = FLT_ERR_DATA,
	         .differs = "has read other rows in the file of --test; give all ranks the same file"},
	};
	return flt_ranks_compare(checkpoint->ranks, traits, sizeof traits / sizeof *traits, err);
}

enum flt_status flt_checkpoint_join(struct flt_checkpoint *checkpoint, struct flt_ranks *ranks, bool is_written,
                                    struct flt_error *err)
{
	if (!ranks)
		return FLT_OK;
	checkpoint->ranks = ranks;
	if (flt_ranks_own(ranks) > 0)
		checkpoint->due = is_written ? checkpoint->started : INFINITY;
	FLT_TRY(check_same(checkpoint, err));
	mark_news(checkpoint, true);
	FLT_TRY(flt_checkpoint_share(checkpoint, err));
	if (flt_ranks_own(ranks) == 0)
		flt_ranks_receive(ranks, take_bytes, checkpoint);
	return FLT_OK;
}

const char *flt_checkpoint_odd_rank(const struct flt_checkpoint *checkpoint, size_t *rank)
{
	*rank = checkpoint->odd_rank;
	return *checkpoint->odd_kernels.text ? checkpoint->odd_kernels.text : NULL;
}
