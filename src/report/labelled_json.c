#include "report/labelled_json.h"

#include "report/figures_json.h"

void flt_put_new_labels(struct flt_json *json, const struct flt_labelled_rows *labels)
{
	flt_json_open_key(json, "new_labels", '[');
	for (size_t i = 0; labels && i < labels->texts.n; i++) {
		if (!labels->about[i].is_new)
			continue;
		flt_json_open(json, '{');
		flt_json_put_text(json, "label", flt_dictionary_text(&labels->texts, i));
		flt_json_put_count(json, "rows", labels->about[i].n_rows);
		flt_json_close(json, '}');
	}
	flt_json_close(json, ']');
}

void flt_put_overlap(struct flt_json *json, const struct flt_overlap *overlap)
{
	flt_json_open_key(json, "used_in_training", '{');
	flt_json_put_count(json, "looked_up", overlap->n_sampled);
	flt_json_put_count(json, "found", overlap->n_found);
	flt_put_interval(json, "share", &overlap->share);
	flt_json_put_number(json, "by_chance", overlap->by_chance);
	flt_json_put_bool(json, "more_than_chance", overlap->is_real);
	flt_json_close(json, '}');
}
