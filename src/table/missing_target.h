/* Rows without a target, which are an error once it is known what else the target holds. */
#ifndef TABLE_MISSING_TARGET_H
#define TABLE_MISSING_TARGET_H

#include "table/rows.h"

/* Whether an option calls the text a class. */
bool flt_is_named_class(const struct flt_row_rules *rules, const char *text, size_t length);

/* Whether the field of the target's column holds no class: it is empty, or a missing marker that no option calls a
 * class. */
static inline bool flt_target_is_missing(const struct flt_row_rules *rules, const char *text, size_t length)
{
	return flt_markers_hold(&rules->markers, text, length) && !flt_is_named_class(rules, text, length);
}

/* Notes a record of the file being read that has no target. */
void flt_table_note_no_target(struct flt_table *table, const struct flt_csv_record *record);

/* Once all rows are there. Fails with FLT_ERR_DATA if some have no target; the message suggests to leave them out only
 * if two classes are left then. A marker that is the only other value beside the class of --positive (NA beside EU) is
 * a class, too: *positive is given, or NULL. */
enum flt_status flt_table_check_targets(struct flt_table *table, const struct flt_row_rules *rules,
                                        const char *positive, struct flt_error *err);

/* The error of a single record without a target, whatever the others hold. */
enum flt_status flt_table_fail_no_target(const struct flt_table *table, const struct flt_csv_record *record,
                                         struct flt_error *err);

#endif
