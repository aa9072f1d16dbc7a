/* Scores one payment with a model that fltrain has trained; see README.md beside this file. */
#include <stdio.h>

#include <fltrain/fltrain.h>

int main(void)
{
	const char *names[] = {"amount",
	                       "amount_ratio",
	                       "hour",
	                       "minutes_since_last",
	                       "n_last_hour",
	                       "n_last_day",
	                       "declines_last_day",
	                       "merchant",
	                       "channel",
	                       "region",
	                       "km_from_last",
	                       "account_age_days"};
	const char *cells[] = {"133.25", "4.1",         "2.5",    "1.2",    "6", "9",
	                       "3",      "electronics", "online", "abroad", "",  "41"};
	size_t n = sizeof names / sizeof *names;

	struct flt_error err;
	struct flt_detector *detector;
	if (flt_detector_load("fraud.safetensors", &detector, &err) != FLT_OK) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	double probability;
	enum flt_status status = flt_score_row(detector, names, cells, n, &probability, &err);
	if (status == FLT_OK)
		printf("probability %.3f: %s\n", probability,
		       flt_detector_is_positive(detector, probability) ? "alarm" : "fine");
	else
		fprintf(stderr, "%s\n", err.text);
	flt_detector_free(detector);
	return status == FLT_OK ? 0 : 1;
}
