/*
 * The rows of a partial table as bytes, for other ranks (csv/batches.h): numbers as narrow as they are, codes in as few
 * bytes as hold them, and each column's dictionary. What comes back has every bit that counts in a table; hashes of
 * texts are made anew, since each process has its own key.
 */
#ifndef TABLE_PACKED_ROWS_H
#define TABLE_PACKED_ROWS_H

#include "base/text.h"
#include "base/unpacking.h"
#include "table/contents.h"
#include "table/rows.h"

/* Appends the rows of table, whose columns began in these states (n_columns), and which missing markers were met. */
enum flt_status flt_rows_pack(const struct flt_table *table, const struct flt_row_rules *rules,
                              const struct flt_column_state *states, struct flt_text_buffer *bytes,
                              struct flt_error *err);

/* Fills table, whose columns are empty and in these states. FLT_ERR_DATA, without a sentence: the bytes are no rows of
 * such a table, which then may hold some of them. */
enum flt_status flt_rows_unpack(struct flt_table *table, const struct flt_row_rules *rules,
                                const struct flt_column_state *states, struct flt_unpacking bytes,
                                struct flt_error *err);

#endif
