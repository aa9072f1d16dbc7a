#include "table/hint.h"

#include <stdio.h>
#include <string.h>

#include "base/encoding.h"
#include "base/text.h"

/* Appends to a hint, cut where it is full. */
static size_t put(char hint[FLT_HINT_SIZE], size_t used, const char *before, const char *name, const char *after)
{
	struct flt_shown shown = flt_shown(name, strlen(name));
	int n = snprintf(hint + used, FLT_HINT_SIZE - used, "%s\"%s\"%s", before, shown.text, after);
	return n < 0 || used + (size_t)n >= FLT_HINT_SIZE ? FLT_HINT_SIZE - 1 : used + (size_t)n;
}

void flt_table_hint(const char *text, const char *const *names, size_t n, char hint[FLT_HINT_SIZE])
{
	enum { MOST_NAMES = 8, ROOM = 80 };
	const char *remedy, *nearest = flt_nearest(text, names, n);
	size_t other = flt_find_other_encoding(names, n, text, &remedy);
	hint[0] = '\0';
	if (other < n) {
		size_t used = put(hint, 0, "; it has ", names[other], ", ");
		snprintf(hint + used, FLT_HINT_SIZE - used, "%s", remedy);
		return;
	}
	if (nearest) {
		put(hint, 0, "; did you mean ", nearest, "?");
		return;
	}
	size_t used = 0, i;
	for (i = 0; i < n && i < MOST_NAMES && used + ROOM < FLT_HINT_SIZE; i++)
		used = put(hint, used, i == 0 ? "; there are " : ", ", names[i], "");
	if (i < n)
		snprintf(hint + used, FLT_HINT_SIZE - used, ", ...");
}
