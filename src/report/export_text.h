/* What an export is, and what its proof found, in words. */
#ifndef REPORT_EXPORT_TEXT_H
#define REPORT_EXPORT_TEXT_H

#include <stdio.h>

#include "export/make.h"
#include "export/proof.h"

struct flt_report_export {
	const char *path, *header_path; /* header_path NULL: there is none */
	const struct flt_export_target *target;
	const struct flt_made *made;
	const char *data;                     /* the file of --verify; NULL: nothing was verified */
	const struct flt_export_proof *proof; /* NULL: the same */
};

void flt_report_export_text(FILE *out, const struct flt_report_export *about);

/* FLT_ERR_GATE with what is beyond the promise, or FLT_OK. */
enum flt_status flt_report_export_verdict(const struct flt_report_export *about, struct flt_error *err);

#endif
