/* The CSV files of a study: precision-recall curves and out-of-fold predictions. */
#include "base/alloc.h"
#include "report/report.h"
#include "csv/field.h"

static void write_point(FILE *out, const struct flt_study *study, size_t variant, size_t number,
                        const struct flt_curve_point *point)
{
	const struct flt_cv_fold *fold = &study->cv->folds[number];
	flt_write_field(out, study->variants[variant].name);
	fprintf(out, ",%zu,%zu,", fold->repeat + 1, fold->fold + 1);
	flt_write_number(out, point->threshold);
	fputc(',', out);
	flt_write_number(out, point->precision);
	fputc(',', out);
	flt_write_number(out, point->recall);
	fputc('\n', out);
}

static enum flt_status write_curve(FILE *out, const struct flt_study *study, size_t variant, size_t number,
                                   struct flt_error *err)
{
	struct flt_curve_point *points;
	size_t n_points;
	FLT_TRY(flt_cv_curve(study->cv, variant, number, &points, &n_points, err));
	for (size_t i = 0; i < n_points; i++)
		write_point(out, study, variant, number, &points[i]);
	flt_free(points);
	return FLT_OK;
}

enum flt_status flt_report_curves(FILE *out, const struct flt_study *study, struct flt_error *err)
{
	fputs("variant,repeat,fold,threshold,precision,recall\n", out);
	for (size_t v = 0; v < study->n_all; v++)
		for (size_t fold = 0; fold < study->cv->n_all_folds; fold++)
			FLT_TRY(write_curve(out, study, v, fold, err));
	return FLT_OK;
}

static void write_row(FILE *out, const struct flt_table *table, const struct flt_study *study, size_t number, size_t i)
{
	const struct flt_cv_fold *fold = &study->cv->folds[number];
	const struct flt_cv_trial *trial = flt_cv_trial(study->cv, 0, number);
	size_t row = fold->test[i], id = flt_table_role(table, FLT_ID);
	bool positive = flt_cv_trial_is_positive(trial, i);
	fprintf(out, "%zu,%zu,%zu,", flt_table_row_number(table, row), fold->repeat + 1, fold->fold + 1);
	if (id != SIZE_MAX) {
		flt_write_field(out, flt_table_id_text(table, row));
		fputc(',', out);
	}
	flt_write_field(out, flt_table_target_text(table, row));
	fputc(',', out);
	flt_write_number(out, flt_cv_trial_probability(trial, i));
	fputc(',', out);
	flt_write_field(out, positive ? flt_table_positive(table) : flt_table_negative(table));
	fputc(',', out);
	flt_write_number(out, trial->score[i]);
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
	fputs("target,probability,label,score\n", out);
	for (size_t fold = 0; fold < study->cv->n_all_folds; fold++)
		for (size_t i = 0; i < study->cv->folds[fold].n_test; i++)
			write_row(out, table, study, fold, i);
}
