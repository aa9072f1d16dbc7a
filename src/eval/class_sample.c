#include "eval/class_sample.h"

#include <math.h>

void flt_class_sample_begin(struct flt_class_sample *sample, size_t n_most, uint64_t seed)
{
	*sample = (struct flt_class_sample){.n_most = n_most};
	sample->of_class[0] = (struct flt_priority){.most = n_most, .seed = seed, .stream = "sampled negative rows"};
	sample->of_class[1] = (struct flt_priority){.most = n_most, .seed = seed, .stream = "sampled positive rows"};
}

void flt_class_sample_release(struct flt_class_sample *sample)
{
	flt_priority_release(&sample->of_class[0]);
	flt_priority_release(&sample->of_class[1]);
}

enum flt_status flt_class_sample_offer(struct flt_class_sample *sample, size_t row, bool is_positive,
                                       double probability, double prior, size_t *slot, struct flt_error *err)
{
	const double least = 0.01; /* of the prior: no row stands for too many of those that may move up */
	double size = is_positive ? 1 : sqrt(fmax(probability, least * prior));
	return flt_priority_offer(&sample->of_class[is_positive], row, size, slot, err);
}

enum flt_status flt_class_sample_offer_any(struct flt_class_sample *sample, size_t row, size_t *slot,
                                           struct flt_error *err)
{
	return flt_priority_offer(&sample->of_class[0], row, 1, slot, err);
}

void flt_class_sample_end(struct flt_class_sample *sample)
{
	size_t n_others = sample->of_class[0].n, third = sample->n_most / 3, rest = sample->n_most - third;
	size_t for_positive = n_others < rest ? sample->n_most - n_others : third;
	flt_priority_end(&sample->of_class[1], for_positive, &sample->threshold[1]);
	flt_priority_end(&sample->of_class[0], sample->n_most - sample->of_class[1].n, &sample->threshold[0]);
}

size_t flt_class_sample_n(const struct flt_class_sample *sample)
{
	return sample->of_class[0].n + sample->of_class[1].n;
}
