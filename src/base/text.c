#include "base/text.h"

#include <assert.h>
#include <string.h>

enum { LONGEST = 127 };

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The optimal string alignment distance by its recurrence, three rows at a time. */
static size_t n_mistakes(const char *a, size_t n_a, const char *b, size_t n_b)
{
	assert(n_a <= LONGEST && n_b <= LONGEST);
	size_t rows[3][LONGEST + 1] = {{0}};
	size_t *before = rows[0], *last = rows[1], *now = rows[2];
	for (size_t j = 0; j <= n_b; j++)
		last[j] = j;
	for (size_t i = 1; i <= n_a; i++) {
		now[0] = i;
		for (size_t j = 1; j <= n_b; j++) {
			size_t changed = lower(a[i - 1]) != lower(b[j - 1]);
			now[j] = least(last[j - 1] + changed, least(last[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]))
				now[j] = least(now[j], before[j - 2] + 1);
		}
		size_t *oldest = before;
		before = last, last = now, now = oldest;
	}
	return last[n_b];
}

const char *flt_nearest(const char *text, const char *const *names, size_t n_names)
{
	size_t length = strlen(text);
	if (length > LONGEST)
		return NULL;
	const char *nearest = NULL;
	size_t fewest = (length + 2) / 3 + 1;
	for (size_t i = 0; i < n_names; i++) {
		size_t n_name = names[i] ? strlen(names[i]) : LONGEST + 1;
		if (n_name > LONGEST)
			continue;
		size_t mistakes = n_mistakes(text, length, names[i], n_name);
		/* A name that shares nothing with the text is no guess, however short both are. */
		if (mistakes < fewest && (mistakes == 0 || mistakes < n_name)) {
			fewest = mistakes;
			nearest = names[i];
		}
	}
	return nearest;
}
