#include "protocol/file_columns.h"

#include "csv/reader.h"

enum flt_status flt_file_columns(const char *path, flt_take_column *take, void *context, struct flt_error *err)
{
	const struct flt_csv_options options = {.skip_digest = true};
	struct flt_csv *csv;
	FLT_TRY(flt_csv_open(path, &options, &csv, err));
	for (size_t i = 0; i < flt_csv_n_columns(csv); i++)
		take(context, flt_csv_column_name(csv, i));
	flt_csv_free(csv);
	return FLT_OK;
}
