/*
 * The estimate adds up what grows with rows, features and weights, and leaves out what is always small. A test compares
 * it with what fits allocate.
 */
#include "protocol/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file_memory.h"
#include "base/machine.h"
#include "base/pool.h"
#include "prep/refit_size.h"
#include "prep/steps.h"
#include "protocol/bag_folds.h"
#include "protocol/bag_scores.h"
#include "protocol/epoch_numbers.h"
#include "protocol/work.h"

/* What a network takes while it trains, in bytes: its prepared rows, and all else. */
struct share {
	double rows, network;
};

/* Bytes. */
struct need {
	size_t n_params;    /* of the largest network */
	double base;        /* allocated already: the table, and the preparation of its columns */
	double kept, after; /* of all fits to the end, and once they have ended */
	double rows;        /* of one fit: what is kept for each row */
	double finished;    /* of one fit: weights and preparations of all networks, states in a checkpoint */
	double scores;      /* of one fit, after training: of a bag's networks, or of rows that choose a threshold */
	size_t n_fits, n_networks;         /* at once: fits, and networks of each */
	struct share kinds[FLT_MAX_KINDS]; /* (n_kinds) in the order in which they begin */
	size_t n_kinds, n_kept;
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

static double sum(struct share share)
{
	return share.rows + share.network;
}

static void add(struct share *sum, const struct share *more)
{
	sum->rows += more->rows;
	sum->network += more->network;
}

/* By what they take, the largest first. */
static int compare_shares(const void *a, const void *b)
{
	double x = sum(*(const struct share *)a), y = sum(*(const struct share *)b);
	return (x < y) - (x > y);
}

/* The networks of a fit that are at work at once. Before kinds are judged, networks of all kinds begin in turn; then
 * the largest kinds may be those that train the rest. */
static struct share at_work(const struct need *need)
{
	struct share sorted[FLT_MAX_KINDS], most = {0}, rest = {0};
	size_t n_kinds = need->n_kinds;
	for (size_t first = 0; first < n_kinds; first++) {
		struct share in_turn = {0};
		for (size_t i = 0; i < need->n_networks; i++)
			add(&in_turn, &need->kinds[(first + i) % n_kinds]);
		if (sum(in_turn) > sum(most))
			most = in_turn;
	}
	memcpy(sorted, need->kinds, n_kinds * sizeof *sorted);
	qsort(sorted, n_kinds, sizeof *sorted, compare_shares);
	for (size_t i = 0; i < need->n_networks; i++)
		add(&rest, &sorted[i % need->n_kept]);
	return need->n_kept < n_kinds && sum(rest) > sum(most) ? rest : most;
}

static double of_fit(const struct need *need)
{
	return need->rows + need->finished + fmax(sum(at_work(need)), need->scores);
}

static double total(const struct need *need)
{
	return need->base + need->kept + fmax((double)need->n_fits * of_fit(need), need->after);
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

/* The vectors of weights that are kept of a network: the best, and in a pool the last. A checkpoint holds each vector
 * of the state twice: in its slot, and in the bytes of the file. */
static double n_vectors(const struct flt_fit_size *size, const struct flt_train_options *train)
{
	bool has_last = size->roster->n_kinds > 1 && train->optimizer != FLT_NEWTON;
	size_t n_state = FLT_N_STATE_VECTORS - (train->ema <= 0);
	if (train->optimizer == FLT_NEWTON || train->optimizer == FLT_SGD)
		n_state -= train->optimizer == FLT_NEWTON ? 2 : 1;
	return (double)(1 + has_last + (size->has_checkpoint ? 2 * n_state : 0));
}

/* Of an epoch in a checkpoint, likewise, and while the bytes are made. */
enum { OF_KEPT_EPOCH = sizeof(struct flt_epoch) + 2 * FLT_N_EPOCH_NUMBERS * sizeof(double) };

/* Sets what a network of the kind takes. *finished: what is kept of it. */
static enum flt_status size_kind(const struct flt_fit_size *size, const struct flt_kind *kind, struct need *need,
                                 double *finished, struct flt_error *err)
{
	struct share *share = &need->kinds[need->n_kinds++];
	size_t n_judged = is_bag(size) ? size->n_fit / size->roster->n_folds : size->n_validation;
	size_t n_all = flt_prep_n_features(size->prep), n_features = flt_prep_most_features(size->prep, &kind->prep);
	struct flt_data fit = {.n_rows = size->n_fit, .n_in = n_features < n_all ? n_features : n_all};
	struct flt_train_options options = kind->train;
	struct flt_train_memory memory;
	fit.numeric = size->numeric;
	if (size->roster->n_members > 1)
		options.n_threads = 1;
	FLT_TRY(flt_train_memory(&options, &fit, n_judged, &memory, err));
	/* member.c: prepared rows, their labels and weights, and in a bag their numbers */
	double row = (double)(n_features + 1) * sizeof(float) + (is_bag(size) ? sizeof(size_t) : 0);
	share->rows = flt_alloc_counted((double)(size->n_fit + size->n_validation) * row);
	share->network = memory.n_bytes;
	/* The scout is done before rows are prepared. */
	if (kind->prep.n_steps > 0)
		share->network =
		        fmax(share->network,
		             flt_alloc_counted((double)flt_steps_bytes(flt_prep_n_read(size->prep), size->n_fit)) -
		                     share->rows);
	if (memory.n_params > need->n_params)
		need->n_params = memory.n_params;
	*finished = n_vectors(size, &kind->train) * (double)memory.n_params * sizeof(float);
	if (size->has_checkpoint)
		*finished += (double)kind->train.epochs * OF_KEPT_EPOCH;
	if (is_bag(size))
		*finished += (double)flt_prep_refit_bytes(size->prep, &kind->prep, size->n_fit);
	return FLT_OK;
}

static int compare_falling(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x < y) - (x > y);
}

/* The mean of the n largest, which are put in front. */
static double mean_of_largest(double *values, size_t n_values, size_t n)
{
	double sum_of_n = 0;
	qsort(values, n_values, sizeof *values, compare_falling);
	for (size_t i = 0; i < n; i++)
		sum_of_n += values[i];
	return sum_of_n / (double)n;
}

/* Measures the networks, of which the largest kinds may be those that train the rest. */
static enum flt_status size_networks(const struct flt_fit_size *size, struct need *need, struct flt_error *err)
{
	const struct flt_roster *roster = size->roster;
	size_t n_rest = roster->n_members;
	double finished[FLT_MAX_KINDS];
	for (size_t i = 0; i < roster->n_kinds; i++) {
		FLT_TRY(size_kind(size, &roster->kinds[i], need, &finished[i], err));
		need->finished += (double)n_first_of(roster, i) * finished[i];
		n_rest -= n_first_of(roster, i);
	}
	if (n_rest > 0)
		need->finished += (double)n_rest * mean_of_largest(finished, roster->n_kinds, roster->n_kept);
	return FLT_OK;
}

/* Of a row that chooses map and threshold: its label, score and log-odds, and its place in a ranking, with the spare of
 * a part (fit.c, eval/ranking.c). Weights, times and clusters come on top. */
static double of_chooser(const struct flt_fit_size *size)
{
	enum { OF_PLACE = 13 };
	return 1 + (size->drops_scores ? 1 : 2) * sizeof(double) + OF_PLACE;
}

static enum flt_status add_up(const struct flt_fit_size *size, const struct flt_sharing *sharing, struct need *need,
                              struct flt_error *err)
{
	const struct flt_roster *roster = size->roster;
	bool is_shared = sharing->n_fits > 0;
	unsigned n_threads = flt_pool_size(roster->kinds[0].train.n_threads);
	double n_members = (double)roster->n_members, n_judged = (double)size->n_validation;
	FLT_TRY(size_networks(size, need, err));
	need->n_fits = is_shared ? sharing->n_fits : 1;
	need->n_kept = roster->n_kept ? roster->n_kept : roster->n_kinds;
	need->n_networks = flt_members_at_work(roster, size->n_fit + size->n_validation,
	                                       flt_prep_n_features(size->prep), n_threads);
	need->base = (double)(is_shared ? sharing->before : flt_alloc_live());
	need->kept = (double)sharing->kept;
	need->after = sharing->after;
	if (size->keeps_epochs)
		need->kept += (double)flt_epoch_log_bytes(flt_epochs_of_roster(roster));
	need->rows = flt_alloc_counted((double)(size->n_fit + size->n_validation) * (sizeof(uint8_t) + sizeof(float)));
	if (is_bag(size)) { /* each row's folds, its score, and the logits of the members that left it out */
		size_t n_left_out = n_left_out_in_all(size);
		double n_deals = ceil(n_members / (double)roster->n_kinds / 2);
		need->rows += flt_alloc_counted((double)size->n_fit * (n_deals * sizeof(uint32_t) + sizeof(double))) +
		              2 * (double)roster->n_members *
		                      flt_alloc_counted((double)n_left_out / n_members * sizeof(float));
		need->scores = flt_alloc_counted((double)flt_bag_scores_bytes(size->n_fit, roster->n_folds));
		n_judged = (double)size->n_fit;
	}
	/* judge.c: the scores of each kind, and what ensemble selection makes of them */
	need->scores =
	        fmax(need->scores, flt_alloc_counted(n_judged * (2 * (double)roster->n_kinds + 4) * sizeof(double)));
	double n_choosers = (double)(size->n_validation ? size->n_validation : size->n_fit);
	need->scores = fmax(need->scores, flt_alloc_counted(n_choosers * of_chooser(size)));
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

static const char *remedy_of_rows(void)
{
	return flt_file_memory_folder() ? "leave columns out with --drop or use fewer rows"
	                                : "keep them in a file with --cache, use fewer rows";
}

/* Says what needs the most, and how to reduce it. */
static void describe_largest(const struct need *need, const struct flt_fit_size *size, char share[SHARE_SIZE],
                             const char **remedy)
{
	double n_fits = (double)need->n_fits;
	struct share working = at_work(need);
	double rows = n_fits * (need->rows + working.rows);
	double networks = n_fits * (need->finished + working.network);
	char bytes[FLT_SIZE_TEXT], times[TIMES_SIZE];
	double fits = n_fits * of_fit(need), others = fmax(need->base, need->kept);
	if (need->after >= fits && need->after >= others) {
		flt_size_text(need->after, bytes);
		snprintf(share, SHARE_SIZE, "%s are for what is measured once all trainings have ended", bytes);
		*remedy = "use fewer --repeats or rows";
	} else if (fits >= need->after && networks >= rows && networks >= others) {
		say_times(need->n_fits * need->n_networks, times);
		flt_size_text(networks, bytes);
		snprintf(share, SHARE_SIZE, "%s are for training networks of %zu weights%s", bytes, need->n_params,
		         times);
		*remedy = "choose smaller --hidden layers or a smaller --batch";
	} else if (fits >= need->after && rows >= others) {
		say_times(need->n_fits * need->n_networks, times);
		flt_size_text(rows, bytes);
		snprintf(share, SHARE_SIZE, "%s are for %zu rows of %zu prepared inputs%s", bytes,
		         size->n_fit + size->n_validation, flt_prep_n_features(size->prep), times);
		*remedy = remedy_of_rows();
	} else if (need->kept >= need->base) {
		flt_size_text(need->kept, bytes);
		snprintf(share, SHARE_SIZE, "%s are for the folds, and what is kept of all trainings", bytes);
		*remedy = "use fewer --repeats, --folds or --epochs";
	} else {
		flt_size_text(need->base, bytes);
		snprintf(share, SHARE_SIZE, "%s are for the table and the preparation of its columns", bytes);
		*remedy = remedy_of_rows();
	}
}

enum flt_status flt_fit_memory_check(const struct flt_fit_size *size, const struct flt_sharing *sharing,
                                     double *n_bytes, struct flt_error *err)
{
	struct need need = {0};
	double limit = (double)flt_alloc_limit();
	FLT_TRY(add_up(size, sharing, &need, err));
	*n_bytes = total(&need);
	if (*n_bytes <= limit)
		return FLT_OK;
	char needed[FLT_SIZE_TEXT], allowed[FLT_SIZE_TEXT], share[SHARE_SIZE], threads[THREADS_SIZE] = "";
	const char *remedy;
	flt_size_text(*n_bytes, needed);
	flt_size_text(limit, allowed);
	describe_largest(&need, size, share, &remedy);
	size_t n_threads = threads_that_fit(&need, limit);
	if (n_threads)
		snprintf(threads, sizeof threads, "give --threads %zu, ", n_threads);
	return flt_fail(err, FLT_ERR_MACHINE,
	                "training needs %s of memory, more than the limit of %s; %s: %s%s, or raise --memory-limit",
	                needed, allowed, share, threads, remedy);
}

double flt_wide_memory(size_t n_columns, size_t n_rows)
{
	/* The columns that the preparation learns, and their copy in it; and two views of the table's. */
	enum { OF_COLUMN = 2 * sizeof(struct flt_prep_column) + 2 * sizeof(struct flt_column) };
	return flt_table_bytes(n_columns, n_rows) + (double)n_columns * OF_COLUMN;
}

double flt_wide_scoring_memory(size_t n_columns)
{
	enum { OF_COLUMN = 160 }; /* as measured: names in the file, a dictionary of them, fields of a few records */
	static const double of_blocks = 20e6;
	return of_blocks + (double)n_columns * OF_COLUMN;
}

void flt_memory_set_limit(size_t n_bytes, size_t n_processes)
{
	enum { DEFAULT_PERCENT = 80 }; /* of the free memory, as --memory-limit says; the rest is for others */
	size_t available = flt_machine_memory("");
	size_t sane = available == SIZE_MAX ? SIZE_MAX : available / 100 * DEFAULT_PERCENT;
	flt_alloc_set_limit(n_bytes ? n_bytes : sane == SIZE_MAX ? sane : sane / n_processes);
}

enum flt_status flt_memory_in_folder(const char *folder, struct flt_error *err)
{
	return flt_file_memory_open(folder, err);
}

void flt_memory_leave_folder(void)
{
	flt_file_memory_close();
}
