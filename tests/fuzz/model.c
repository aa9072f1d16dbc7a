/*
 * Promised of a model file: any bytes are a detector or refused in a sentence, with the checksum right or, as here, not
 * looked at. What is a detector scores any row, with a probability that is one, or refuses its cells in a sentence;
 * it says what moved a row's log-odds, and the parts make up what they should; inspect shows it; it moves to
 * another prior or says why not; it is written as a file that is read again, with its checksum, and gives the same
 * bytes.
 *
 * Input: the file.
 */
#include <math.h>

#include "detector/file.h"
#include "fltrain/reasons.h"
#include "report/report.h"
#include "harness.h"

enum { N_ROWS = 7 };

/* Cells of each row: the same text in each column, in the last the columns' own first levels. */
static const char *cell(const struct flt_detector *detector, size_t row, size_t column)
{
	static const char *const texts[N_ROWS - 1] = {"", "0", "1.5", "-1e300", "9e307", "web"};
	if (row < N_ROWS - 1)
		return texts[row];
	struct flt_prep_column fitted = flt_prep_column(detector->prep, column);
	return fitted.n_levels ? fitted.levels[0] : "3";
}

/* Log-odds of an isotonic map are bounded, and left is what the parts lack of these. */
static void explain_row(const struct flt_detector *detector, const struct flt_reasons *reasons,
                        const struct flt_scorer *scorer, const char **cells, double score)
{
	size_t n = flt_reasons_n_columns(reasons);
	double *part = malloc((n + 1) * sizeof *part), left, range, sum = flt_reasons_base(reasons), size = fabs(sum);
	struct flt_error err;
	PROMISE(part);
	PROMISE(flt_reasons_explain(reasons, scorer, cells, 1, part, &left, &range, NULL, &err) == FLT_OK);
	for (size_t c = 0; c < n; c++) {
		sum += part[c];
		size += fabs(part[c]);
	}
	double log_odds = flt_detector_log_odds(detector, score);
	if (detector->map.n_breakpoints == 0 && isfinite(log_odds) && isfinite(sum))
		PROMISE(fabs(log_odds - sum - left) <= 1e-9 * (size + fabs(log_odds)));
	free(part);
}

static void score_row(const struct flt_detector *detector, const struct flt_reasons *reasons,
                      const struct flt_scorer *scorer, const char **cells)
{
	double score;
	size_t bad_row;
	struct flt_error err;
	enum flt_status status = flt_scorer_score(scorer, cells, 1, &score, &bad_row, &err);
	if (status) {
		promise_sentence(status, &err);
		return;
	}
	double probability = flt_sigmoid(flt_detector_log_odds(detector, score));
	PROMISE(probability >= 0 && probability <= 1);
	flt_detector_is_positive(detector, probability);
	if (reasons)
		explain_row(detector, reasons, scorer, cells, score);
}

static void score_rows(const struct flt_detector *detector)
{
	size_t n = flt_prep_n_columns(detector->prep);
	const char **names = malloc((n + 1) * sizeof *names), **cells = malloc((n + 1) * sizeof *cells);
	PROMISE(names && cells);
	for (size_t i = 0; i < n; i++)
		names[i] = flt_prep_column(detector->prep, i).name;
	struct flt_scorer *scorer;
	struct flt_error err;
	PROMISE(flt_scorer_new(detector, names, n, NULL, &scorer, &err) == FLT_OK);
	struct flt_reasons *reasons;
	enum flt_status status = flt_reasons_new(detector, &reasons, &err);
	PROMISE((status == FLT_OK) == (detector->background.n > 0));
	if (status)
		promise_sentence(status, &err);
	for (size_t row = 0; row < N_ROWS; row++) {
		for (size_t i = 0; i < n; i++)
			cells[i] = cell(detector, row, i);
		score_row(detector, reasons, scorer, cells);
	}
	flt_reasons_free(reasons);
	flt_scorer_free(scorer);
	free(names);
	free(cells);
}

static void check_written(const struct flt_detector *detector)
{
	unsigned char *bytes, *again;
	size_t n, n_again;
	struct flt_detector *copy;
	struct flt_error err;
	PROMISE(flt_detector_to_bytes(detector, &bytes, &n, NULL, &err) == FLT_OK);
	PROMISE(flt_detector_from_bytes(bytes, n, &copy, &err) == FLT_OK);
	PROMISE(flt_detector_to_bytes(copy, &again, &n_again, NULL, &err) == FLT_OK);
	PROMISE(n_again == n && memcmp(again, bytes, n) == 0);
	flt_detector_free(copy);
	flt_release(bytes);
	flt_release(again);
}

static void check_shown(const struct flt_detector *detector)
{
	static FILE *nowhere;
	struct flt_error err;
	struct flt_report_about about = {.verbose = true};
	if (!nowhere)
		nowhere = fopen("/dev/null", "w");
	PROMISE(nowhere);
	flt_report_inspect_text(nowhere, "model", detector, &about);
	PROMISE(flt_report_inspect_json(nowhere, "model", detector, &err) == FLT_OK);
}

static void move(struct flt_detector *detector)
{
	static const double score[] = {-3, -0.5, 0, 2, 40};
	struct flt_prior prior;
	struct flt_error err;
	enum flt_status status = flt_detector_judge_prior(detector, score, 5, 1, &prior, &err);
	if (status == FLT_OK) {
		PROMISE(prior.value > 0 && prior.value < 1);
		PROMISE(prior.why[0] || (prior.lo <= prior.share && prior.share <= prior.hi));
		status = flt_detector_set_prior(detector, 0.02, &err);
	}
	if (status)
		promise_sentence(status, &err);
	PROMISE(flt_detector_threshold(detector) >= 0 && flt_detector_threshold(detector) <= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct flt_detector *detector;
	struct flt_error err;
	enum flt_status status = flt_detector_parse(bytes, n, false, &detector, &err);
	if (status) {
		PROMISE(!detector);
		promise_sentence(status, &err);
		return 0;
	}
	score_rows(detector);
	flt_detector_threshold_score(detector);
	check_written(detector);
	check_shown(detector);
	move(detector);
	check_written(detector);
	flt_detector_free(detector);
	return 0;
}
