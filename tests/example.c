/*
 * The library from outside: load a detector, read its rule, score a record and a file. Compiled and run by the test
 * "library" against what `make install` has installed.
 */
#include <stdio.h>

#include <fltrain/fltrain.h>

static int say(const struct flt_error *err)
{
	fprintf(stderr, "%s\n", err->text);
	return (int)err->status;
}

int main(int argc, char **argv)
{
	struct flt_error err;
	struct flt_detector *detector;
	if (argc < 3)
		return 2;
	if (flt_detector_load(argv[1], &detector, &err) != FLT_OK)
		return say(&err);

	char rule[FLT_RULE_SIZE];
	flt_rule_format(&detector->rule, rule, sizeof rule);
	printf("rule: %s when probability >= %.4f (%s)\n", detector->positive, detector->choice.threshold, rule);

	const char *names[] = {"kind", "amount", "age"}, *cells[] = {"web", "133.25", "41"};
	double probability;
	if (flt_score_row(detector, names, cells, 3, &probability, &err) != FLT_OK)
		return say(&err);
	printf("record: %.17g, %s\n", probability,
	       flt_detector_is_positive(detector, probability) ? detector->positive : detector->negative);

	double *probabilities;
	size_t n;
	if (flt_score_file(detector, argv[2], 0, &probabilities, &n, &err) != FLT_OK)
		return say(&err);
	for (size_t i = 0; i < n; i++)
		printf("%.17g\n", probabilities[i]);
	flt_release_bytes(probabilities);
	flt_detector_free(detector);
	return 0;
}
