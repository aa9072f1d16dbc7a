#include "page/read.h"

#include <math.h>

const json_t *flt_read_object(const json_t *from, const char *key)
{
	const json_t *value = json_object_get(from, key);
	return json_is_object(value) ? value : NULL;
}

const json_t *flt_read_array(const json_t *from, const char *key)
{
	const json_t *value = json_object_get(from, key);
	return json_array_size(value) > 0 ? value : NULL;
}

const char *flt_read_text(const json_t *from, const char *key)
{
	return json_string_value(json_object_get(from, key));
}

static double number_of(const json_t *value)
{
	return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

double flt_read_number(const json_t *from, const char *key)
{
	return number_of(json_object_get(from, key));
}

bool flt_read_true(const json_t *from, const char *key)
{
	return json_is_true(json_object_get(from, key));
}

struct flt_range flt_read_range(const json_t *from, const char *key)
{
	const json_t *range = flt_read_object(from, key);
	double value = flt_read_number(range, "value");
	return (struct flt_range){
	        .value = isnan(value) ? flt_read_number(range, "mean") : value,
	        .lo = flt_read_number(range, "lo"),
	        .hi = flt_read_number(range, "hi"),
	};
}

size_t flt_read_size(const json_t *array, size_t most)
{
	size_t n = json_array_size(array);
	return n < most ? n : most;
}

double flt_read_number_at(const json_t *array, size_t i)
{
	return number_of(json_array_get(array, i));
}

const json_t *flt_read_item(const json_t *array, size_t i)
{
	const json_t *item = json_array_get(array, i);
	return json_is_object(item) ? item : NULL;
}
