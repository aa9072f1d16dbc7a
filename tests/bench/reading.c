/*
 * Prints the seconds that reading a file into a table takes, as `fltrain train --json` counts them.
 * usage: reading THREADS FILE [skip|sha256]     (skip: --bad-rows skip; sha256: with the checksum of the file, which
 * `train` needs)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "table/table.h"

int main(int argc, char **argv)
{
	const char *how = argc == 4 ? argv[3] : "";
	bool skips = strcmp(how, "skip") == 0, digests = strcmp(how, "sha256") == 0;
	if (argc != 3 && !(argc == 4 && (skips || digests))) {
		fprintf(stderr, "usage: reading THREADS FILE [skip|sha256]\n");
		return 2;
	}
	struct flt_table_options options = {
	        .n_threads = (unsigned)strtoul(argv[1], NULL, 10), .skip_bad_rows = skips, .skip_sha256 = !digests};
	struct flt_table *table;
	struct flt_error err;
	double start = flt_clock_seconds();
	if (flt_table_read(argv[2], &options, &table, &err) != FLT_OK) {
		fprintf(stderr, "%s\n", err.text);
		return EXIT_FAILURE;
	}
	printf("%.6f\n", flt_clock_seconds() - start);
	flt_table_free(table);
	return EXIT_SUCCESS;
}
