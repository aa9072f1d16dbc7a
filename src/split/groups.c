/*
 * Rows are compared by a key of 128 bits over their features: numbers by value (-0 is 0, missing is one value), levels
 * by text, so that rows of two tables compare.
 *
 * Two different rows with one key would be kept on one side for nothing. Each half of a key is a chain of bijective
 * mixers (one per value), and the halves use different ones: for n rows the chance that any two collide is about
 * n^2 / 2^129, below 1e-22 for 100 million rows. The values are not compared again.
 *
 * Columns that only number the rows or hold dates are no features and must not make identical rows look different.
 * Which columns are learnt to be id-like is decided on fit rows, but there are none before the split: here all rows
 * decide, without a look at the target. A column that is id-like among all rows is so among fit rows too, but for
 * chance; where they disagree, rows are compared by a column more or less than the network sees.
 *
 * The values decide nothing but which rows are equal: groups are numbered by first appearance, so that a change of
 * values that leaves equal rows equal and others different leaves every split as it is.
 */
#include "split/groups.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "base/pool.h"
#include "table/id_like.h"

enum { BLOCK_ROWS = 1024 }; /* the keys of a block stay in the first cache while the columns pass */

/* The finishers of MurmurHash3 and of splitmix64: bijections in which each bit of input moves half of the output. */
static inline uint64_t mix_a(uint64_t x)
{
	x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdu;
	x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53u;
	return x ^ (x >> 33);
}

