/* Bytes on their way between processes: what one is to send, or where it wants what comes. */
#ifndef BASE_PARCEL_H
#define BASE_PARCEL_H

#include <stddef.h>

struct flt_parcel {
	void *bytes;
	size_t n_bytes;
};

#endif
