#include "split/check.h"

const char *flt_split_class_text(const struct flt_table *table, int label)
{
	return label ? flt_table_positive(table) : flt_table_negative(table);
}

static enum flt_status check_options(const struct flt_split_options *options, struct flt_error *err)
{
	double test = options->test_fraction, validation = options->validation_fraction;
	if (test >= 0 && validation >= 0 && test + validation < 1)
		return FLT_OK;
	return flt_fail(err, FLT_ERR_USAGE,
	                "--test-fraction %g and --validation-fraction %g leave no rows to fit on: neither may be "
	                "negative, and their sum must be below 1",
	                test, validation);
}

const char *flt_split_roles_text(const struct flt_split_options *options)
{
	if (options->test_fraction > 0)
		return options->validation_fraction > 0 ? "fit, validation and test" : "fit and test";
	return options->validation_fraction > 0 ? "fit and validation" : "fit";
}

static const char *remedy(const struct flt_table *table, const struct flt_split_options *options, size_t n)
{
	bool by_time = flt_table_role(table, FLT_TIME) != SIZE_MAX;
	if (n == 0)
		return "add rows of that class";
	if (options->test_fraction > 0)
		return n > 1 && by_time ? "--test-fraction 0 needs one fewer"
		       : n > 1          ? "--test-fraction 0 needs one fewer, and `fltrain cv` tests every row in turn"
		       : options->validation_fraction > 0 ? "--test-fraction 0 --validation-fraction 0 needs only one"
		                                          : "--test-fraction 0 needs one fewer";
	return "add rows of that class";
}

/* Each role that is asked for needs a row of each class. */
static enum flt_status check_class_sizes(const struct flt_table *table, const struct flt_split_options *options,
                                         struct flt_error *err)
{
	size_t n_roles = 1u + (options->test_fraction > 0) + (options->validation_fraction > 0);
	size_t n_positive = flt_table_n_positive(table);
	for (int label = 1; label >= 0; label--) {
		size_t n = label ? n_positive : flt_table_n_rows(table) - n_positive;
		if (n < n_roles)
			return flt_table_blame_guess(
			        table,
			        flt_fail(err, FLT_ERR_DATA,
			                 "%s: %s need at least %zu rows of class \"%s\" but there %s %zu; %s",
			                 flt_table_path(table), flt_split_roles_text(options), n_roles,
			                 flt_split_class_text(table, label), n == 1 ? "is" : "are", n,
			                 remedy(table, options, n)),
			        err);
	}
	return FLT_OK;
}

enum flt_status flt_split_check_request(const struct flt_table *table, const struct flt_split_options *options,
                                        struct flt_error *err)
{
	FLT_TRY(check_options(options, err));
	return check_class_sizes(table, options, err);
}

/* The first role that lacks a class, and the label of that; false if there is none. */
static bool find_lack(const struct flt_split_options *options, const struct flt_split *split, enum flt_row_role *role,
                      int *label)
{
	for (*role = 0; *role < FLT_N_ROW_ROLES; ++*role) {
		if ((*role == FLT_VALIDATION && !(options->validation_fraction > 0)) ||
		    (*role == FLT_TEST && !(options->test_fraction > 0)))
			continue;
		*label = split->n_positive[*role] == 0;
		if (*label || split->n_positive[*role] == split->n_rows[*role])
			return true;
	}
	return false;
}

bool flt_split_has_classes(const struct flt_split_options *options, const struct flt_split *split)
{
	enum flt_row_role role;
	int label;
	return !find_lack(options, split, &role, &label);
}

enum flt_status flt_split_fail_time(const struct flt_table *table, const struct flt_split_options *options,
                                    const struct flt_split *split, struct flt_error *err)
{
	enum flt_row_role role;
	int label = 0;
	find_lack(options, split, &role, &label);
	size_t n_positive = flt_table_n_positive(table);
	return flt_table_blame_guess(
	        table,
	        flt_fail(err, FLT_ERR_DATA,
	                 "%s: by time, none of the %zu rows of class \"%s\" falls into %s, which needs at least one; "
	                 "use other fractions than --test-fraction %g and --validation-fraction %g, or omit --time",
	                 flt_table_path(table), label ? n_positive : flt_table_n_rows(table) - n_positive,
	                 flt_split_class_text(table, label), flt_row_role_words[role], options->test_fraction,
	                 options->validation_fraction),
	        err);
}

static const char *what_stays(const struct flt_table *table, bool ties_identical)
{
	if (flt_table_role(table, FLT_GROUP) == SIZE_MAX)
		return "identical rows";
	return ties_identical ? "rows of a group, and identical rows," : "rows of a group";
}

enum flt_status flt_split_fail_groups(const struct flt_table *table, const struct flt_tied_rows *tied,
                                      const char *parts, const char *remedy, struct flt_error *err)
{
	size_t n_with[2] = {0, 0}, n_rows = 0, largest = 0;
	for (size_t g = 0; g < tied->n_groups; g++) {
		size_t size = tied->size[g][0] + tied->size[g][1];
		for (int c = 0; c < 2; c++)
			n_with[c] += tied->size[g][c] > 0;
		n_rows += size;
		largest = size > largest ? size : largest;
	}
	int rare = n_with[1] <= n_with[0];
	return flt_fail(err, FLT_ERR_DATA,
	                "%s: %s need rows of both classes each, but %s stay together: there %s %zu group%s, %zu with "
	                "class \"%s\", the largest with %zu of %zu rows%s",
	                flt_table_path(table), parts, what_stays(table, tied->identical),
	                tied->n_groups == 1 ? "is" : "are", tied->n_groups, tied->n_groups == 1 ? "" : "s",
	                n_with[rare], flt_split_class_text(table, rare), largest, n_rows, remedy);
}
