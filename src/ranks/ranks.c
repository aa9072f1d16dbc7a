/* Every meeting begins with the headers of all ranks, so that one that has failed is heard wherever the others are. */
#include "ranks/ranks.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/pool.h"
#include "ranks/transport.h"

enum { CHUNK = 1 << 20 }; /* bytes that are broadcast at once */

enum meeting { AGREE, SHARE, END };

struct header {
	uint64_t meeting, status, order, n_bytes;
};

struct flt_ranks {
	const struct flt_transport *transport;
	struct header *headers; /* (n) */
	uint8_t *chunk;         /* (CHUNK) where bytes go that there is no memory for */
	bool is_over;           /* nobody meets again */
	atomic_bool has_failed; /* another rank, as its post says */
	_Atomic double next_look;
	pthread_mutex_t mutex; /* around take */
	flt_take_bytes *take;
	void *context;
	struct flt_traded traded, met;
};

enum flt_status flt_ranks_new(const struct flt_transport *transport, struct flt_ranks **out, struct flt_error *err)
{
	*out = NULL;
	if (!transport)
		return FLT_OK;
	struct flt_ranks *ranks = flt_alloc_zero(1, sizeof *ranks, err);
	FLT_TRY_MEMORY(ranks);
	pthread_mutex_init(&ranks->mutex, NULL);
	ranks->transport = transport;
	ranks->headers = flt_alloc(transport->n, sizeof *ranks->headers, err);
	ranks->chunk = flt_alloc(CHUNK, 1, err);
	if (!ranks->headers || !ranks->chunk) {
		flt_ranks_free(ranks);
		return FLT_ERR_MACHINE;
	}
	*out = ranks;
	return FLT_OK;
}

void flt_ranks_free(struct flt_ranks *ranks)
{
	if (!ranks)
		return;
	pthread_mutex_destroy(&ranks->mutex);
	flt_free(ranks->headers);
	flt_free(ranks->chunk);
	flt_free(ranks);
}

size_t flt_ranks_count(const struct flt_ranks *ranks)
{
	return ranks ? ranks->transport->n : 1;
}

size_t flt_ranks_own(const struct flt_ranks *ranks)
{
	return ranks ? ranks->transport->own : 0;
}

size_t flt_ranks_beside(const struct flt_ranks *ranks)
{
	return ranks ? ranks->transport->n_beside : 1;
}

unsigned flt_ranks_threads(const struct flt_ranks *ranks)
{
	unsigned n_threads = flt_pool_size(0),
	         own = ranks ? n_threads / (unsigned)ranks->transport->n_sharing : n_threads;
	return own > 0 ? own : 1;
}

/* ---- post ---- */

/* A post of no bytes says that its sender has failed. */
static void take_post(struct flt_ranks *ranks)
{
	uint8_t *bytes;
	size_t n_bytes;
	struct flt_error ignored;
	if (ranks->transport->take_post(&bytes, &n_bytes, &ignored) != FLT_OK || !bytes)
		return;
	if (n_bytes == 0)
		ranks->has_failed = true;
	else if (ranks->take)
		ranks->take(ranks->context, SIZE_MAX, bytes, n_bytes, &ignored);
	flt_free(bytes);
}

bool flt_ranks_look(struct flt_ranks *ranks)
{
	const double pause = 0.05;
	if (!ranks || flt_clock_seconds() < ranks->next_look || pthread_mutex_trylock(&ranks->mutex) != 0)
		return ranks && ranks->has_failed;
	ranks->next_look = flt_clock_seconds() + pause;
	take_post(ranks);
	pthread_mutex_unlock(&ranks->mutex);
	return ranks->has_failed;
}

static void look_idly(void *context)
{
	flt_ranks_look(context);
}

void flt_ranks_receive(struct flt_ranks *ranks, flt_take_bytes *take, void *context)
{
	if (!ranks)
		return;
	pthread_mutex_lock(&ranks->mutex);
	ranks->take = take;
	ranks->context = context;
	pthread_mutex_unlock(&ranks->mutex);
}

