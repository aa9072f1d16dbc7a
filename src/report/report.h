/*
 * Reports: finished figures, rendered for people (text) and for programs (JSON, CSV). Nothing is computed here.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdio.h>

#include "fltrain/stream.h"
#include "protocol/check.h"
#include "protocol/explain.h"
#include "protocol/learning.h"
#include "protocol/labelled.h"
#include "protocol/protocol.h"
#include "protocol/slices.h"
#include "protocol/study.h"
#include "report/style.h"

/* What a report needs beside the experiment. */
struct flt_report_about {
	struct flt_style style;
	bool verbose;                              /* more figures */
	bool plot;                                 /* pictures; the evaluation has its curves */
	const struct flt_learning *learning;       /* of a training; or NULL */
	bool shows_learning;                       /* in the text */
	const struct flt_explanation *explanation; /* of the evaluated rows, for the JSON; NULL: not made */
	const char *command;                       /* the command line, in words that a shell takes; NULL: not known */
	double attainable_ap;                      /* the best average precision possible on this data; 0: unknown */
	double seconds_read, seconds_total;
	const char *model_file, *model_sha256; /* of the detector that was written; NULL: none */
};

/* Text for people: a few aligned lines, wrapped at the width of the style. Names from the data are shown with control
 * characters escaped. Figures measured on rows that chose them carry a star. What is known before training (data,
 * split, model) is a text of its own, to be shown then. */
void flt_report_train_plan_text(FILE *out, const struct flt_experiment *experiment,
                                const struct flt_report_about *about);
void flt_report_train_text(FILE *out, const struct flt_experiment *experiment, const struct flt_report_about *about);

/* Warnings, one line each, of columns that alone tell the class, and of a file that is sorted by it. drop: the list
 * that
 * --drop has already, or NULL. */
enum flt_status flt_report_leak_warnings(FILE *out, struct flt_style style, const struct flt_table *table,
                                         const struct flt_leaks *leaks, const char *drop, struct flt_error *err);

/* Reports for programs are a JSON object in one line, without its end; the caller frees *text (flt_release). Numbers
 * read back exactly; figures that do not exist are null. */

/* "schema": "fltrain.train/1" */
enum flt_status flt_report_train_json(const struct flt_experiment *experiment, const struct flt_report_about *about,
                                      char **text, struct flt_error *err);

/* The same for an existing detector (flt_evaluation_of_file). */
struct flt_report_evaluation {
	struct flt_report_about about; /* model_file: the one with the new threshold, if it was written */
	const char *evaluated_model;   /* the file it was loaded from */
	const char *data_sha256;
	const struct flt_labelled_rows *labels; /* what the target column holds; NULL: not known */
	const char *require;                    /* gates, or NULL */
	const char *failed;                     /* the gate that failed, as a sentence; NULL: none */
	const struct flt_stream *stream;        /* through which the rows were read */
	const struct flt_slices *slices;        /* of the evaluated rows; NULL: none were asked for */
};

void flt_report_evaluate_text(FILE *out, const struct flt_evaluation *evaluation,
                              const struct flt_report_evaluation *about);
enum flt_status flt_report_evaluate_json(const struct flt_evaluation *evaluation,
                                         const struct flt_report_evaluation *about, char **text, struct flt_error *err);

/* Why a detector scores as it does: for people, and "schema": "fltrain.explain/1". */
struct flt_report_explanation {
	struct flt_report_about about; /* style, command, and verbose, which shows all columns, are read */
	const struct flt_detector *detector;
	const struct flt_explanation *explanation;
	uint64_t seed;
	const char *explained_model;            /* the file it was loaded from */
	const struct flt_labelled_rows *labels; /* the rows of the file */
	const struct flt_stream *stream;        /* through which they were read */
	const char *data_sha256;
};

void flt_report_explain_text(FILE *out, const struct flt_report_explanation *about);
enum flt_status flt_report_explain_json(const struct flt_report_explanation *about, char **text, struct flt_error *err);

