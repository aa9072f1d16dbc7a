#include "base/character.h"

#include <locale.h>
#include <pthread.h>
#include <string.h>
#include <wchar.h>

/* Unicode, table 3-7. */
size_t flt_utf8_length(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	unsigned char first = at[0], low = 0x80, high = 0xbf;
	size_t n = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
	if (first == 0xe0)
		low = 0xa0;
	else if (first == 0xed)
		high = 0x9f;
	else if (first == 0xf0)
		low = 0x90;
	else if (first == 0xf4)
		high = 0x8f;
	for (size_t i = 1; i < n; i++, low = 0x80, high = 0xbf)
		if (at[i] < low || at[i] > high)
			return 0;
	return n;
}

size_t flt_fitting_length(const char *text, size_t most)
{
	size_t n = strnlen(text, most);
	if (n == most)
		while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
			n--;
	return n;
}

uint32_t flt_code_point(const char *text, size_t length)
{
	const unsigned char *at = (const unsigned char *)text;
	uint32_t code = length > 1 ? at[0] & 0xffU >> (length + 1) : at[0];
	for (size_t i = 1; i < length; i++)
		code = code << 6 | (at[i] & 0x3f);
	return code;
}

/* In order: C0; DEL and C1; soft hyphen; marks, separators, embeddings, overrides and isolates of bidirectional text,
 * with what has no width among and around them; the byte order mark; interlinear annotation. */
static const struct {
	uint32_t first, last;
} controls[] = {
        {0x01, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},     {0x61c, 0x61c},   {0x180e, 0x180e}, {0x200b, 0x200b},
        {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb},
};

size_t flt_control_length(const char *text)
{
	size_t n = flt_utf8_length(text);
	if (n == 0)
		return ((unsigned char)text[0] & 0xe0) == 0x80;
	uint32_t code = flt_code_point(text, n);
	for (size_t i = 0; i < sizeof controls / sizeof *controls && code >= controls[i].first; i++)
		if (code <= controls[i].last)
			return n;
	return 0;
}

/* The C library knows the width of characters, in a locale of UTF-8. Where there is none, each takes one column. */
static locale_t utf8;

static void find_locale(void)
{
	utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

static size_t width_of(uint32_t code)
{
	static const uint32_t first_combining = 0x300;
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	if (code < first_combining)
		return 1;
	pthread_once(&once, find_locale);
	if (!utf8)
		return 1;
	locale_t before = uselocale(utf8);
	int width = wcwidth((wchar_t)code);
	uselocale(before);
	return width < 0 ? 1 : (size_t)width;
}

/* Bytes of what text begins with, a character or a byte that is none, and the columns that it takes. */
static size_t first_of(const char *text, size_t *n_columns)
{
	size_t n = flt_utf8_length(text);
	*n_columns = n > 1 && flt_control_length(text) == 0 ? width_of(flt_code_point(text, n)) : 1;
	return n > 0 ? n : 1;
}

size_t flt_bytes_within(const char *text, size_t n_columns, size_t *taken)
{
	size_t at = 0, width;
	for (*taken = 0; text[at]; *taken += width) {
		size_t n = first_of(text + at, &width);
		if (width > n_columns - *taken)
			break;
		at += n;
	}
	return at;
}

size_t flt_columns(const char *text)
{
	size_t sum;
	flt_bytes_within(text, SIZE_MAX, &sum);
	return sum;
}

void flt_mask_controls(char *text)
{
	char *to = text;
	for (size_t n; *text; text += n) {
		n = flt_control_length(text);
		if (n > 0) {
			*to++ = '?';
			continue;
		}
		n = flt_utf8_length(text);
		n = n > 0 ? n : 1;
		memmove(to, text, n);
		to += n;
	}
	*to = '\0';
}
