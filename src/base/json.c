#include "base/json.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/character.h"
#include "base/number.h"

static void append(struct flt_json *json, const char *bytes, size_t n)
{
	if (json->status)
		return;
	json->status = flt_grow((void **)&json->text, &json->capacity, json->length + n + 1, 1, json->err);
	if (json->status)
		return;
	memcpy(json->text + json->length, bytes, n);
	json->length += n;
	json->text[json->length] = '\0';
}

/* Writes the comma before a key or value, except before the first in a bracket and between a key and its value. */
static void separate(struct flt_json *json)
{
	if (json->comma)
		append(json, ",", 1);
	json->comma = true;
}

void flt_json_open(struct flt_json *json, char bracket)
{
	separate(json);
	append(json, &bracket, 1);
	json->comma = false;
}

void flt_json_close(struct flt_json *json, char bracket)
{
	append(json, &bracket, 1);
	json->comma = true;
}

bool flt_json_is_utf8(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	for (size_t n; *at && (n = flt_utf8_length((const char *)at)) > 0;)
		at += n;
	return *at == '\0';
}

static void append_string(struct flt_json *json, const char *text)
{
	append(json, "\"", 1);
	const unsigned char *at = (const unsigned char *)text;
	while (*at) {
		size_t n = flt_utf8_length((const char *)at);
		char escape[8];
		if (n == 0) {
			append(json, "\xef\xbf\xbd", 3);
		} else if (*at == '"' || *at == '\\') {
			append(json, (char[]){'\\', (char)*at}, 2);
		} else if (flt_control_length((const char *)at) > 0) {
			snprintf(escape, sizeof escape, "\\u%04x", (unsigned)flt_code_point((const char *)at, n));
			append(json, escape, 6);
		} else {
			append(json, (const char *)at, n);
		}
		at += n ? n : 1;
	}
	append(json, "\"", 1);
}

void flt_json_key(struct flt_json *json, const char *key)
{
	separate(json);
	append_string(json, key);
	append(json, ":", 1);
	json->comma = false;
}

void flt_json_text(struct flt_json *json, const char *text)
{
	separate(json);
	if (text)
		append_string(json, text);
	else
		append(json, "null", 4);
}

void flt_json_number(struct flt_json *json, double value)
{
	separate(json);
	char text[FLT_NUMBER_SIZE] = "null";
	if (value == 0 && signbit(value))
		strcpy(text, "-0.0"); /* parsers take -0 for an integer, which has no sign */
	else if (isfinite(value))
		flt_number_format(value, text);
	append(json, text, strlen(text));
}

void flt_json_count(struct flt_json *json, uint64_t value)
{
	separate(json);
	char text[24];
	append(json, text, (size_t)snprintf(text, sizeof text, "%" PRIu64, value));
}

void flt_json_bool(struct flt_json *json, bool value)
{
	separate(json);
	append(json, value ? "true" : "false", value ? 4 : 5);
}

void flt_json_put_number(struct flt_json *json, const char *key, double value)
{
	flt_json_key(json, key);
	flt_json_number(json, value);
}

void flt_json_put_count(struct flt_json *json, const char *key, uint64_t value)
{
	flt_json_key(json, key);
	flt_json_count(json, value);
}

void flt_json_put_text(struct flt_json *json, const char *key, const char *value)
{
	flt_json_key(json, key);
	flt_json_text(json, value);
}

void flt_json_put_bool(struct flt_json *json, const char *key, bool value)
{
	flt_json_key(json, key);
	flt_json_bool(json, value);
}

void flt_json_open_key(struct flt_json *json, const char *key, char bracket)
{
	flt_json_key(json, key);
	flt_json_open(json, bracket);
}

char *flt_json_take(struct flt_json *json)
{
	if (json->status)
		return NULL;
	char *text = json->text;
	*json = (struct flt_json){.err = json->err};
	return text;
}

void flt_json_release(struct flt_json *json)
{
	flt_free(json->text);
	*json = (struct flt_json){.err = json->err};
}

bool flt_json_is_modest(const char *text, size_t length, size_t max_depth, size_t max_values)
{
	size_t depth = 0, n_values = 1;
	bool in_string = false;
	for (size_t i = 0; i < length; i++) {
		char c = text[i];
		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
			continue;
		}
		if (c == '"')
			in_string = true;
		else if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && depth > 0)
			depth--;
		n_values += c == '{' || c == '[' || c == ',';
		if (depth > max_depth || n_values > max_values)
			return false;
	}
	return true;
}

/*
 * jansson 2.14 ends the program when its buffer for a token cannot grow. So memory for that is set aside before it
 * parses: once an allocation has been refused, the buffer grows there, and all else is refused, which ends the parse.
 *
 * The buffer is its first allocation, BUFFER_START bytes. It holds a text without a NUL, and when that fills it, a
 * block of twice its size is allocated and the old one freed.
 */