/* What a file that was scored held: "schema": "fltrain.predict/1". */
/* What was left over of the log-odds of rows that were explained. Zero-initialised: there were none. */
struct flt_report_reasons {
	size_t n_rows;
	double largest_left; /* as a share of the row's range */
};
void flt_report_reasons_see(struct flt_report_reasons *explained, const struct flt_scored_rows *rows);

/* A line on what the reasons of these rows are; none if there were no rows. */
void flt_report_reasons_text(FILE *out, const struct flt_reasons *reasons, const struct flt_report_reasons *explained);

struct flt_report_prediction {
	const struct flt_detector *detector;
	const struct flt_stream *stream;
	const char *model_file;
	const char *predictions_file;      /* NULL: none was put in place */
	const struct flt_prior *prior;     /* estimated from the rows; NULL: it was not */
	bool prior_is_given;               /* by an option */
	const struct flt_reasons *reasons; /* NULL: rows were not explained; then the next two do not count */
	size_t n_reasons;
	const struct flt_report_reasons *explained;
};

enum flt_status flt_report_predict_json(FILE *out, const struct flt_report_prediction *about, struct flt_error *err);

/* The contents of a model file. */
void flt_report_inspect_text(FILE *out, const char *path, const struct flt_detector *detector,
                             const struct flt_report_about *about);
enum flt_status flt_report_inspect_json(FILE *out, const char *path, const struct flt_detector *detector,
                                        struct flt_error *err);

/* A model card in Markdown. */
void flt_report_card(FILE *out, const char *path, const struct flt_detector *detector);

/* One JSON object per line and epoch. */
enum flt_status flt_report_epoch_log(FILE *out, const struct flt_epoch_log *log, struct flt_error *err);

/* CSV of the evaluated rows: row (from 1), the id column if there is one, the target's text,
 * probability, label, score, in the order of `predict`. Numbers read back exactly. */
void flt_report_predictions(FILE *out, const struct flt_experiment *experiment);

/* Data, split and model of a study, to be shown before training. */
void flt_report_study_plan_text(FILE *out, const struct flt_study *study, const struct flt_report_about *about);

/* A line on a trial that has ended: variant, repeat and fold, epochs, seconds. */
void flt_report_trial_text(FILE *out, const struct flt_cv *cv, size_t variant, size_t fold);

/* A comparison for people: the variants' figures, then the claims with their verdicts; and the cross-validation of a
 * single variant. */
void flt_report_compare_text(FILE *out, const struct flt_study *study, const struct flt_report_about *about);
void flt_report_cv_text(FILE *out, const struct flt_study *study, const struct flt_report_about *about);

/* "schema": "fltrain.compare/1" (of a single variant: "fltrain.cv/1"). The study has its curves. */
enum flt_status flt_report_study_json(const struct flt_study *study, const struct flt_report_about *about, char **text,
                                      struct flt_error *err);

/* One JSON object per line and epoch, with variant, repeat and fold. */
enum flt_status flt_report_study_log(FILE *out, const struct flt_study *study, struct flt_error *err);

/* CSV: variant,repeat,fold,threshold,precision,recall at each threshold that finds one more positive row. */
enum flt_status flt_report_curves(FILE *out, const struct flt_study *study, struct flt_error *err);

/* CSV of every tested row under the first variant: as flt_report_predictions, with repeat and fold. */
void flt_report_out_of_fold(FILE *out, const struct flt_table *table, const struct flt_study *study);

/* The report of a check for people; "schema": "fltrain.check/1" (require and failed as for evaluate); and CSV of the
 * rows whose label is suspicious: row, the id column if there is one, the target's text, the probability of the
 * positive class by the other rows, the chance that the label is wrong. */
void flt_report_check_text(FILE *out, const struct flt_check *check, const struct flt_report_about *about);
enum flt_status flt_report_check_json(const struct flt_check *check, const struct flt_report_about *about,
                                      const char *require, const char *failed, char **text, struct flt_error *err);
void flt_report_suspects(FILE *out, const struct flt_check *check);

#endif
