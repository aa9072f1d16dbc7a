/* Gates: one table row for each figure. */
#include "eval/gate.h"

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

static enum flt_status find_figure(struct flt_gate *gate, struct flt_error *err)
{
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

static enum flt_status parse_gate(const char *text, size_t length, struct flt_gate *gate, struct flt_error *err)
{
	for (; length > 0 && *text == ' '; text++)
		length--;
	for (; length > 0 && text[length - 1] == ' ';)
		length--;
	struct flt_shown shown = flt_shown(text, length);
	size_t sign = 0;
	while (sign + 1 < length && !((text[sign] == '>' || text[sign] == '<') && text[sign + 1] == '='))
		sign++;
	*gate = (struct flt_gate){.name_length = sign};
	if (length < sizeof gate->text && sign + 1 < length &&
	    flt_number_parse(text + sign + 2, length - sign - 2, '.', &gate->bound) == FLT_NUMBER) {
		memcpy(gate->text, text, length);
		gate->at_least = text[sign] == '>';
		return find_figure(gate, err);
	}
	return flt_fail(err, FLT_ERR_USAGE,
	                "\"%s\" is not a requirement: write FIGURE>=NUMBER or FIGURE<=NUMBER, as in ap>=0.6",
	                shown.text);
}

enum flt_status flt_gate_parse(const char *text, struct flt_gates *gates, struct flt_error *err)
{
	gates->n = 0;
	for (;;) {
		size_t length = strcspn(text, ",");
		if (gates->n == FLT_MAX_GATES)
			return flt_fail(err, FLT_ERR_USAGE, "more than %d requirements were given; use fewer",
			                FLT_MAX_GATES);
		FLT_TRY(parse_gate(text, length, &gates->gate[gates->n], err));
		gates->n++;
		if (text[length] == '\0')
			return FLT_OK;
		text += length + 1;
	}
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
	if (isfinite(value))
		snprintf(text + used, size - used, ", %s too %s", short_of, gate->at_least ? "low" : "high");
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
		if (!(gate->at_least ? value >= gate->bound : value <= gate->bound) &&
		    strlen(failures) + 1 < sizeof failures)
			explain(gate, value, failures, sizeof failures);
	}
	return failures[0] ? flt_fail(err, FLT_ERR_GATE, "%s", failures) : FLT_OK;
}
