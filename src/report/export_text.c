#include "report/export_text.h"

#include "report/layout.h"

static void say_size(FILE *out, const struct flt_report_export *about)
{
	const struct flt_made *made = about->made;
	size_t n = made->written->n_members, n_all = made->original->n_members;
	flt_say(out, "%s: %s, ", about->path, about->target->language);
	if (n < n_all)
		flt_say(out, "%zu of %zu networks", n, n_all);
	else
		flt_say(out, "%zu network%s", n, flt_plural(n));
	flt_say(out, ", %zu %s%s%s\n", made->n_bytes, about->target->counted,
	        about->header_path ? "; its header is " : "", about->header_path ? about->header_path : "");
}

static void say_proof(FILE *out, const struct flt_report_export *about)
{
	const struct flt_export_proof *proof = about->proof;
	size_t n = proof->n_labels_differ;
	flt_say(out, "verified: %zu row%s of %s, largest difference of the log-odds %s (line %zu), ", proof->n_rows,
	        flt_plural(proof->n_rows), about->data, flt_significant(proof->largest, 2).text, proof->line);
	flt_say(out, "%zu label%s differ%s\n", n, flt_plural(n), n == 1 ? "s" : "");
}

/* Of a model that was made smaller. */
static void say_cost(FILE *out, const struct flt_report_export *about)
{
	const struct flt_export_proof *proof = about->proof;
	if (about->made->written == about->made->original)
		return;
	if (proof && proof->has_ap)
		flt_say(out, "cost: PR-AUC %s, of the whole model %s\n", flt_fraction(proof->ap_export, 4).text,
		        flt_fraction(proof->ap_original, 4).text);
	else
		flt_say(out, "cost: not known; --verify FILE with labelled rows of both classes tells the PR-AUC that "
		             "is lost\n");
}

void flt_report_export_text(FILE *out, const struct flt_report_export *about)
{
	say_size(out, about);
	if (about->proof)
		say_proof(out, about);
	say_cost(out, about);
}

enum flt_status flt_report_export_verdict(const struct flt_report_export *about, struct flt_error *err)
{
	const struct flt_export_proof *proof = about->proof;
	if (!proof || proof->n_beyond == 0)
		return FLT_OK;
	const struct flt_export_worst *worst = &proof->worst;
	char what[200];
	if (worst->times > 0)
		snprintf(what, sizeof what, "log-odds that differ by %s, %.3g times what was promised",
		         flt_significant(worst->difference, 2).text, worst->times);
	else
		snprintf(what, sizeof what, "another label");
	return flt_fail(err, FLT_ERR_GATE,
	                "--verify %s: %zu of %zu rows are not scored as by fltrain: line %zu gets %s; %s was not "
	                "written: report this as a fault of fltrain's",
	                about->data, proof->n_beyond, proof->n_rows, worst->line, what, about->path);
}