void flt_ranks_post(struct flt_ranks *ranks, uint8_t *bytes, size_t n_bytes)
{
	if (!ranks->transport->post(0, bytes, n_bytes))
		flt_free(bytes);
}

static void pause_idly(struct flt_ranks *ranks)
{
	flt_ranks_look(ranks);
	usleep(1000);
}

/* Tells the others, who may be busy for hours before they meet this rank. */
static void tell_failure(struct flt_ranks *ranks)
{
	const struct flt_transport *transport = ranks->transport;
	struct flt_error ignored;
	for (size_t to = 0; to < transport->n; to++) {
		uint8_t *nothing = to == transport->own ? NULL : flt_alloc(1, 1, &ignored);
		while (nothing && !transport->post(to, nothing, 0))
			pause_idly(ranks);
	}
}

/* ---- trades ---- */

struct waiting {
	struct flt_ranks *ranks;
	void (*idle)(void *context);
	void *context;
};

static void wait_in_trade(void *context)
{
	const struct waiting *waiting = context;
	flt_ranks_look(waiting->ranks);
	if (waiting->idle)
		waiting->idle(waiting->context);
}

void flt_ranks_trade(struct flt_ranks *ranks, size_t n, const struct flt_parcel *out, const struct flt_parcel *in,
                     void (*idle)(void *context), void *context)
{
	struct waiting waiting = {.ranks = ranks, .idle = idle, .context = context};
	double began = flt_clock_seconds();
	ranks->transport->trade(n, out, in, wait_in_trade, &waiting);
	ranks->traded.seconds += flt_clock_seconds() - began;
	for (size_t i = 0; i < n; i++) {
		if (i == ranks->transport->own || out[i].n_bytes == 0)
			continue;
		ranks->traded.n_messages++;
		ranks->traded.n_bytes += (double)out[i].n_bytes;
	}
}

struct flt_traded flt_ranks_traded(const struct flt_ranks *ranks)
{
	return ranks ? ranks->traded : (struct flt_traded){0};
}

/* ---- meetings ---- */

struct flt_traded flt_ranks_met(const struct flt_ranks *ranks)
{
	return ranks ? ranks->met : (struct flt_traded){0};
}

static void gather(struct flt_ranks *ranks, const struct header *own)
{
	double began = flt_clock_seconds();
	ranks->transport->gather(own, sizeof *own, ranks->headers, look_idly, ranks);
	ranks->met.seconds += flt_clock_seconds() - began;
}

/* The rank whose failure is that of all; n if there is none. */
static size_t find_failure(const struct flt_ranks *ranks)
{
	size_t n = ranks->transport->n, found = n;
	for (size_t i = 0; i < n; i++)
		if (ranks->headers[i].status != FLT_OK &&
		    (found == n || ranks->headers[i].order < ranks->headers[found].order))
			found = i;
	return found;
}

static bool have_all_failed(const struct flt_ranks *ranks)
{
	for (size_t i = 0; i < ranks->transport->n; i++)
		if (ranks->headers[i].status == FLT_OK)
			return false;
	return true;
}

static void name_rank(struct flt_error *err, size_t rank)
{
	struct flt_error why = *err;
	char host[64] = "";
	gethostname(host, sizeof host - 1);
	flt_fail(err, why.status, "rank %zu (%s): %s", rank, host, why.text);
}

/* Called by all ranks once one has failed: they get its sentence. */
static enum flt_status spread_failure(struct flt_ranks *ranks, size_t from, struct flt_error *err)
{
	const struct flt_transport *transport = ranks->transport;
	const struct header *header = &ranks->headers[from];
	bool is_own = header->order == FLT_RANKS_NO_ORDER || header->status == FLT_ERR_MACHINE;
	struct flt_error why = {0};
	ranks->is_over = true;
	if (from == transport->own && err) {
		why = *err;
		if (from > 0 && is_own && !have_all_failed(ranks))
			name_rank(&why, from);
	}
	transport->broadcast(from, &why, sizeof why, look_idly, ranks);
	if (err)
		*err = why;
	return (enum flt_status)header->status;
}

