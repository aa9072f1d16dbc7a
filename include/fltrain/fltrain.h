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
 *
 * The parts, bottom to top:
 *   csv.h, table.h, split.h, prep.h              records, typed columns, roles of rows, the matrix
 *   metrics.h, calibrate.h, decision.h, gate.h   arrays of scores and labels
 *   mlp.h, train.h                               networks
 *   detector.h, stream.h, scored.h               the trained thing: its file, scoring of records and of files
 *   protocol.h and its kin, checkpoint.h         whole experiments, and going on with one that was stopped
 *   report.h                                     what people and programs read of them
 */
#ifndef FLTRAIN_FLTRAIN_H
#define FLTRAIN_FLTRAIN_H

#include "fltrain/calibrate.h"
#include "fltrain/checkpoint.h"
#include "fltrain/csv.h"
#include "fltrain/decision.h"
#include "fltrain/detector.h"
#include "fltrain/error.h"
#include "fltrain/gate.h"
#include "fltrain/metrics.h"
#include "fltrain/mlp.h"
#include "fltrain/prep.h"
#include "fltrain/protocol.h"
#include "fltrain/report.h"
#include "fltrain/scored.h"
#include "fltrain/split.h"
#include "fltrain/stream.h"
#include "fltrain/table.h"
#include "fltrain/train.h"
#include "fltrain/version.h"

#endif
