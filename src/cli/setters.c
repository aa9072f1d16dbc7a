/* From the text of an option to a field of struct parsed. A setter sets the field or says what the option takes. */
#include "cli/setters.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/parsed.h"
#include "cli/paths.h"

static void *landing(const struct option *option, struct parsed *parsed)
{
	return (char *)parsed + option->at;
}

enum flt_status set_text(const struct option *option, struct parsed *parsed, const char *text, const char *where,
                         struct flt_error *err)
{
	if (!*text && !option->may_be_empty)
		return flt_fail(err, FLT_ERR_USAGE, "%s: is empty; expected %s", where, option->value);
	memcpy(landing(option, parsed), &text, sizeof text);
	return FLT_OK;
}

/* `or_word` is what the option takes besides a number: "off or ", or "". */
static enum flt_status refuse_number(const struct option *option, const char *or_word, const char *kind,
                                     const char *where, struct flt_error *err)
{
	char bounds[80];
	option_bounds(option, bounds, sizeof bounds);
	return flt_fail(err, FLT_ERR_USAGE, "%s: expected %s%s %s", where, or_word, kind, bounds);
}

static enum flt_status read_number(const struct option *option, const char *text, const char *or_word, double *value,
                                   const char *where, struct flt_error *err)
{
	double number;
	if (!flt_text_to_number(text, strlen(text), &number) || !option_is_within(&option->bounds, number))
		return refuse_number(option, or_word, "a number", where, err);
	*value = number;
	return FLT_OK;
}

enum flt_status set_number(const struct option *option, struct parsed *parsed, const char *text, const char *where,
                           struct flt_error *err)
{
	return read_number(option, text, "", landing(option, parsed), where, err);
}

/* or_word: "off or " for an option that takes off, which is 0, besides a number. */
static enum flt_status set_number_or(const char *or_word, const struct option *option, struct parsed *parsed,
                                     const char *text, const char *where, struct flt_error *err)
{
	double *value = landing(option, parsed);
	size_t length = strcspn(or_word, " ");
	if (strlen(text) != length || memcmp(text, or_word, length) != 0)
		return read_number(option, text, or_word, value, where, err);
	*value = 0;
	return FLT_OK;
}

enum flt_status set_number_or_off(const struct option *option, struct parsed *parsed, const char *text,
                                  const char *where, struct flt_error *err)
{
	return set_number_or("off or ", option, parsed, text, where, err);
}

enum flt_status set_number_or_all(const struct option *option, struct parsed *parsed, const char *text,
                                  const char *where, struct flt_error *err)
{
	return set_number_or("all or ", option, parsed, text, where, err);
}

/* Reads length bytes of digits, and nothing else, as a whole number within the bounds. */
static bool read_count(const struct bounds *bounds, const char *text, size_t length, uint64_t *value)
{
	uint64_t count;
	if (!flt_text_to_count(text, length, &count) || !option_is_within(bounds, (double)count))
		return false;
	*value = count;
	return true;
}

_Static_assert(sizeof(size_t) == sizeof(uint64_t), "set_count sets either");

enum flt_status set_count(const struct option *option, struct parsed *parsed, const char *text, const char *where,
                          struct flt_error *err)
{
	if (!read_count(&option->bounds, text, strlen(text), landing(option, parsed)))
		return refuse_number(option, "", "a whole number", where, err);
	return FLT_OK;
}

enum flt_status set_threads(const struct option *option, struct parsed *parsed, const char *text, const char *where,
                            struct flt_error *err)
{
	uint64_t count = 0;
	if (strcmp(text, "all") != 0 && !read_count(&option->bounds, text, strlen(text), &count))
		return refuse_number(option, "all or ", "a whole number", where, err);
	parsed->settings.threads = (unsigned)count;
	return FLT_OK;
}

/* The bytes of a unit: "", K, M, G or T, optionally followed by B or iB. 0 if it is none of these. */
static double unit_size(const char *unit)
{
	static const char letters[] = "KMGT";
	if (!*unit)
		return 1;
	for (int i = 0; letters[i]; i++)
		if ((*unit & ~0x20) == letters[i])
			return !unit[1] || strcmp(unit + 1, "B") == 0 || strcmp(unit + 1, "iB") == 0
			               ? ldexp(1, 10 * (i + 1))
			               : 0;
	return 0;
}

static bool read_size(const char *text, double least, size_t *size)
{
	size_t digits = strspn(text, "0123456789.");
	double number, unit = unit_size(text + digits);
	if (!flt_text_to_number(text, digits, &number) || unit == 0 || number * unit < least || number * unit >= 0x1p63)
		return false;
	*size = (size_t)(number * unit);
	return true;
}

