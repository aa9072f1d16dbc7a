#include "base/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/character.h"
#include "base/number.h"

enum flt_status flt_text_buffer_reserve(struct flt_text_buffer *buffer, size_t n_more, struct flt_error *err)
{
	if (buffer->capacity > buffer->length && buffer->capacity - buffer->length > n_more)
		return FLT_OK;
	FLT_TRY(flt_grow((void **)&buffer->bytes, &buffer->capacity, buffer->length + n_more + 1, 1, err));
	buffer->bytes[buffer->length] = '\0';
	return FLT_OK;
}

enum flt_status flt_text_buffer_append(struct flt_text_buffer *buffer, const char *bytes, size_t n,
                                       struct flt_error *err)
{
	FLT_TRY(flt_text_buffer_reserve(buffer, n, err));
	memcpy(buffer->bytes + buffer->length, bytes, n);
	buffer->length += n;
	buffer->bytes[buffer->length] = '\0';
	return FLT_OK;
}

enum flt_status flt_text_buffer_print(struct flt_text_buffer *buffer, struct flt_error *err, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	assert(n >= 0);
	FLT_TRY(flt_text_buffer_reserve(buffer, (size_t)n, err));
	va_start(args, format);
	vsnprintf(buffer->bytes + buffer->length, (size_t)n + 1, format, args);
	va_end(args);
	buffer->length += (size_t)n;
	return FLT_OK;
}

void flt_text_buffer_release(struct flt_text_buffer *buffer)
{
	flt_free(buffer->bytes);
	*buffer = (struct flt_text_buffer){0};
}

bool flt_text_to_number(const char *text, size_t length, double *value)
{
	double number;
	if (flt_number_parse(text, length, '.', &number) != FLT_NUMBER)
		return false;
	*value = number;
	return true;
}

bool flt_text_to_count(const char *text, size_t length, uint64_t *value)
{
	uint64_t count = 0;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9' || __builtin_mul_overflow(count, 10, &count) ||
		    __builtin_add_overflow(count, (uint64_t)(text[i] - '0'), &count))
			return false;
	}
	if (length == 0)
		return false;
	*value = count;
	return true;
}

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
		/* Short names are always few mistakes apart: require at least one byte in common. */
		if (mistakes < fewest && (mistakes == 0 || mistakes < n_name)) {
			fewest = mistakes;
			nearest = names[i];
		}
	}
	return nearest;
}

static const char *skip_spaces(const char *text)
{
	return text + strspn(text, " \t");
}

/* Copies the quoted item at text (past its opening quote) to out; returns the text after the closing quote. An unclosed
 * quote takes the rest of the list. */
static const char *unquote(const char *text, char *out, size_t *length)
{
	size_t n = 0;
	for (; *text; text++) {
		if (*text == '"' && *++text != '"')
			break;
		out[n++] = *text;
	}
	*length = n;
	return text;
}

/* Copies the list's next item to out; returns the text after it. */
static const char *take_item(const char *text, char *out, size_t *length)
{
	text = skip_spaces(text);
	if (*text == '"') {
		text = unquote(text + 1, out, length);
		return text + strcspn(text, ",");
	}
	size_t whole = strcspn(text, ","), n = whole;
	while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\t'))
		n--;
	memcpy(out, text, n);
	*length = n;
	return text + whole;
}

enum flt_status flt_names_split(const char *list, struct flt_names *names, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t capacity = 0;
	*names = (struct flt_names){0};
	if (!list || !*list)
		return FLT_OK;
	char *item = flt_alloc(strlen(list) + 1, 1, err);
	FLT_TRY_MEMORY(item);
	for (const char *text = list;; text++) {
		size_t length;
		text = take_item(text, item, &length);
		FLT_TRY_OUT(flt_grow((void **)&names->items, &capacity, names->n + 1, sizeof *names->items, err));
		names->items[names->n] = flt_copy_text(item, length, err);
		FLT_TRY_MEMORY_OUT(names->items[names->n]);
		names->n++;
		if (!*text)
			break;
	}
out:
	flt_free(item);
	if (status != FLT_OK)
		flt_names_release(names);
	return status;
}

void flt_names_release(struct flt_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		flt_free(names->items[i]);
	flt_free(names->items);
	*names = (struct flt_names){0};
}

/* ---- the value of an option, to be typed ---- */

struct pen {
	char *at, *end; /* room for a NUL is kept behind end */
	bool is_quoted;
};

static bool put(struct pen *pen, char c)
{
	static const char escaped[] = "'\\''";
	bool is_escaped = pen->is_quoted && c == '\'';
	size_t n = is_escaped ? sizeof escaped - 1 : 1;
	if ((size_t)(pen->end - pen->at) < n)
		return false;
	memcpy(pen->at, is_escaped ? escaped : &c, n);
	pen->at += n;
	return true;
}

