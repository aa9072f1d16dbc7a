/* Finds the delimiter, and whether the first record is a header. See csv/reader.h for the rules. */
#ifndef CSV_SNIFF_H
#define CSV_SNIFF_H

#include <stdbool.h>
#include <stddef.h>

#include "csv/markers.h"
#include "csv/record.h"

enum { FLT_SNIFF_RECORDS = 100 };

/* bytes (n): the beginning of the file; all of it with is_all. */
char flt_sniff_delimiter(const unsigned char *bytes, size_t n, bool is_all, char decimal);

/* Evidence about a header: zero it, add the first records in order, ask, and release it. */
struct flt_sniff_header {
	struct flt_sniff_column *columns; /* (n) */
	size_t n;
};

enum flt_status flt_sniff_header_add(struct flt_sniff_header *header, const struct flt_csv_field *fields, size_t n,
                                     const struct flt_markers *markers, char decimal, struct flt_error *err);
bool flt_sniff_has_header(const struct flt_sniff_header *header);
void flt_sniff_header_release(struct flt_sniff_header *header);

#endif
