#include "base/encoding.h"

#include <stdbool.h>

#include "base/json.h"

/* The letters U+00C0 to U+017F without their accents; '.': it has none. */
static const char plain_letters[] = "AAAAAA.CEEEEIIII.NOOOOO..UUUUY..aaaaaa.ceeeeiiii.nooooo..uuuuy.y"
                                    "AaAaAaCcCcCcCcDd..EeEeEeEeEeGgGgGgGgHh..IiIiIiIiI...JjKk.LlLlLl."
                                    "...NnNnNn...OoOoOo..RrRrRrSsSsSsSsTtTt..UuUuUuUuUuUuWwYyYZzZzZz.";

/* A text, taken apart from the start. */
struct letters {
	const unsigned char *at;
	bool is_utf8, has_marks; /* marks: accents of their own, which are skipped */
};

static unsigned decode(struct letters *letters)
{
	unsigned first = *letters->at++;
	if (!letters->is_utf8 || first < 0xC0)
		return first;
	unsigned n_more = first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3, code = first & (0x3FU >> n_more);
	for (; n_more > 0; n_more--)
		code = code << 6 | (*letters->at++ & 0x3FU);
	return code;
}

/* The next letter without its accents; 0 at the end. */
static unsigned next_letter(struct letters *letters)
{
	while (*letters->at) {
		unsigned code = decode(letters);
		bool is_mark = code >= 0x300 && code <= 0x36F;
		letters->has_marks |= is_mark;
		if (is_mark)
			continue;
		bool is_accented =
		        code >= 0xC0 && code - 0xC0 < sizeof plain_letters - 1 && plain_letters[code - 0xC0] != '.';
		return is_accented ? (unsigned char)plain_letters[code - 0xC0] : code;
	}
	return 0;
}

enum flt_status flt_encoding_letters(const char *text, struct flt_text_buffer *letters, unsigned *writing,
                                     struct flt_error *err)
{
	struct letters from = {(const unsigned char *)text, flt_json_is_utf8(text), false};
	letters->length = 0;
	FLT_TRY(flt_text_buffer_reserve(letters, 1, err));
	for (unsigned letter = next_letter(&from); letter != 0; letter = next_letter(&from)) {
		const char bytes[] = {(char)(letter >> 16 | 0x80), (char)(letter >> 8), (char)letter};
		FLT_TRY(flt_text_buffer_append(letters, bytes, sizeof bytes, err));
	}
	*writing = (from.is_utf8 ? 2U : 0U) + (from.has_marks ? 1U : 0U);
	return FLT_OK;
}

const char *flt_encoding_remedy(const char *found, const char *wanted)
{
	struct letters a = {(const unsigned char *)found, flt_json_is_utf8(found), false};
	struct letters b = {(const unsigned char *)wanted, flt_json_is_utf8(wanted), false};
	unsigned letter;
	do {
		letter = next_letter(&a);
		if (letter != next_letter(&b))
			return NULL;
	} while (letter != 0);
	if (!a.is_utf8 && b.is_utf8)
		return "the same in another encoding: convert the file, as by iconv -f LATIN1 -t UTF-8";
	if (a.is_utf8 && !b.is_utf8)
		return "the same in another encoding: convert the file, as by iconv -f UTF-8 -t LATIN1";
	if (a.has_marks && !b.has_marks)
		return "the same with accents apart from their letters: convert the file to Unicode NFC, as by uconv "
		       "-x "
		       "any-nfc";
	if (!a.has_marks && b.has_marks)
		return "the same with accents in their letters: convert the file to Unicode NFD, as by uconv -x "
		       "any-nfd";
	return NULL;
}

size_t flt_find_other_encoding(const char *const *names, size_t n, const char *wanted, const char **remedy)
{
	size_t i = 0;
	*remedy = NULL;
	while (i < n && !(*remedy = flt_encoding_remedy(names[i], wanted)))
		i++;
	return i;
}
