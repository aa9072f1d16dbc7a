/*
 * A detector as one C99 file and its header: no dependency but the C library's mathematics and string.h, no allocation,
 * nothing that changes, no locale. With P for the prefix, which is the file's name:
 *
 *	struct P_row          a member for each column, named as c_names.h says: double for numbers (NAN: missing) and
 *	                      dates (seconds since 1970-01-01T00:00), const char * for categories (NULL: missing)
 *	P_score(row)          the probability of the positive class
 *	P_log_odds(row)       ln(p / (1 - p)); NAN where the weights lead beyond the range of float
 *	P_is_positive(row)    1 if the probability reaches P_threshold, else 0
 *	P_row_from_cells(row, cells)   from texts as in a CSV file
 *
 * In full precision the arithmetic of the networks is that of nn/ on processors with FMA: the same roundings in the
 * same order. Where C says that the processor has FMA (FP_FAST_FMAF) it is asked for; elsewhere a float that is rounded
 * from a sum in double stands for it, since a product of two floats is exact there.
 */
#ifndef EXPORT_C_H
#define EXPORT_C_H

#include "export/target.h"

/* n_bytes: of all constants of the compiled file, pointers counted as 8. */
enum flt_status flt_c_write(const struct flt_view *view, const struct flt_export_options *options,
                            struct flt_text_buffer *body, struct flt_text_buffer *header, size_t *n_bytes,
                            struct flt_error *err);

/* The header of "folder/fraud.c" is "folder/fraud.h", of "folder/fraud 2.c" "folder/fraud_2.h". */
enum flt_status flt_c_header_path(const char *path, struct flt_text_buffer *header_path, struct flt_error *err);

#endif
