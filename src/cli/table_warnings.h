/* Warnings on stderr about a table that was read. */
#ifndef CLI_TABLE_WARNINGS_H
#define CLI_TABLE_WARNINGS_H

#include "protocol/protocol.h"

void warn_of_table(const struct flt_table *table); /* skipped records and dropped rows */

#endif
