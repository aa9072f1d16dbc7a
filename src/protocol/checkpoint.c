#include "protocol/checkpoint.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/character.h"
#include "base/clock.h"
#include "container/envelope.h"
#include "nn/kernels.h"
#include "protocol/checkpoint_format.h"
#include "protocol/checkpoint_slots.h"

/* Options may hold column names in any encoding, and JSON takes UTF-8 only: a byte that is none becomes U+FFFD with its
 * number, and U+FFFD itself two of them, so that different options stay different. */
static char *as_utf8(const char *text, struct flt_error *err)
{
	static const char mark[] = "\xef\xbf\xbd";
	enum { MARK = sizeof mark - 1, MOST = MARK + 2 /* for a byte, with its number */ };
	char *utf8 = flt_alloc(MOST * strlen(text) + 1, 1, err), *to = utf8;
	for (size_t n; utf8 && *text; text += n) {
		n = flt_utf8_length(text);
		if (n == 0 || strncmp(text, mark, MARK) == 0)
			to = stpcpy(to, mark);
		if (n == 0) {
			n = 1;
			to += snprintf(to, MOST - MARK + 1, "%02x", (unsigned char)*text);
		} else {
			to = mempcpy(to, text, n);
		}
	}
	if (utf8)
		*to = '\0';
	return utf8;
}

static char *copy_text(const char *text, struct flt_error *err)
{
	return flt_copy_text(text, strlen(text), err);
}

enum flt_status flt_checkpoint_new(const char *path, const struct flt_checkpoint_about *about,
                                   flt_on_write_failure *on_failure, void *context, struct flt_checkpoint **out,
                                   struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	*out = NULL;
	struct flt_checkpoint *checkpoint = flt_alloc_zero(1, sizeof *checkpoint, err);
	FLT_TRY_MEMORY(checkpoint);
	pthread_mutex_init(&checkpoint->mutex, NULL);
	pthread_cond_init(&checkpoint->moved, NULL);
	checkpoint->on_failure = on_failure;
	checkpoint->most_trainings = about->most_trainings ? about->most_trainings : SIZE_MAX;
	checkpoint->context = context;
	checkpoint->path = path ? copy_text(path, err) : NULL;
	checkpoint->command = copy_text(about->command, err);
	checkpoint->options = as_utf8(about->options, err);
	checkpoint->data_sha256 = copy_text(about->data_sha256, err);
	checkpoint->test_sha256 = copy_text(about->test_sha256 ? about->test_sha256 : "", err);
	FLT_TRY_MEMORY_OUT((checkpoint->path || !path) && checkpoint->command && checkpoint->options &&
	                   checkpoint->data_sha256 && checkpoint->test_sha256);
	FLT_TRY_OUT(flt_checkpoint_make_trainings(checkpoint, 1, err));
	checkpoint->started = flt_clock_seconds();
	checkpoint->affordable = checkpoint->started;
	checkpoint->due = path ? checkpoint->started : INFINITY;
	*out = checkpoint;
	return FLT_OK;
out:
	flt_checkpoint_free(checkpoint);
	return status;
}

void flt_checkpoint_free(struct flt_checkpoint *checkpoint)
{
	if (!checkpoint)
		return;
	if (checkpoint->ranks)
		flt_ranks_receive(checkpoint->ranks, NULL, NULL);
	flt_checkpoint_release_trainings(checkpoint);
	flt_free(checkpoint->path);
	flt_free(checkpoint->command);
	flt_free(checkpoint->options);
	flt_free(checkpoint->data_sha256);
	flt_free(checkpoint->test_sha256);
	pthread_mutex_destroy(&checkpoint->mutex);
	pthread_cond_destroy(&checkpoint->moved);
	flt_free(checkpoint);
}

enum flt_status flt_checkpoint_load(struct flt_checkpoint *checkpoint, const char *path, struct flt_error *err)
{
	uint8_t *bytes;
	size_t n_bytes;
	struct flt_error why;
	FLT_TRY(flt_safetensors_read(path, &bytes, &n_bytes, err));
	enum flt_status status = flt_checkpoint_parse(checkpoint, bytes, n_bytes, true, &why);
	if (status != FLT_OK)
		flt_envelope_fail(&flt_checkpoint_envelope, path, status, &why, err);
	flt_free(bytes);
	return status;
}

const char *flt_checkpoint_other_kernels(const struct flt_checkpoint *checkpoint)
{
	return *checkpoint->other_kernels.text ? checkpoint->other_kernels.text : NULL;
}

const char *flt_checkpoint_own_kernels(void)
{
	return flt_kernels()->name;
}

enum flt_status flt_checkpoint_is_file(const char *path, bool *is_one, struct flt_error *err)
{
	return flt_envelope_is_file(&flt_checkpoint_envelope, path, is_one, err);
}
