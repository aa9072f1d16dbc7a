/* Decision rules as text: one table row for each form. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/number.h"
#include "eval/decision.h"

struct form {
	const char *prefix;
	enum flt_rule_kind kind;
	double most; /* values lie above 0 and go up to this */
	const char *allowed;
};

static const struct form FORMS[] = {
        {"fbeta:", FLT_RULE_FBETA, 100, "B is a number above 0 and at most 100, as in fbeta:2"},
        {"recall>=", FLT_RULE_RECALL, 1,
         "R is a number above 0 and at most 1, as in recall>=0.9, with 90 % confidence; recall>=0.9@95 "
         "chooses another, from 50 to below 100"},
        {"precision>=", FLT_RULE_PRECISION, 1,
         "P is a number above 0 and at most 1, as in precision>=0.8, with 90 % confidence; "
         "precision>=0.8@95 chooses another, from 50 to below 100"},
        {"top:", FLT_RULE_TOP, 1e15, "K is a whole number of rows from 1 up, as in top:100"},
        {"rate:", FLT_RULE_RATE, 1, "F is a share of the rows above 0 and at most 1, as in rate:0.01"},
        {"cost:", FLT_RULE_COST, 1e12,
         "a false alarm and a miss each cost a number above 0 and at most 1e12, as in cost:1:50"},
};

enum { N_FORMS = sizeof FORMS / sizeof *FORMS };

bool flt_rule_is_floor(const struct flt_rule *rule)
{
	return rule->kind == FLT_RULE_RECALL || rule->kind == FLT_RULE_PRECISION;
}

bool flt_rule_is_promise(const struct flt_rule *rule)
{
	return flt_rule_is_floor(rule) && rule->confidence > FLT_RULE_ESTIMATE;
}

static bool number_within(const char *text, size_t length, double most, double *value)
{
	return flt_number_parse(text, length, '.', value) == FLT_NUMBER && *value > 0 && *value <= most;
}

/* R, or R@C. */
static bool parse_floor(const struct form *form, const char *text, struct flt_rule *rule)
{
	const char *at = strchr(text, '@');
	rule->confidence = FLT_RULE_CONFIDENCE;
	if (!number_within(text, at ? (size_t)(at - text) : strlen(text), form->most, &rule->value))
		return false;
	return !at || (number_within(at + 1, strlen(at + 1), 100, &rule->confidence) &&
	               rule->confidence >= FLT_RULE_ESTIMATE && rule->confidence < 100);
}

static bool parse_values(const struct form *form, const char *text, struct flt_rule *rule)
{
	size_t length = strlen(text);
	if (form->kind == FLT_RULE_COST) {
		const char *colon = strchr(text, ':');
		return colon && number_within(text, (size_t)(colon - text), form->most, &rule->value) &&
		       number_within(colon + 1, strlen(colon + 1), form->most, &rule->value2);
	}
	if (flt_rule_is_floor(rule))
		return parse_floor(form, text, rule);
	if (!number_within(text, length, form->most, &rule->value))
		return false;
	return form->kind != FLT_RULE_TOP || rule->value == floor(rule->value);
}

/* *form: the one whose prefix the text has, or NULL. */
static bool read_rule(const char *text, struct flt_rule *rule, const struct form **form)
{
	*form = NULL;
	if (strcmp(text, "f1") == 0) {
		*rule = (struct flt_rule){.kind = FLT_RULE_FBETA, .value = 1};
		return true;
	}
	for (size_t i = 0; i < N_FORMS; i++) {
		size_t length = strlen(FORMS[i].prefix);
		if (strncmp(text, FORMS[i].prefix, length) != 0)
			continue;
		*form = &FORMS[i];
		*rule = (struct flt_rule){.kind = FORMS[i].kind};
		return parse_values(&FORMS[i], text + length, rule);
	}
	*rule = (struct flt_rule){.kind = FLT_RULE_FIXED};
	return flt_number_parse(text, strlen(text), '.', &rule->value) == FLT_NUMBER && rule->value >= 0 &&
	       rule->value <= 1;
}

