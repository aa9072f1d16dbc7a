/* Known classes, among which those are found that another text is, or is alike: in time that depends on the text only.
 */
#ifndef TABLE_CLASS_INDEX_H
#define TABLE_CLASS_INDEX_H

#include <stdbool.h>

#include "base/encoding.h"
#include "table/dictionary.h"

/* Keys of classes, and the first class that has each. */
struct flt_class_keys {
	struct flt_dictionary keys;
	size_t *first, capacity; /* (keys.n) */
};

struct flt_class_index {
	char decimal;
	size_t n;                                   /* classes, numbered as they were added */
	struct flt_class_keys exact, loose;         /* class_text.h */
	struct flt_dictionary letters;              /* base/encoding.h */
	size_t (*first_of_letters)[FLT_N_WRITINGS]; /* (letters.n) the first in each way of writing, or SIZE_MAX */
	size_t letters_capacity;
	struct flt_dictionary texts; /* as they are */
	struct flt_text_buffer text; /* scratch */
};

/* An index whose bytes are 0 but for `decimal` holds no class. flt_class_index_release must be called even after a
 * failure. */
enum flt_status flt_class_index_add(struct flt_class_index *index, const char *class, struct flt_error *err);
void flt_class_index_release(struct flt_class_index *index);

/* Whether a class is that text, byte by byte. */
bool flt_class_index_lists(const struct flt_class_index *index, const char *text);

/* *same: the first class that the text is; *alike: the first that is alike, or the same in another encoding. SIZE_MAX:
 * none. */
enum flt_status flt_class_index_find(struct flt_class_index *index, const char *text, size_t *same, size_t *alike,
                                     struct flt_error *err);

#endif
