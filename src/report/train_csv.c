#include "base/number.h"
#include "report/report.h"
#include "csv/field.h"

/* One network's score is a float32: its shortest text reads back as that float. */
static void write_score(FILE *out, const struct flt_detector *detector, double score)
{
	char text[FLT_NUMBER_SIZE];
	if (detector->n_members > 1)
		flt_number_format(score, text);
	else
		flt_number_format_float((float)score, text);
	fputs(text, out);
}

void flt_report_predictions(FILE *out, const struct flt_experiment *experiment)
{
	const struct flt_table *table = flt_experiment_evaluated_table(experiment);
	const struct flt_detector *detector = experiment->detector;
	const struct flt_evaluation *evaluation = &experiment->evaluation;
	size_t id = flt_table_role(table, FLT_ID);
	fputs("row,", out);
	if (id != SIZE_MAX) {
		flt_write_field(out, flt_table_column(table, id).name);
		fputc(',', out);
	}
	fputs("target,probability,label,score\n", out);
	for (size_t i = 0; i < evaluation->n_rows; i++) {
		size_t row = evaluation->rows[i];
		fprintf(out, "%zu,", flt_table_row_number(table, row));
		if (id != SIZE_MAX) {
			flt_write_field(out, flt_table_id_text(table, row));
			fputc(',', out);
		}
		flt_write_field(out, flt_table_target_text(table, row));
		fputc(',', out);
		flt_write_number(out, flt_evaluation_probability(evaluation, i));
		fputc(',', out);
		bool positive = flt_evaluation_is_positive(evaluation, i);
		flt_write_field(out, positive ? detector->positive : detector->negative);
		fputc(',', out);
		write_score(out, detector, evaluation->score[i]);
		fputc('\n', out);
	}
}
