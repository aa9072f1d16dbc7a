/* Gates: one table row for each figure. */
#include "eval/gate.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"

/* A figure's place in struct flt_figures; it is a struct flt_interval or a double. */
struct figure {
	const char *name;
	size_t offset;
	bool has_interval;
};

static const struct figure figures_by_name[] = {
        {"ap", offsetof(struct flt_figures, ap), true},
        {"roc_auc", offsetof(struct flt_figures, roc_auc), true},
        {"precision", offsetof(struct flt_figures, chosen.precision), true},
        {"recall", offsetof(struct flt_figures, chosen.recall), true},
        {"f1", offsetof(struct flt_figures, chosen.f1), true},
        {"mcc", offsetof(struct flt_figures, chosen.mcc), true},
        {"alarms_per_10000", offsetof(struct flt_figures, chosen.alarms_per_10000), true},
        {"accuracy", offsetof(struct flt_figures, chosen.accuracy), false},
        {"log_loss", offsetof(struct flt_figures, log_loss), false},
        {"brier", offsetof(struct flt_figures, brier), false},
        {"ece", offsetof(struct flt_figures, ece), false},
};

/* The members of an interval. */
static const struct {
	const char *suffix;
	size_t offset;
} members[] = {
        {"", offsetof(struct flt_interval, value)},
        {".lo", offsetof(struct flt_interval, lo)},
        {".hi", offsetof(struct flt_interval, hi)},
};

enum { N_FIGURES = sizeof figures_by_name / sizeof *figures_by_name };

/* Figures with a parameter, numbered after those of the table. */
enum { PRECISION_AT_K = N_FIGURES, RECALL_AT_K, RECALL_AT_PRECISION };

static const char *const prefixes[] = {"precision@k=", "recall@k=", "recall@precision="};

static const char allowed_names[] =
        "ap, roc_auc, precision, recall, f1, mcc, alarms_per_10000 (all also with .lo or .hi), "
        "accuracy, log_loss, brier, ece, precision@k=K, recall@k=K or recall@precision=P";

static enum flt_status unknown_figure(const struct flt_gate *gate, struct flt_error *err)
{
	char name[FLT_GATE_SIZE];
	snprintf(name, sizeof name, "%.*s", (int)gate->name_length, gate->text);
	const char *names[N_FIGURES];
	for (size_t i = 0; i < N_FIGURES; i++)
		names[i] = figures_by_name[i].name;
	struct flt_shown shown = flt_shown(name, strlen(name));
	const char *nearest = flt_nearest(name, names, N_FIGURES);
	if (nearest)
		return flt_fail(err, FLT_ERR_USAGE, "\"%s\" is not a figure that can be required; did you mean %s?",
		                shown.text, nearest);
	return flt_fail(err, FLT_ERR_USAGE, "\"%s\" is not a figure that can be required: use %s", shown.text,
	                allowed_names);
}

/* Whether the gate names this figure or a bound of its interval; if so, sets the gate's offset. */
static bool names_figure(struct flt_gate *gate, const struct figure *figure)
{
	size_t length = strlen(figure->name);
	if (gate->name_length < length || memcmp(gate->text, figure->name, length) != 0)
		return false;
	for (size_t i = 0; i < (figure->has_interval ? 3 : 1); i++) {
		const char *suffix = members[i].suffix;
		if (gate->name_length == length + strlen(suffix) &&
		    memcmp(gate->text + length, suffix, strlen(suffix)) == 0) {
			gate->offset = figure->offset + (figure->has_interval ? members[i].offset : 0);
			return true;
		}
	}
	return false;
}

static enum flt_status find_figure(struct flt_gate *gate, const void *among, struct flt_error *err)
{
	(void)among;
	for (int i = 0; i < N_FIGURES; i++) {
		if (names_figure(gate, &figures_by_name[i])) {
			gate->figure = i;
			return FLT_OK;
		}
	}
	for (int i = 0; i < 3; i++) {
		size_t length = strlen(prefixes[i]);
		if (gate->name_length > length && memcmp(gate->text, prefixes[i], length) == 0 &&
		    flt_number_parse(gate->text + length, gate->name_length - length, '.', &gate->at) == FLT_NUMBER) {
			gate->figure = N_FIGURES + i;
			return FLT_OK;
		}
	}
	return unknown_figure(gate, err);
}

