/* Opens a text as a CSV file in the scratch folder, and shows all its records. */
#ifndef READ_RECORDS_H
#define READ_RECORDS_H

#include "csv/reader.h"
#include "scratch.h"

static struct flt_error err;

static inline struct flt_csv *open_text(const char *text, size_t n, const struct flt_csv_options *options)
{
	struct flt_csv *csv;
	scratch_write("x.csv", text, n);
	enum flt_status status = flt_csv_open("x.csv", options, &csv, &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	return csv;
}

/* All data records as "LINE:field|field/LINE:...", or the error's text. */
static inline const char *read_all(struct flt_csv *csv)
{
	static char all[20000];
	size_t used = 0;
	all[0] = '\0';
	for (;;) {
		struct flt_csv_record record;
		bool is_end;
		if (flt_csv_next(csv, &record, &is_end, &err) != FLT_OK)
			return err.text;
		if (is_end)
			return all;
		used += (size_t)sprintf(all + used, "%s%zu:", used ? "/" : "", record.line);
		ck_assert(record.n_raw > 0 && !strchr("\r\n", record.raw[0]));
		for (size_t i = 0; i < flt_csv_n_columns(csv); i++) {
			ck_assert_uint_eq(strlen(record.fields[i].text), record.fields[i].length);
			used += (size_t)sprintf(all + used, "%s%s", i ? "|" : "", record.fields[i].text);
		}
	}
}

#endif
