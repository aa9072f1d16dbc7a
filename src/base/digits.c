#include "base/digits.h"

#include <string.h>

void flt_group_digits(char *text, size_t size)
{
	enum { UNGROUPED = 4 };
	char *digits = text + (*text == '-');
	size_t n = strspn(digits, "0123456789"), length = strlen(text);
	if (n <= UNGROUPED || digits[n] || length + (n - 1) / 3 >= size)
		return;
	for (char *at = digits + n - 3; at > digits; at -= 3) {
		memmove(at + 1, at, strlen(at) + 1);
		*at = ',';
	}
}
