#include "csv/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { SUFFIX_SIZE = 24 }; /* of a number with a letter or a point before it */

static int compare(const void *a, const void *b)
{
	const struct flt_csv_field *left = *(const struct flt_csv_field *const *)a;
	const struct flt_csv_field *right = *(const struct flt_csv_field *const *)b;
	int order = strcmp(left->text, right->text);
	return order != 0 ? order : (left > right) - (left < right);
}

/* A name and the suffix that it may get. */
struct candidate {
	const char *name;
	size_t length;
	char suffix[SUFFIX_SIZE];
};

static int compare_candidate(const void *key, const void *item)
{
	const struct candidate *candidate = key;
	const char *text = (*(const struct flt_csv_field *const *)item)->text;
	int order = strncmp(candidate->name, text, candidate->length);
	return order != 0 ? order : strcmp(candidate->suffix, text + candidate->length);
}

/* Puts the names, each with room for a suffix, into bytes. */
static void copy(const struct flt_csv_field *header, struct flt_csv_names *names)
{
	char *at = names->bytes;
	for (size_t i = 0; i < names->n; i++) {
		size_t length = header ? header[i].length : 0;
		if (length > 0) {
			memcpy(at, header[i].text, length);
			at[length] = '\0';
		} else
			length = (size_t)snprintf(at, SUFFIX_SIZE, "c%zu", i + 1);
		names->items[i] = (struct flt_csv_field){at, length};
		at += (header ? header[i].length : 0) + SUFFIX_SIZE + 1;
	}
}

/* sorted (n): the names in order, those that are equal by their place. The texts change only when all were looked at,
 * since the order is searched meanwhile. */
static void number_shared(struct flt_csv_names *names, struct flt_csv_field *const *sorted, size_t *suffixes)
{
	size_t suffix = 0;
	for (size_t i = 1; i < names->n; i++) {
		bool is_shared = strcmp(sorted[i]->text, sorted[i - 1]->text) == 0, is_taken = is_shared;
		struct candidate candidate = {.name = sorted[i]->text, .length = sorted[i]->length};
		suffix = is_shared ? suffix : 0;
		while (is_taken) {
			snprintf(candidate.suffix, sizeof candidate.suffix, ".%zu", ++suffix);
			is_taken = bsearch(&candidate, sorted, names->n, sizeof *sorted, compare_candidate);
		}
		size_t column = (size_t)(sorted[i] - names->items);
		suffixes[column] = suffix;
		names->n_renamed += is_shared;
		if (is_shared && (names->n_renamed == 1 || column < names->first_renamed))
			names->first_renamed = column;
	}
}

static enum flt_status rename_shared(struct flt_csv_names *names, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	struct flt_csv_field **sorted = flt_alloc(names->n, sizeof *sorted, err);
	size_t *suffixes = flt_alloc_zero(names->n, sizeof *suffixes, err);
	FLT_TRY_MEMORY_OUT(sorted);
	FLT_TRY_MEMORY_OUT(suffixes);
	for (size_t i = 0; i < names->n; i++)
		sorted[i] = &names->items[i];
	qsort(sorted, names->n, sizeof *sorted, compare);
	number_shared(names, sorted, suffixes);
	for (size_t i = 0; i < names->n; i++) {
		struct flt_csv_field *item = &names->items[i];
		if (suffixes[i] > 0)
			item->length +=
			        (size_t)snprintf((char *)item->text + item->length, SUFFIX_SIZE, ".%zu", suffixes[i]);
	}
out:
	flt_free(sorted);
	flt_free(suffixes);
	return status;
}

enum flt_status flt_csv_names_init(const struct flt_csv_field *header, size_t n, struct flt_csv_names *names,
                                   struct flt_error *err)
{
	size_t n_bytes = 0;
	for (size_t i = 0; i < n; i++)
		n_bytes += (header ? header[i].length : 0) + SUFFIX_SIZE + 1;
	*names = (struct flt_csv_names){.n = n};
	names->items = flt_alloc_zero(n, sizeof *names->items, err);
	FLT_TRY_MEMORY(names->items);
	names->bytes = flt_alloc(n_bytes, 1, err);
	FLT_TRY_MEMORY(names->bytes);
	copy(header, names);
	return header ? rename_shared(names, err) : FLT_OK;
}

void flt_csv_names_release(struct flt_csv_names *names)
{
	flt_free(names->items);
	flt_free(names->bytes);
	*names = (struct flt_csv_names){0};
}
