#include "protocol/shared_preps.h"

#include <assert.h>

void flt_shared_preps_init(struct flt_shared_preps *shared)
{
	shared->n = 0;
	pthread_mutex_init(&shared->mutex, NULL);
	pthread_cond_init(&shared->moved, NULL);
}

void flt_shared_preps_release(struct flt_shared_preps *shared)
{
	for (size_t i = 0; i < shared->n; i++)
		flt_prep_free(shared->of[i].prep);
	pthread_cond_destroy(&shared->moved);
	pthread_mutex_destroy(&shared->mutex);
}

bool flt_shared_preps_are_alike(const struct flt_prep_options *a, const struct flt_prep_options *b)
{
	return a->scale == b->scale && a->n_steps == b->n_steps && a->n_columns == b->n_columns;
}

/* NULL: there is none, and nobody is learning it. */
static struct flt_shared_prep *find(struct flt_shared_preps *shared, size_t rows, const struct flt_prep_options *how)
{
	for (size_t i = 0; i < shared->n; i++)
		if (shared->of[i].rows == rows && flt_shared_preps_are_alike(shared->of[i].how, how))
			return &shared->of[i];
	return NULL;
}

struct flt_prep *flt_shared_preps_take(struct flt_shared_preps *shared, size_t rows, const struct flt_prep_options *how)
{
	struct flt_prep *prep = NULL;
	struct flt_shared_prep *found;
	pthread_mutex_lock(&shared->mutex);
	while ((found = find(shared, rows, how)) && !found->prep)
		pthread_cond_wait(&shared->moved, &shared->mutex);
	if (found) {
		prep = flt_prep_hold(found->prep);
	} else {
		assert(shared->n < FLT_MAX_MEMBERS);
		shared->of[shared->n++] = (struct flt_shared_prep){.rows = rows, .how = how};
	}
	pthread_mutex_unlock(&shared->mutex);
	return prep;
}

void flt_shared_preps_offer(struct flt_shared_preps *shared, size_t rows, const struct flt_prep_options *how,
                            struct flt_prep *prep)
{
	pthread_mutex_lock(&shared->mutex);
	struct flt_shared_prep *found = find(shared, rows, how);
	assert(found); /* flt_shared_preps_take has put it there */
	if (prep)
		found->prep = flt_prep_hold(prep);
	else
		*found = shared->of[--shared->n];
	pthread_cond_broadcast(&shared->moved);
	pthread_mutex_unlock(&shared->mutex);
}
