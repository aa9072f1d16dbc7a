/* The CSV files of a study: precision-recall curves and out-of-fold predictions. */
#include "base/alloc.h"
#include "report/report.h"
#include "csv/field.h"

static void write_point(FILE *out, const struct flt_study *study, size_t variant, size_t cell,
                        const struct flt_pr_point *point)
{
	const struct flt_cv_fold *fold = &study->cv->folds[cell];
	const struct flt_cv_trial *trial = flt_cv_trial(study->cv, variant, cell);
	flt_write_field(out, study->variants[variant].name);
	fprintf(out, ",%zu,%zu,", fold->repeat + 1, fold->fold + 1);
	flt_write_number(out, flt_sigmoid(trial->log_odds[point->row]));
	fputc(',', out);
	flt_write_number(out, (double)point->tp / (double)(point->tp + point->fp));
	fputc(',', out);
	flt_write_number(out, (double)point->tp / (double)fold->n_test_positive);
	fputc('\n', out);
}

static enum flt_status write_curve(FILE *out, const struct flt_study *study, size_t variant, size_t cell,
                                   struct flt_error *err)
{
	const struct flt_cv_fold *fold = &study->cv->folds[cell];
	size_t n_points = 0;
	struct flt_pr_point *points = flt_alloc(fold->n_test_positive, sizeof *points, err);
	if (!points)
		return FLT_ERR_MACHINE;
	enum flt_status status = flt_pr_curve(flt_cv_trial(study->cv, variant, cell)->score, fold->label, fold->n_test,
	                                      points, &n_points, err);
	for (size_t i = 0; i < n_points; i++)
		write_point(out, study, variant, cell, &points[i]);
	flt_free(points);
	return status;
}

enum flt_status flt_report_curves(FILE *out, const struct flt_study *study, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	fputs("variant,repeat,fold,threshold,precision,recall\n", out);
	for (size_t v = 0; v < study->n_all; v++)
		for (size_t cell = 0; status == FLT_OK && cell < study->cv->n_cells; cell++)
			status = write_curve(out, study, v, cell, err);
	return status;
}

static void write_row(FILE *out, const struct flt_table *table, const struct flt_study *study, size_t cell, size_t i)
{
	const struct flt_cv_fold *fold = &study->cv->folds[cell];
	const struct flt_cv_trial *trial = flt_cv_trial(study->cv, 0, cell);
	size_t row = fold->test[i], id = flt_table_role(table, FLT_ID);
	bool positive = flt_is_positive(trial->log_odds[i], trial->threshold);
	fprintf(out, "%zu,%zu,%zu,", flt_table_row_number(table, row), fold->repeat + 1, fold->fold + 1);
	if (id != SIZE_MAX) {
		flt_write_field(out, flt_table_id_text(table, row));
		fputc(',', out);
	}
	flt_write_field(out, flt_table_target_text(table, row));
	fputc(',', out);
	flt_write_number(out, trial->score[i]);
	fputc(',', out);
	flt_write_number(out, flt_sigmoid(trial->log_odds[i]));
	fputc(',', out);
	flt_write_field(out, positive ? flt_table_positive(table) : flt_table_negative(table));
	fputc('\n', out);
}

void flt_report_out_of_fold(FILE *out, const struct flt_table *table, const struct flt_study *study)
{
	size_t id = flt_table_role(table, FLT_ID);
	fputs("row,repeat,fold,", out);
	if (id != SIZE_MAX) {
		flt_write_field(out, flt_table_column(table, id).name);
		fputc(',', out);
	}
	fputs("target,score,probability,label\n", out);
	for (size_t cell = 0; cell < study->cv->n_cells; cell++)
		for (size_t i = 0; i < study->cv->folds[cell].n_test; i++)
			write_row(out, table, study, cell, i);
}
