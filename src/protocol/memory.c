/*
 * The estimate adds up what grows with rows, features and weights, and leaves out what is always small. A test compares
 * it with what fits allocate.
 */
#include "protocol/memory.h"

#include <math.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/machine.h"
#include "base/pool.h"
#include "prep/steps.h"
#include "protocol/bag_folds.h"
#include "protocol/bag_scores.h"

/* Bytes. */
struct need {
	size_t n_params;           /* of the largest network */
	double base;               /* allocated already */
	double rows;               /* of one fit: what is kept for each row */
	double copy;               /* prepared rows of one network in training */
	double n_params_in_all;    /* of one fit */
	double finished;           /* of one fit: the weights of all its networks, and their states in a checkpoint */
	double network;            /* of one network in training, beside its rows */
	double scores;             /* of one bag: its held-out scores, after training */
	size_t n_fits, n_networks; /* at once: fits, and networks of each */
};

/* Networks at work have a copy of the rows each. All copies together take no more than twice what the rows take once,
 * and 100 MB. */
static const double COPIES = 2, FREE_BYTES = 100e6;

/* Inputs of the widest network: those of all columns, and steps. */
static size_t widest(const struct flt_roster *roster, size_t n_features)
{
	size_t n_steps = 0;
	for (size_t i = 0; i < roster->n_kinds; i++)
		if (roster->kinds[i].prep.n_steps > n_steps)
			n_steps = roster->kinds[i].prep.n_steps;
	return n_features + n_steps;
}

size_t flt_members_at_work(const struct flt_roster *roster, size_t n_rows, size_t n_features, unsigned n_threads)
{
	double value = (double)n_rows * sizeof(float), copy = value * (double)widest(roster, n_features);
	double most = floor((COPIES * value * (double)n_features + FREE_BYTES) / copy);
	size_t n = roster->n_members < n_threads ? roster->n_members : n_threads;
	if (most < 1)
		return 1;
	return most < (double)n ? (size_t)most : n;
}

static double total(const struct need *need)
{
	double networks = (double)need->n_networks * (need->network + need->copy);
	double fit = need->rows + need->finished + fmax(networks, need->scores);
	return need->base + (double)need->n_fits * fit;
}

/* Without validation rows, each of several networks leaves out rows of its own. */
static bool is_bag(const struct flt_fit_size *size)
{
	return size->roster->n_members > 1 && size->n_validation == 0;
}

/* Scores of single members: each leaves out a fold. */
static size_t n_left_out_in_all(const struct flt_fit_size *size)
{
	return size->roster->n_members * size->n_fit / size->roster->n_folds;
}

/* Networks of a kind among the first, before kinds are judged. */
static size_t n_first_of(const struct flt_roster *roster, size_t kind)
{
	size_t n = roster->n_tried * roster->n_kinds;
	n = n < roster->n_members ? n : roster->n_members;
	return (n + roster->n_kinds - 1 - kind) / roster->n_kinds;
}

/* Measures the networks, of which the largest may be those that train the rest. */
static enum flt_status size_networks(const struct flt_fit_size *size, struct need *need, struct flt_error *err)
{
	const struct flt_roster *roster = size->roster;
	size_t n_judged = is_bag(size) ? size->n_fit / roster->n_folds : size->n_validation;
	size_t n_rest = roster->n_members;
	struct flt_data fit = {.n_rows = size->n_fit, .n_in = size->n_features, .numeric = size->numeric};
	for (size_t i = 0; i < roster->n_kinds; i++) {
		struct flt_train_options options = roster->kinds[i].train;
		struct flt_train_memory memory;
		if (roster->n_members > 1)
			options.n_threads = 1;
		FLT_TRY(flt_train_memory(&options, &fit, n_judged, &memory, err));
		need->network = fmax(need->network, memory.n_bytes);
		if (roster->kinds[i].prep.n_steps > 0)
			need->network = fmax(need->network, (double)flt_steps_bytes(size->n_features, size->n_fit));
		if (memory.n_params > need->n_params)
			need->n_params = memory.n_params;
		need->n_params_in_all += (double)n_first_of(roster, i) * (double)memory.n_params;
		n_rest -= n_first_of(roster, i);
	}
	need->n_params_in_all += (double)n_rest * (double)need->n_params;
	/* member.c: prepared rows, their labels and weights, and their numbers */
	double row = (double)(widest(roster, size->n_features) + 1) * sizeof(float) + sizeof(size_t);
	need->copy = (double)(size->n_fit + size->n_validation) * row;
	return FLT_OK;
}

