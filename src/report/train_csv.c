#include "base/number.h"
#include "report/report.h"
#include "csv/field.h"

/* One network's score is a float32: its shortest text reads back as that float. */
static void write_score(FILE *out, const struct flt_detector *detector, double score)
{
	char text[FLT_NUMBER_SIZE];
	if (detector->n_nets > 1)
		flt_number_format(score, text);
	else
		flt_number_format_float((float)score, text);
	fputs(text, out);
}

void flt_report_predictions(FILE *out, const struct flt_experiment *experiment)
{
	const struct flt_table *table = experiment->test_table ? experiment->test_table : experiment->table;
	const struct flt_detector *detector = experiment->detector;
	size_t id = flt_table_role(table, FLT_ID);
	fputs("row,", out);
	if (id != SIZE_MAX) {
		flt_write_field(out, flt_table_column(table, id).name);
		fputc(',', out);
	}
	fputs("target,score,probability,label\n", out);
	for (size_t i = 0; i < experiment->n_rows; i++) {
		size_t row = experiment->rows[i];
		double probability = flt_sigmoid(experiment->log_odds[i]);
		fprintf(out, "%zu,", flt_table_row_number(table, row));
		if (id != SIZE_MAX) {
			flt_write_field(out, flt_table_id_text(table, row));
			fputc(',', out);
		}
		flt_write_field(out, flt_table_target_text(table, row));
		fputc(',', out);
		write_score(out, detector, experiment->score[i]);
		fputc(',', out);
		flt_write_number(out, probability);
		fputc(',', out);
		bool positive = flt_detector_is_positive(detector, probability);
		flt_write_field(out, positive ? detector->positive : detector->negative);
		fputc('\n', out);
	}
}
