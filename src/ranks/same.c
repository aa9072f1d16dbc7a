#include "ranks/same.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

struct comparison {
	struct flt_ranks_trait *traits; /* (n) */
	size_t n;
};

/* The texts stand one behind the other, each with its NUL. */
static enum flt_status compare(void *context, size_t rank, const uint8_t *bytes, size_t n_bytes, struct flt_error *err)
{
	const struct comparison *comparison = context;
	const char *at = (const char *)bytes, *end = at + n_bytes;
	(void)err;
	for (size_t i = 0; i < comparison->n; i++) {
		struct flt_ranks_trait *trait = &comparison->traits[i];
		bool is_there = at < end && memchr(at, '\0', (size_t)(end - at));
		const char *other = is_there ? at : "";
		if (trait->odd_rank == SIZE_MAX && strcmp(other, trait->own) != 0) {
			trait->odd_rank = rank;
			snprintf(trait->other, sizeof trait->other, "%s", other);
		}
		at = is_there ? at + strlen(at) + 1 : end;
	}
	return FLT_OK;
}

static enum flt_status tell(const struct comparison *comparison, struct flt_error *err)
{
	for (size_t i = 0; i < comparison->n; i++) {
		const struct flt_ranks_trait *trait = &comparison->traits[i];
		if (trait->odd_rank != SIZE_MAX && trait->status != FLT_OK)
			return flt_fail(err, trait->status, "rank %zu %s", trait->odd_rank, trait->differs);
	}
	return FLT_OK;
}

/* Every rank may find another pair: rank 0, from which others differ, says what it found. */
enum flt_status flt_ranks_compare(struct flt_ranks *ranks, struct flt_ranks_trait *traits, size_t n,
                                  struct flt_error *err)
{
	struct comparison comparison = {.traits = traits, .n = n};
	struct flt_text_buffer text = {0};
	enum flt_status status = FLT_OK;
	for (size_t i = 0; i < n; i++) {
		traits[i].odd_rank = SIZE_MAX;
		traits[i].other[0] = '\0';
		FLT_TRY_OUT(flt_text_buffer_append(&text, traits[i].own, strlen(traits[i].own) + 1, err));
	}
	FLT_TRY_OUT(flt_ranks_share(ranks, (const uint8_t *)text.bytes, text.length, compare, &comparison, err));
	if (flt_ranks_own(ranks) == 0)
		status = tell(&comparison, err);
	status = flt_ranks_agree(ranks, 0, status, err);
out:
	flt_text_buffer_release(&text);
	return status;
}
