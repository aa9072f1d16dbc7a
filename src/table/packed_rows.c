/* Each piece begins at a multiple of ALIGNMENT bytes, so that arrays can be looked at where they lie. */
#include "table/packed_rows.h"

#include <stdatomic.h>
#include <string.h>

#include "base/alloc.h"

enum { ALIGNMENT = 8 };

/* Structs are sent as they lie in memory: all ranks run the same program. */
struct rows_head {
	uint64_t n_rows, n_without_target, n_without_time, n_zero_weight;
	uint64_t has_numbers; /* of records */
};

struct column_head {
	uint64_t n_missing, n_odd, n_levels, n_level_bytes;
	uint64_t kind;  /* enum flt_number_kind of numbers */
	double divisor; /* of numbers */
	uint8_t was_text, was_decided, is_text, is_decided;
	uint8_t has_more_odd, has_mark, has_hundreds, may_be_grouped;
};

static size_t padding_of(size_t n)
{
	return (ALIGNMENT - n % ALIGNMENT) % ALIGNMENT;
}

/* Makes room for a piece of n bytes, and counts it; *at is where it begins. */
static enum flt_status begin_piece(struct flt_text_buffer *bytes, size_t n, void **at, struct flt_error *err)
{
	size_t n_all = n + padding_of(n);
	FLT_TRY(flt_text_buffer_reserve(bytes, n_all, err));
	*at = bytes->bytes + bytes->length;
	memset(bytes->bytes + bytes->length + n, 0, n_all - n);
	bytes->length += n_all;
	return FLT_OK;
}

static enum flt_status add_piece(struct flt_text_buffer *bytes, const void *from, size_t n, struct flt_error *err)
{
	void *at;
	FLT_TRY(begin_piece(bytes, n, &at, err));
	if (n > 0)
		memcpy(at, from, n);
	return FLT_OK;
}

/* The next piece, n items; NULL if it is not there. */
static const void *take_piece(struct flt_unpacking *bytes, uint64_t n, size_t size)
{
	size_t n_bytes;
	if (__builtin_mul_overflow(n, size, &n_bytes) || n_bytes > bytes->n_left)
		return NULL;
	const void *at = flt_unpack_view(bytes, n_bytes);
	return flt_unpack_view(bytes, padding_of(n_bytes)) ? at : NULL;
}

/* ---- codes ---- */

/* A code takes 1, 2 or 4 bytes, and is sent as its number + 1. */
static size_t code_size(size_t n_levels)
{
	return n_levels < UINT8_MAX ? sizeof(uint8_t) : n_levels < UINT16_MAX ? sizeof(uint16_t) : sizeof(uint32_t);
}

static uint32_t code_at(const void *codes, size_t size, size_t row)
{
	if (size == sizeof(uint8_t))
		return ((const uint8_t *)codes)[row];
	return size == sizeof(uint16_t) ? ((const uint16_t *)codes)[row] : ((const uint32_t *)codes)[row];
}

static enum flt_status pack_codes(const struct flt_column_cells *cells, struct flt_text_buffer *bytes,
                                  struct flt_error *err)
{
	size_t size = code_size(cells->levels.n);
	void *to;
	FLT_TRY(begin_piece(bytes, cells->n_rows * size, &to, err));
	for (size_t row = 0; row < cells->n_rows; row++) {
		uint32_t code = (uint32_t)(cells->codes[row] + 1);
		if (size == sizeof(uint8_t))
			((uint8_t *)to)[row] = (uint8_t)code;
		else if (size == sizeof(uint16_t))
			((uint16_t *)to)[row] = (uint16_t)code;
		else
			((uint32_t *)to)[row] = code;
	}
	return FLT_OK;
}

static enum flt_status unpack_codes(struct flt_column_cells *cells, size_t n_rows, size_t n_levels,
                                    struct flt_unpacking *bytes, struct flt_error *err)
{
	size_t size = code_size(n_levels);
	const void *from = take_piece(bytes, n_rows, size);
	if (!from)
		return FLT_ERR_DATA;
	FLT_TRY(flt_column_reserve(cells, n_rows, err));
	for (size_t row = 0; row < n_rows; row++) {
		uint32_t code = code_at(from, size, row);
		if (code > n_levels)
			return FLT_ERR_DATA;
		cells->codes[row] = (int32_t)code - 1;
	}
	return FLT_OK;
}

/* ---- numbers ---- */

static enum flt_status unpack_numbers(struct flt_column_cells *cells, size_t n_rows, const struct column_head *head,
                                      struct flt_unpacking *bytes, struct flt_error *err)
{
	bool is_kind = head->kind < FLT_N_NUMBER_KINDS;
	const void *from = is_kind ? take_piece(bytes, n_rows, flt_number_size[head->kind]) : NULL;
	if (!from)
		return FLT_ERR_DATA;
	FLT_TRY(flt_column_reserve(cells, n_rows, err));
	struct flt_numbers numbers = {from, (enum flt_number_kind)head->kind, head->divisor};
	for (size_t row = 0; row < n_rows; row++)
		cells->numbers[row] = flt_number_at(&numbers, row);
	return FLT_OK;
}

