#include "protocol/pace.h"

#include <math.h>

#include "base/alloc.h"

enum flt_status flt_pace_init(struct flt_pace *pace, size_t n_trainings, size_t n_threads, struct flt_error *err)
{
	*pace = (struct flt_pace){.n_trainings = n_trainings, .n_threads = n_threads};
	pace->trainings = flt_alloc_zero(n_trainings, sizeof *pace->trainings, err);
	pace->free_at = flt_alloc(n_threads, sizeof *pace->free_at, err);
	FLT_TRY_MEMORY(pace->trainings && pace->free_at);
	return FLT_OK;
}

void flt_pace_release(struct flt_pace *pace)
{
	flt_free(pace->trainings);
	flt_free(pace->free_at);
	*pace = (struct flt_pace){0};
}

void flt_pace_begin(struct flt_pace *pace, size_t training, double now)
{
	pace->trainings[training].has_begun = true;
	pace->trainings[training].began = now;
}

void flt_pace_end(struct flt_pace *pace, size_t training, double now)
{
	pace->trainings[training].has_ended = true;
	pace->trainings[training].ended = now;
	pace->trainings[training].done = 1;
	pace->n_ended++;
}

void flt_pace_restore(struct flt_pace *pace, size_t training)
{
	flt_pace_begin(pace, training, 0);
	flt_pace_end(pace, training, 0);
	pace->trainings[training].restored = 1;
}

double flt_pace_done(const struct flt_pace *pace)
{
	double done = 0, all = 0;
	for (size_t i = 0; i < pace->n_trainings; i++) {
		done += pace->trainings[i].work * pace->trainings[i].done;
		all += pace->trainings[i].work;
	}
	return all > 0 ? done / all : 1;
}

/* Seconds that a thread takes for a unit of work; NaN if nothing has been done. */
static double seconds_of_unit(const struct flt_pace *pace, double now)
{
	double seconds = 0, done = 0;
	for (size_t i = 0; i < pace->n_trainings; i++) {
		const struct flt_pace_training *training = &pace->trainings[i];
		if (!training->has_begun)
			continue;
		seconds += (training->has_ended ? training->ended : now) - training->began;
		done += training->work * (training->done - training->restored);
	}
	return done > 0 ? seconds / done : (double)NAN;
}

static double left_of(const struct flt_pace_training *training)
{
	return training->work * (1 - training->done);
}

/* Adds work to the thread that is free first. */
static void give(const struct flt_pace *pace, double work)
{
	size_t first = 0;
	for (size_t i = 1; i < pace->n_threads; i++)
		if (pace->free_at[i] < pace->free_at[first])
			first = i;
	pace->free_at[first] += work;
}

double flt_pace_left(const struct flt_pace *pace, double now)
{
	double most = 0;
	for (size_t i = 0; i < pace->n_threads; i++)
		pace->free_at[i] = 0;
	for (int has_begun = 1; has_begun >= 0; has_begun--) /* each of those under way has a thread */
		for (size_t i = 0; i < pace->n_trainings; i++)
			if (pace->trainings[i].has_begun == has_begun && !pace->trainings[i].has_ended)
				give(pace, left_of(&pace->trainings[i]));
	for (size_t i = 0; i < pace->n_threads; i++)
		most = fmax(most, pace->free_at[i]);
	return most * seconds_of_unit(pace, now);
}
