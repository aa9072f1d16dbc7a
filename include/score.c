/* Scores one payment with a model that fltrain trained; README.md in this folder shows how to build and run it. */
#include <stdio.h>

#include <fltrain/fltrain.h>

enum { N_COLUMNS = 12 };

static const char *const payment[N_COLUMNS][2] = {
        {"amount", "6.90"},
        {"amount_ratio", "0.35"},
        {"hour", "3.4"},
        {"minutes_since_last", "1.1"},
        {"n_last_hour", "11"},
        {"n_last_day", "12"},
        {"declines_last_day", "3"},
        {"merchant", "gaming"},
        {"channel", "online"},
        {"region", "domestic"},
        {"km_from_last", ""},
        {"account_age_days", "415"},
};

int main(void)
{
	const char *names[N_COLUMNS], *cells[N_COLUMNS];
	for (int i = 0; i < N_COLUMNS; i++) {
		names[i] = payment[i][0];
		cells[i] = payment[i][1];
	}

	struct flt_error err;
	struct flt_detector *detector;
	if (flt_detector_load("fraud.safetensors", &detector, &err) != FLT_OK) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	double probability;
	enum flt_status status = flt_score_row(detector, names, cells, N_COLUMNS, &probability, &err);
	if (status == FLT_OK)
		printf("%g: %s\n", probability, flt_detector_is_positive(detector, probability) ? "alarm" : "fine");
	else
		fprintf(stderr, "%s\n", err.text);
	flt_detector_free(detector);
	return status == FLT_OK ? 0 : 1;
}
