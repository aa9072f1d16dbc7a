#include "split/numbering.h"

#include <assert.h>

#include "base/alloc.h"
#include "base/pool.h"

enum {
	AHEAD = 16,                      /* slots and bits are prefetched so many rows ahead */
	BATCH_ROWS = 128 * FLT_KEY_TILE, /* whose keys are made side by side, and looked up in turn */
	BITS_PER_ROW = 8,                /* at least: at most one row in eight meets another's bit by chance */
	FIRST_SLOTS = 64,
	WORD_BITS = 64,
};

/* The different keys that were seen, and their numbers. A slot is 0 if free, else 1 + the place of its key. */
struct known {
	struct flt_row_key *keys; /* (n) */
	uint32_t *numbers;        /* (n) */
	size_t n, key_capacity, number_capacity;
	uint32_t *slots; /* (n_slots) a power of two, at least twice n */
	size_t n_slots;
};

struct numbering {
	const struct flt_key_source *source;
	struct flt_pool *pool;
	uint32_t *id;         /* (n) before a row has its number, the bit that it sets */
	uint64_t *shared;     /* (n_bits) set by more than one row; NULL: all may be */
	size_t n_bits;        /* a power of two */
	uint32_t *candidates; /* (n_candidates <= BATCH_ROWS) places of the rows of this batch that may have a like */
	struct flt_row_key *keys; /* (n_candidates) */
	size_t n_candidates, n_distinct;
	struct known known;
};

/* ---- bits ---- */

/* The lower bits of `a` find slots; these are independent of them. */
static void keep_bits(void *context, size_t tile, size_t worker)
{
	(void)worker;
	struct numbering *numbering = context;
	struct flt_row_key keys[FLT_KEY_TILE];
	uint32_t places[FLT_KEY_TILE] = {0};
	size_t first = tile * FLT_KEY_TILE, n_left = numbering->source->n - first;
	size_t n = n_left < FLT_KEY_TILE ? n_left : FLT_KEY_TILE;
	for (size_t i = 0; i < n; i++)
		places[i] = (uint32_t)(first + i);
	numbering->source->fill(numbering->source->context, places, n, keys);
	for (size_t i = 0; i < n; i++)
		numbering->id[first + i] = (uint32_t)(keys[i].b & (numbering->n_bits - 1));
}

/* Finds the bits that more than one row sets. */
static enum flt_status find_shared(struct numbering *numbering, struct flt_error *err)
{
	size_t n = numbering->source->n;
	const uint32_t *bit = numbering->id;
	uint64_t *once = flt_alloc_zero(numbering->n_bits / WORD_BITS, sizeof *once, err);
	numbering->shared = flt_alloc_zero(numbering->n_bits / WORD_BITS, sizeof *numbering->shared, err);
	for (size_t i = 0; once && numbering->shared && i < n; i++) {
		if (i + AHEAD < n)
			__builtin_prefetch(&once[bit[i + AHEAD] / WORD_BITS], 1);
		uint64_t mask = (uint64_t)1 << bit[i] % WORD_BITS;
		if (once[bit[i] / WORD_BITS] & mask)
			numbering->shared[bit[i] / WORD_BITS] |= mask;
		else
			once[bit[i] / WORD_BITS] |= mask;
	}
	bool is_done = once && numbering->shared;
	flt_free(once);
	FLT_TRY_MEMORY(is_done);
	return FLT_OK;
}

/* More bits than there are places for in a number help no further. */
static enum flt_status find_candidates(struct numbering *numbering, struct flt_error *err)
{
	static const size_t most_bits = (size_t)1 << 32;
	size_t n = numbering->source->n;
	numbering->n_bits = WORD_BITS;
	while (numbering->n_bits / BITS_PER_ROW < n && numbering->n_bits < most_bits)
		numbering->n_bits *= 2;
	flt_pool_run(numbering->pool, (n + FLT_KEY_TILE - 1) / FLT_KEY_TILE, keep_bits, numbering);
	return find_shared(numbering, err);
}

/* ---- keys ---- */

/* Finds the slot that holds the key, or the free slot where it belongs. */
static uint32_t *find_slot(const struct known *known, const struct flt_row_key *key)
{
	for (size_t at = key->a & (known->n_slots - 1);; at = (at + 1) & (known->n_slots - 1)) {
		uint32_t slot = known->slots[at];
		if (!slot)
			return &known->slots[at];
		const struct flt_row_key *other = &known->keys[slot - 1];
		if (other->a == key->a && other->b == key->b)
			return &known->slots[at];
	}
}

/* Makes room for n more keys. */
static enum flt_status reserve(struct known *known, size_t n, struct flt_error *err)
{
	size_t n_slots = known->n_slots ? known->n_slots : FIRST_SLOTS;
	FLT_TRY(flt_grow((void **)&known->keys, &known->key_capacity, known->n + n, sizeof *known->keys, err));
	FLT_TRY(flt_grow((void **)&known->numbers, &known->number_capacity, known->n + n, sizeof *known->numbers, err));
	while (n_slots < 2 * (known->n + n))
		n_slots *= 2;
	if (n_slots == known->n_slots)
		return FLT_OK;
	flt_free(known->slots);
	known->slots = flt_alloc_zero(n_slots, sizeof *known->slots, err);
	FLT_TRY_MEMORY(known->slots);
	known->n_slots = n_slots;
	for (size_t i = 0; i < known->n; i++)
		*find_slot(known, &known->keys[i]) = (uint32_t)(i + 1);
	return FLT_OK;
}

