#include "base/character.h"

#include <string.h>

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

size_t flt_control_length(const char *text)
{
	unsigned char first = (unsigned char)text[0];
	if ((first > 0 && first < 0x20) || first == 0x7f)
		return 1;
	if (first == 0xc2 && ((unsigned char)text[1] & 0xe0) == 0x80)
		return 2;
	return (first & 0xe0) == 0x80;
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