static enum flt_status add_up(const struct flt_fit_size *size, const struct flt_sharing *sharing, struct need *need,
                              struct flt_error *err)
{
	const struct flt_roster *roster = size->roster;
	bool is_shared = sharing->n_fits > 1;
	unsigned n_threads = flt_pool_size(roster->kinds[0].train.n_threads);
	double n_members = (double)roster->n_members, n_judged = (double)size->n_validation;
	FLT_TRY(size_networks(size, need, err));
	need->n_fits = is_shared ? sharing->n_fits : 1;
	need->n_networks = flt_members_at_work(roster, size->n_fit + size->n_validation, size->n_features, n_threads);
	need->base = (double)(is_shared ? sharing->n_bytes_before : flt_alloc_live());
	need->rows = (double)(size->n_fit + size->n_validation) * (sizeof(uint8_t) + sizeof(float));
	if (is_bag(size)) { /* each row's folds, its score, and the logits of the members that left it out */
		size_t n_left_out = n_left_out_in_all(size);
		double n_deals = ceil(n_members / (double)roster->n_kinds / 2);
		need->rows += (double)size->n_fit * (n_deals * sizeof(uint32_t) + sizeof(double)) +
		              2 * (double)n_left_out * sizeof(float);
		need->scores = (double)flt_bag_scores_bytes(size->n_fit, roster->n_folds);
		n_judged = (double)size->n_fit;
	}
	/* judge.c: the scores of each kind, and what ensemble selection makes of them */
	need->scores = fmax(need->scores, n_judged * (2 * (double)roster->n_kinds + 4) * sizeof(double));
	/* The best weights, and in a pool the last. A checkpoint holds each state twice: in its slot, and in the bytes
	 * of the file. */
	double n_vectors = 1 + (roster->n_kinds > 1) + (size->has_checkpoint ? 2 * FLT_N_STATE_VECTORS : 0);
	need->finished = n_vectors * need->n_params_in_all * sizeof(float);
	return FLT_OK;
}

/* The most threads that stay within the limit; 0 if not even one does. Threads run fits side by side, or the networks
 * of a single fit. */
static size_t threads_that_fit(const struct need *need, double limit)
{
	struct need less = *need;
	size_t *n = need->n_fits > 1 ? &less.n_fits : &less.n_networks;
	while (*n > 0 && total(&less) > limit)
		--*n;
	return *n;
}

enum { SHARE_SIZE = 160, TIMES_SIZE = 32, THREADS_SIZE = 48 };

static void say_times(size_t n, char text[TIMES_SIZE])
{
	text[0] = '\0';
	if (n > 1)
		snprintf(text, TIMES_SIZE, ", %zu at once", n);
}

/* Says what needs the most, and how to reduce it. */
static void describe_largest(const struct need *need, const struct flt_fit_size *size, char share[SHARE_SIZE],
                             const char **remedy)
{
	double n_fits = (double)need->n_fits, n_networks = (double)need->n_networks;
	double rows = n_fits * (need->rows + n_networks * need->copy);
	double networks = n_fits * (need->finished + n_networks * need->network);
	char bytes[FLT_SIZE_TEXT], times[TIMES_SIZE];
	if (networks >= rows && networks >= need->base) {
		say_times(need->n_fits * need->n_networks, times);
		flt_size_text(networks, bytes);
		snprintf(share, SHARE_SIZE, "%s are for training networks of %zu weights%s", bytes, need->n_params,
		         times);
		*remedy = "choose smaller --hidden layers or a smaller --batch";
	} else if (rows >= need->base) {
		say_times(need->n_fits * need->n_networks, times);
		flt_size_text(rows, bytes);
		snprintf(share, SHARE_SIZE, "%s are for %zu rows of %zu prepared inputs%s", bytes,
		         size->n_fit + size->n_validation, size->n_features, times);
		*remedy = "leave columns out with --drop or use fewer rows";
	} else {
		flt_size_text(need->base, bytes);
		snprintf(share, SHARE_SIZE, "%s are for the table as it was read", bytes);
		*remedy = "leave columns out with --drop or use fewer rows";
	}
}

enum flt_status flt_fit_memory_check(const struct flt_fit_size *size, const struct flt_sharing *sharing,
                                     struct flt_error *err)
{
	struct need need = {0};
	double limit = (double)flt_alloc_limit();
	FLT_TRY(add_up(size, sharing, &need, err));
	if (total(&need) <= limit)
		return FLT_OK;
	char needed[FLT_SIZE_TEXT], allowed[FLT_SIZE_TEXT], share[SHARE_SIZE], threads[THREADS_SIZE] = "";
	const char *remedy;
	flt_size_text(total(&need), needed);
	flt_size_text(limit, allowed);
	describe_largest(&need, size, share, &remedy);
	size_t n_threads = threads_that_fit(&need, limit);
	if (n_threads)
		snprintf(threads, sizeof threads, "give --threads %zu, ", n_threads);
	return flt_fail(err, FLT_ERR_MACHINE,
	                "training needs %s of memory, more than the limit of %s; %s: %s%s, or raise --memory-limit",
	                needed, allowed, share, threads, remedy);
}

void flt_memory_set_limit(size_t n_bytes)
{
	enum { DEFAULT_PERCENT = 80 }; /* of the free memory, as --memory-limit says; the rest is for others */
	size_t available = flt_machine_memory("");
	size_t sane = available == SIZE_MAX ? SIZE_MAX : available / 100 * DEFAULT_PERCENT;
	flt_alloc_set_limit(n_bytes ? n_bytes : sane);
}