static inline uint64_t mix_b(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

static inline void absorb(struct flt_row_key *key, uint64_t a, uint64_t b)
{
	key->a = mix_a(key->a ^ a) + 0x9e3779b97f4a7c15u;
	key->b = mix_b(key->b ^ b) + 0xd1b54a32d192ed03u;
}

static const struct flt_row_key empty_key = {0x243f6a8885a308d3u, 0x13198a2e03707344u};
static const struct flt_row_key missing_text = {0xa4093822299f31d0u, 0x082efa98ec4e6c89u};

/* A text holds no NUL, so that one filled up with NULs to whole words is no other. */
static struct flt_row_key text_key(const char *text)
{
	struct flt_row_key key = empty_key;
	size_t length = strlen(text);
	for (size_t i = 0; i < length; i += 8) {
		uint64_t word = 0;
		memcpy(&word, text + i, length - i < 8 ? length - i : 8);
		absorb(&key, word, word);
	}
	return key;
}

static uint64_t number_bits(double value)
{
	uint64_t bits;
	if (value != value)
		return UINT64_MAX; /* the bits of a NaN, so of no number */
	if (value == 0)
		return 0; /* -0 too */
	memcpy(&bits, &value, sizeof bits);
	return bits;
}

/* A column of the table that is being read, with the keys of its levels. */
struct source {
	const double *numbers;
	const int32_t *codes;
	struct flt_row_key *levels; /* (n_levels + 1): missing, then the levels; NULL for numbers */
};

static void absorb_block(const struct source *source, size_t first, size_t end, struct flt_row_key *keys)
{
	if (source->numbers) {
		for (size_t row = first; row < end; row++) {
			uint64_t bits = number_bits(source->numbers[row]);
			absorb(&keys[row], bits, bits);
		}
		return;
	}
	for (size_t row = first; row < end; row++) {
		struct flt_row_key level = source->levels[source->codes[row] + 1];
		absorb(&keys[row], level.a, level.b);
	}
}

static enum flt_status open_source(struct source *source, struct flt_column column, struct flt_error *err)
{
	source->numbers = column.numbers;
	source->codes = column.codes;
	source->levels = NULL;
	if (column.numbers)
		return FLT_OK;
	source->levels = flt_alloc(column.n_levels + 1, sizeof *source->levels, err);
	if (!source->levels)
		return FLT_ERR_MACHINE;
	source->levels[0] = missing_text;
	for (size_t i = 0; i < column.n_levels; i++)
		source->levels[i + 1] = text_key(column.levels[i]);
	return FLT_OK;
}

/* The column of table that goes by the name of the model's; both must hold numbers, or both texts. */
static enum flt_status find_column(const struct flt_table *model, size_t index, const struct flt_table *table,
                                   struct flt_column *column, struct flt_error *err)
{
	struct flt_column wanted = flt_table_column(model, index);
	size_t found = flt_table_find_near(table, wanted.name, index);
	if (found == SIZE_MAX)
		return flt_fail(err, FLT_ERR_DATA, "%s: there is no column \"%s\", which %s has", flt_table_path(table),
		                wanted.name, flt_table_path(model));
	*column = flt_table_column(table, found);
	if (wanted.numbers ? !column->numbers : !column->codes)
		return flt_fail(err, FLT_ERR_DATA, "%s: column \"%s\" is to hold %s, as it does in %s",
		                flt_table_path(table), wanted.name, wanted.numbers ? "numbers" : "text",
		                flt_table_path(model));
	return FLT_OK;
}

/* What the blocks of rows share. */
struct key_job {
	const struct source *sources; /* (n_sources) */
	size_t n_sources, n_rows;
	struct flt_row_key *keys; /* (n_rows) */
};

static void make_block(void *context, size_t block, size_t worker)
{
	(void)worker;
	const struct key_job *job = context;
	size_t first = block * BLOCK_ROWS, end = job->n_rows - first < BLOCK_ROWS ? job->n_rows : first + BLOCK_ROWS;
	for (size_t row = first; row < end; row++)
		job->keys[row] = empty_key;
	for (size_t i = 0; i < job->n_sources; i++)
		absorb_block(&job->sources[i], first, end, job->keys);
}

static enum flt_status make_keys(struct key_job *job, unsigned n_threads, struct flt_error *err)
{
	struct flt_pool *pool;
	size_t n_blocks = (job->n_rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
	enum flt_status status = flt_pool_new_for(job->n_rows * job->n_sources, n_threads, &pool, err);
	if (status)
		return status;
	flt_pool_run(pool, n_blocks, make_block, job);
	flt_pool_free(pool);
	return FLT_OK;
}

enum flt_status flt_row_keys(const struct flt_table *model, const size_t *columns, size_t n_columns,
                             const struct flt_table *table, unsigned n_threads, struct flt_row_key *keys,
                             struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t n_open = 0;
	struct source *sources = flt_alloc(n_columns, sizeof *sources, err);
	if (!sources)
		return FLT_ERR_MACHINE;
	for (; !status && n_open < n_columns; n_open++) {
		struct flt_column column = {0};
		sources[n_open].levels = NULL;
		status = find_column(model, columns[n_open], table, &column, err);
		if (!status)
			status = open_source(&sources[n_open], column, err);
	}
	if (!status) {
		struct key_job job = {sources, n_columns, flt_table_n_rows(table), keys};
		status = make_keys(&job, n_threads, err);
	}
	for (size_t i = 0; i < n_open; i++)
		flt_free(sources[i].levels);
	flt_free(sources);
	return status;
}

enum flt_status flt_key_columns(const struct flt_table *model, size_t **columns, size_t *n_columns,
                                struct flt_error *err)
{
	size_t n = flt_table_n_columns(model);
	*n_columns = 0;
	*columns = flt_alloc(n, sizeof **columns, err);
	if (!*columns)
		return FLT_ERR_MACHINE;
	for (size_t i = 0; i < n; i++) {
		struct flt_column column = flt_table_column(model, i);
		bool id_like = false;
		if (column.role != FLT_FEATURE || column.looks_like_dates)
			continue;
		if (flt_column_is_id_like(model, i, NULL, flt_table_n_rows(model), &id_like, err)) {
			flt_free(*columns);
			*columns = NULL;
			return FLT_ERR_MACHINE;
		}
		if (!id_like)
			(*columns)[(*n_columns)++] = i;
	}
	return FLT_OK;
}

/* A slot of the table: 0 is free, else 1 + the place of the key's first appearance, and above it bits of the key, so
 * that most of the others that share the slot are told apart without a look at theirs. */
static const uint64_t place_bits = ((uint64_t)1 << 40) - 1;

/* The slot that holds the key, or the free one where it belongs. */
static uint64_t *find_slot(uint64_t *slots, size_t n_slots, const struct flt_row_key *keys, const size_t *rows,
                           const struct flt_row_key *key)
{
	for (size_t at = key->a & (n_slots - 1);; at = (at + 1) & (n_slots - 1)) {
		uint64_t slot = slots[at];
		if (!slot)
			return &slots[at];
		if ((slot ^ key->b) & ~place_bits)
			continue;
		size_t place = (slot & place_bits) - 1;
		const struct flt_row_key *first = &keys[rows ? rows[place] : place];
		if (first->a == key->a && first->b == key->b)
			return &slots[at];
	}
}

enum flt_status flt_number_keys(const struct flt_row_key *keys, const size_t *rows, size_t n, size_t *id,
                                size_t *n_distinct, struct flt_error *err)
{
	enum { AHEAD = 16 }; /* keys whose slots are on their way from memory */
	size_t n_slots = 16;
	assert(n < place_bits);
	while (n_slots < 2 * n)
		n_slots *= 2;
	uint64_t *slots = flt_alloc_zero(n_slots, sizeof *slots, err);
	if (!slots)
		return FLT_ERR_MACHINE;
	*n_distinct = 0;
	for (size_t i = 0; i < n; i++) {
		if (i + AHEAD < n)
			__builtin_prefetch(&slots[keys[rows ? rows[i + AHEAD] : i + AHEAD].a & (n_slots - 1)], 1);
		const struct flt_row_key *key = &keys[rows ? rows[i] : i];
		uint64_t *slot = find_slot(slots, n_slots, keys, rows, key);
		if (*slot) {
			id[i] = id[(*slot & place_bits) - 1];
		} else {
			*slot = (i + 1) | (key->b & ~place_bits);
			id[i] = (*n_distinct)++;
		}
	}
	flt_free(slots);
	return FLT_OK;
}

static size_t find_root(size_t *parent, size_t node)
{
	while (parent[node] != node)
		node = parent[node] = parent[parent[node]];
	return node;
}

static void join(size_t *parent, size_t x, size_t y)
{
	x = find_root(parent, x);
	y = find_root(parent, y);
	if (x < y)
		parent[y] = x;
	else
		parent[x] = y;
}

/* Union-find over the groups `of` (n) and the groups `other` (n): both kinds are nodes, each row is an edge. */
static enum flt_status join_groups(struct flt_row_groups *groups, const size_t *other, size_t n_other, size_t n,
                                   struct flt_error *err)
{
	size_t n_nodes = groups->n_groups + n_other, n_joined = 0;
	size_t *parent = flt_alloc(n_nodes, sizeof *parent, err);
	size_t *number = flt_alloc(n_nodes, sizeof *number, err);
	enum flt_status status = parent && number ? FLT_OK : FLT_ERR_MACHINE;
	if (status)
		goto out;
	for (size_t i = 0; i < n_nodes; i++) {
		parent[i] = i;
		number[i] = SIZE_MAX;
	}
	for (size_t i = 0; i < n; i++)
		join(parent, groups->of[i], groups->n_groups + other[i]);
	for (size_t i = 0; i < n; i++) {
		size_t root = find_root(parent, groups->of[i]);
		if (number[root] == SIZE_MAX)
			number[root] = n_joined++;
		groups->of[i] = number[root];
	}
	groups->n_groups = n_joined;
out:
	flt_free(parent);
	flt_free(number);
	return status;
}

static enum flt_status join_group_column(const struct flt_table *table, const size_t *rows, size_t n,
                                         unsigned n_threads, struct flt_row_key *keys, struct flt_row_groups *groups,
                                         struct flt_error *err)
{
	size_t column = flt_table_role(table, FLT_GROUP), n_other;
	if (column == SIZE_MAX)
		return FLT_OK;
	size_t *other = flt_alloc(n, sizeof *other, err);
	if (!other)
		return FLT_ERR_MACHINE;
	/* Rows without a group share the value "missing" and stay together too: no one can say that they do not. */
	enum flt_status status = flt_row_keys(table, &column, 1, table, n_threads, keys, err);
	if (!status)
		status = flt_number_keys(keys, rows, n, other, &n_other, err);
	if (!status)
		status = join_groups(groups, other, n_other, n, err);
	flt_free(other);
	return status;
}

static enum flt_status count_identical(struct flt_row_groups *groups, size_t n, struct flt_error *err)
{
	size_t *size = flt_alloc_zero(groups->n_groups, sizeof *size, err);
	if (!size)
		return FLT_ERR_MACHINE;
	for (size_t i = 0; i < n; i++)
		size[groups->of[i]]++;
	for (size_t g = 0; g < groups->n_groups; g++)
		groups->n_identical += size[g] > 1 ? size[g] : 0;
	flt_free(size);
	return FLT_OK;
}

static enum flt_status group_identical(const struct flt_table *table, const size_t *rows, size_t n, unsigned n_threads,
                                       struct flt_row_key *keys, struct flt_row_groups *groups, struct flt_error *err)
{
	size_t *columns, n_columns;
	enum flt_status status = flt_key_columns(table, &columns, &n_columns, err);
	if (status)
		return status;
	if (n_columns == 0) {
		for (size_t i = 0; i < n; i++)
			groups->of[i] = i;
		groups->n_groups = n;
	} else if (!(status = flt_row_keys(table, columns, n_columns, table, n_threads, keys, err)) &&
	           !(status = flt_number_keys(keys, rows, n, groups->of, &groups->n_groups, err))) {
		status = count_identical(groups, n, err);
	}
	flt_free(columns);
	return status;
}

enum flt_status flt_row_groups_make(const struct flt_table *table, const size_t *rows, size_t n, bool joined,
                                    unsigned n_threads, struct flt_row_groups *groups, struct flt_error *err)
{
	*groups = (struct flt_row_groups){0};
	enum flt_status status = FLT_ERR_MACHINE;
	struct flt_row_key *keys = flt_alloc(flt_table_n_rows(table), sizeof *keys, err);
	groups->of = flt_alloc(n, sizeof *groups->of, err);
	if (!keys || !groups->of)
		goto out;
	status = group_identical(table, rows, n, n_threads, keys, groups, err);
	if (!status && joined)
		status = join_group_column(table, rows, n, n_threads, keys, groups, err);
out:
	flt_free(keys);
	if (status)
		flt_row_groups_release(groups);
	return status;
}

void flt_row_groups_release(struct flt_row_groups *groups)
{
	flt_free(groups->of);
	*groups = (struct flt_row_groups){0};
}
