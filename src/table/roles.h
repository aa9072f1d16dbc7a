/* Gives each column its role, and says how its cells are to be read: by the options that name columns, then by the rule
 * that finds the target (table.h). */
#ifndef TABLE_ROLES_H
#define TABLE_ROLES_H

#include "table/contents.h"

/* The table has no rows yet. names: of its columns, numbered as they are. */
enum flt_status flt_table_assign_roles(struct flt_table *table, const struct flt_table_options *options,
                                       const struct flt_dictionary *names, struct flt_error *err);

#endif
