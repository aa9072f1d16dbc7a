/*
 * The library in one header. To use a detector that `fltrain` trained, ten lines do:
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
 *		puts(flt_detector_is_positive(detector, probability) ? detector->positive : detector->negative);
 *	flt_detector_free(detector);
 *
 * Every call that can fail returns an enum flt_status and fills the struct flt_error with one sentence. Nothing prints,
 * nothing exits. A detector is const while it scores: several threads may share one.
 */
#ifndef FLTRAIN_FLTRAIN_H
#define FLTRAIN_FLTRAIN_H

#include "fltrain/error.h"
#include "fltrain/version.h"

#endif
