/* Reads a foreign report: what it lacks, or has in another type, is NULL, NAN or false. `from` may be NULL. */
#ifndef PAGE_READ_H
#define PAGE_READ_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"

const json_t *flt_read_object(const json_t *from, const char *key);
const json_t *flt_read_array(const json_t *from, const char *key); /* NULL if empty, too */
const char *flt_read_text(const json_t *from, const char *key);
double flt_read_number(const json_t *from, const char *key);
bool flt_read_true(const json_t *from, const char *key);

struct flt_range {
	double value, lo, hi;
};

/* Of {"value", "lo", "hi"}, or of {"mean", "lo", "hi"}. */
struct flt_range flt_read_range(const json_t *from, const char *key);

/* The items of an array, at most `most` of them. */
size_t flt_read_size(const json_t *array, size_t most);
double flt_read_number_at(const json_t *array, size_t i);
const json_t *flt_read_item(const json_t *array, size_t i); /* an object, or NULL */

#endif
