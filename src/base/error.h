/*
 * How a call fails, and how its callers pass that on: the one idiom for chains of fallible calls.
 *
 * A function that owns nothing returns at the first failure:
 *
 *	FLT_TRY(read_header(reader, err));
 *	FLT_TRY(read_rows(reader, err));
 *	return FLT_OK;
 *
 * A function that owns something declares `enum flt_status status = FLT_OK;` and has one label `out`, where it
 * releases what it owns and returns status:
 *
 *	FLT_TRY_OUT(open_file(path, &file, err));
 *	FLT_TRY_OUT(read_rows(file, err));
 * out:
 *	close_file(file);
 *	return status;
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "fltrain/error.h"

/* Returns the status of `call` from the calling function unless it is FLT_OK. */
#define FLT_TRY(call)                                                                                                  \
	do {                                                                                                           \
		enum flt_status flt_try_status = (call);                                                               \
		if (flt_try_status != FLT_OK)                                                                          \
			return flt_try_status;                                                                         \
	} while (0)

/* Sets `status` to that of `call`, and goes to `out` unless it is FLT_OK. */
#define FLT_TRY_OUT(call)                                                                                              \
	do {                                                                                                           \
		status = (call);                                                                                       \
		if (status != FLT_OK)                                                                                  \
			goto out;                                                                                      \
	} while (0)

/* The same two for a call that returns a pointer, NULL where memory ran out. */
#define FLT_TRY_MEMORY(pointer) FLT_TRY((pointer) ? FLT_OK : FLT_ERR_MACHINE)
#define FLT_TRY_MEMORY_OUT(pointer) FLT_TRY_OUT((pointer) ? FLT_OK : FLT_ERR_MACHINE)

/* Fills err (which may be NULL) and returns status, so that a caller can write `return flt_fail(err, ...)`. */
enum flt_status flt_fail(struct flt_error *err, enum flt_status status, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* The sentence for a failed allocation of n bytes: the machine has no more, or the limit does not allow them. */
enum flt_status flt_fail_memory(struct flt_error *err, unsigned long long n_bytes);

/* The status for a file that cannot be opened or read for this reason (an errno): FLT_ERR_DATA if the file is missing,
 * is no file, or may not be read by this user; else FLT_ERR_MACHINE. */
enum flt_status flt_status_of_errno(int reason);

/* Why a write failed with this errno, in words, with a remedy where the system's own words have none. */
const char *flt_write_reason(int reason);

#endif
