/* Fields as they stand in the file: the readers drop blanks around a field without quotes, which an id must keep to
 * join back. */
#ifndef CSV_RAW_FIELD_H
#define CSV_RAW_FIELD_H

#include "csv/record.h"

/* The field of that index with the blanks around it, if it has no quotes and is not empty, else the field itself. It
 * lives as long as the record, and no NUL follows it. */
struct flt_csv_field flt_csv_field_with_blanks(const struct flt_csv_record *record, size_t index, char delimiter);

#endif
