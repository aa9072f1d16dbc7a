/* Scores one payment with fraud.c, which fltrain export wrote; README.md in this folder shows how to build and run it.
 */
#include <stdio.h>

#include "fraud.h"

int main(void)
{
	static const char *const cells[12] = {"6.90", "0.35",   "3.4",    "1.1",      "11", "12",
	                                      "3",    "gaming", "online", "domestic", "",   "415"};
	struct fraud_row row;
	int bad = fraud_row_from_cells(&row, cells);
	if (bad) {
		fprintf(stderr, "%s: \"%s\" is no value\n", fraud_names[bad - 1], cells[bad - 1]);
		return 1;
	}
	printf("%g: %s\n", fraud_score(&row), fraud_is_positive(&row) ? "alarm" : "fine");
	row.amount = 690;
	row.merchant = NULL; /* not known */
	printf("%g: %s\n", fraud_score(&row), fraud_is_positive(&row) ? "alarm" : "fine");
	return 0;
}
