/* What every command that reads a table says of it on stderr. */
#ifndef CLI_READING_H
#define CLI_READING_H

#include "table/table.h"

void reading_warn(const struct flt_table *table); /* of skipped records and dropped rows */

#endif
