#include "nn/team.h"

#include <string.h>

#include "base/alloc.h"

enum {
	BLOCK = 1 << 16, /* parameters that are traded at once: bounds the memory, and is long enough for any network */
	ROUND = 1 << 13, /* floats that take about as long as another round takes to begin */
	GRAIN = 16,      /* parameters of a cache line */
	GATHERED = 1 << 26, /* values of a slice that are sent at once: bytes are counted in int */
};

/* ---- what is whose ---- */

static size_t length_of_runs(size_t n_shards, size_t n_processes)
{
	return (n_shards + n_processes - 1) / n_processes;
}

size_t flt_team_size(size_t n_shards, size_t n)
{
	size_t length = length_of_runs(n_shards, n);
	return (n_shards + length - 1) / length;
}

struct flt_shard_run flt_team_run(const struct flt_team *team, size_t n_shards)
{
	struct flt_shard_run run = {.length = length_of_runs(n_shards, team ? team->n : 1)};
	size_t own = team ? team->own : 0, begin = own * run.length, end = begin + run.length;
	run.begin = begin < n_shards ? begin : n_shards;
	run.end = end < n_shards ? end : n_shards;
	flt_additions_within(&run.additions, n_shards, run.length, own);
	return run;
}

struct flt_slice flt_slice_of(size_t n, size_t grain, size_t n_processes, size_t process)
{
	size_t n_grains = (n + grain - 1) / grain, length = (n_grains + n_processes - 1) / n_processes * grain;
	size_t begin = process * length, end = begin + length;
	return (struct flt_slice){.begin = begin < n ? begin : n, .end = end < n ? end : n};
}

/* ---- what is traded ---- */

/* The sums that runs are left with, each at its first shard, those of one run behind each other. */
struct plan {
	struct flt_additions additions; /* of them */
	size_t n;
	uint8_t shard[FLT_MAX_SHARDS];     /* (n) */
	size_t of_run[FLT_MAX_SHARDS + 1]; /* (processes + 1) the first sum of each, and the end */
	bool in_one_round;
};

/* A sum is left where another is to be added to it, or it to another. */
static void find_sums(struct plan *plan, size_t n_shards, size_t n_processes)
{
	bool is_left[FLT_MAX_SHARDS] = {true};
	size_t length = length_of_runs(n_shards, n_processes);
	flt_additions_across(&plan->additions, n_shards, length);
	for (size_t i = 0; i < plan->additions.n; i++)
		is_left[plan->additions.pair[i].from] = true;
	plan->n = 0;
	for (size_t process = 0; process < n_processes; process++) {
		plan->of_run[process] = plan->n;
		for (size_t i = process * length; i < (process + 1) * length && i < n_shards; i++)
			if (is_left[i])
				plan->shard[plan->n++] = (uint8_t)i;
	}
	plan->of_run[n_processes] = plan->n;
}

static size_t block_of(size_t n_params)
{
	return n_params < BLOCK ? n_params : BLOCK;
}

/* In one round a process gets the sums of all, in two about as many floats as two sums have. */
static void make_plan(struct plan *plan, size_t n_shards, size_t n_processes, size_t n_params)
{
	find_sums(plan, n_shards, n_processes);
	plan->in_one_round = plan->n <= 2 || (plan->n - 2) * block_of(n_params) <= ROUND;
}

static size_t n_sums_of(const struct plan *plan, size_t process)
{
	return plan->of_run[process + 1] - plan->of_run[process];
}

/* A letter: whether its sender wants to stop, the losses of its sums, then so many parameters of each. */
static size_t bytes_of_head(size_t n_sums)
{
	return sizeof(double) + n_sums * sizeof(struct flt_loss_sums);
}

static size_t bytes_of_letter(size_t n_sums, size_t n_params)
{
	return bytes_of_head(n_sums) + n_sums * n_params * sizeof(float);
}

static size_t longest_letter(const struct plan *plan, size_t n_processes, size_t n_params)
{
	size_t block = block_of(n_params), longest = 0;
	size_t n = plan->in_one_round ? block : flt_slice_of(block, GRAIN, n_processes, 0).end;
	for (size_t process = 0; process < n_processes; process++) {
		size_t n_bytes = bytes_of_letter(n_sums_of(plan, process), n);
		longest = n_bytes > longest ? n_bytes : longest;
	}
	return longest;
}

