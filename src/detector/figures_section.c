#include "detector/figures_section.h"

#include "detector/section_reader.h"
#include "detector/section_writer.h"

#define NUMBER(name, field)                                                                                            \
	{                                                                                                              \
		name, offsetof(struct flt_figures, field), false, false                                                \
	}
#define COUNT(name, field)                                                                                             \
	{                                                                                                              \
		name, offsetof(struct flt_figures, field), true, false                                                 \
	}
#define ADDED(name, field)                                                                                             \
	{                                                                                                              \
		name, offsetof(struct flt_figures, field), false, true                                                 \
	}
#define INTERVAL(name, field) NUMBER(name, field.value), NUMBER(name ".lo", field.lo), NUMBER(name ".hi", field.hi)
#define POINT(name, field)                                                                                             \
	NUMBER(name ".probability", field.probability), NUMBER(name ".tp", field.confusion.tp),                        \
	        NUMBER(name ".fp", field.confusion.fp), NUMBER(name ".fn", field.confusion.fn),                        \
	        NUMBER(name ".tn", field.confusion.tn), INTERVAL(name ".precision", field.precision),                  \
	        INTERVAL(name ".recall", field.recall), INTERVAL(name ".f1", field.f1),                                \
	        INTERVAL(name ".mcc", field.mcc), INTERVAL(name ".alarms_per_10000", field.alarms_per_10000),          \
	        NUMBER(name ".accuracy", field.accuracy)
#define AT_K(i)                                                                                                        \
	COUNT("at_k" #i, at_k[i].k), NUMBER("at_k" #i ".precision", at_k[i].precision),                                \
	        NUMBER("at_k" #i ".recall", at_k[i].recall)
#define AT_PRECISION(i)                                                                                                \
	NUMBER("at_precision" #i, at_precision[i].precision),                                                          \
	        NUMBER("at_precision" #i ".recall", at_precision[i].recall)

const struct flt_figure_field flt_figure_fields[] = {
        COUNT("rows", n_rows),
        COUNT("positives", n_positive),
        INTERVAL("ap", ap),
        NUMBER("chance", chance),
        NUMBER("chance95", chance95),
        INTERVAL("roc_auc", roc_auc),
        NUMBER("davis_goadrich", davis_goadrich),
        NUMBER("trapezoid", trapezoid),
        NUMBER("log_loss", log_loss),
        NUMBER("brier", brier),
        NUMBER("ece", ece),
        NUMBER("mean_probability", mean_probability),
        POINT("chosen", chosen),
        POINT("at_half", at_half),
        AT_K(0),
        AT_K(1),
        AT_K(2),
        AT_K(3),
        AT_K(4),
        AT_PRECISION(0),
        AT_PRECISION(1),
        AT_PRECISION(2),
        AT_PRECISION(3),
        NUMBER("majority_accuracy", majority_accuracy),
        ADDED("weight", weight),
        ADDED("weight_positive", weight_positive),
        ADDED("ece_null", ece_null),
        ADDED("top", top),
        ADDED("top.said", top_said),
        ADDED("top.were", top_were.value),
        ADDED("top.were.lo", top_were.lo),
        ADDED("top.were.hi", top_were.hi),
};
const size_t flt_n_figure_fields = sizeof flt_figure_fields / sizeof *flt_figure_fields;

void flt_write_figures(const struct flt_detector *detector, struct flt_json *json)
{
	const char *base = (const char *)&detector->provenance.figures;
	flt_json_open(json, '{');
	for (size_t i = 0; i < flt_n_figure_fields; i++) {
		const struct flt_figure_field *field = &flt_figure_fields[i];
		flt_json_key(json, field->name);
		if (field->is_count)
			flt_json_count(json, *(const size_t *)(const void *)(base + field->offset));
		else
			flt_json_number(json, *(const double *)(const void *)(base + field->offset));
	}
	flt_json_close(json, '}');
}

static enum flt_status read_figure(struct flt_section_reader *reader, const json_t *json,
                                   const struct flt_figure_field *field, void *place)
{
	if (!field->is_count)
		return flt_section_number(reader, json, field->name, place);
	if (!json_is_integer(json) || json_integer_value(json) < 0)
		return flt_section_fail(reader, field->name);
	*(size_t *)place = (size_t)json_integer_value(json);
	return FLT_OK;
}

enum flt_status flt_read_figures(struct flt_section_reader *reader, json_t *json)
{
	char *base = (char *)&reader->detector->provenance.figures;
	size_t n_absent = 0;
	for (size_t i = 0; i < flt_n_figure_fields; i++)
		n_absent += flt_figure_fields[i].is_added && !json_object_get(json, flt_figure_fields[i].name);
	if (!json_is_object(json) || json_object_size(json) + n_absent != flt_n_figure_fields)
		return flt_section_fail(reader, "a list of figures is expected");
	for (size_t i = 0; i < flt_n_figure_fields; i++) {
		const struct flt_figure_field *field = &flt_figure_fields[i];
		const json_t *figure = json_object_get(json, field->name);
		if (figure || !field->is_added)
			FLT_TRY(read_figure(reader, figure, field, base + field->offset));
	}
	return FLT_OK;
}
