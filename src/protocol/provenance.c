/* Where a detector comes from, as its file says it. */
#include <string.h>

#include "base/alloc.h"
#include "detector/background.h"
#include "detector/sketch.h"
#include "fltrain/version.h"
#include "protocol/experiment.h"

/* An empty text is stored as NULL. */
static enum flt_status replace_text(char **copy, const char *text, struct flt_error *err)
{
	flt_free(*copy);
	*copy = NULL;
	if (!text || !*text)
		return FLT_OK;
	*copy = flt_copy_text(text, strlen(text), err);
	FLT_TRY_MEMORY(*copy);
	return FLT_OK;
}

/* Of the rows that were fitted on, or chose epoch and threshold. */
static enum flt_status sketch_rows(struct flt_experiment *experiment, struct flt_error *err)
{
	const struct flt_split *split = &experiment->split;
	struct flt_detector *detector = experiment->detector;
	size_t n_fit = split->n_rows[FLT_FIT], n_validation = split->n_rows[FLT_VALIDATION];
	unsigned n_threads = experiment->options.train.n_threads;
	if (n_validation == 0)
		return flt_sketch_make(detector->prep, experiment->table, split->rows[FLT_FIT], n_fit, n_threads,
		                       &detector->sketch, err);
	size_t *rows = flt_alloc(n_fit + n_validation, sizeof *rows, err);
	FLT_TRY_MEMORY(rows);
	memcpy(rows, split->rows[FLT_FIT], n_fit * sizeof *rows);
	memcpy(rows + n_fit, split->rows[FLT_VALIDATION], n_validation * sizeof *rows);
	enum flt_status status = flt_sketch_make(detector->prep, experiment->table, rows, n_fit + n_validation,
	                                         n_threads, &detector->sketch, err);
	flt_free(rows);
	return status;
}

enum flt_status flt_experiment_describe(struct flt_experiment *experiment, const struct flt_table_options *reading,
                                        const char *options, struct flt_error *err)
{
	struct flt_detector *detector = experiment->detector;
	struct flt_provenance *made = &detector->provenance;
	FLT_TRY(flt_detector_describe(detector, experiment->table, reading, err));
	FLT_TRY(replace_text(&made->version, flt_version(), err));
	FLT_TRY(replace_text(&made->options, options, err));
	FLT_TRY(replace_text(&made->data_sha256, flt_table_sha256(experiment->table), err));
	made->seed = experiment->seed;
	memcpy(made->n_rows, experiment->split.n_rows, sizeof made->n_rows);
	memcpy(made->n_positive, experiment->split.n_positive, sizeof made->n_positive);
	if (experiment->test_table) {
		made->n_rows[FLT_TEST] = flt_table_n_rows(experiment->test_table);
		made->n_positive[FLT_TEST] = flt_table_n_positive(experiment->test_table);
	}
	made->marked = experiment->evaluation.is_starred;
	made->figures = experiment->evaluation.figures;
	FLT_TRY(sketch_rows(experiment, err));
	return flt_background_draw(detector->prep, experiment->table, experiment->split.rows[FLT_FIT],
	                           experiment->split.n_rows[FLT_FIT], experiment->options.n_background,
	                           experiment->seed, &detector->background, err);
}
