#include "nn/order.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>

#include "base/alloc.h"
#include "base/random.h"

static size_t rows_of_block(const struct flt_train_options *options, const struct flt_data *data)
{
	if (options->order == FLT_ORDER_ROWS)
		return 0;
	return data->n_in < FLT_BLOCK_VALUES ? FLT_BLOCK_VALUES / data->n_in : 1;
}

static size_t count_blocks(const struct flt_data *data, size_t block_rows)
{
	return block_rows ? (data->n_rows + block_rows - 1) / block_rows : 0;
}

struct flt_epoch_rows flt_epoch_rows(const struct flt_train_options *options, size_t n_rows, size_t n_positive)
{
	size_t n_negative = n_rows - n_positive;
	struct flt_epoch_rows all = {.n = n_rows, .n_negative = n_negative, .stand_for = 1};
	double wanted = fmax(1, floor(options->negatives * (double)n_positive));
	if (options->negatives <= 0 || n_positive == 0 || wanted >= (double)n_negative)
		return all;
	return (struct flt_epoch_rows){.n = n_positive + (size_t)wanted,
	                               .n_negative = (size_t)wanted,
	                               .stand_for = (double)n_negative / wanted};
}

static uint32_t row_at(const struct flt_data *data, size_t place)
{
	return (uint32_t)(data->rows ? data->rows[place] : place);
}

static size_t count_positive(const struct flt_data *data, size_t begin, size_t end)
{
	size_t n = 0;
	for (size_t i = begin; i < end; i++)
		n += data->label[row_at(data, i)];
	return n;
}

enum flt_status flt_row_order_init(struct flt_row_order *order, const struct flt_train_options *options,
                                   const struct flt_data *data, struct flt_error *err)
{
	size_t block_rows = rows_of_block(options, data);
	size_t n_positive = options->negatives > 0 ? count_positive(data, 0, data->n_rows) : 0;
	*order = (struct flt_row_order){.options = options,
	                                .data = data,
	                                .visited = flt_epoch_rows(options, data->n_rows, n_positive),
	                                .block_rows = block_rows,
	                                .n_blocks = count_blocks(data, block_rows)};
	order->rows = flt_alloc(data->n_rows, sizeof *order->rows, err);
	order->blocks = flt_alloc(order->n_blocks, sizeof *order->blocks, err);
	FLT_TRY_MEMORY(order->rows && order->blocks);
	return FLT_OK;
}

void flt_row_order_release(struct flt_row_order *order)
{
	flt_free(order->rows);
	flt_free(order->blocks);
	*order = (struct flt_row_order){0};
}

static void shuffle_rows(struct flt_row_order *order, size_t epoch)
{
	struct flt_random random;
	flt_random_init(&random, order->options->seed, "shuffle", epoch);
	for (size_t i = 0; i < order->data->n_rows; i++)
		order->rows[i] = row_at(order->data, i);
	flt_random_shuffle_32(&random, order->rows, order->data->n_rows);
}

/* Writes the rows of a block, and returns the end of what is written. */
static uint32_t *put_block(const struct flt_row_order *order, size_t block, uint32_t *rows)
{
	size_t begin = block * order->block_rows, left = order->data->n_rows - begin;
	size_t n = left < order->block_rows ? left : order->block_rows;
	for (size_t i = 0; i < n; i++)
		*rows++ = row_at(order->data, begin + i);
	return rows;
}

static void shuffle_blocks(struct flt_row_order *order, size_t epoch)
{
	struct flt_random random;
	flt_random_init(&random, order->options->seed, "shuffle of blocks", epoch);
	for (size_t i = 0; i < order->n_blocks; i++)
		order->blocks[i] = (uint32_t)i;
	flt_random_shuffle_32(&random, order->blocks, order->n_blocks);
	uint32_t *window = order->rows, *end = window;
	for (size_t i = 0; i < order->n_blocks; i++) {
		end = put_block(order, order->blocks[i], end);
		if ((i + 1) % FLT_WINDOW_BLOCKS == 0 || i + 1 == order->n_blocks) {
			flt_random_shuffle_32(&random, window, (size_t)(end - window));
			window = end;
		}
	}
}

/* Algorithm S of Knuth's volume 2. */
void flt_draw_negatives(const struct flt_data *data, const struct flt_epoch_rows *visited, uint64_t seed,
                        const char *name, uint64_t number, uint32_t *rows)
{
	struct flt_random random;
	size_t n_left = data->n_rows - (visited->n - visited->n_negative);
	size_t n_wanted = visited->n_negative, n_kept = 0;
	flt_random_init(&random, seed, name, number);
	for (size_t i = 0; i < data->n_rows; i++) {
		uint32_t row = rows[i];
		bool is_kept = data->label[row] || flt_random_below(&random, n_left) < n_wanted;
		if (!data->label[row]) {
			n_wanted -= is_kept;
			n_left--;
		}
		if (is_kept)
			rows[n_kept++] = row;
	}
	assert(n_kept == visited->n);
}

void flt_row_order_shuffle(struct flt_row_order *order, size_t epoch)
{
	if (order->block_rows)
		shuffle_blocks(order, epoch);
	else
		shuffle_rows(order, epoch);
	if (order->visited.n < order->data->n_rows)
		flt_draw_negatives(order->data, &order->visited, order->options->seed, "negatives", epoch, order->rows);
}

/* Blocks are counted by the inverse Simpson index: as many of them as would hold so many positive rows each, if all did
 * alike. */
bool flt_row_order_is_even(const struct flt_train_options *options, const struct flt_data *data)
{
	enum { LEAST_A_WINDOW = 4 };
	size_t block_rows = rows_of_block(options, data), n_blocks = count_blocks(data, block_rows);
	double n_windows = (double)n_blocks / FLT_WINDOW_BLOCKS, sum = 0, squares = 0;
	if (n_windows <= 1)
		return true;
	for (size_t begin = 0; begin < data->n_rows; begin += block_rows) {
		size_t left = data->n_rows - begin;
		double n = (double)count_positive(data, begin, begin + (left < block_rows ? left : block_rows));
		sum += n;
		squares += n * n;
	}
	return sum * sum >= LEAST_A_WINDOW * n_windows * squares;
}

double flt_row_order_memory(const struct flt_train_options *options, const struct flt_data *data)
{
	size_t n_blocks = count_blocks(data, rows_of_block(options, data));
	return ((double)data->n_rows + (double)n_blocks) * sizeof(uint32_t);
}