enum flt_status flt_team_post_init(struct flt_team_post *post, const struct flt_team *team, size_t n_shards,
                                   size_t n_params, struct flt_error *err)
{
	enum { LINE = 64 };
	*post = (struct flt_team_post){.team = team, .n_params = n_params};
	for (size_t n = 1; n <= n_shards; n++) {
		struct plan plan;
		make_plan(&plan, n, team->n, n_params);
		size_t longest = longest_letter(&plan, team->n, n_params);
		post->letter = longest > post->letter ? longest : post->letter;
	}
	post->letter = (post->letter + LINE - 1) / LINE * LINE;
	post->sent = flt_alloc_aligned(team->n * post->letter, 1, err);
	post->received = flt_alloc_aligned(team->n * post->letter, 1, err);
	post->out = flt_alloc_zero(team->n, sizeof *post->out, err);
	post->in = flt_alloc_zero(team->n, sizeof *post->in, err);
	FLT_TRY_MEMORY(post->sent && post->received && post->out && post->in);
	return FLT_OK;
}

void flt_team_post_release(struct flt_team_post *post)
{
	flt_free(post->sent);
	flt_free(post->received);
	flt_free(post->out);
	flt_free(post->in);
	*post = (struct flt_team_post){0};
}

static void trade(const struct flt_team_post *post, bool state_holds)
{
	post->team->trade(post->team->context, post->out, post->in, state_holds);
}

/* ---- adding up ---- */

/* The parameters [begin, end) of a step's sums. */
struct block {
	struct flt_team_post *post;
	const struct plan *plan;
	const struct flt_step_sums *sums;
	const struct flt_kernels *kernels;
	size_t begin, end;
};

/* For which the process finishes the tree. */
static struct flt_slice slice_of(const struct block *block, size_t process)
{
	size_t n = block->end - block->begin;
	if (block->plan->in_one_round)
		return (struct flt_slice){.begin = block->begin, .end = block->end};
	struct flt_slice slice = flt_slice_of(n, GRAIN, block->post->team->n, process);
	return (struct flt_slice){.begin = block->begin + slice.begin, .end = block->begin + slice.end};
}

static void write_letter(const struct block *block, uint8_t *to, struct flt_slice slice, bool wants_stop)
{
	const struct plan *plan = block->plan;
	const struct flt_step_sums *sums = block->sums;
	size_t own = block->post->team->own, n_bytes = (slice.end - slice.begin) * sizeof(float);
	const double stop = wants_stop;
	to = mempcpy(to, &stop, sizeof stop);
	for (size_t i = plan->of_run[own]; i < plan->of_run[own + 1]; i++)
		to = mempcpy(to, &sums->losses[plan->shard[i]], sizeof *sums->losses);
	for (size_t i = plan->of_run[own]; i < plan->of_run[own + 1]; i++)
		to = mempcpy(to, sums->gradients + plan->shard[i] * sums->stride + slice.begin, n_bytes);
}

/* In one round all get the same letter. */
static void trade_sums(const struct block *block, bool wants_stop)
{
	const struct flt_team_post *post = block->post;
	const struct plan *plan = block->plan;
	size_t own = post->team->own, own_length = slice_of(block, own).end - slice_of(block, own).begin;
	for (size_t i = 0, n_written = 0; i < post->team->n; i++) {
		struct flt_slice slice = slice_of(block, i);
		uint8_t *letter = post->sent + (plan->in_one_round ? 0 : i * post->letter);
		if (i == own)
			continue;
		if (!plan->in_one_round || n_written++ == 0)
			write_letter(block, letter, slice, wants_stop);
		post->out[i].bytes = letter;
		post->out[i].n_bytes = bytes_of_letter(n_sums_of(plan, own), slice.end - slice.begin);
		post->in[i].bytes = post->received + i * post->letter;
		post->in[i].n_bytes = bytes_of_letter(n_sums_of(plan, i), own_length);
	}
	trade(post, true);
}

/* Takes the losses of the others' sums. True: one of them wants to stop. */
static bool read_heads(const struct block *block)
{
	const struct flt_team_post *post = block->post;
	const struct plan *plan = block->plan;
	bool stops = false;
	for (size_t process = 0; process < post->team->n; process++) {
		const uint8_t *from = post->received + process * post->letter;
		double stop;
		if (process == post->team->own)
			continue;
		memcpy(&stop, from, sizeof stop);
		stops = stops || stop != 0;
		from += sizeof stop;
		for (size_t i = plan->of_run[process]; i < plan->of_run[process + 1]; i++) {
			memcpy(&block->sums->losses[plan->shard[i]], from, sizeof *block->sums->losses);
			from += sizeof *block->sums->losses;
		}
	}
	return stops;
}