/* A failure that every rank would meet is told where all meet, so that the first in order is found. err: what failed
 * here, or where to say what failed elsewhere. */
static enum flt_status meet(struct flt_ranks *ranks, struct header own, struct flt_error *err)
{
	const struct flt_transport *transport = ranks->transport;
	bool is_news = own.order == FLT_RANKS_NO_ORDER || own.status == FLT_ERR_MACHINE;
	if (own.status != FLT_OK && is_news && !ranks->has_failed)
		tell_failure(ranks);
	gather(ranks, &own);
	size_t failed = find_failure(ranks);
	if (failed < transport->n)
		return spread_failure(ranks, failed, err);
	for (size_t i = 0; i < transport->n; i++)
		if (ranks->headers[i].meeting != own.meeting) {
			ranks->is_over = true;
			return flt_fail(err, FLT_ERR_MACHINE,
			                "rank %zu does other work than rank %zu; start all ranks "
			                "with the same program, options and files",
			                i, transport->own);
		}
	return FLT_OK;
}

enum flt_status flt_ranks_agree(struct flt_ranks *ranks, size_t order, enum flt_status status, struct flt_error *err)
{
	if (!ranks || ranks->is_over)
		return status;
	return meet(ranks, (struct header){.meeting = AGREE, .status = (uint64_t)status, .order = order}, err);
}

/* bytes NULL: there is no memory for them here, and they are dropped. */
static void broadcast(struct flt_ranks *ranks, size_t root, uint8_t *bytes, size_t n_bytes)
{
	double began = flt_clock_seconds(), n_others = (double)(ranks->transport->n - 1);
	for (size_t at = 0; at < n_bytes; at += CHUNK) {
		size_t n = n_bytes - at < CHUNK ? n_bytes - at : CHUNK;
		ranks->transport->broadcast(root, bytes ? bytes + at : ranks->chunk, n, look_idly, ranks);
	}
	ranks->met.seconds += flt_clock_seconds() - began;
	if (root != ranks->transport->own || n_bytes == 0)
		return;
	ranks->met.n_messages += n_others;
	ranks->met.n_bytes += n_others * (double)n_bytes;
}

static enum flt_status take_from(struct flt_ranks *ranks, size_t root, flt_take_bytes *take, void *context,
                                 struct flt_error *err)
{
	size_t n_bytes = ranks->headers[root].n_bytes;
	uint8_t *bytes = flt_alloc(n_bytes, 1, err);
	broadcast(ranks, root, bytes, n_bytes);
	FLT_TRY_MEMORY(bytes);
	enum flt_status status = n_bytes > 0 ? take(context, root, bytes, n_bytes, err) : FLT_OK;
	flt_free(bytes);
	return status;
}

/* Goes on after a failure, since the others rely on this rank until they meet again. */
enum flt_status flt_ranks_share(struct flt_ranks *ranks, const uint8_t *bytes, size_t n_bytes, flt_take_bytes *take,
                                void *context, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	if (!ranks)
		return FLT_OK;
	FLT_TRY(meet(ranks, (struct header){.meeting = SHARE, .order = FLT_RANKS_NO_ORDER, .n_bytes = n_bytes}, err));
	for (size_t root = 0; root < ranks->transport->n; root++) {
		struct flt_error later;
		if (root == ranks->transport->own) {
			broadcast(ranks, root, (uint8_t *)bytes, n_bytes);
			continue;
		}
		enum flt_status taken = take_from(ranks, root, take, context, status == FLT_OK ? err : &later);
		status = status == FLT_OK ? taken : status;
	}
	return status;
}

enum flt_status flt_ranks_end(struct flt_ranks *ranks, enum flt_status status, struct flt_error *err)
{
	if (!ranks || ranks->is_over)
		return status;
	struct header own = {.meeting = END, .status = (uint64_t)status, .order = FLT_RANKS_NO_ORDER};
	status = meet(ranks, own, err);
	ranks->is_over = true;
	return status;
}
