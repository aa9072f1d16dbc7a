/* Finding out what a file does not say: its delimiter, and whether its first record is a header. The rules stand in
 * csv/reader.h. */
#ifndef CSV_SNIFF_H
#define CSV_SNIFF_H

#include <stdbool.h>
#include <stddef.h>

#include "csv/markers.h"
#include "csv/reader.h"

enum { FLT_SNIFF_RECORDS = 100 };

/* bytes: the beginning of the file, whole if is_all. */
char flt_sniff_delimiter(const unsigned char *bytes, size_t n, bool is_all, char decimal);

/* What the first records tell about a header: zero it, show it the records in order, ask, release. */
struct flt_sniff_header {
	struct flt_sniff_column *columns; /* (n) */
	size_t n;
};

enum flt_status flt_sniff_header_add(struct flt_sniff_header *header, const struct flt_csv_field *fields, size_t n,
                                     const struct flt_markers *markers, char decimal, struct flt_error *err);
bool flt_sniff_header_is_there(const struct flt_sniff_header *header);
void flt_sniff_header_release(struct flt_sniff_header *header);

#endif