/* Where the sums of all lie, by their first shards. */
static void find_slices(const struct block *block, struct flt_slice slice, float *at[FLT_MAX_SHARDS])
{
	const struct flt_team_post *post = block->post;
	const struct plan *plan = block->plan;
	for (size_t process = 0; process < post->team->n; process++) {
		uint8_t *letter = post->received + process * post->letter + bytes_of_head(n_sums_of(plan, process));
		float *values = (void *)letter;
		for (size_t i = plan->of_run[process]; i < plan->of_run[process + 1]; i++) {
			float *own = block->sums->gradients + plan->shard[i] * block->sums->stride + slice.begin;
			at[plan->shard[i]] = process == post->team->own ? own : values;
			values += slice.end - slice.begin;
		}
	}
}

/* For the own slice; the sum goes to shard 0. */
static void finish_slice(const struct block *block)
{
	const struct flt_additions *additions = &block->plan->additions;
	struct flt_slice slice = slice_of(block, block->post->team->own);
	size_t n = slice.end - slice.begin;
	float *at[FLT_MAX_SHARDS] = {NULL}, *to = block->sums->gradients + slice.begin;
	find_slices(block, slice, at);
	for (size_t i = 0; i < additions->n; i++)
		block->kernels->add(n, at[additions->pair[i].from], at[additions->pair[i].to]);
	if (at[0] != to)
		memcpy(to, at[0], n * sizeof *to);
}

static void trade_slices(const struct block *block)
{
	const struct flt_team_post *post = block->post;
	struct flt_slice own = slice_of(block, post->team->own);
	for (size_t i = 0; i < post->team->n; i++) {
		struct flt_slice slice = slice_of(block, i);
		post->out[i] = (struct flt_parcel){.bytes = block->sums->gradients + own.begin,
		                                   .n_bytes = (own.end - own.begin) * sizeof(float)};
		post->in[i] = (struct flt_parcel){.bytes = block->sums->gradients + slice.begin,
		                                  .n_bytes = (slice.end - slice.begin) * sizeof(float)};
	}
	trade(post, true);
}

bool flt_team_add_up(struct flt_team_post *post, const struct flt_step_sums *sums, const struct flt_kernels *kernels,
                     bool wants_stop)
{
	struct plan plan;
	make_plan(&plan, sums->n_shards, post->team->n, post->n_params);
	for (size_t begin = 0; begin < post->n_params; begin += BLOCK) {
		size_t end = post->n_params - begin < BLOCK ? post->n_params : begin + BLOCK;
		struct block block = {
		        .post = post, .plan = &plan, .sums = sums, .kernels = kernels, .begin = begin, .end = end};
		trade_sums(&block, wants_stop);
		if (begin == 0 && (read_heads(&block) || wants_stop))
			return true;
		finish_slice(&block);
		if (!plan.in_one_round)
			trade_slices(&block);
	}
	for (size_t i = 0; i < plan.additions.n; i++)
		flt_loss_sums_add(&sums->losses[plan.additions.pair[i].to], &sums->losses[plan.additions.pair[i].from]);
	return false;
}

/* ---- gathering ---- */

void flt_team_gather(struct flt_team_post *post, float *values, size_t n, size_t grain)
{
	size_t n_processes = post->team->n;
	size_t longest = flt_slice_of(n, grain, n_processes, 0).end;
	for (size_t at = 0; at < longest; at += GATHERED) {
		for (size_t i = 0; i < n_processes; i++) {
			struct flt_slice slice = flt_slice_of(n, grain, n_processes, i);
			size_t begin = slice.begin + at < slice.end ? slice.begin + at : slice.end;
			size_t length = slice.end - begin < GATHERED ? slice.end - begin : GATHERED;
			post->in[i] = (struct flt_parcel){.bytes = values + begin, .n_bytes = length * sizeof *values};
		}
		for (size_t i = 0; i < n_processes; i++)
			post->out[i] = post->in[post->team->own];
		trade(post, false);
	}
}
