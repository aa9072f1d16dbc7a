#include "base/reading.h"

#include <errno.h>

enum flt_status flt_reading_status(int reason)
{
	switch (reason) {
	case ENOENT:
	case ENOTDIR:
	case EISDIR:
	case EACCES:
	case EPERM:
	case ELOOP:
	case ENAMETOOLONG:
		return FLT_ERR_DATA;
	default:
		return FLT_ERR_MACHINE;
	}
}