/* ---- columns ---- */

static struct column_head head_of(const struct flt_column_cells *cells, const struct flt_column_state *began,
                                  const struct flt_numbers *numbers)
{
	return (struct column_head){.n_missing = cells->n_missing,
	                            .n_odd = cells->n_odd,
	                            .n_levels = cells->levels.n,
	                            .n_level_bytes = cells->levels.n_bytes,
	                            .kind = numbers->kind,
	                            .divisor = numbers->divisor,
	                            .was_text = began->is_text,
	                            .was_decided = began->is_decided,
	                            .is_text = cells->state.is_text,
	                            .is_decided = cells->state.is_decided,
	                            .has_more_odd = cells->has_more_odd,
	                            .has_mark = cells->plain.has_mark,
	                            .has_hundreds = cells->plain.has_hundreds,
	                            .may_be_grouped = cells->plain.may_be_grouped};
}

static enum flt_status add_column(const struct flt_column_cells *cells, const struct flt_column_state *began,
                                  const struct flt_numbers *numbers, struct flt_text_buffer *bytes,
                                  struct flt_error *err)
{
	struct column_head head = head_of(cells, began, numbers);
	FLT_TRY(add_piece(bytes, &head, sizeof head, err));
	FLT_TRY(add_piece(bytes, cells->levels.texts, cells->levels.n_bytes, err));
	if (cells->state.is_text)
		return pack_codes(cells, bytes, err);
	FLT_TRY(add_piece(bytes, numbers->cells, cells->n_rows * flt_number_size[numbers->kind], err));
	FLT_TRY(add_piece(bytes, cells->odd_counts, cells->levels.n * sizeof *cells->odd_counts, err));
	return cells->dates ? add_piece(bytes, cells->dates, sizeof *cells->dates, err) : FLT_OK;
}

static enum flt_status pack_column(const struct flt_column_cells *cells, const struct flt_column_state *began,
                                   struct flt_text_buffer *bytes, struct flt_error *err)
{
	struct flt_numbers narrow = {0};
	if (!cells->state.is_text)
		FLT_TRY(flt_numbers_narrow(cells->numbers, cells->n_rows, &narrow, err));
	struct flt_numbers numbers = narrow.cells ? narrow : flt_numbers_of(cells->numbers);
	enum flt_status status = add_column(cells, began, &numbers, bytes, err);
	flt_free((void *)narrow.cells);
	return status;
}

static enum flt_status unpack_odd(struct flt_column_cells *cells, struct flt_unpacking *bytes, struct flt_error *err)
{
	const size_t *counts = take_piece(bytes, cells->levels.n, sizeof *counts);
	if (!counts || cells->levels.n > FLT_MOST_ODD_TEXTS)
		return FLT_ERR_DATA;
	if (!cells->odd_counts && cells->levels.n > 0) {
		cells->odd_counts = flt_alloc(FLT_MOST_ODD_TEXTS, sizeof *cells->odd_counts, err);
		FLT_TRY_MEMORY(cells->odd_counts);
	}
	for (size_t i = 0; i < cells->levels.n; i++)
		cells->odd_counts[i] = counts[i];
	return FLT_OK;
}

static enum flt_status unpack_cells(struct flt_column_cells *cells, size_t n_rows, const struct column_head *head,
                                    struct flt_unpacking *bytes, struct flt_error *err)
{
	const char *texts = take_piece(bytes, head->n_level_bytes, 1);
	if (!texts)
		return FLT_ERR_DATA;
	FLT_TRY(flt_dictionary_fill(&cells->levels, texts, (size_t)head->n_level_bytes, err));
	if (cells->levels.n != head->n_levels)
		return FLT_ERR_DATA;
	if (cells->state.is_text)
		return unpack_codes(cells, n_rows, cells->levels.n, bytes, err);
	FLT_TRY(unpack_numbers(cells, n_rows, head, bytes, err));
	FLT_TRY(unpack_odd(cells, bytes, err));
	if (!cells->dates)
		return FLT_OK;
	const struct flt_date_cells *dates = take_piece(bytes, 1, sizeof *dates);
	return dates && flt_date_cells_fill(cells->dates, dates) ? FLT_OK : FLT_ERR_DATA;
}

/* Whether a column that began in this state may be one of text at the end of a block, or may not be. */
static bool may_become(const struct flt_column_state *began, bool is_text)
{
	if (began->is_text)
		return is_text;
	return !is_text || began->reading == FLT_READ_FIND || began->reading == FLT_READ_NUMBERS_OR_MISSING;
}