/* The number of the key, which is the next one if it is new. There is room for it. */
static uint32_t number_of(struct numbering *numbering, const struct flt_row_key *key)
{
	struct known *known = &numbering->known;
	uint32_t *slot = find_slot(known, key);
	if (*slot)
		return known->numbers[*slot - 1];
	known->keys[known->n] = *key;
	known->numbers[known->n] = (uint32_t)numbering->n_distinct++;
	*slot = (uint32_t)++known->n;
	return known->numbers[known->n - 1];
}

static void make_keys(void *context, size_t tile, size_t worker)
{
	(void)worker;
	struct numbering *numbering = context;
	size_t first = tile * FLT_KEY_TILE, n_left = numbering->n_candidates - first;
	size_t n = n_left < FLT_KEY_TILE ? n_left : FLT_KEY_TILE;
	numbering->source->fill(numbering->source->context, &numbering->candidates[first], n, &numbering->keys[first]);
}

static bool may_have_like(const struct numbering *numbering, size_t place)
{
	if (!numbering->shared)
		return true;
	uint32_t bit = numbering->id[place];
	return numbering->shared[bit / WORD_BITS] >> bit % WORD_BITS & 1;
}

/* Numbers the rows at places first .. end - 1. */
static enum flt_status number_batch(struct numbering *numbering, size_t first, size_t end, struct flt_error *err)
{
	const struct flt_row_key *keys = numbering->keys;
	size_t next = 0;
	numbering->n_candidates = 0;
	for (size_t place = first; place < end; place++) {
		numbering->candidates[numbering->n_candidates] = (uint32_t)place;
		numbering->n_candidates += may_have_like(numbering, place);
	}
	flt_pool_run(numbering->pool, (numbering->n_candidates + FLT_KEY_TILE - 1) / FLT_KEY_TILE, make_keys,
	             numbering);
	FLT_TRY(reserve(&numbering->known, numbering->n_candidates, err));
	for (size_t place = first; place < end; place++) {
		if (next == numbering->n_candidates || numbering->candidates[next] != place) {
			numbering->id[place] = (uint32_t)numbering->n_distinct++;
			continue;
		}
		if (next + AHEAD < numbering->n_candidates)
			__builtin_prefetch(
			        &numbering->known.slots[keys[next + AHEAD].a & (numbering->known.n_slots - 1)], 1);
		numbering->id[place] = number_of(numbering, &keys[next++]);
	}
	return FLT_OK;
}

static enum flt_status number_all(struct numbering *numbering, struct flt_error *err)
{
	size_t n = numbering->source->n, n_batch = n < BATCH_ROWS ? n : BATCH_ROWS;
	if (n > BATCH_ROWS)
		FLT_TRY(find_candidates(numbering, err));
	numbering->candidates = flt_alloc(n_batch + 1, sizeof *numbering->candidates, err);
	numbering->keys = flt_alloc(n_batch, sizeof *numbering->keys, err);
	FLT_TRY_MEMORY(numbering->candidates && numbering->keys);
	for (size_t first = 0; first < n; first += n_batch)
		FLT_TRY(number_batch(numbering, first, n - first < n_batch ? n : first + n_batch, err));
	return FLT_OK;
}

enum flt_status flt_number_keys(const struct flt_key_source *source, unsigned n_threads, uint32_t *id,
                                size_t *n_distinct, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	struct numbering numbering = {.source = source, .id = id};
	assert(source->n < UINT32_MAX);
	FLT_TRY_OUT(flt_pool_new_for(source->n * source->n_columns, n_threads, &numbering.pool, err));
	FLT_TRY_OUT(number_all(&numbering, err));
	*n_distinct = numbering.n_distinct;
out:
	flt_pool_free(numbering.pool);
	flt_free(numbering.shared);
	flt_free(numbering.candidates);
	flt_free(numbering.keys);
	flt_free(numbering.known.keys);
	flt_free(numbering.known.numbers);
	flt_free(numbering.known.slots);
	return status;
}

/* ---- rows of a table ---- */

struct chosen_rows {
	struct flt_keyed_table keyed;
	const size_t *rows; /* NULL: row i stands at place i */
};

static void fill_chosen(const void *context, const uint32_t *places, size_t n, struct flt_row_key *keys)
{
	const struct chosen_rows *chosen = context;
	uint32_t rows[FLT_KEY_TILE];
	for (size_t i = 0; chosen->rows && i < n; i++)
		rows[i] = (uint32_t)chosen->rows[places[i]];
	flt_keyed_table_keys(&chosen->keyed, chosen->rows ? rows : places, n, keys);
}

enum flt_status flt_number_rows(const struct flt_table *table, const size_t *columns, size_t n_columns,
                                const size_t *rows, size_t n, unsigned n_threads, uint32_t *id, size_t *n_distinct,
                                struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	struct chosen_rows chosen = {.rows = rows};
	struct flt_key_source source = {fill_chosen, &chosen, n, n_columns};
	FLT_TRY_OUT(flt_keyed_table_open(&chosen.keyed, table, columns, n_columns, table, err));
	FLT_TRY_OUT(flt_number_keys(&source, n_threads, id, n_distinct, err));
out:
	flt_keyed_table_release(&chosen.keyed);
	return status;
}
