#include "table/class_text.h"

#include <string.h>

#include "base/number.h"

/* ---- blanks ---- */

/* The bytes of the blank at the start of text (n), 0 if there is none. */
static size_t blank_at(const char *text, size_t n)
{
	static const char *const wide[] = {"\xC2\xA0",     "\xC2\x85",     "\xE1\x9A\x80", "\xE2\x80\xA8",
	                                   "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE2\x81\xA0",
	                                   "\xE3\x80\x80", "\xEF\xBB\xBF"};
	if (n == 0)
		return 0;
	if (strchr(" \t\r\n\v\f", text[0]))
		return text[0] != '\0';
	/* U+2000 to U+200B: spaces of all widths, 0 among them */
	if (n >= 3 && memcmp(text, "\xE2\x80", 2) == 0 && (unsigned char)text[2] >= 0x80 &&
	    (unsigned char)text[2] <= 0x8B)
		return 3;
	for (size_t i = 0; i < sizeof wide / sizeof *wide; i++) {
		size_t length = strlen(wide[i]);
		if (n >= length && memcmp(text, wide[i], length) == 0)
			return length;
	}
	return 0;
}

/* The bytes of the blank at the end of text (n). */
static size_t blank_before(const char *text, size_t n)
{
	for (size_t length = 1; length <= 3 && length <= n; length++)
		if (blank_at(text + n - length, length) == length)
			return length;
	return 0;
}

void flt_class_trim(const char **text, size_t *length)
{
	for (size_t blank = blank_at(*text, *length); blank > 0; blank = blank_at(*text, *length)) {
		*text += blank;
		*length -= blank;
	}
	for (size_t blank = blank_before(*text, *length); blank > 0; blank = blank_before(*text, *length))
		*length -= blank;
}

/* ---- values ---- */

static bool read_value(const char *text, size_t length, char decimal, double *value)
{
	enum { LONGEST = 15 }; /* decimal digits that a double always tells apart */
	bool has_sign = length > 0 && strchr("+-", text[0]);
	const char *digits = text + has_sign;
	size_t n = length - has_sign;
	if (length > LONGEST || (n > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9'))
		return false;
	return flt_number_parse(text, length, decimal, value) == FLT_NUMBER;
}

enum flt_status flt_class_key(const char *text, size_t length, char decimal, struct flt_text_buffer *key,
                              struct flt_error *err)
{
	const char *trimmed = text;
	size_t n_trimmed = length;
	double value;
	char number[FLT_NUMBER_SIZE];
	key->length = 0;
	flt_class_trim(&trimmed, &n_trimmed);
	if (!read_value(trimmed, n_trimmed, decimal, &value))
		return flt_text_buffer_append(key, text, length, err);
	flt_number_format(value == 0 ? 0 : value, number); /* no -0 */
	return flt_text_buffer_append(key, number, strlen(number), err);
}

/* ---- likeness ---- */

/* The lower case of a letter of two bytes in UTF-8: those of Latin-1, Greek and Cyrillic. */
static unsigned lower_wide(unsigned c)
{
	if ((c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x391 && c <= 0x3A9) || (c >= 0x410 && c <= 0x42F))
		return c + 0x20;
	if (c >= 0x400 && c <= 0x40F)
		return c + 0x50;
	if ((c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177))
		return c | 1;
	return c;
}

/* Puts one character of text (n) in lower case into out; returns its bytes. */
static size_t lower_character(const char *text, size_t n, char out[2])
{
	unsigned char first = (unsigned char)text[0];
	out[0] = text[0];
	bool is_wide = first >= 0xC2 && first < 0xE0 && n >= 2 && ((unsigned char)text[1] & 0xC0) == 0x80;
	if (!is_wide) {
		out[0] = text[0] >= 'A' && text[0] <= 'Z' ? (char)(text[0] - 'A' + 'a') : text[0];
		return 1;
	}
	unsigned c = lower_wide((first & 0x1FU) << 6 | ((unsigned char)text[1] & 0x3FU));
	out[0] = (char)(0xC0 | c >> 6);
	out[1] = (char)(0x80 | (c & 0x3F));
	return 2;
}

/* In lower case, and with one space for each run of blanks. */
static enum flt_status fold(const char *text, size_t length, struct flt_text_buffer *folded, struct flt_error *err)
{
	folded->length = 0;
	FLT_TRY(flt_text_buffer_reserve(folded, length, err));
	for (size_t i = 0; i < length;) {
		char character[2] = " ";
		size_t n_out = 1, blank = blank_at(text + i, length - i);
		if (blank > 0) {
			i += blank;
			if (folded->length > 0 && folded->bytes[folded->length - 1] == ' ')
				continue;
		} else {
			n_out = lower_character(text + i, length - i, character);
			i += n_out;
		}
		FLT_TRY(flt_text_buffer_append(folded, character, n_out, err));
	}
	return FLT_OK;
}

enum flt_status flt_class_loose_key(const char *text, size_t length, char decimal, struct flt_text_buffer *key,
                                    struct flt_error *err)
{
	struct flt_text_buffer folded = {0};
	enum flt_status status;
	flt_class_trim(&text, &length);
	FLT_TRY_OUT(fold(text, length, &folded, err));
	FLT_TRY_OUT(flt_class_key(folded.bytes, folded.length, decimal, key, err));
out:
	flt_text_buffer_release(&folded);
	return status;
}
