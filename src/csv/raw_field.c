#include "csv/raw_field.h"

#include <stdbool.h>
#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Most records have none, which is found out fast. */
static bool may_have_blanks(const struct flt_csv_record *record, char delimiter)
{
	return memchr(record->raw, ' ', record->n_raw) ||
	       (delimiter != '\t' && memchr(record->raw, '\t', record->n_raw));
}

/* Where the field of that index starts in the record's bytes, and how long it is there. */
static struct flt_csv_field find_raw(const struct flt_csv_record *record, size_t index, char delimiter)
{
	size_t at = 0, start = 0;
	bool is_quoted = false;
	for (; at < record->n_raw; at++) {
		is_quoted ^= record->raw[at] == '"';
		if (is_quoted || record->raw[at] != delimiter)
			continue;
		if (index-- == 0)
			break;
		start = at + 1;
	}
	return (struct flt_csv_field){record->raw + start, at - start};
}

struct flt_csv_field flt_csv_field_with_blanks(const struct flt_csv_record *record, size_t index, char delimiter)
{
	struct flt_csv_field field = record->fields[index];
	if (!may_have_blanks(record, delimiter))
		return field;
	struct flt_csv_field raw = find_raw(record, index, delimiter);
	size_t before = 0, after = 0;
	while (before < raw.length && is_blank(raw.text[before]))
		before++;
	while (after < raw.length - before && is_blank(raw.text[raw.length - 1 - after]))
		after++;
	bool is_quoted = raw.length - before - after > field.length; /* the quotes themselves are not in field */
	return field.length > 0 && !is_quoted ? raw : field;
}