/* Writes the number at the end of a mistyped rule as it should be: "90%" is 0.9, and so is 90 where 1 is the most. */
static bool read_meant(const char *text, double most, char number[FLT_NUMBER_SIZE])
{
	size_t length = strlen(text);
	bool is_percent = length > 0 && text[length - 1] == '%';
	double value;
	if (flt_number_parse(text, length - is_percent, '.', &value) != FLT_NUMBER)
		return false;
	is_percent = is_percent || (most == 1 && value > 2 && value <= 100);
	flt_number_format(is_percent ? value / 100 : value, number);
	return true;
}

/* The rule that a mistyped one seems to mean, in other letters or with other marks between word and number: "Recall >
 * 90%" is recall>=0.9, "cost:20" cost:1:20, "F2" fbeta:2. False if there is none. */
static bool find_meant(const char *text, char meant[FLT_RULE_SIZE])
{
	char word[16] = "", number[FLT_NUMBER_SIZE];
	const struct form *form;
	struct flt_rule rule;
	size_t n = 0;
	for (; n + 1 < sizeof word && isalpha((unsigned char)text[n]); n++)
		word[n] = (char)tolower((unsigned char)text[n]);
	const char *rest = text + n + strspn(text + n, " :=<>");
	meant[0] = '\0';
	if (n == 0 && read_meant(text, 1, number))
		strcpy(meant, number);
	if (strcmp(word, "f") == 0 && read_meant(rest, HUGE_VAL, number))
		snprintf(meant, FLT_RULE_SIZE, strcmp(number, "1") == 0 ? "f1" : "fbeta:%s", number);
	for (size_t i = 0; i < N_FORMS; i++)
		if (n > 0 && strcspn(FORMS[i].prefix, ">:") == n && strncmp(FORMS[i].prefix, word, n) == 0 &&
		    read_meant(rest, FORMS[i].most, number))
			snprintf(meant, FLT_RULE_SIZE, "%s%s%s", FORMS[i].prefix,
			         FORMS[i].kind == FLT_RULE_COST ? "1:" : "", number);
	return read_rule(meant, &rule, &form);
}

enum flt_status flt_rule_parse(const char *text, struct flt_rule *rule, struct flt_error *err)
{
	const struct form *form;
	char meant[FLT_RULE_SIZE];
	if (read_rule(text, rule, &form))
		return FLT_OK;
	struct flt_shown shown = flt_shown(text, strlen(text));
	if (find_meant(text, meant))
		return flt_fail(err, FLT_ERR_USAGE, "\"%s\" is not a decision rule; did you mean %s?", shown.text,
		                meant);
	if (form)
		return flt_fail(err, FLT_ERR_USAGE, "\"%s\" is not a decision rule: %s", shown.text, form->allowed);
	return flt_fail(err, FLT_ERR_USAGE,
	                "\"%s\" is not a decision rule: it is f1, fbeta:B, recall>=R, precision>=P, top:K, rate:F, "
	                "cost:FP:FN or a probability from 0 to 1",
	                shown.text);
}

void flt_rule_format(const struct flt_rule *rule, char *text, size_t size)
{
	char value[FLT_NUMBER_SIZE], value2[FLT_NUMBER_SIZE], confidence[FLT_NUMBER_SIZE];
	flt_number_format(rule->value, value);
	flt_number_format(rule->value2, value2);
	flt_number_format(rule->confidence, confidence);
	const char *prefix = "";
	for (size_t i = 0; i < N_FORMS; i++)
		if (FORMS[i].kind == rule->kind)
			prefix = FORMS[i].prefix;
	if (rule->kind == FLT_RULE_FBETA && rule->value == 1)
		snprintf(text, size, "f1");
	else if (rule->kind == FLT_RULE_COST)
		snprintf(text, size, "%s%s:%s", prefix, value, value2);
	else if (flt_rule_is_floor(rule) && rule->confidence != FLT_RULE_CONFIDENCE)
		snprintf(text, size, "%s%s@%s", prefix, value, confidence);
	else
		snprintf(text, size, "%s%s", prefix, value);
}

enum flt_rule_needs flt_rule_needs(const struct flt_rule *rule)
{
	switch (rule->kind) {
	case FLT_RULE_FIXED:
	case FLT_RULE_COST:
		return FLT_RULE_NEEDS_NOTHING;
	case FLT_RULE_RECALL:
	case FLT_RULE_PRECISION:
		return FLT_RULE_NEEDS_LABELS;
	default:
		return FLT_RULE_NEEDS_ROWS;
	}
}