enum { BUFFER_START = 16 };

struct parse {
	char *reserve;
	size_t n_reserved, n_used;
	char *buffer, *next_buffer;
	size_t buffer_size;
	size_t n_counted; /* bytes that were asked for; what grew is in it several times, up to twice its size in all */
};

static json_malloc_t jansson_malloc;
static json_free_t jansson_free;
static _Thread_local size_t refused_bytes;
static _Thread_local struct parse *running;

/* Whether an allocation of n bytes is for the buffer. */
static bool is_for_buffer(const struct parse *parse, size_t n)
{
	if (!parse->buffer)
		return n == BUFFER_START;
	return n == 2 * parse->buffer_size && !memchr(parse->buffer, '\0', parse->buffer_size - 1);
}

/* NULL where memory was refused before, too. */
static void *allocate_counted(struct parse *parse, size_t n)
{
	if (refused_bytes > 0 || !flt_alloc_count(n))
		return NULL;
	void *memory = jansson_malloc(n);
	if (memory)
		parse->n_counted += n;
	else
		flt_alloc_uncount(n);
	return memory;
}

static void *allocate_watched(size_t n)
{
	bool for_buffer = running && is_for_buffer(running, n);
	void *memory = running ? allocate_counted(running, n) : jansson_malloc(n);
	if (!memory) {
		refused_bytes = n;
		if (for_buffer && n <= running->n_reserved - running->n_used) {
			memory = running->reserve + running->n_used;
			running->n_used += n;
		}
	}
	if (for_buffer && memory)
		*(running->buffer ? &running->next_buffer : &running->buffer) = memory;
	return memory;
}

static bool is_reserve(const struct parse *parse, const void *memory)
{
	uintptr_t begin = (uintptr_t)parse->reserve, at = (uintptr_t)memory;
	return at >= begin && at - begin < parse->n_reserved;
}

static void free_watched(void *memory)
{
	if (running && memory && memory == running->buffer && running->next_buffer) {
		running->buffer = running->next_buffer;
		running->next_buffer = NULL;
		running->buffer_size *= 2;
	}
	if (!running || !is_reserve(running, memory))
		jansson_free(memory);
}

/* What the buffer takes, all its sizes together, until it holds a token of this length, its last quote, the byte that
 * is read behind it, and a NUL. */
static size_t growth_of_buffer(size_t length)
{
	size_t size = BUFFER_START;
	while (size <= length + 2)
		size *= 2;
	return 2 * size;
}

/* No token of the text is longer than these bytes: what stands between quotes, or between signs outside of them. */
static size_t longest_token(const char *text, size_t length)
{
	size_t longest = 0, begin = 0;
	bool in_string = false;
	for (size_t i = 0; i < length; i++) {
		if (in_string && text[i] == '\\')
			i++;
		else if (in_string ? text[i] == '"' : strchr("\",:[]{} \t\r\n", text[i]) != NULL) {
			longest = i - begin > longest ? i - begin : longest;
			in_string = !in_string && text[i] == '"';
			begin = i;
		}
	}
	return length - begin > longest ? length - begin : longest;
}

static void start_watching(void)
{
	json_get_alloc_funcs(&jansson_malloc, &jansson_free);
	json_set_alloc_funcs(allocate_watched, free_watched);
}

enum flt_status flt_json_check_memory(struct flt_error *err)
{
	return refused_bytes > 0 ? flt_fail_memory(err, refused_bytes) : FLT_OK;
}

enum flt_status flt_json_parse(const char *text, size_t length, json_t **json, size_t *n_counted, json_error_t *why,
                               struct flt_error *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, start_watching);
	*json = NULL;
	if (n_counted)
		*n_counted = 0;
	struct parse parse = {.n_reserved = growth_of_buffer(longest_token(text, length)), .buffer_size = BUFFER_START};
	parse.reserve = flt_alloc(parse.n_reserved, 1, err);
	FLT_TRY_MEMORY(parse.reserve);
	refused_bytes = 0;
	running = &parse;
	*json = json_loadb(text, length, JSON_REJECT_DUPLICATES, why);
	if (refused_bytes > 0) {
		json_decref(*json);
		*json = NULL;
	}
	running = NULL;
	flt_free(parse.reserve);
	enum flt_status status = flt_json_check_memory(err); /* of what is still counted */
	bool keeps_count = *json && n_counted;
	flt_alloc_uncount(keeps_count ? 0 : parse.n_counted);
	if (keeps_count)
		*n_counted = parse.n_counted;
	FLT_TRY(status);
	return *json ? FLT_OK : FLT_ERR_MODEL;
}
