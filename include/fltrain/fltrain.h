/*
 * The library: it scores rows with a detector that `fltrain` trained. Ten lines do:
 *
 *	struct flt_error err;
 *	struct flt_detector *detector;
 *	if (flt_detector_load("fraud.safetensors", &detector, &err) != FLT_OK) {
 *		fprintf(stderr, "%s\n", err.text);
 *		return 1;
 *	}
 *	const char *names[] = {"amount", "country"}, *cells[] = {"120.50", "DE"};
 *	double probability;
 *	if (flt_score_row(detector, names, cells, 2, &probability, &err) == FLT_OK)
 *		puts(flt_detector_is_positive(detector, probability) ? "alarm" : "fine");
 *	flt_detector_free(detector);
 *
 * Each header is the manual of its part:
 *
 *	error.h     how calls fail
 *	detector.h  the trained model: loading it, what it is, scoring records, deciding
 *	reading.h   how text is read
 *	reasons.h   why a row has its probability
 *	stream.h    scoring CSV files
 *	version.h   of the library, and of the BLAS beneath it
 *
 * Nothing prints, and nothing exits.
 */
#ifndef FLTRAIN_FLTRAIN_H
#define FLTRAIN_FLTRAIN_H

#include "fltrain/detector.h"
#include "fltrain/error.h"
#include "fltrain/reading.h"
#include "fltrain/reasons.h"
#include "fltrain/stream.h"
#include "fltrain/version.h"

#endif
