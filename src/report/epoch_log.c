/* The epoch log: one JSON object per line and epoch, of a training or a study. */
#include <math.h>

#include "report/figures_json.h"
#include "report/report.h"

static void put_losses(struct flt_json *json, const struct flt_epoch *epoch)
{
	flt_json_put_number(json, "loss", epoch->loss);
	flt_json_put_number(json, "validation_loss", epoch->validation_loss);
	flt_json_put_number(json, "validation_ap", epoch->validation_ap);
	flt_json_put_number(json, "gradient_total", epoch->gradient_total);
	flt_json_put_number(json, "gradient_easy", epoch->gradient_easy);
	flt_json_put_number(json, "gradient_positive", epoch->gradient_positive);
}

static void put_epoch(struct flt_json *json, const struct flt_epoch *epoch)
{
	flt_json_open(json, '{');
	flt_json_put_count(json, "member", epoch->member + 1);
	flt_json_put_count(json, "epoch", epoch->epoch);
	flt_json_put_number(json, "lr", epoch->lr);
	if (isnan(epoch->lr))
		flt_json_put_number(json, "l2", epoch->l2);
	put_losses(json, epoch);
	flt_json_put_bool(json, "best", epoch->best);
	flt_json_close(json, '}');
}

enum flt_status flt_report_epoch_log(FILE *out, const struct flt_epoch_log *log, struct flt_error *err)
{
	for (size_t i = 0; i < log->n; i++) {
		struct flt_json json = {.err = err};
		put_epoch(&json, &log->epochs[i]);
		FLT_TRY(flt_json_write_line(&json, out));
	}
	return FLT_OK;
}

static void put_trial_epoch(struct flt_json *json, const struct flt_study *study, size_t variant, size_t number,
                            const struct flt_epoch *epoch)
{
	const struct flt_cv_fold *fold = &study->cv->folds[number];
	flt_json_open(json, '{');
	flt_json_put_text(json, "variant", study->variants[variant].name);
	flt_json_put_count(json, "repeat", fold->repeat + 1);
	flt_json_put_count(json, "fold", fold->fold + 1);
	flt_json_put_count(json, "member", epoch->member + 1);
	flt_json_put_count(json, "epoch", epoch->epoch);
	put_losses(json, epoch);
	flt_json_close(json, '}');
}

static enum flt_status write_trial(FILE *out, const struct flt_study *study, size_t variant, size_t number,
                                   struct flt_error *err)
{
	const struct flt_epoch_log *log = &flt_cv_trial(study->cv, variant, number)->log;
	for (size_t i = 0; i < log->n; i++) {
		struct flt_json json = {.err = err};
		put_trial_epoch(&json, study, variant, number, &log->epochs[i]);
		FLT_TRY(flt_json_write_line(&json, out));
	}
	return FLT_OK;
}

enum flt_status flt_report_study_log(FILE *out, const struct flt_study *study, struct flt_error *err)
{
	for (size_t v = 0; v < study->n_all; v++)
		for (size_t number = 0; number < study->cv->n_all_folds; number++)
			FLT_TRY(write_trial(out, study, v, number, err));
	return FLT_OK;
}
