/* Classes that are one as values (class_text.h), and classes that are alike. */
#ifndef TABLE_CLASS_MERGE_H
#define TABLE_CLASS_MERGE_H

#include "table/contents.h"

/* Makes levels of the target that are one class one level, under its commonest text, or the one that it has in model
 * (NULL: no model), and counts the rows of each: table->classes. Says so in a remark. */
enum flt_status flt_table_merge_classes(struct flt_table *table, const struct flt_table *model, struct flt_error *err);

/* Whether text is a class of the table, and which: *level, -1 if it is none. */
enum flt_status flt_table_find_class(const struct flt_table *table, const char *text, size_t length, int32_t *level,
                                     struct flt_error *err);

/* Two classes that are alike, of which one is positive and the other is not; with any_side, whatever they are. */
struct flt_class_pair {
	bool exists;
	struct flt_class a, b;
};
enum flt_status flt_table_find_alike(const struct flt_table *table, bool any_side, struct flt_class_pair *pair,
                                     struct flt_error *err);

/* Where all classes are spellings of two, the value of --positive that names each spelling of the rarer: `fraud,Fraud`.
 * "" otherwise. */
enum flt_status flt_table_list_rarer_spellings(const struct flt_table *table, struct flt_text_buffer *list,
                                               struct flt_error *err);

/* Appends an item of a list that flt_names_split takes apart, in quotes where it needs them. */
enum flt_status flt_append_list_item(struct flt_text_buffer *list, const char *text, struct flt_error *err);

/* A class of table that is new to model and alike one of model: a is new, b is that of model. */
enum flt_status flt_table_find_alike_in(const struct flt_table *table, const struct flt_table *model,
                                        struct flt_class_pair *pair, struct flt_error *err);

#endif
