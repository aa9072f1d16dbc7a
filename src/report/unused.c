#include "report/unused.h"

#include <string.h>

#include "detector/watch.h"

static bool is_name(const char *name, const char *other)
{
	return other && strcmp(name, other) == 0;
}

bool flt_column_is_unused(const struct flt_report_explanation *about, size_t column)
{
	const char *name = flt_stream_column_name(about->stream, column);
	const struct flt_detector *detector = about->detector;
	return !flt_stream_uses(about->stream, column) && !is_name(name, detector->target) &&
	       !is_name(name, flt_stream_id_name(about->stream)) && !is_name(name, about->labels->weight_name) &&
	       !is_name(name, about->labels->group_name);
}