static bool needs_list_quotes(const char *item)
{
	size_t n = strlen(item);
	return n == 0 || strchr(item, ',') || item[0] == '"' || strchr(" \t", item[0]) || strchr(" \t", item[n - 1]);
}

/* What a message would show as another text. */
static bool has_control(const char *item)
{
	for (size_t n; *item && flt_control_length(item) == 0; item += n > 0 ? n : 1)
		n = flt_utf8_length(item);
	return *item != '\0';
}

static bool put_item(struct pen *pen, const char *item)
{
	bool needs_quotes = needs_list_quotes(item), fits = !has_control(item) && (!needs_quotes || put(pen, '"'));
	for (; fits && *item; item++)
		fits = (!needs_quotes || *item != '"' || put(pen, '"')) && put(pen, *item);
	return fits && (!needs_quotes || put(pen, '"'));
}

/* Letters, digits and what means nothing to a shell; and these bytes. */
static bool is_harmless(const char *item, const char *others)
{
	for (; *item; item++)
		if (!(lower(*item) >= 'a' && lower(*item) <= 'z') && !(*item >= '0' && *item <= '9') &&
		    !strchr("_-+./:@%", *item) && !strchr(others, *item))
			return false;
	return true;
}

bool flt_option_value(const char *const *items, size_t n, char *out, size_t size)
{
	struct pen pen = {out, out + size - 1, false};
	bool is_quoted = false;
	for (size_t i = 0; i < n; i++)
		is_quoted |= needs_list_quotes(items[i]) || !is_harmless(items[i], "");
	bool fits = !is_quoted || put(&pen, '\'');
	pen.is_quoted = is_quoted;
	for (size_t i = 0; fits && i < n; i++)
		fits = (i == 0 || put(&pen, ',')) && put_item(&pen, items[i]);
	pen.is_quoted = false;
	fits = fits && (!is_quoted || put(&pen, '\''));
	*pen.at = '\0';
	return fits;
}

bool flt_shell_word(const char *word, char *out, size_t size)
{
	bool is_quoted = !*word || *word == '=' || !is_harmless(word, ",=");
	struct pen pen = {out, out + size - 1 - is_quoted, is_quoted}; /* room for the closing quote is kept, too */
	bool fits = true;
	if (is_quoted)
		*pen.at++ = '\'';
	for (; fits && *word; word++)
		fits = put(&pen, *word);
	if (is_quoted)
		*pen.at++ = '\'';
	*pen.at = '\0';
	return fits;
}

enum flt_status flt_text_buffer_shell_word(struct flt_text_buffer *line, const char *word, struct flt_error *err)
{
	size_t most = FLT_SHELL_WORD_SIZE(strlen(word));
	FLT_TRY(flt_text_buffer_reserve(line, most, err));
	flt_shell_word(word, line->bytes + line->length, most);
	line->length += strlen(line->bytes + line->length);
	return FLT_OK;
}

/* The last byte of a space of Unicode that begins with the bytes E2 80: U+2007, U+2009 and U+202F. */
static bool ends_wide_blank(char c)
{
	return c == (char)0x87 || c == (char)0x89 || c == (char)0xAF;
}

size_t flt_first_blank(const char *text, size_t length)
{
	if (length == 0)
		return 0;
	if (text[0] == ' ' || text[0] == '\t')
		return 1;
	if (length >= 2 && text[0] == (char)0xC2 && text[1] == (char)0xA0)
		return 2;
	return length >= 3 && text[0] == (char)0xE2 && text[1] == (char)0x80 && ends_wide_blank(text[2]) ? 3 : 0;
}

size_t flt_leading_blanks(const char *text, size_t length)
{
	size_t n = 0, more;
	while ((more = flt_first_blank(text + n, length - n)) > 0)
		n += more;
	return n;
}

/* Bytes of the blank that text ends with. */
static size_t last_blank(const char *text, size_t length)
{
	for (size_t n = 1; n <= 3 && n <= length; n++)
		if (flt_first_blank(text + length - n, n) == n)
			return n;
	return 0;
}

const char *flt_trim(const char *text, size_t *length)
{
	size_t n = flt_leading_blanks(text, *length), more;
	text += n;
	*length -= n;
	while ((more = last_blank(text, *length)) > 0)
		*length -= more;
	return text;
}

struct flt_shown flt_shown(const char *text, size_t length)
{
	struct flt_shown shown;
	const size_t room = sizeof shown.text - 1;
	size_t n = length > room ? room : length;
	for (size_t i = 0; i < n; i++)
		shown.text[i] = text[i] ? text[i] : '?';
	if (length > room)
		n = flt_fitting_length(shown.text, room - 3);
	shown.text[n] = '\0';
	flt_mask_controls(shown.text);
	n = strlen(shown.text);
	if (length > room) {
		memcpy(shown.text + n, "...", 3);
		n += 3;
	}
	shown.text[n] = '\0';
	return shown;
}
