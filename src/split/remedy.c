/*
 * Splits are tried with other options, those that change least first: larger parts; if identical rows tie groups,
 * larger parts with these rows dealt one by one; then the same without validation.
 */
#include "split/remedy.h"

#include <stdio.h>

#include "base/alloc.h"
#include "split/assign.h"
#include "split/check.h"

enum { MOST_TIES = 2 };

struct search {
	const struct flt_table *table;
	const struct flt_split_options *asked;
	struct {
		enum flt_identical identical;
		struct flt_row_groups groups;
	} ties[MOST_TIES]; /* (n_ties) to try in turn */
	size_t n_ties;
	uint8_t *role; /* (n_rows) scratch */
	bool works;
	struct flt_split_options found; /* if it works */
};

/* Whether each role that is asked for gets rows of each class. */
static enum flt_status try_split(struct search *search, const struct flt_split_options *options,
                                 const struct flt_row_groups *groups, struct flt_error *err)
{
	struct flt_split split = {.method = FLT_SPLIT_GROUP};
	const uint8_t *label = flt_table_labels(search->table);
	if (options->test_fraction + options->validation_fraction >= 1)
		return FLT_OK;
	FLT_TRY(flt_assign_stratified(search->table, options, groups, search->role, &split.oversized, err));
	for (size_t row = 0; row < flt_table_n_rows(search->table); row++) {
		split.n_rows[search->role[row]]++;
		split.n_positive[search->role[row]] += label[row];
	}
	search->works = flt_split_has_classes(options, &split);
	search->found = *options;
	return FLT_OK;
}

/* Tries the fractions as they are, then larger ones. */
static enum flt_status try_fractions(struct search *search, const struct flt_split_options *options,
                                     const struct flt_row_groups *groups, struct flt_error *err)
{
	static const double larger[] = {0.25, 0.3, 0.35, 0.4, 0.45, 0.5};
	FLT_TRY(try_split(search, options, groups, err));
	for (size_t i = 0; i < sizeof larger / sizeof *larger && !search->works; i++) {
		struct flt_split_options wider = *options;
		if (options->test_fraction > 0)
			wider.test_fraction = larger[i];
		if (options->validation_fraction > 0)
			wider.validation_fraction = larger[i];
		FLT_TRY(try_split(search, &wider, groups, err));
	}
	return FLT_OK;
}

static enum flt_status try_ties(struct search *search, double validation_fraction, struct flt_error *err)
{
	struct flt_split_options options = *search->asked;
	options.validation_fraction = validation_fraction;
	for (size_t i = 0; i < search->n_ties && !search->works; i++) {
		options.identical = search->ties[i].identical;
		FLT_TRY(try_fractions(search, &options, &search->ties[i].groups, err));
	}
	return FLT_OK;
}

static enum flt_status add_ties(struct search *search, enum flt_identical identical, struct flt_error *err)
{
	struct flt_row_ties ties = {.identity = identical, .column = true};
	search->ties[search->n_ties].identical = identical;
	return flt_row_groups_make(search->table, NULL, flt_table_n_rows(search->table), ties, search->asked->n_threads,
	                           &search->ties[search->n_ties++].groups, err);
}

/* Without a group column only identical rows tie rows, and larger parts would be the greater change. */
static enum flt_status run(struct search *search, enum flt_identical kept, struct flt_error *err)
{
	if (flt_table_role(search->table, FLT_GROUP) != SIZE_MAX)
		FLT_TRY(add_ties(search, kept, err));
	if (kept != FLT_IDENTICAL_APART)
		FLT_TRY(add_ties(search, FLT_IDENTICAL_APART, err));
	FLT_TRY(try_ties(search, search->asked->validation_fraction, err));
	return search->works || !(search->asked->test_fraction > 0) ? FLT_OK : try_ties(search, 0, err);
}

static bool differs(double x, double y)
{
	return x < y || x > y;
}

static void write_remedy(const struct search *search, enum flt_identical kept, size_t size, char *text)
{
	const struct flt_split_options *found = &search->found, *asked = search->asked;
	char test[48] = "", validation[48] = "";
	if (differs(found->test_fraction, asked->test_fraction))
		snprintf(test, sizeof test, "--test-fraction %g ", found->test_fraction);
	if (differs(found->validation_fraction, asked->validation_fraction))
		snprintf(validation, sizeof validation, "--validation-fraction %g ", found->validation_fraction);
	snprintf(text, size, "; %s%s%sworks", found->identical == kept ? "" : "--identical apart ", test, validation);
}

enum flt_status flt_split_fail_stratified(const struct flt_table *table, const struct flt_split_options *options,
                                          enum flt_identical kept, const struct flt_row_groups *groups,
                                          struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t n_rows = flt_table_n_rows(table);
	char remedy[160] = "; add rows of that class in other groups";
	struct search search = {.table = table, .asked = options, .role = flt_alloc(n_rows, 1, err)};
	uint32_t(*size)[2] = flt_row_groups_sizes(groups, table, NULL, n_rows, err);
	struct flt_tied_rows tied = {size, groups->n_groups, kept != FLT_IDENTICAL_APART};
	FLT_TRY_MEMORY_OUT(search.role && size);
	FLT_TRY_OUT(run(&search, kept, err));
	if (search.works)
		write_remedy(&search, kept, sizeof remedy, remedy);
	status = flt_split_fail_groups(table, &tied, flt_split_roles_text(options), remedy, err);
out:
	for (size_t i = 0; i < search.n_ties; i++)
		flt_row_groups_release(&search.ties[i].groups);
	flt_free(search.role);
	flt_free(size);
	return status;
}
