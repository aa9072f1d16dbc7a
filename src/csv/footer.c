#include "csv/footer.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static size_t pass_blanks(const char *text, size_t at, size_t n)
{
	while (at < n && isspace((unsigned char)text[at]))
		at++;
	return at;
}

static bool starts_with(const char *text, size_t n, const char *start)
{
	return n >= strlen(start) && strncasecmp(text, start, strlen(start)) == 0;
}

/* "600 rows", "1,000 Zeilen": a number and what is counted. */
static bool is_count_of_rows(const char *text, size_t n)
{
	static const char *const words[] = {"row", "record", "line", "zeile", "datens", "ligne", "fila", "registro"};
	size_t at = 0;
	while (at < n && (isdigit((unsigned char)text[at]) || (at > 0 && strchr(",.'", text[at]))))
		at++;
	size_t word = pass_blanks(text, at, n);
	for (size_t i = 0; at > 0 && word > at && i < sizeof words / sizeof *words; i++)
		if (starts_with(text + word, n - word, words[i]))
			return true;
	return false;
}

/* The whole text, in capitals: a lower-case word may be a value. */
static bool is_end_word(const char *text, size_t n)
{
	return n == 3 && (memcmp(text, "END", 3) == 0 || memcmp(text, "EOF", 3) == 0);
}

bool flt_is_footer(const char *text, size_t n)
{
	enum { LONGEST = 100 };
	static const char *const starts[] = {"\\.", "Completion time:", "Time:", "Query OK", "SQL> ", "\x1A"};
	size_t at = pass_blanks(text, 0, n);
	while (at < n && isspace((unsigned char)text[n - 1]))
		n--;
	if (at == n || n - at > LONGEST)
		return false;
	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
		if (starts_with(text + at, n - at, starts[i]))
			return true;
	if (flt_is_rule(text + at, n - at) || is_end_word(text + at, n - at))
		return true;
	at += text[at] == '(';
	return is_count_of_rows(text + at, n - at);
}

bool flt_is_rule(const char *text, size_t n)
{
	size_t n_dashes = 0;
	bool has_two = false;
	for (size_t i = 0; i < n; i++) {
		bool is_dash = text[i] == '-' || text[i] == '=';
		if (!is_dash && (text[i] == '\0' || !strchr("+|:,; \t", text[i])))
			return false;
		n_dashes += is_dash;
		has_two |= is_dash && i > 0 && text[i - 1] == text[i];
	}
	return n_dashes >= 3 && has_two;
}
