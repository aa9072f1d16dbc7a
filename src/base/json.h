/*
 * JSON text: written into a growing buffer, always the same bytes for the same values; and looked over before a parser
 * builds anything from foreign text.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* A writer. Zero-initialised it is ready; commas are its own business. The first failed allocation is kept in status
 * and turns the calls after it into nothing, so that only the end needs a check. */
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

/* A key with its value, and a key whose value opens with a bracket. */
void flt_json_put_number(struct flt_json *json, const char *key, double value);
void flt_json_put_count(struct flt_json *json, const char *key, uint64_t value);
void flt_json_put_text(struct flt_json *json, const char *key, const char *value);
void flt_json_put_bool(struct flt_json *json, const char *key, bool value);
void flt_json_open_key(struct flt_json *json, const char *key, char bracket);

/* The finished text, terminated, owned by the caller (flt_free); NULL if an allocation failed. */
char *flt_json_take(struct flt_json *json);
void flt_json_release(struct flt_json *json);

bool flt_json_is_utf8(const char *text);

/* Whether brackets nest at most max_depth deep and there are at most max_values values (about: commas and brackets are
 * counted outside strings), so that a parser's recursion and memory are bounded before it starts. */
bool flt_json_is_modest(const char *text, size_t length, size_t max_depth, size_t max_values);

/*
 * Whether jansson ran out of memory. It does not always say so: where a buffer cannot grow it calls the text malformed,
 * or goes on with a part of it. So its allocations are watched.
 */

/* Forgets what was refused to this thread so far; to be called before JSON is parsed. */
void flt_json_memory_watch(void);

/* The size of the allocation that was refused to jansson in this thread since then, or 0. */
size_t flt_json_memory_refused(void);

#endif