static enum flt_status unpack_column(struct flt_column_cells *cells, const struct flt_column_state *began,
                                     size_t n_rows, struct flt_unpacking *bytes, struct flt_error *err)
{
	struct column_head head;
	struct flt_column_state state = *began;
	const void *at = take_piece(bytes, 1, sizeof head);
	if (!at)
		return FLT_ERR_DATA;
	memcpy(&head, at, sizeof head);
	if (head.was_text != began->is_text || head.was_decided != began->is_decided ||
	    !may_become(began, head.is_text))
		return FLT_ERR_DATA;
	state.is_text = head.is_text != 0;
	state.is_decided = head.is_decided != 0;
	flt_column_restart(cells, state);
	FLT_TRY(flt_column_reserve(cells, 0, err));
	FLT_TRY(unpack_cells(cells, n_rows, &head, bytes, err));
	cells->n_rows = n_rows;
	cells->n_missing = (size_t)head.n_missing;
	cells->n_odd = (size_t)head.n_odd;
	cells->has_more_odd = head.has_more_odd != 0;
	cells->plain = (struct flt_plain_numbers){.has_mark = head.has_mark != 0,
	                                          .has_hundreds = head.has_hundreds != 0,
	                                          .may_be_grouped = head.may_be_grouped != 0};
	return FLT_OK;
}

/* ---- rows ---- */

static enum flt_status pack_markers(const struct flt_markers *markers, struct flt_text_buffer *bytes,
                                    struct flt_error *err)
{
	void *at;
	FLT_TRY(begin_piece(bytes, markers->added.n, &at, err));
	for (size_t i = 0; i < markers->added.n; i++)
		((uint8_t *)at)[i] = markers->was_met[i];
	return FLT_OK;
}

static bool unpack_markers(const struct flt_markers *markers, struct flt_unpacking *bytes)
{
	const uint8_t *were_met = take_piece(bytes, markers->added.n, 1);
	for (size_t i = 0; were_met && i < markers->added.n; i++)
		if (were_met[i])
			atomic_store_explicit(&markers->was_met[i], true, memory_order_relaxed);
	return were_met != NULL;
}

enum flt_status flt_rows_pack(const struct flt_table *table, const struct flt_row_rules *rules,
                              const struct flt_column_state *states, struct flt_text_buffer *bytes,
                              struct flt_error *err)
{
	const struct flt_table_notes *notes = &table->notes;
	struct rows_head head = {.n_rows = table->n_rows,
	                         .n_without_target = notes->n_without_target,
	                         .n_without_time = notes->n_without_time,
	                         .n_zero_weight = notes->n_zero_weight,
	                         .has_numbers = table->row_numbers != NULL};
	FLT_TRY(add_piece(bytes, &head, sizeof head, err));
	FLT_TRY(pack_markers(&rules->markers, bytes, err));
	if (table->row_numbers)
		FLT_TRY(add_piece(bytes, table->row_numbers, table->n_rows * sizeof *table->row_numbers, err));
	for (size_t i = 0; i < table->n_columns; i++)
		if (states[i].reading != FLT_READ_NOTHING)
			FLT_TRY(pack_column(&table->columns[i].cells, &states[i], bytes, err));
	return FLT_OK;
}

static enum flt_status unpack_numbers_of_rows(struct flt_table *table, struct flt_unpacking *bytes,
                                              struct flt_error *err)
{
	const size_t *numbers = take_piece(bytes, table->n_rows, sizeof *numbers);
	if (!numbers)
		return FLT_ERR_DATA;
	FLT_TRY(flt_grow((void **)&table->row_numbers, &table->row_number_capacity, table->n_rows, sizeof *numbers,
	                 err));
	if (table->n_rows > 0)
		memcpy(table->row_numbers, numbers, table->n_rows * sizeof *numbers);
	return FLT_OK;
}

enum flt_status flt_rows_unpack(struct flt_table *table, const struct flt_row_rules *rules,
                                const struct flt_column_state *states, struct flt_unpacking bytes,
                                struct flt_error *err)
{
	struct rows_head head;
	const void *at = (uintptr_t)bytes.at % ALIGNMENT == 0 ? take_piece(&bytes, 1, sizeof head) : NULL;
	if (!at)
		return FLT_ERR_DATA;
	memcpy(&head, at, sizeof head);
	if (head.n_rows > FLT_MOST_ROWS || !unpack_markers(&rules->markers, &bytes))
		return FLT_ERR_DATA;
	table->n_rows = (size_t)head.n_rows;
	table->notes.n_without_target = (size_t)head.n_without_target;
	table->notes.n_without_time = (size_t)head.n_without_time;
	table->notes.n_zero_weight = (size_t)head.n_zero_weight;
	if (head.has_numbers)
		FLT_TRY(unpack_numbers_of_rows(table, &bytes, err));
	for (size_t i = 0; i < table->n_columns; i++)
		if (states[i].reading != FLT_READ_NOTHING)
			FLT_TRY(unpack_column(&table->columns[i].cells, &states[i], table->n_rows, &bytes, err));
	return bytes.n_left == 0 ? FLT_OK : FLT_ERR_DATA;
}
