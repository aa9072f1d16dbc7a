/* The plain program works alone. Started several times at once, its processes would write the same files. */
#include "ranks/launched.h"
#include "ranks/transport.h"

enum flt_status flt_transport_open(const struct flt_transport **transport, struct flt_error *err)
{
	struct flt_launched launched = flt_launched();
	*transport = NULL;
	if (launched.n == 1)
		return FLT_OK;
	if (launched.own > 0)
		return flt_launched_follow(err);
	return flt_fail(err, FLT_ERR_USAGE,
	                "was started as %zu processes by mpirun, but is built without MPI; build it with make MPI=1, "
	                "or start it "
	                "once, without mpirun",
	                launched.n);
}
