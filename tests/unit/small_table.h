/* Small tables for tests: from text, by way of a temporary file. */
#ifndef SMALL_TABLE_H
#define SMALL_TABLE_H

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "table/table.h"
#include "temporary.h"

struct text {
	char *bytes;
	size_t length, capacity;
};

__attribute__((format(printf, 2, 3))) static inline void text_add(struct text *text, const char *format, ...)
{
	enum { MOST = 4096 };
	if (text->capacity - text->length < MOST) {
		text->capacity = 2 * text->capacity + 2 * MOST;
		text->bytes = realloc(text->bytes, text->capacity);
		ck_assert_ptr_nonnull(text->bytes);
	}
	va_list args;
	va_start(args, format);
	int length = vsnprintf(text->bytes + text->length, MOST, format, args);
	va_end(args);
	ck_assert(length >= 0 && length < MOST);
	text->length += (size_t)length;
}

/* The status of reading the bytes as a CSV file with these options; the last column is the target, "1" positive, unless
 * the options say otherwise. */
static inline enum flt_status read_small_table(const char *bytes, size_t length, struct flt_table_options options,
                                               struct flt_table **table, struct flt_error *err)
{
	char path[TEMPORARY_SIZE];
	FILE *file = temporary_file(path);
	ck_assert_uint_eq(fwrite(bytes, 1, length, file), length);
	ck_assert_int_eq(fclose(file), 0);
	options.header = FLT_HEADER_YES;
	options.delimiter = ',';
	options.n_threads = 1;
	if (!options.positive)
		options.positive = "1";
	enum flt_status status = flt_table_read(path, &options, table, err);
	unlink(path);
	return status;
}

static inline struct flt_table *small_table(const char *bytes, struct flt_table_options options)
{
	struct flt_table *table;
	struct flt_error err = {0};
	enum flt_status status = read_small_table(bytes, strlen(bytes), options, &table, &err);
	ck_assert_msg(status == FLT_OK, "%s", err.text);
	return table;
}

/* Frees the text. */
static inline struct flt_table *table_of(struct text *text, struct flt_table_options options)
{
	struct flt_table *table = small_table(text->bytes, options);
	free(text->bytes);
	*text = (struct text){0};
	return table;
}

#endif
