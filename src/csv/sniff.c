#include "csv/sniff.h"

#include <ctype.h>
#include <string.h>

#include "base/alloc.h"
#include "base/number.h"

static const char candidates[] = {',', ';', '\t', '|'};
enum { COMMA, SEMICOLON, N_CANDIDATES = sizeof candidates };

/* How often each candidate occurs outside quotes in the present record and in the first one, and how many records have
 * it as often as the first. */
struct tally {
	size_t here[N_CANDIDATES], first[N_CANDIDATES], n_same[N_CANDIDATES];
	size_t n_records;
	bool begun; /* the present record has a byte */
};

static void end_record(struct tally *tally)
{
	if (!tally->begun)
		return;
	for (size_t k = 0; k < N_CANDIDATES; k++) {
		if (tally->n_records == 0)
			tally->first[k] = tally->here[k];
		tally->n_same[k] += tally->here[k] == tally->first[k];
		tally->here[k] = 0;
	}
	tally->n_records++;
	tally->begun = false;
}

static struct tally count(const unsigned char *bytes, size_t n, bool is_all)
{
	struct tally tally = {0};
	bool quoted = false;
	for (size_t i = 0; i < n && tally.n_records < FLT_SNIFF_RECORDS; i++) {
		if (bytes[i] == '"')
			quoted = !quoted;
		if (!quoted && (bytes[i] == '\n' || bytes[i] == '\r')) {
			end_record(&tally);
			continue;
		}
		tally.begun = true;
		for (size_t k = 0; k < N_CANDIDATES; k++)
			tally.here[k] += !quoted && bytes[i] == (unsigned char)candidates[k];
	}
	if (is_all || tally.n_records == 0)
		end_record(&tally);
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

char flt_sniff_delimiter(const unsigned char *bytes, size_t n, bool is_all, char decimal)
{
	struct tally tally = count(bytes, n, is_all);
	size_t best = N_CANDIDATES;
	for (size_t k = 0; k < N_CANDIDATES; k++)
		if (candidates[k] != decimal && tally.first[k] > 0 &&
		    (best == N_CANDIDATES || is_better(&tally, k, best)))
			best = k;
	if (best == COMMA && tally.first[SEMICOLON] > 0 && tally.n_same[SEMICOLON] >= tally.n_same[COMMA] &&
	    commas_are_decimal(bytes, n))
		best = SEMICOLON;
	if (best == N_CANDIDATES) /* a single column: any delimiter but the decimal mark */
		best = decimal == ',' ? SEMICOLON : COMMA;
	return candidates[best];
}

struct flt_sniff_column {
	char *first;
	size_t n_first;
	bool first_is_missing, first_is_number;
	bool comes_again;  /* the first text occurs again below */
	bool has_values;   /* below, there is a value that is not missing */
	bool only_numbers; /* all such values are numbers */
};

static bool is_number(const struct flt_csv_field *field, char decimal)
{
	double value;
	return flt_number_parse(field->text, field->length, decimal, &value) != FLT_NOT_A_NUMBER;
}

static enum flt_status add_first(struct flt_sniff_header *header, const struct flt_csv_field *fields, size_t n,
                                 const struct flt_markers *markers, char decimal, struct flt_error *err)
{
	header->columns = flt_alloc_zero(n, sizeof *header->columns, err);
	FLT_TRY_MEMORY(header->columns);
	header->n = n;
	for (size_t i = 0; i < n; i++) {
		struct flt_sniff_column *column = &header->columns[i];
		column->first = flt_copy_text(fields[i].text, fields[i].length, err);
		FLT_TRY_MEMORY(column->first);
		column->n_first = fields[i].length;
		column->first_is_missing = flt_markers_hold(markers, fields[i].text, fields[i].length);
		column->first_is_number = is_number(&fields[i], decimal);
		column->only_numbers = true;
	}
	return FLT_OK;
}

enum flt_status flt_sniff_header_add(struct flt_sniff_header *header, const struct flt_csv_field *fields, size_t n,
                                     const struct flt_markers *markers, char decimal, struct flt_error *err)
{
	if (!header->columns)
		return add_first(header, fields, n, markers, decimal, err);
	for (size_t i = 0; i < n && i < header->n; i++) {
		struct flt_sniff_column *column = &header->columns[i];
		if (flt_markers_hold(markers, fields[i].text, fields[i].length))
			continue;
		column->has_values = true;
		column->only_numbers = column->only_numbers && is_number(&fields[i], decimal);
		column->comes_again |= fields[i].length == column->n_first &&
		                       memcmp(fields[i].text, column->first, column->n_first) == 0;
	}
	return FLT_OK;
}

bool flt_sniff_has_header(const struct flt_sniff_header *header)
{
	bool some_column_decides = false, looks_like_names = true;
	for (size_t i = 0; i < header->n; i++) {
		const struct flt_sniff_column *column = &header->columns[i];
		if (column->first_is_number && !column->first_is_missing)
			return false;
		some_column_decides |= !column->first_is_missing && column->has_values && column->only_numbers;
		looks_like_names &= !column->first_is_missing && !column->comes_again;
	}
	return some_column_decides || looks_like_names;
}

void flt_sniff_header_release(struct flt_sniff_header *header)
{
	for (size_t i = 0; i < header->n; i++)
		flt_free(header->columns[i].first);
	flt_free(header->columns);
	*header = (struct flt_sniff_header){0};
}
