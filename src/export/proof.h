/*
 * Whether an export scores rows as the program does: the rows of a CSV file are read as texts, scored by both, and
 * compared one by one.
 */
#ifndef EXPORT_PROOF_H
#define EXPORT_PROOF_H

#include "export/target.h"
#include "fltrain/stream.h"

/* What was written. Borrowed. */
struct flt_exported {
	const struct flt_export_target *target;
	const struct flt_export_options *options;
	const struct flt_detector
	        *detector;           /* as it was written: with fewer members, or other weights than the original */
	const struct flt_view *view; /* of that detector */
	const struct flt_text_buffer *body, *header;
};

struct flt_export_proof {
	size_t n_rows;
	double largest; /* difference of the log-odds of export and program; equal infinities differ by 0 */
	size_t line;    /* of the row with that difference; 0: there is none */
	size_t n_labels_differ;
	size_t n_beyond; /* rows that differ by more than the tolerance (beyond log-odds of 10 by more than a tenth of
	                  * it times the log-odds), and by more than a score that differs by it gives (a steep map), or
	                  * in the label though they are not as near to the threshold as that */
	struct flt_export_worst {
		size_t line;       /* 0: none is beyond */
		double difference; /* of the log-odds */
		double times;      /* of what is allowed there; 0: only the label differs */
	} worst;                   /* of these rows */
	double tolerance;

	/* Of the rows whose class the file tells, if there are both: the average precision of the original detector,
	 * and of the export. */
	bool has_ap;
	double ap_original, ap_export;
};

/* Reads the rows of a file. original: the detector as it was loaded. Errors as of a stream, and of the
 * target's score. What is beyond the tolerance is no error here. */
enum flt_status flt_export_prove(const struct flt_exported *exported, const struct flt_detector *original,
                                 const char *path, const struct flt_reading_options *reading, unsigned n_threads,
                                 struct flt_export_proof *proof, struct flt_error *err);

#endif
