/*
 * How well can any model rank a file's rows? The best ranking is by the true probability; its average precision on
 * labels drawn from that truth is what a perfect model would be measured at, on average.
 */
#ifndef DATA_ATTAINABLE_H
#define DATA_ATTAINABLE_H

#include "rows.h"

struct attainable {
	double mean, deviation; /* of the average precision over the redraws */
	double of_file;         /* with the labels that the file holds */
};

enum { N_REDRAWS = 1000 };

/* Sorts a copy of the rows; false: out of memory. */
bool attainable_compute(const struct scenario *scenario, const struct row *rows, struct attainable *result);

#endif