enum flt_status set_size(const struct option *option, struct parsed *parsed, const char *text, const char *where,
                         struct flt_error *err)
{
	size_t *size = landing(option, parsed);
	*size = SIZE_MAX;
	if (strcmp(text, "none") == 0 || read_size(text, 0x1p20, size))
		return FLT_OK;
	return flt_fail(err, FLT_ERR_USAGE,
	                "%s: expected none, or a size of at least 1M such as 500M, 1.5G or a number of bytes", where);
}

enum flt_status set_small_size(const struct option *option, struct parsed *parsed, const char *text, const char *where,
                               struct flt_error *err)
{
	if (read_size(text, 1, landing(option, parsed)))
		return FLT_OK;
	return flt_fail(err, FLT_ERR_USAGE, "%s: expected a size such as 64K, 1.5M or a number of bytes", where);
}

/* The place of text among the option's words. */
static enum flt_status find_word(const struct option *option, const char *text, int *place, const char *where,
                                 struct flt_error *err)
{
	const char *word;
	for (size_t i = 0; (word = option_word(option, i)); i++) {
		if (strcmp(text, word) == 0) {
			*place = (int)i;
			return FLT_OK;
		}
	}
	char words[120];
	option_value(option, words, sizeof words);
	return flt_fail(err, FLT_ERR_USAGE, "%s: expected one of %s", where, words);
}

_Static_assert(sizeof(enum flt_scale) == sizeof(int) && sizeof(enum flt_activation) == sizeof(int) &&
                       sizeof(enum flt_schedule) == sizeof(int),
               "set_word sets an enum as an int");

enum flt_status set_word(const struct option *option, struct parsed *parsed, const char *text, const char *where,
                         struct flt_error *err)
{
	int place;
	FLT_TRY(find_word(option, text, &place, where, err));
	memcpy(landing(option, parsed), &place, sizeof place);
	return FLT_OK;
}

enum flt_status set_bool_word(const struct option *option, struct parsed *parsed, const char *text, const char *where,
                              struct flt_error *err)
{
	int place;
	FLT_TRY(find_word(option, text, &place, where, err));
	*(bool *)landing(option, parsed) = place == 1;
	return FLT_OK;
}

enum flt_status set_header(const struct option *option, struct parsed *parsed, const char *text, const char *where,
                           struct flt_error *err)
{
	int place;
	FLT_TRY(find_word(option, text, &place, where, err));
	parsed->settings.table.header = place == 0 ? FLT_HEADER_YES : FLT_HEADER_NO;
	return FLT_OK;
}

enum flt_status set_date_order(const struct option *option, struct parsed *parsed, const char *text, const char *where,
                               struct flt_error *err)
{
	int place;
	FLT_TRY(find_word(option, text, &place, where, err));
	parsed->settings.table.date_order = (enum flt_date_order)(FLT_DATE_DMY + place);
	return FLT_OK;
}

enum flt_status set_switch(const struct option *option, struct parsed *parsed, const char *text, const char *where,
                           struct flt_error *err)
{
	bool yes = strcmp(text, "yes") == 0;
	if (!yes && strcmp(text, "no") != 0)
		return flt_fail(err, FLT_ERR_USAGE, "%s: is a switch; expected no value, yes or no", where);
	*(bool *)landing(option, parsed) = yes;
	return FLT_OK;
}

enum flt_status set_weight(const struct option *option, struct parsed *parsed, const char *text, const char *where,
                           struct flt_error *err)
{
	FLT_TRY(set_text(option, parsed, text, where, err));
	if (strcmp(text, "none") == 0)
		parsed->settings.table.weight = NULL;
	return FLT_OK;
}

enum flt_status set_pos_weight(const struct option *option, struct parsed *parsed, const char *text, const char *where,
                               struct flt_error *err)
{
	parsed->settings.balanced = strcmp(text, "balanced") == 0;
	parsed->pos_weight = 0;
	if (parsed->settings.balanced || strcmp(text, "none") == 0)
		return FLT_OK;
	return read_number(option, text, "none, balanced or ", &parsed->pos_weight, where, err);
}

enum flt_status set_prior(const struct option *option, struct parsed *parsed, const char *text, const char *where,
                          struct flt_error *err)
{
	parsed->settings.estimate_prior = strcmp(text, "estimate") == 0;
	parsed->settings.prior = 0;
	return parsed->settings.estimate_prior
	               ? FLT_OK
	               : read_number(option, text, "estimate or ", &parsed->settings.prior, where, err);
}

