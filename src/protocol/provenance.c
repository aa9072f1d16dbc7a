/* What a detector's file says about where the detector comes from. */
#include <string.h>

#include "base/alloc.h"
#include "protocol/protocol.h"
#include "fltrain/version.h"

static double share(size_t part, size_t whole)
{
	return whole ? (double)part / (double)whole : 0;
}

/* The prevalence that the probabilities are true to: of the rows that the last fitted step of the map has seen. */
static double map_prevalence(const struct flt_experiment *experiment)
{
	const struct flt_map *map = &experiment->detector->map;
	bool fitted = map->n_breakpoints > 0 || map->slope != 1 || map->intercept != 0;
	enum flt_row_role part = fitted ? experiment->fit.chosen_on : FLT_FIT;
	return share(experiment->split.n_positive[part], experiment->split.n_rows[part]);
}

static enum flt_status copy_text(const char *text, char **copy, struct flt_error *err)
{
	flt_free(*copy);
	*copy = text && *text ? flt_copy_text(text, strlen(text), err) : NULL;
	return *copy || !text || !*text ? FLT_OK : FLT_ERR_MACHINE;
}

enum flt_status flt_experiment_describe(struct flt_experiment *experiment, const struct flt_table_options *reading,
                                        const char *options, struct flt_error *err)
{
	struct flt_detector *detector = experiment->detector;
	struct flt_provenance *made = &detector->provenance;
	enum flt_status status = flt_detector_describe(detector, experiment->table, reading, err);
	if (status == FLT_OK)
		status = copy_text(flt_version(), &made->version, err);
	if (status == FLT_OK)
		status = copy_text(options, &made->options, err);
	if (status == FLT_OK)
		status = copy_text(flt_table_sha256(experiment->table), &made->data_sha256, err);
	if (status != FLT_OK)
		return status;
	made->seed = experiment->seed;
	memcpy(made->n_rows, experiment->split.n_rows, sizeof made->n_rows);
	memcpy(made->n_positive, experiment->split.n_positive, sizeof made->n_positive);
	if (experiment->test_table) {
		made->n_rows[FLT_TEST] = flt_table_n_rows(experiment->test_table);
		made->n_positive[FLT_TEST] = flt_table_n_positive(experiment->test_table);
	}
	made->prevalence = map_prevalence(experiment);
	made->marked = experiment->evaluated_on != FLT_TEST;
	made->figures = experiment->figures;
	return FLT_OK;
}
