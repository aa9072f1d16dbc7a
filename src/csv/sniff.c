#include "csv/sniff.h"

#include <ctype.h>
#include <string.h>

#include "csv/footer.h"
#include "csv/preview.h"

static const char candidates[] = {',', ';', '\t', '|', ':', '^', ' '};
enum { COMMA, SEMICOLON, N_USUAL = 4, BLANKS = 6, N_CANDIDATES = sizeof candidates };

/* How often each candidate occurs outside quotes in the present record and in the first one, and how many records have
 * it as often as the first. */
struct tally {
	size_t here[N_CANDIDATES], first[N_CANDIDATES], n_same[N_CANDIDATES];
	size_t n_with_one_more[N_CANDIDATES]; /* records below a header that lacks the name of the row names */
	size_t n_records;
	bool begun; /* the present record has a byte */
	bool is_after_blank;
	bool has_wide_gap; /* blanks in a row, as programs write them to align columns */
	size_t at;         /* where the present record begins */
};

/* Counts the record that ends before bytes[end], unless it is a line of dashes or a footer. */
static void end_record(struct tally *tally, const unsigned char *bytes, size_t end)
{
	bool counts = tally->begun &&
	              !(tally->n_records > 0 && flt_is_footer((const char *)bytes + tally->at, end - tally->at));
	tally->here[BLANKS] -= tally->is_after_blank;
	for (size_t k = 0; !counts && k < N_CANDIDATES; k++)
		tally->here[k] = 0;
	tally->begun = tally->is_after_blank = false;
	if (!counts)
		return;
	for (size_t k = 0; k < N_CANDIDATES; k++) {
		if (tally->n_records == 0)
			tally->first[k] = tally->here[k];
		tally->n_same[k] += tally->here[k] == tally->first[k];
		tally->n_with_one_more[k] += tally->here[k] == tally->first[k] + 1;
		tally->here[k] = 0;
	}
	tally->n_records++;
}

/* Adds a byte outside quotes. A run of blanks within a line counts once. */
static void add_byte(struct tally *tally, unsigned char c)
{
	bool is_blank = c == ' ' || c == '\t';
	tally->here[BLANKS] += is_blank && tally->begun && !tally->is_after_blank;
	tally->has_wide_gap |= is_blank && tally->is_after_blank;
	tally->is_after_blank = is_blank && tally->begun;
	tally->begun |= !is_blank;
	for (size_t k = 0; k < BLANKS; k++)
		tally->here[k] += c == (unsigned char)candidates[k];
}

static struct tally count(const unsigned char *bytes, size_t n, bool is_all)
{
	struct tally tally = {0};
	bool quoted = false;
	for (size_t i = 0; i < n && tally.n_records < FLT_PREVIEW_RECORDS; i++) {
		bool was_quoted = quoted;
		quoted ^= bytes[i] == '"';
		if (!quoted && (bytes[i] == '\n' || bytes[i] == '\r')) {
			end_record(&tally, bytes, i);
			tally.at = i + 1;
		} else if (!quoted && !was_quoted)
			add_byte(&tally, bytes[i]);
		else {
			tally.begun = true;
			tally.is_after_blank = false;
		}
	}
	if (is_all || tally.n_records == 0)
		end_record(&tally, bytes, n);
	return tally;
}

/* Whether each comma stands between two digits, as decimal commas do. */
static bool commas_are_decimal(const unsigned char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i] == ',' && !(i > 0 && i + 1 < n && isdigit(bytes[i - 1]) && isdigit(bytes[i + 1])))
			return false;
	return true;
}

static bool is_better(const struct tally *tally, size_t a, size_t b)
{
	if (tally->n_same[a] != tally->n_same[b])
		return tally->n_same[a] > tally->n_same[b];
	return tally->first[a] > tally->first[b];
}

static bool is_even(const struct tally *tally, size_t k)
{
	bool has_row_names = k == BLANKS && tally->n_with_one_more[k] + 1 == tally->n_records;
	return tally->first[k] > 0 && (tally->n_same[k] == tally->n_records || has_row_names);
}

/* The usual delimiter that fits best, or N_CANDIDATES. */
static size_t find_usual(const struct tally *tally, char decimal)
{
	size_t best = N_CANDIDATES;
	for (size_t k = 0; k < N_USUAL; k++)
		if (candidates[k] != decimal && tally->first[k] > 0 &&
		    (best == N_CANDIDATES || is_better(tally, k, best)))
			best = k;
	return best;
}

/* Blanks, : or ^ if they split all records evenly, the one with the most fields; else N_CANDIDATES. */
static size_t find_unusual(const struct tally *tally, char decimal)
{
	size_t best = N_CANDIDATES;
	for (size_t k = N_USUAL; k < N_CANDIDATES; k++)
		if (candidates[k] != decimal && tally->n_records > 1 && is_even(tally, k) &&
		    (best == N_CANDIDATES || tally->first[k] > tally->first[best]))
			best = k;
	return best;
}

char flt_sniff_delimiter(const unsigned char *bytes, size_t n, bool is_all, char decimal)
{
	struct tally tally = count(bytes, n, is_all);
	size_t best = find_usual(&tally, decimal), unusual = find_unusual(&tally, decimal);
	bool are_decimal = best == COMMA && commas_are_decimal(bytes, n);
	if (are_decimal && tally.first[SEMICOLON] > 0 && tally.n_same[SEMICOLON] >= tally.n_same[COMMA])
		return candidates[SEMICOLON];
	if (unusual == BLANKS && best != N_CANDIDATES && candidates[best] == '\t' && tally.has_wide_gap &&
	    tally.first[BLANKS] > tally.first[best])
		return candidates[BLANKS];
	if (unusual != N_CANDIDATES &&
	    (best == N_CANDIDATES || 2 * tally.n_same[best] < tally.n_records || (are_decimal && unusual == BLANKS)))
		return candidates[unusual];
	if (best != N_CANDIDATES)
		return candidates[best];
	return decimal == ',' ? candidates[SEMICOLON]
	                      : candidates[COMMA]; /* a single column: any but the decimal mark */
}
