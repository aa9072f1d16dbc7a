/* Whether there is memory enough for a fit, checked before the long work begins. */
#ifndef PROTOCOL_MEMORY_H
#define PROTOCOL_MEMORY_H

#include "protocol/fit.h"

/* What the memory of a fit depends on. */
struct flt_fit_size {
	size_t n_fit, n_validation;
	const struct flt_prep *prep; /* of all columns */
	const bool *numeric;         /* (features of prep) */
	const struct flt_roster *roster;
	bool keeps_epochs, has_checkpoint;
	bool drops_scores; /* of the rows that choose, once there are log-odds (flt_fit_drops_scores) */
};

/* *n_bytes: the most that are allocated at once from here to the end of the fit, with those that are now; set unless a
 * network cannot have that shape (FLT_ERR_USAGE). FLT_ERR_MACHINE if that is more than the allocator's limit: the
 * sentence names the total, its largest part, and a remedy. sharing: see flt_fit_options. */
enum flt_status flt_fit_memory_check(const struct flt_fit_size *size, const struct flt_sharing *sharing,
                                     double *n_bytes, struct flt_error *err);

/* About what a wide table takes, with what is found out of its columns before anything is trained, in bytes. */
double flt_wide_memory(size_t n_columns, size_t n_rows);

/* The same of scoring rows of so many columns, however many rows they are. */
double flt_wide_scoring_memory(size_t n_columns);

/* How many networks are at work at once on so many threads, which they share: a few, where the rows of each are large.
 */
size_t flt_members_at_work(const struct flt_roster *roster, size_t n_rows, size_t n_features, unsigned n_threads);

/* Sets the allocator's limit: n_bytes, or for 0 a share of what the machine has free, which leaves some to the C
 * library, the BLAS and the file cache (none of them counted) and to other programs; n_processes of this machine divide
 * that share. SIZE_MAX: no limit. */
void flt_memory_set_limit(size_t n_bytes, size_t n_processes);

/* Keeps large arrays in a file of the folder (borrowed, for good) from now on: they count as no memory. At most once in
 * a process. */
enum flt_status flt_memory_in_folder(const char *folder, struct flt_error *err);
void flt_memory_leave_folder(void); /* once all is freed */

#endif
