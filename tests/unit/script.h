/* What a test saw, as text, so that two runs can be compared. */
#ifndef TESTS_SCRIPT_H
#define TESTS_SCRIPT_H

#include <check.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "csv/record.h"

struct script {
	char text[1 << 18]; /* (n), and a NUL */
	size_t n;
};

static inline void script_clear(struct script *script)
{
	script->n = 0;
	script->text[0] = '\0';
}

static inline void script_add(struct script *script, const void *bytes, size_t n)
{
	ck_assert_uint_lt(script->n + n + 1, sizeof script->text);
	memcpy(script->text + script->n, bytes, n);
	script->n += n;
	script->text[script->n] = '\0';
}

__attribute__((format(printf, 2, 3))) static inline void script_print(struct script *script, const char *format, ...)
{
	size_t room = sizeof script->text - script->n;
	va_list args;
	va_start(args, format);
	int n = vsnprintf(script->text + script->n, room, format, args);
	va_end(args);
	ck_assert(n >= 0 && (size_t)n < room);
	script->n += (size_t)n;
}

static inline void script_add_fields(struct script *script, const struct flt_csv_field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		script_add(script, "<", 1);
		script_add(script, fields[i].text, fields[i].length);
		script_add(script, ">", 1);
	}
	script_add(script, "\n", 1);
}

static inline void script_add_record(struct script *script, const struct flt_csv_record *record, size_t n_fields)
{
	script_print(script, "%zu %zu ", record->line, record->number);
	script_add(script, record->raw, record->n_raw);
	script_add_fields(script, record->fields, n_fields);
}

static inline bool script_same(const struct script *a, const struct script *b)
{
	return a->n == b->n && memcmp(a->text, b->text, a->n) == 0;
}

#endif
