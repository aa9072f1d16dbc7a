#include "cli/put_in_place.h"

#include <stdio.h>

#include "cli/interrupt.h"

void put_in_place_begin(const struct flt_outputs *outputs)
{
	if (flt_outputs_any_is_seen(outputs))
		interrupt_will_say("not all of the output was written");
}

enum flt_status put_in_place(struct flt_outputs *outputs, struct flt_error *err)
{
	FLT_TRY(flt_outputs_finish(outputs, err));
	fflush(stdout); /* files are wanted even if this fails, which the end of the program says */
	interrupt_hold();
	enum flt_status status = flt_outputs_commit(outputs, err);
	interrupt_will_say(status == FLT_OK ? "all outputs were written" : "not all of the output was written");
	interrupt_at_once();
	return status;
}
