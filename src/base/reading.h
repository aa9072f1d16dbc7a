/* What a failed open or read is called. */
#ifndef BASE_READING_H
#define BASE_READING_H

#include "fltrain/error.h"

/* The status for a file that cannot be read for this reason (an errno): a file that is not there, is none, or is not
 * for this user to read is the input's fault, all else the machine's. */
enum flt_status flt_reading_status(int reason);

#endif
