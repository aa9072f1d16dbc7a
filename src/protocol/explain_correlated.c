#include "protocol/explain_correlated.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "eval/association.h"

static const double STRONG = 0.8;

struct linking {
	size_t n;         /* units that are looked at */
	double *strength; /* (n, n) between units */
	size_t *root;     /* (n) of the group of each */
	double *weakest;  /* (n) link so far in the group of this root */
	size_t *size;     /* (n) of it */
};

static enum flt_status linking_init(struct linking *linking, size_t n, struct flt_error *err)
{
	linking->n = n;
	linking->strength = flt_alloc_zero(n, n * sizeof *linking->strength, err);
	linking->root = flt_alloc(n, sizeof *linking->root, err);
	linking->weakest = flt_alloc(n, sizeof *linking->weakest, err);
	linking->size = flt_alloc(n, sizeof *linking->size, err);
	FLT_TRY_MEMORY(linking->strength && linking->root && linking->weakest && linking->size);
	for (size_t i = 0; i < n; i++) {
		linking->root[i] = i;
		linking->weakest[i] = 1;
		linking->size[i] = 1;
	}
	return FLT_OK;
}

static void linking_release(struct linking *linking)
{
	flt_free(linking->strength);
	flt_free(linking->root);
	flt_free(linking->weakest);
	flt_free(linking->size);
}

/* ---- strengths ---- */

static enum flt_status measure(const struct flt_explain_rows *rows, const struct flt_explain_units *units,
                               const size_t *order, struct linking *linking, struct flt_error *err)
{
	enum flt_status status;
	const struct flt_column *columns = flt_cell_columns_all(rows->columns);
	size_t n = 0, *unit_of = NULL;
	double *strength = NULL;
	struct flt_associated *all = NULL;
	for (size_t u = 0; u < linking->n; u++)
		n += units->units[order[u]].n_columns;
	all = flt_alloc(n, sizeof *all, err);
	unit_of = flt_alloc(n, sizeof *unit_of, err);
	strength = flt_alloc(n, n * sizeof *strength, err);
	FLT_TRY_MEMORY_OUT(all && unit_of && strength);
	n = 0;
	for (size_t u = 0; u < linking->n; u++)
		for (size_t k = 0; k < units->units[order[u]].n_columns; k++, n++) {
			const struct flt_column *column = &columns[units->units[order[u]].columns[k]];
			all[n] = (struct flt_associated){flt_numbers_doubles(&column->numbers), column->codes,
			                                 column->n_levels};
			unit_of[n] = u;
		}
	FLT_TRY_OUT(flt_associations(all, n, rows->weight, rows->n, strength, err));
	for (size_t a = 0; a < n; a++)
		for (size_t b = 0; b < n; b++) {
			double *between = &linking->strength[unit_of[a] * linking->n + unit_of[b]];
			*between = fmax(*between, strength[a * n + b]);
		}
out:
	flt_free(all);
	flt_free(unit_of);
	flt_free(strength);
	return status;
}

/* ---- groups ---- */

/* The strongest link between two groups; 0 if none is strong. */
static double strongest_link(const struct linking *linking, size_t *a, size_t *b)
{
	double strongest = 0;
	for (size_t i = 0; i < linking->n; i++)
		for (size_t k = 0; k < i; k++) {
			double strength = linking->strength[i * linking->n + k];
			if (linking->root[i] == linking->root[k] || strength < STRONG || strength <= strongest)
				continue;
			strongest = strength;
			*a = linking->root[k];
			*b = linking->root[i];
		}
	return strongest;
}

/* Single linkage: the strongest links first. */
static void link_all(struct linking *linking)
{
	size_t a = 0, b = 0;
	for (double strength; (strength = strongest_link(linking, &a, &b)) > 0;) {
		size_t root = a < b ? a : b, other = a < b ? b : a;
		for (size_t i = 0; i < linking->n; i++)
			if (linking->root[i] == other)
				linking->root[i] = root;
		linking->weakest[root] = strength;
		linking->size[root] += linking->size[other];
	}
}

static int by_strength(const void *a, const void *b)
{
	const struct flt_correlated *x = a, *y = b;
	if (x->strength != y->strength)
		return x->strength > y->strength ? -1 : 1;
	return (x->units[0] > y->units[0]) - (x->units[0] < y->units[0]);
}

static int by_number(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;
	return (x > y) - (x < y);
}

static enum flt_status list_groups(const struct linking *linking, const size_t *order, struct flt_correlations *found,
                                   struct flt_error *err)
{
	size_t *next = NULL;
	found->groups = flt_alloc(linking->n, sizeof *found->groups, err);
	FLT_TRY_MEMORY(found->groups);
	next = found->members = flt_alloc(linking->n, sizeof *found->members, err);
	FLT_TRY_MEMORY(next);
	for (size_t root = 0; root < linking->n; root++) {
		if (linking->root[root] != root || linking->size[root] < 2)
			continue;
		struct flt_correlated *group = &found->groups[found->n++];
		*group = (struct flt_correlated){.units = next, .strength = linking->weakest[root]};
		for (size_t i = 0; i < linking->n; i++)
			if (linking->root[i] == root)
				group->units[group->n++] = order[i];
		next += group->n;
		qsort(group->units, group->n, sizeof *group->units, by_number);
	}
	qsort(found->groups, found->n, sizeof *found->groups, by_strength);
	return FLT_OK;
}

enum flt_status flt_correlations_find(const struct flt_explain_rows *rows, const struct flt_explain_units *units,
                                      const size_t *order, size_t n_order, struct flt_correlations *found,
                                      struct flt_error *err)
{
	struct linking linking = {0};
	enum flt_status status;
	*found = (struct flt_correlations){0};
	FLT_TRY_OUT(linking_init(&linking, n_order, err));
	FLT_TRY_OUT(measure(rows, units, order, &linking, err));
	link_all(&linking);
	status = list_groups(&linking, order, found, err);
out:
	linking_release(&linking);
	return status;
}

void flt_correlations_release(struct flt_correlations *correlations)
{
	flt_free(correlations->groups);
	flt_free(correlations->members);
	*correlations = (struct flt_correlations){0};
}
