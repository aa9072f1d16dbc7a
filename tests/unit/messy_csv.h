/* Random CSV files with all that makes parsing hard; one in three has something wrong in it. */
#ifndef TESTS_MESSY_CSV_H
#define TESTS_MESSY_CSV_H

#include <stdint.h>
#include <string.h>

#include "base/random.h"

static const char *const messy_fields[] = {"a",
                                           "",
                                           "1.5",
                                           "\"q\"",
                                           "\"\"",
                                           "\"a\"\"b\"",
                                           "\"x\ny\"",
                                           "\"x\r\"",
                                           " a ",
                                           "\ta\t",
                                           " \"q\" ",
                                           "\"a,b;\"",
                                           "b c",
                                           "\"\"\"\"",
                                           "\"\r\n\"",
                                           "\"a \" ",
                                           "long text, but in quotes",
                                           "0123456789012345678901234567890123456789"};
static const char *const messy_defects[] = {"a\"", "\"a\"b", "\"", ",", "a,b", "\n", "\r\n\n"};
static const char *const messy_ends[] = {"\n", "\n", "\n", "\r\n", "\r", "\n\n", " \n", "\r\r\n"};
#define N_OF(array) (sizeof(array) / sizeof *(array))

static inline size_t messy_put(char *bytes, size_t n, const char *text)
{
	memcpy(bytes + n, text, strlen(text));
	return n + strlen(text);
}

/* A file of three columns. Returns its length. */
static inline size_t messy_csv(struct flt_random *random, char delimiter, size_t n_records, char *bytes)
{
	size_t n = flt_random_below(random, 8) == 0 ? messy_put(bytes, 0, "\xEF\xBB\xBF") : 0;
	size_t end = flt_random_below(random, 4) ? flt_random_below(random, N_OF(messy_ends)) : N_OF(messy_ends);
	size_t defect = flt_random_below(random, 3) ? SIZE_MAX : flt_random_below(random, 3 * n_records);
	size_t n_kinds = flt_random_below(random, 4) ? N_OF(messy_fields) : 5;
	for (size_t i = 0; i < 3 * n_records; i++) {
		const char *field = messy_fields[flt_random_below(random, n_kinds)];
		n = messy_put(bytes, n, field[0] == 'l' ? "\"long text, but in quotes\"" : field);
		if (i == defect && flt_random_below(random, 8) == 0)
			bytes[n++] = '\0';
		else if (i == defect)
			n = messy_put(bytes, n, messy_defects[flt_random_below(random, N_OF(messy_defects))]);
		if (i % 3 < 2)
			bytes[n++] = delimiter;
		else if (i + 1 < 3 * n_records || flt_random_below(random, 2))
			n = messy_put(
			        bytes, n,
			        messy_ends[end < N_OF(messy_ends) ? end : flt_random_below(random, N_OF(messy_ends))]);
	}
	return n;
}

#endif
