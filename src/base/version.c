#include "fltrain/version.h"

const char *flt_version(void)
{
	return FLT_VERSION;
}
