#include "audit/deal.h"

#include "base/alloc.h"
#include "base/random.h"

enum { SEED = 1 };

/* Deals the rows of one class. */
struct dealer {
	struct flt_random random;
	size_t k;                     /* one of k rows is used */
	size_t n_seen, chosen;        /* of the current k rows */
	size_t folds[FLT_DEAL_FOLDS]; /* of the current five rows in use */
	size_t n_dealt;
};

static bool takes_next(struct dealer *dealer)
{
	if (dealer->n_seen == 0)
		dealer->chosen = dealer->k == 1 ? 0 : flt_random_below(&dealer->random, dealer->k);
	bool taken = dealer->n_seen == dealer->chosen;
	dealer->n_seen = (dealer->n_seen + 1) % dealer->k;
	return taken;
}

static unsigned next_fold(struct dealer *dealer)
{
	size_t i = dealer->n_dealt++ % FLT_DEAL_FOLDS;
	if (i == 0) {
		for (size_t fold = 0; fold < FLT_DEAL_FOLDS; fold++)
			dealer->folds[fold] = fold;
		flt_random_shuffle(&dealer->random, dealer->folds, FLT_DEAL_FOLDS);
	}
	return (unsigned)dealer->folds[i];
}

static unsigned fold_of_group(uint64_t group)
{
	struct flt_random random;
	flt_random_init(&random, SEED, "audit group", group);
	return (unsigned)flt_random_below(&random, FLT_DEAL_FOLDS);
}

static void deal_rows(struct flt_deal *deal, struct dealer dealers[2], const uint8_t *label, const uint64_t *group,
                      size_t n_rows)
{
	for (size_t i = 0; i < n_rows; i++) {
		struct dealer *dealer = &dealers[label[i]];
		if (!takes_next(dealer))
			continue;
		deal->place[deal->n] = i;
		unsigned fold = group ? fold_of_group(group[i]) : next_fold(dealer);
		deal->tag[deal->n++] = (uint8_t)(2 * fold + label[i]);
		deal->n_class[label[i]]++;
	}
}

enum flt_status flt_deal_init(struct flt_deal *deal, const uint8_t *label, const uint64_t *group, size_t n_rows,
                              struct flt_error *err)
{
	struct dealer dealers[2];
	size_t n_class[2] = {0}, capacity = 0;
	*deal = (struct flt_deal){0};
	for (size_t i = 0; i < n_rows; i++)
		n_class[label[i]]++;
	for (unsigned class = 0; class < 2; class ++) {
		/* Each class may fill half of the room, so that the rare one is kept whole. */
		size_t most = FLT_DEAL_MAX_ROWS / 2;
		bool all = n_rows <= FLT_DEAL_MAX_ROWS || n_class[class] <= most;
		deal->weight[class] = all ? 1 : (n_class[class] + most - 1) / most;
		dealers[class] = (struct dealer){.k = deal->weight[class]};
		flt_random_init(&dealers[class].random, SEED, "audit", class);
		capacity += n_class[class] / deal->weight[class] + 1;
	}
	deal->place = flt_alloc(capacity, sizeof *deal->place, err);
	deal->tag = flt_alloc(capacity, sizeof *deal->tag, err);
	if (!deal->place || !deal->tag) {
		flt_deal_release(deal);
		return FLT_ERR_MACHINE;
	}
	deal_rows(deal, dealers, label, group, n_rows);
	return FLT_OK;
}

void flt_deal_release(struct flt_deal *deal)
{
	flt_free(deal->place);
	flt_free(deal->tag);
	*deal = (struct flt_deal){0};
}
