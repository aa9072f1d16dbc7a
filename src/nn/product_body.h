/*
 * One version of the small matrix product: TARGET, PACK, PRODUCT (the functions' names), VECTOR_BYTES, TILE_ROWS (the
 * rows of c that are held in registers at once) and TILE_VECTORS are set by the file that includes this.
 *
 * A tile of c stays in registers while k runs. Each of its numbers is the sum of its products in the order of k, each
 * added in the same way whatever the tile's shape: so a row of c depends on its row of a alone, to the bit.
 */
#include <string.h>

/* The tile must become registers, so its loops have to vanish. */
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

#define INLINE TARGET static inline __attribute__((always_inline))

typedef float vector __attribute__((vector_size(VECTOR_BYTES), aligned(4), may_alias));

enum { LANES = VECTOR_BYTES / sizeof(float), TILE_COLS = TILE_VECTORS * LANES };

_Static_assert(FLT_PANEL % TILE_COLS == 0, "a panel holds whole tiles");

struct operands {
	size_t k;
	const float *a;
	size_t a_row, a_col;
	const float *b;
	size_t b_row;
};

/* rows x vectors of the product, both constants where this is inlined. */
INLINE void tile(size_t rows, size_t vectors, const struct operands *o, const float *restrict a,
                 const float *restrict b, float *restrict c, size_t c_row)
{
	vector sum[TILE_ROWS][TILE_VECTORS] = {{{0}}};
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
		UNROLL
		for (size_t v = 0; v < vectors; v++)
			*(vector *)(c + i * c_row + v * LANES) = sum[i][v];
	}
}

#define CASE(rows)                                                                                                     \
	case rows:                                                                                                     \
		tile(rows, TILE_VECTORS, o, a, b, c, c_row);                                                           \
		break;

TARGET static void run_tile(size_t rows, const struct operands *o, const float *a, const float *b, float *c,
                            size_t c_row)
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

/* The last columns, where a whole tile would write beyond them. */
TARGET static void run_narrow_tile(size_t rows, size_t cols, const struct operands *o, const float *a, const float *b,
                                   float *c, size_t c_row)
{
	float whole[TILE_ROWS * TILE_COLS];
	run_tile(rows, o, a, b, whole, TILE_COLS);
	for (size_t i = 0; i < rows; i++)
		memcpy(c + i * c_row, whole + i * TILE_COLS, cols * sizeof *c);
}

TARGET void PRODUCT(size_t m, size_t n, size_t k, const float *a, size_t a_row, size_t a_col, const float *b,
                    size_t b_panel, size_t b_row, float *c, size_t c_row)
{
	struct operands o = {.k = k, .a = a, .a_row = a_row, .a_col = a_col, .b = b, .b_row = b_row};
	for (size_t j = 0; j < n; j += TILE_COLS) {
		const float *panel = b + j / FLT_PANEL * b_panel + j % FLT_PANEL;
		size_t cols = n - j < TILE_COLS ? n - j : TILE_COLS;
		for (size_t i = 0; i < m; i += TILE_ROWS) {
			size_t rows = m - i < TILE_ROWS ? m - i : TILE_ROWS;
			float *at = c + i * c_row + j;
			if (cols == TILE_COLS)
				run_tile(rows, &o, a + i * a_row, panel, at, c_row);
			else
				run_narrow_tile(rows, cols, &o, a + i * a_row, panel, at, c_row);
		}
	}
}