/* How the gates of one kind are written. */
struct grammar {
	const char *example; /* a gate that works */
	const char *signs;   /* for messages */
	bool may_equal;      /* FIGURE=NUMBER is one as well */
};

/* The place of the sign in text, and its length; at the end there is none. */
static size_t find_sign(const char *text, size_t length, bool may_equal, size_t *n_sign)
{
	for (size_t i = 0; i < length; i++) {
		*n_sign = may_equal && text[i] == '=' ? 1 : 2;
		if (*n_sign == 1 || (i + 1 < length && strchr("<>", text[i]) && text[i + 1] == '='))
			return i;
	}
	*n_sign = 0;
	return length;
}

/* Reads one gate, except what its name stands for. */
static enum flt_status parse_gate(const char *text, size_t length, const struct grammar *grammar, struct flt_gate *gate,
                                  struct flt_error *err)
{
	for (; length > 0 && *text == ' '; text++)
		length--;
	for (; length > 0 && text[length - 1] == ' ';)
		length--;
	struct flt_shown shown = flt_shown(text, length);
	size_t n_sign, sign = find_sign(text, length, grammar->may_equal, &n_sign), number = sign + n_sign;
	*gate = (struct flt_gate){.name_length = sign};
	if (length < sizeof gate->text && n_sign > 0 &&
	    flt_number_parse(text + number, length - number, '.', &gate->bound) == FLT_NUMBER) {
		memcpy(gate->text, text, length);
		gate->at_least = text[sign] == '>';
		gate->exactly = n_sign == 1;
		return FLT_OK;
	}
	return flt_fail(err, FLT_ERR_USAGE, "\"%s\" is not a requirement: write %s, as in %s", shown.text,
	                grammar->signs, grammar->example);
}

/* Finds what a gate's name stands for. */
typedef enum flt_status find_name(struct flt_gate *gate, const void *among, struct flt_error *err);

static enum flt_status parse_list(const char *text, const struct grammar *grammar, find_name *find, const void *among,
                                  struct flt_gates *gates, struct flt_error *err)
{
	gates->n = 0;
	for (;;) {
		size_t length = strcspn(text, ",");
		if (gates->n == FLT_MAX_GATES)
			return flt_fail(err, FLT_ERR_USAGE, "more than %d requirements were given; use fewer",
			                FLT_MAX_GATES);
		FLT_TRY(parse_gate(text, length, grammar, &gates->gate[gates->n], err));
		FLT_TRY(find(&gates->gate[gates->n++], among, err));
		if (text[length] == '\0')
			return FLT_OK;
		text += length + 1;
	}
}

enum flt_status flt_gate_parse(const char *text, struct flt_gates *gates, struct flt_error *err)
{
	static const struct grammar grammar = {.example = "ap>=0.6", .signs = "FIGURE>=NUMBER or FIGURE<=NUMBER"};
	return parse_list(text, &grammar, find_figure, NULL, gates, err);
}

static enum flt_status find_value(struct flt_gate *gate, const void *among, struct flt_error *err)
{
	const char *const *names = among;
	char name[FLT_GATE_SIZE], all[FLT_ERROR_SIZE / 2] = "";
	size_t n = 0, used = 0;
	snprintf(name, sizeof name, "%.*s", (int)gate->name_length, gate->text);
	for (; names[n]; n++) {
		if (strcmp(names[n], name) == 0) {
			gate->figure = (int)n;
			return FLT_OK;
		}
		used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", n ? ", " : "", names[n]);
		assert(used < sizeof all);
	}
	const char *nearest = flt_nearest(name, names, n);
	struct flt_shown shown = flt_shown(name, strlen(name));
	if (nearest)
		return flt_fail(err, FLT_ERR_USAGE, "\"%s\" is not a figure that can be required; did you mean %s?",
		                shown.text, nearest);
	return flt_fail(err, FLT_ERR_USAGE, "\"%s\" is not a figure that can be required: use one of %s", shown.text,
	                all);
}

enum flt_status flt_gate_parse_among(const char *text, const char *const *names, const char *example,
                                     struct flt_gates *gates, struct flt_error *err)
{
	struct grammar grammar = {
	        .example = example, .signs = "FIGURE=NUMBER, FIGURE<=NUMBER or FIGURE>=NUMBER", .may_equal = true};
	return parse_list(text, &grammar, find_value, names, gates, err);
}

/* The parameters for which a figure is known, with its values; unused entries have the parameter 0. */
struct held {
	double at, value;
};

