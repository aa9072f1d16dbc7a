/*
 * JSON written into a growing buffer, the same bytes for the same values; and checks on foreign JSON before and while
 * jansson parses it.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* A writer, ready when zero-initialised; it places the commas. The first failed allocation stays in status and makes
 * all later calls do nothing, so only the end needs a check. */
struct flt_json {
	char *text;
	size_t length, capacity;
	bool comma;
	enum flt_status status;
	struct flt_error *err; /* may be NULL */
};

void flt_json_open(struct flt_json *json, char bracket); /* '{' or '[' */
void flt_json_close(struct flt_json *json, char bracket);
void flt_json_key(struct flt_json *json, const char *key);
void flt_json_text(struct flt_json *json, const char *text); /* NULL: null. Bytes that are not UTF-8 become U+FFFD */
void flt_json_number(struct flt_json *json, double value);   /* the shortest that reads back; not finite: null */
void flt_json_count(struct flt_json *json, uint64_t value);
void flt_json_bool(struct flt_json *json, bool value);

/* A key with its value; flt_json_open_key starts a nested object or array. */
void flt_json_put_number(struct flt_json *json, const char *key, double value);
void flt_json_put_count(struct flt_json *json, const char *key, uint64_t value);
void flt_json_put_text(struct flt_json *json, const char *key, const char *value);
void flt_json_put_bool(struct flt_json *json, const char *key, bool value);
void flt_json_open_key(struct flt_json *json, const char *key, char bracket);

/* The finished text, terminated, owned by the caller (flt_free); NULL if an allocation failed. */
char *flt_json_take(struct flt_json *json);
void flt_json_release(struct flt_json *json);

bool flt_json_is_utf8(const char *text);

/* Whether brackets nest at most max_depth deep and there are at most about max_values values (commas and brackets
 * outside strings are counted). Bounds a parser's recursion and memory before it starts. */
bool flt_json_is_modest(const char *text, size_t length, size_t max_depth, size_t max_values);

/*
 * Jansson does not always report running out of memory: when a buffer cannot grow, it may call the text malformed or
 * return only its beginning. So its allocations are watched, and these two tell a lack of memory from a bad text.
 */

/* Parses length bytes of text; no object may have a key twice. FLT_ERR_MODEL if it is not JSON: *why then says where
 * and why, and err stays as it was. FLT_ERR_MACHINE, with err filled, if memory ran out. On failure *json is NULL.
 *
 * What jansson allocates counts against the limit (base/alloc.h) while it parses; afterwards only if n_counted is
 * given, until the caller gives *n_counted back by flt_alloc_uncount. Its allocations cannot come from base/alloc.c:
 * the hooks are the whole process's, and would be handed memory that other users of jansson got before they were set.
 */
enum flt_status flt_json_parse(const char *text, size_t length, json_t **json, size_t *n_counted, json_error_t *why,
                               struct flt_error *err);

/* Call it after json_unpack_ex on a result of flt_json_parse, in the same thread: FLT_ERR_MACHINE, with err filled, if
 * memory ran out, whether or not jansson noticed. */
enum flt_status flt_json_check_memory(struct flt_error *err);

#endif