enum flt_status set_hidden(const struct option *option, struct parsed *parsed, const char *text, const char *where,
                           struct flt_error *err)
{
	struct flt_train_options *train = &parsed->settings.train;
	train->n_hidden = 0;
	if (strcmp(text, "none") == 0)
		return FLT_OK;
	for (const char *size = text;; size++) {
		size_t length = strcspn(size, ",");
		uint64_t n_units;
		if (train->n_hidden == FLT_MAX_HIDDEN)
			return flt_fail(err, FLT_ERR_USAGE, "%s: expected at most %d layers", where, FLT_MAX_HIDDEN);
		if (!read_count(&option->bounds, size, length, &n_units))
			return refuse_number(option, "none or ", "a list like 128,64 of whole numbers", where, err);
		train->hidden[train->n_hidden++] = n_units;
		size += length;
		if (!*size)
			return FLT_OK;
	}
}

enum flt_status set_rule(const struct option *option, struct parsed *parsed, const char *text, const char *where,
                         struct flt_error *err)
{
	struct flt_error reason;
	enum flt_status status = flt_rule_parse(text, &parsed->settings.rule, &reason);
	if (status != FLT_OK) {
		FLT_TRY(refuse_redirected(option->name, text, err));
		/* The message starts with the expression in quotes, which `where` already names. */
		size_t quoted = strlen(text) + 3;
		bool is_twice = reason.text[0] == '"' && strlen(reason.text) > quoted;
		return flt_fail(err, status, "%s: %s", where, is_twice ? reason.text + quoted : reason.text);
	}
	return FLT_OK;
}

/* The command reads them; a gate has a number to compare with, unless a shell took it. */
enum flt_status set_gates(const struct option *option, struct parsed *parsed, const char *text, const char *where,
                          struct flt_error *err)
{
	FLT_TRY(set_text(option, parsed, text, where, err));
	return strchr(text, '=') ? FLT_OK : refuse_redirected(option->name, text, err);
}

enum flt_status set_delimiter(const struct option *option, struct parsed *parsed, const char *text, const char *where,
                              struct flt_error *err)
{
	(void)option;
	bool is_tab = strcmp(text, "tab") == 0 || strcmp(text, "\\t") == 0;
	char c = is_tab ? '\t' : text[0];
	bool is_one = is_tab || (c && !text[1]);
	if (!is_one || c == '"' || c == '\n' || c == '\r' || (c & 0x80) ||
	    strchr("0123456789.+-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", c))
		return flt_fail(err, FLT_ERR_USAGE,
		                "%s: expected one ASCII character such as , ; or |, or the word tab; digits, letters, "
		                "quotes and . + - are not allowed",
		                where);
	parsed->settings.table.delimiter = c;
	return FLT_OK;
}

enum flt_status set_decimal(const struct option *option, struct parsed *parsed, const char *text, const char *where,
                            struct flt_error *err)
{
	(void)option;
	if (strcmp(text, ".") != 0 && strcmp(text, ",") != 0)
		return flt_fail(err, FLT_ERR_USAGE, "%s: expected . or ,", where);
	parsed->settings.table.decimal = text[0];
	return FLT_OK;
}

enum flt_status set_variant(const struct option *option, struct parsed *parsed, const char *text, const char *where,
                            struct flt_error *err)
{
	(void)option;
	size_t name = strcspn(text, ":");
	if (name == 0 || !text[name])
		return flt_fail(err, FLT_ERR_USAGE,
		                "%s: expected a name, a colon and options, as in 'focal 1: --gamma 1'", where);
	if (parsed->settings.n_variants == MAX_VARIANTS)
		return flt_fail(err, FLT_ERR_USAGE, "%s: at most %d variants can be added to a comparison", where,
		                MAX_VARIANTS);
	parsed->settings.variants[parsed->settings.n_variants++] = text;
	return FLT_OK;
}

enum flt_status set_group_columns(const struct option *option, struct parsed *parsed, const char *text,
                                  const char *where, struct flt_error *err)
{
	(void)option;
	struct settings *settings = &parsed->settings;
	if (settings->n_group_columns == MAX_COLUMN_GROUPS)
		return flt_fail(err, FLT_ERR_USAGE, "%s: at most %d groups of columns can be given", where,
		                MAX_COLUMN_GROUPS);
	settings->group_columns[settings->n_group_columns++] = text;
	return FLT_OK;
}

enum flt_status set_sample(const struct option *option, struct parsed *parsed, const char *text, const char *where,
                           struct flt_error *err)
{
	uint64_t count = SIZE_MAX;
	if (strcmp(text, "all") != 0 && !read_count(&option->bounds, text, strlen(text), &count))
		return refuse_number(option, "all or ", "a whole number", where, err);
	parsed->settings.sample = (size_t)count;
	return FLT_OK;
}

enum flt_status set_target(const struct option *option, struct parsed *parsed, const char *text, const char *where,
                           struct flt_error *err)
{
	int place;
	FLT_TRY(find_word(option, text, &place, where, err));
	parsed->settings.to = &flt_export_targets[place];
	return FLT_OK;
}