enum { MAX_HELD = FLT_N_AT_K > FLT_N_AT_PRECISION ? FLT_N_AT_K : FLT_N_AT_PRECISION };

static void list_held(int figure, const struct flt_figures *figures, struct held held[MAX_HELD])
{
	memset(held, 0, MAX_HELD * sizeof *held);
	if (figure == RECALL_AT_PRECISION) {
		for (size_t i = 0; i < FLT_N_AT_PRECISION; i++)
			held[i] = (struct held){figures->at_precision[i].precision, figures->at_precision[i].recall};
		return;
	}
	for (size_t i = 0; i < FLT_N_AT_K; i++) {
		const struct flt_at_k *at_k = &figures->at_k[i];
		held[i] = (struct held){(double)at_k->k, figure == PRECISION_AT_K ? at_k->precision : at_k->recall};
	}
}

static enum flt_status figure_at(const struct flt_gate *gate, const struct flt_figures *figures, double *value,
                                 struct flt_error *err)
{
	struct held held[MAX_HELD];
	list_held(gate->figure, figures, held);
	char all[MAX_HELD * (FLT_NUMBER_SIZE + 2)] = "", number[FLT_NUMBER_SIZE];
	for (size_t i = 0; i < MAX_HELD; i++) {
		if (held[i].at > 0 && held[i].at == gate->at) {
			*value = held[i].value;
			return FLT_OK;
		}
		if (held[i].at > 0) {
			flt_number_format(held[i].at, number);
			strcat(strcat(all, all[0] ? ", " : ""), number);
		}
	}
	return flt_fail(err, FLT_ERR_USAGE, "%.*s is not among the figures of these rows: they hold %s%s",
	                (int)gate->name_length, gate->text, prefixes[gate->figure - N_FIGURES], all);
}

/* Six decimals; twelve for tiny values. */
static void format_figure(double value, char text[FLT_NUMBER_SIZE])
{
	double scale = fabs(value) < 1e-5 ? 1e12 : 1e6;
	if (isfinite(value))
		flt_number_format(round(value * scale) / scale, text);
	else
		snprintf(text, FLT_NUMBER_SIZE, "not a finite number");
}

/* Appends why a gate failed. */
static void explain(const struct flt_gate *gate, double value, char *text, size_t size)
{
	char shown[FLT_NUMBER_SIZE], short_of[FLT_NUMBER_SIZE];
	size_t used = strlen(text);
	format_figure(value, shown);
	format_figure(fabs(gate->bound - value), short_of);
	snprintf(text + used, size - used, "%s%s failed: %.*s is %s", used ? "; " : "", gate->text,
	         (int)gate->name_length, gate->text, shown);
	used = strlen(text);
	bool is_low = gate->at_least || (gate->exactly && value < gate->bound);
	if (isfinite(value))
		snprintf(text + used, size - used, ", %s too %s", short_of, is_low ? "low" : "high");
}

/* Appends to failures unless value passes the gate. */
static void check_value(const struct flt_gate *gate, double value, char failures[FLT_ERROR_SIZE])
{
	bool passes = (gate->at_least || value <= gate->bound) &&
	              (!(gate->at_least || gate->exactly) || value >= gate->bound);
	if (!passes && strlen(failures) + 1 < FLT_ERROR_SIZE)
		explain(gate, value, failures, FLT_ERROR_SIZE);
}

enum flt_status flt_gate_check(const struct flt_gates *gates, const struct flt_figures *figures, struct flt_error *err)
{
	char failures[FLT_ERROR_SIZE] = "";
	for (size_t i = 0; i < gates->n; i++) {
		const struct flt_gate *gate = &gates->gate[i];
		double value;
		if (gate->figure >= N_FIGURES)
			FLT_TRY(figure_at(gate, figures, &value, err));
		else
			memcpy(&value, (const char *)figures + gate->offset, sizeof value);
		check_value(gate, value, failures);
	}
	return failures[0] ? flt_fail(err, FLT_ERR_GATE, "%s", failures) : FLT_OK;
}

enum flt_status flt_gate_check_values(const struct flt_gates *gates, const double *values, struct flt_error *err)
{
	char failures[FLT_ERROR_SIZE] = "";
	for (size_t i = 0; i < gates->n; i++)
		check_value(&gates->gate[i], values[gates->gate[i].figure], failures);
	return failures[0] ? flt_fail(err, FLT_ERR_GATE, "%s", failures) : FLT_OK;
}
