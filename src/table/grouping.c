#include "table/grouping.h"

static const char *pass_digits(const char *at, const char *end)
{
	while (at < end && flt_is_plain_digit(*at))
		at++;
	return at;
}

void flt_note_long_grouping(struct flt_plain_numbers *plain, const char *text, size_t length, char decimal)
{
	const char *first = text + (*text == '-' || *text == '+'), *end = text + length;
	const char *at = pass_digits(first, end);
	size_t n_before = (size_t)(at - first);
	plain->may_be_grouped = n_before >= 1 && n_before <= 3 && (at == end || (*at == decimal && *first != '0'));
	if (at == end) {
		plain->has_hundreds |= n_before == 3;
		return;
	}
	plain->has_mark = true;
	first = at + 1;
	at = pass_digits(first, end);
	plain->may_be_grouped &= at == end && at == first + 3;
}
