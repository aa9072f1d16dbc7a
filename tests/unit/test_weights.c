/* Packed weights against the flat vector, number by number: all at once, and parts of it again. */
#include "nn/weights.h"

#include "base/alloc.h"
#include "suite.h"

/* Layers of whole and broken panels, and of whole and broken groups of rows. */
enum { N_IN = 37, N_HIDDEN = 3 };
static const size_t widths[N_HIDDEN] = {64, 21, 35};

static void fill(struct flt_mlp *mlp, float first)
{
	for (size_t i = 0; i < mlp->n_params; i++)
		mlp->params[i] = first + (float)i;
}

static void check(const struct flt_weights *weights)
{
	for (size_t layer = 0; layer < N_HIDDEN; layer++) {
		const struct flt_linear *linear = &weights->mlp->linear[layer];
		size_t n_in = linear->n_in, n_out = linear->n_out;
		const float *w = weights->mlp->params + linear->weight;
		for (size_t j = 0; j < n_out; j++)
			for (size_t i = 0; i < n_in; i++) {
				size_t forward = (j / FLT_PANEL * n_in + i) * FLT_PANEL + j % FLT_PANEL;
				size_t backward = (i / FLT_PANEL * n_out + j) * FLT_PANEL + i % FLT_PANEL;
				ck_assert(weights->forward[layer][forward] == w[j * n_in + i]);
				ck_assert(weights->backward[layer][backward] == w[j * n_in + i]);
			}
	}
}

START_TEST(weights_are_packed_into_panels)
{
	struct flt_mlp_spec spec = {.n_in = N_IN, .n_hidden = N_HIDDEN, .front_scale = true};
	struct flt_mlp *mlp;
	struct flt_weights weights;
	struct flt_pool *pool;
	for (size_t i = 0; i < N_HIDDEN; i++)
		spec.hidden[i] = widths[i];
	ck_assert_int_eq(flt_mlp_new(&spec, &mlp, NULL), FLT_OK);
	ck_assert_int_eq(flt_pool_new(2, &pool, NULL), FLT_OK);
	ck_assert_int_eq(flt_weights_init(&weights, mlp, FLT_TO_TRAIN, NULL), FLT_OK);
	fill(mlp, 1);
	flt_weights_set(&weights, mlp->params, pool);
	check(&weights);
	fill(mlp, 0.5f);
	size_t begin = 0;
	for (size_t layer = 0; layer < N_HIDDEN; layer++)
		for (size_t row = FLT_ROWS_A_LINE; row < widths[layer]; row += 2 * FLT_ROWS_A_LINE) {
			size_t end = mlp->linear[layer].weight + row * mlp->linear[layer].n_in;
			flt_weights_renew(&weights, begin, end);
			begin = end;
		}
	flt_weights_renew(&weights, begin, mlp->n_params);
	check(&weights);
	flt_weights_release(&weights);
	flt_pool_free(pool);
	flt_mlp_free(mlp);
	ck_assert_uint_eq(flt_alloc_live(), 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("weights");
	TCase *tests = tcase_create("weights");
	tcase_add_test(tests, weights_are_packed_into_panels);
	suite_add_tcase(suite, tests);
	return suite;
}
