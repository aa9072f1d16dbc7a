#include "table/group_values.h"

#include "base/alloc.h"
#include "table/class_text.h"

/* The keys of all levels, and the key of each, key_of (levels->n). */
static enum flt_status number_keys(const struct flt_dictionary *levels, char decimal, struct flt_dictionary *keys,
                                   int32_t *key_of, struct flt_error *err)
{
	struct flt_text_buffer key = {0};
	enum flt_status status = FLT_OK;
	for (size_t i = 0; i < levels->n; i++) {
		FLT_TRY_OUT(
		        flt_class_key(flt_dictionary_text(levels, i), levels->levels[i].length, decimal, &key, err));
		FLT_TRY_OUT(flt_dictionary_add(keys, key.bytes, key.length, &key_of[i], err));
	}
out:
	flt_text_buffer_release(&key);
	return status;
}

enum flt_status flt_column_merge_values(struct flt_column_cells *cells, char decimal, struct flt_error *err)
{
	struct flt_dictionary keys = {0};
	int32_t *key_of = flt_alloc(cells->levels.n, sizeof *key_of, err);
	enum flt_status status;
	FLT_TRY_MEMORY_OUT(key_of);
	FLT_TRY_OUT(number_keys(&cells->levels, decimal, &keys, key_of, err));
	for (size_t row = 0; row < cells->n_rows; row++)
		cells->codes[row] = cells->codes[row] < 0 ? -1 : key_of[cells->codes[row]];
	flt_dictionary_release(&cells->levels);
	cells->levels = keys;
	keys = (struct flt_dictionary){0};
out:
	flt_dictionary_release(&keys);
	flt_free(key_of);
	return status;
}
