/*
 * One version of the small matrix product: TARGET, PACK, PRODUCT (the functions' names), VECTOR_BYTES, TILE_ROWS (the
 * rows of c that are held in registers at once) and TILE_VECTORS are set by the file that includes this, and perhaps
 * STORE_PART(to, vector, n), which stores its first n numbers, or all if n is more.
 *
 * A tile of c stays in registers while k runs. Each element is the sum of its products in the order of k, added the
 * same way whatever the tile's shape, so a row of c depends on its row of a alone, to the bit.
 *
 * Rows of b that lie far apart compete for few sets of the first-level cache, so a panel that many tiles pass over is
 * copied first.
 */
#include <stdbool.h>
#include <string.h>

/* The tile lives in registers only if its loops are unrolled. */
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

#define INLINE TARGET static inline __attribute__((always_inline))

typedef float vector __attribute__((vector_size(VECTOR_BYTES), aligned(4), may_alias));

enum { LANES = VECTOR_BYTES / sizeof(float), TILE_COLS = TILE_VECTORS * LANES };

_Static_assert(FLT_PANEL % TILE_COLS == 0, "a panel holds whole tiles");

enum { COPIED_ROWS = 256, FAR_APART = 256, TILES_WORTH_A_COPY = 8 };

struct operands {
	size_t k;
	size_t a_row, a_col;
	size_t b_row;
};

/* Stores the first cols numbers of a tile's row. */
INLINE void store_row(const vector sum[TILE_VECTORS], size_t cols, float *c)
{
#ifdef STORE_PART
	for (size_t v = 0; v < TILE_VECTORS && v * LANES < cols; v++)
		STORE_PART(c + v * LANES, sum[v], cols - v * LANES);
#else
	memcpy(c, sum, cols * sizeof *c);
#endif
}

/* Computes rows x vectors of the product, both constant where this is inlined; writes the first cols columns to c. */
INLINE void tile(size_t rows, size_t vectors, const struct operands *o, const float *restrict a,
                 const float *restrict b, size_t cols, float *restrict c, size_t c_row)
{
	vector sum[TILE_ROWS][TILE_VECTORS];
	UNROLL
	for (size_t i = 0; i < rows; i++) {
		UNROLL
		for (size_t v = 0; v < vectors; v++)
			sum[i][v] = (vector){0};
	}
	for (size_t p = 0; p < o->k; p++, a += o->a_col, b += o->b_row) {
		UNROLL
		for (size_t i = 0; i < rows; i++) {
			UNROLL
			for (size_t v = 0; v < vectors; v++)
				sum[i][v] += a[i * o->a_row] * *(const vector *)(b + v * LANES);
		}
	}
	UNROLL
	for (size_t i = 0; i < rows; i++) {
		if (cols < TILE_COLS) {
			vector row[TILE_VECTORS] = {{0}}; /* a copy, so that sum itself needs no address */
			UNROLL
			for (size_t v = 0; v < vectors; v++)
				row[v] = sum[i][v];
			store_row(row, cols, c + i * c_row);
			continue;
		}
		UNROLL
		for (size_t v = 0; v < vectors; v++)
			*(vector *)(c + i * c_row + v * LANES) = sum[i][v];
	}
}

/* How many of the rows that are left the next tile takes. A tile of few rows takes as long as one of LEAST_ROWS, since
 * each of its sums waits for the one before: so the last rows are cut in two rather than into a whole tile and a few.
 */
INLINE size_t rows_of_tile(size_t left)
{
	enum { LEAST_ROWS = 4 };
	if (left <= TILE_ROWS)
		return left;
	return left < TILE_ROWS + LEAST_ROWS ? (left + 1) / 2 : TILE_ROWS;
}

#define CASE(rows)                                                                                                     \
	case rows:                                                                                                     \
		tile(rows, TILE_VECTORS, o, a, b, cols, c, c_row);                                                     \
		break;

TARGET static void run_tile(size_t rows, size_t cols, const struct operands *o, const float *a, const float *b,
                            float *c, size_t c_row)
{
	switch (rows) {
		CASE(1)
		CASE(2)
		CASE(3)
		CASE(4)
#if TILE_ROWS > 4
		CASE(5)
		CASE(6)
#endif
#if TILE_ROWS > 6
		CASE(7)
		CASE(8)
#endif
	}
}

/* All m rows of c in the columns of one panel (n <= FLT_PANEL). */
TARGET static void run_panel(size_t m, size_t n, const struct operands *o, const float *a, const float *panel, float *c,
                             size_t c_row)
{
	for (size_t j = 0; j < n; j += TILE_COLS) {
		size_t cols = n - j < TILE_COLS ? n - j : TILE_COLS;
		for (size_t i = 0, rows; i < m; i += rows) {
			rows = rows_of_tile(m - i);
			run_tile(rows, cols, o, a + i * o->a_row, panel + j, c + i * c_row + j, c_row);
		}
	}
}

TARGET void PRODUCT(size_t m, size_t n, size_t k, const float *a, size_t a_row, size_t a_col, const float *b,
                    size_t b_panel, size_t b_row, float *c, size_t c_row)
{
	float copy[COPIED_ROWS * FLT_PANEL];
	bool copies = b_row >= FAR_APART && k <= COPIED_ROWS && m >= TILES_WORTH_A_COPY * TILE_ROWS;
	struct operands o = {.k = k, .a_row = a_row, .a_col = a_col, .b_row = copies ? FLT_PANEL : b_row};
	for (size_t j = 0; j < n; j += FLT_PANEL) {
		const float *panel = b + j / FLT_PANEL * b_panel;
		for (size_t p = 0; copies && p < k; p++)
			memcpy(copy + p * FLT_PANEL, panel + p * b_row, FLT_PANEL * sizeof *copy);
		run_panel(m, n - j < FLT_PANEL ? n - j : FLT_PANEL, &o, a, copies ? copy : panel, c + j, c_row);
	}
}
