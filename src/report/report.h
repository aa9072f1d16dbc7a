/*
 * Reports: finished figures, rendered for people (text) and for programs (JSON, CSV). Nothing is computed here.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdio.h>

#include "protocol/protocol.h"
#include "protocol/study.h"

/* What a report says beside the experiment's own figures. */
struct flt_report_about {
	bool bold;            /* the terminal can show it */
	bool verbose;         /* more figures */
	double attainable_ap; /* the best average precision that the data allow, where it is known; else 0 */
	double seconds_read, seconds_total;
	const char *model_file, *model_sha256; /* of the detector that was written; NULL: none was */
};

/* Text for people: a few aligned lines, wrapped at 100 columns. Names from the data are shown with control characters
 * escaped. Figures measured on rows that chose them carry a star. */
void flt_report_train_text(FILE *out, const struct flt_experiment *experiment, const struct flt_report_about *about);

/* One JSON object under "schema": "fltrain.train/1", numbers so that they read back exactly, null for what does not
 * exist. Ends with a newline. */
enum flt_status flt_report_train_json(FILE *out, const struct flt_experiment *experiment,
                                      const struct flt_report_about *about, struct flt_error *err);

/* The same for a detector that was there already (flt_evaluation_of_file). */
struct flt_report_evaluation {
	struct flt_report_about about; /* model_file: that with the moved threshold, if it was written */
	const char *evaluated_model;   /* the model that was evaluated_on */
	const char *data_file, *data_sha256;
	const char *require; /* gates, or NULL */
	const char *failed;  /* which of them did, as a sentence; NULL: none */
};

void flt_report_evaluate_text(FILE *out, const struct flt_evaluation *evaluation,
                              const struct flt_report_evaluation *about);
enum flt_status flt_report_evaluate_json(FILE *out, const struct flt_evaluation *evaluation,
                                         const struct flt_report_evaluation *about, struct flt_error *err);

/* What a model file holds. */
void flt_report_inspect_text(FILE *out, const char *path, const struct flt_detector *detector,
                             const struct flt_report_about *about);
enum flt_status flt_report_inspect_json(FILE *out, const char *path, const struct flt_detector *detector,
                                        struct flt_error *err);

/* One JSON object a line, for the epoch log. */
enum flt_status flt_report_epoch_json(FILE *out, const struct flt_epoch *epoch, struct flt_error *err);

/* CSV of the rows that evaluated_on: row (from 1), the id column if there is one, the target's text, score,
 * probability, label. Numbers read back exactly. */
void flt_report_predictions(FILE *out, const struct flt_experiment *experiment);

/* A comparison for people: the variants' figures, then the claims with their verdicts. And a cross-validation of one.
 */
void flt_report_compare_text(FILE *out, const struct flt_table *table, const struct flt_study *study,
                             const struct flt_report_about *about);
void flt_report_cv_text(FILE *out, const struct flt_table *table, const struct flt_study *study,
                        const struct flt_report_about *about);

/* "schema": "fltrain.compare/1" (of a single variant: "fltrain.cv/1"). */
enum flt_status flt_report_study_json(FILE *out, const struct flt_table *table, const struct flt_study *study,
                                      const struct flt_report_about *about, struct flt_error *err);

/* One JSON object an epoch, with variant, repeat and fold. */
enum flt_status flt_report_study_log(FILE *out, const struct flt_study *study, struct flt_error *err);

/* CSV: variant,repeat,fold,threshold,precision,recall at each probability that gains a positive row. */
enum flt_status flt_report_curves(FILE *out, const struct flt_study *study, struct flt_error *err);

/* CSV of every tested row under the first variant: as flt_report_predictions, with repeat and fold. */
void flt_report_out_of_fold(FILE *out, const struct flt_table *table, const struct flt_study *study);

#endif
