#include "table/class_merge.h"

#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "table/class_index.h"
#include "table/class_text.h"

typedef enum flt_status key_function(const char *text, size_t length, char decimal, struct flt_text_buffer *key,
                                     struct flt_error *err);

static struct flt_column_cells *target_cells(const struct flt_table *table)
{
	return &table->columns[table->target].cells;
}

/* The keys of all levels, numbered in keys, and the key of each level, code_of (levels->n). */
static enum flt_status number_keys(const struct flt_table *table, key_function *key_of, struct flt_dictionary *keys,
                                   int32_t *code_of, struct flt_error *err)
{
	const struct flt_dictionary *levels = &target_cells(table)->levels;
	struct flt_text_buffer key = {0};
	enum flt_status status = FLT_OK;
	for (size_t i = 0; i < levels->n; i++) {
		FLT_TRY_OUT(
		        key_of(flt_dictionary_text(levels, i), levels->levels[i].length, table->decimal, &key, err));
		FLT_TRY_OUT(flt_dictionary_add(keys, key.bytes, key.length, &code_of[i], err));
	}
out:
	flt_text_buffer_release(&key);
	return status;
}

/* ---- merging ---- */

struct merging {
	struct flt_table *table;
	const struct flt_table *model;
	struct flt_dictionary keys;
	int32_t *key_of;              /* (levels.n) */
	size_t *n_rows;               /* (levels.n) */
	size_t *commonest;            /* (keys.n) level */
	struct flt_dictionary merged; /* the new levels: as many as keys, in their order */
};

static void merging_release(struct merging *merging)
{
	flt_dictionary_release(&merging->keys);
	flt_dictionary_release(&merging->merged);
	flt_free(merging->key_of);
	flt_free(merging->n_rows);
	flt_free(merging->commonest);
}

static enum flt_status count_rows(struct merging *merging, struct flt_error *err)
{
	const struct flt_column_cells *cells = target_cells(merging->table);
	size_t n = cells->levels.n;
	merging->n_rows = flt_alloc_zero(n, sizeof *merging->n_rows, err);
	FLT_TRY_MEMORY(merging->n_rows);
	merging->key_of = flt_alloc(n, sizeof *merging->key_of, err);
	FLT_TRY_MEMORY(merging->key_of);
	merging->commonest = flt_alloc(n, sizeof *merging->commonest, err);
	FLT_TRY_MEMORY(merging->commonest);
	flt_count_codes(cells->codes, cells->n_rows, merging->n_rows, n);
	FLT_TRY(number_keys(merging->table, flt_class_key, &merging->keys, merging->key_of, err));
	for (size_t i = 0; i < merging->keys.n; i++)
		merging->commonest[i] = SIZE_MAX;
	for (size_t i = 0; i < n; i++) {
		size_t *best = &merging->commonest[merging->key_of[i]];
		if (*best == SIZE_MAX || merging->n_rows[i] > merging->n_rows[*best])
			*best = i;
	}
	return FLT_OK;
}

/* Adds the text of the class with that key to the new levels. */
static enum flt_status add_class(struct merging *merging, size_t key, struct flt_error *err)
{
	const struct flt_dictionary *levels = &target_cells(merging->table)->levels;
	size_t level = merging->commonest[key], length = levels->levels[level].length;
	const char *text = flt_dictionary_text(levels, level), *key_text = flt_dictionary_text(&merging->keys, key);
	int32_t known = -1, code;
	if (strcmp(text, key_text) != 0) /* a number: blanks around it do not count */
		flt_class_trim(&text, &length);
	if (merging->model)
		FLT_TRY(flt_table_find_class(merging->model, text, length, &known, err));
	if (known >= 0) {
		const struct flt_dictionary *classes = &target_cells(merging->model)->levels;
		text = flt_dictionary_text(classes, (size_t)known);
		length = classes->levels[known].length;
	}
	return flt_dictionary_add(&merging->merged, text, length, &code, err);
}

/* `in target "y", "1.0" counts as "1" and "0.0" as "0"` */
static enum flt_status remark_on_merged(const struct merging *merging, struct flt_error *err)
{
	enum { MOST = 4 };
	struct flt_table *table = merging->table;
	const struct flt_dictionary *levels = &target_cells(table)->levels;
	struct flt_text_buffer list = {0};
	enum flt_status status = FLT_OK;
	size_t n = 0;
	for (size_t i = 0; i < levels->n; i++) {
		const char *text = flt_dictionary_text(levels, i);
		const char *class = flt_dictionary_text(&merging->merged, (size_t)merging->key_of[i]);
		if (strcmp(text, class) == 0 || n++ >= MOST)
			continue;
		FLT_TRY_OUT(flt_text_buffer_print(&list, err, "%s\"%s\" (%zu) %sas \"%s\"", n > 1 ? ", " : "",
		                                  flt_shown(text, strlen(text)).text, merging->n_rows[i],
		                                  n > 1 ? "" : "counts ", flt_shown(class, strlen(class)).text));
	}
	if (n > 0)
		FLT_TRY_OUT(flt_table_add_remark(
		        table, err, "in target \"%s\", %s%s",
		        flt_shown(table->columns[table->target].name, strlen(table->columns[table->target].name)).text,
		        list.bytes, n > MOST ? ", ..." : ""));
out:
	flt_text_buffer_release(&list);
	return status;
}

/* Makes the merged classes the column's levels. */
static enum flt_status replace_levels(struct merging *merging, struct flt_error *err)
{
	struct flt_table *table = merging->table;
	struct flt_column_cells *cells = target_cells(table);
	bool merges = merging->keys.n < cells->levels.n; /* else each level is a key, in their order */
	for (size_t row = 0; merges && row < cells->n_rows; row++)
		cells->codes[row] = merging->key_of[cells->codes[row]];
	struct flt_dictionary old = cells->levels;
	cells->levels = merging->merged;
	merging->merged = old;
	table->class_keys = merging->keys;
	merging->keys = (struct flt_dictionary){0};
	return flt_table_list_levels(&table->columns[table->target], err);
}

static enum flt_status list_classes(struct merging *merging, struct flt_error *err)
{
	struct flt_table *table = merging->table;
	const struct flt_dictionary *levels = &target_cells(table)->levels, *unmerged = &merging->merged;
	table->classes = flt_alloc_zero(levels->n, sizeof *table->classes, err);
	FLT_TRY_MEMORY(table->classes);
	for (size_t i = 0; i < levels->n; i++)
		table->classes[i].text = flt_dictionary_text(levels, i);
	for (size_t i = 0; i < unmerged->n; i++)
		table->classes[merging->key_of[i]].n_rows += merging->n_rows[i];
	return FLT_OK;
}

enum flt_status flt_table_merge_classes(struct flt_table *table, const struct flt_table *model, struct flt_error *err)
{
	struct merging merging = {.table = table, .model = model};
	enum flt_status status;
	FLT_TRY_OUT(count_rows(&merging, err));
	for (size_t i = 0; i < merging.keys.n; i++)
		FLT_TRY_OUT(add_class(&merging, i, err));
	FLT_TRY_OUT(remark_on_merged(&merging, err));
	FLT_TRY_OUT(replace_levels(&merging, err));
	FLT_TRY_OUT(list_classes(&merging, err));
out:
	merging_release(&merging);
	return status;
}

enum flt_status flt_table_find_class(const struct flt_table *table, const char *text, size_t length, int32_t *level,
                                     struct flt_error *err)
{
	struct flt_text_buffer key = {0};
	enum flt_status status;
	FLT_TRY_OUT(flt_class_key(text, length, table->decimal, &key, err));
	*level = flt_dictionary_find(&table->class_keys, key.bytes, key.length);
out:
	flt_text_buffer_release(&key);
	return status;
}

/* ---- likeness ---- */

enum flt_status flt_table_find_alike(const struct flt_table *table, bool any_side, struct flt_class_pair *pair,
                                     struct flt_error *err)
{
	size_t n = target_cells(table)->levels.n;
	struct flt_dictionary keys = {0};
	enum flt_status status;
	*pair = (struct flt_class_pair){.exists = false};
	int32_t *key_of = flt_alloc(n, sizeof *key_of, err);
	size_t *first =
	        flt_alloc(n, 2 * sizeof *first, err); /* (n, 2) first negative and first positive class of a key */
	FLT_TRY_MEMORY_OUT(key_of && first);
	FLT_TRY_OUT(number_keys(table, flt_class_loose_key, &keys, key_of, err));
	for (size_t i = 0; i < 2 * n; i++)
		first[i] = SIZE_MAX;
	for (size_t i = 0; i < n && !pair->exists; i++) {
		size_t side = !any_side && table->classes[i].is_positive, *known = &first[2 * (size_t)key_of[i]];
		size_t other = any_side ? known[0] : known[!side];
		if (other != SIZE_MAX)
			*pair = (struct flt_class_pair){true, table->classes[other], table->classes[i]};
		known[side] = i;
	}
out:
	flt_dictionary_release(&keys);
	flt_free(key_of);
	flt_free(first);
	return status;
}

enum flt_status flt_append_list_item(struct flt_text_buffer *list, const char *text, struct flt_error *err)
{
	if (list->length > 0)
		FLT_TRY(flt_text_buffer_append(list, ",", 1, err));
	const char *after = text;
	size_t length = strlen(text);
	flt_class_trim(&after, &length);
	if (length == strlen(text) && !strpbrk(text, ",\""))
		return flt_text_buffer_append(list, text, length, err);
	FLT_TRY(flt_text_buffer_append(list, "\"", 1, err));
	for (; *text; text++)
		FLT_TRY(flt_text_buffer_append(list, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1, err));
	return flt_text_buffer_append(list, "\"", 1, err);
}

enum flt_status flt_table_list_rarer_spellings(const struct flt_table *table, struct flt_text_buffer *list,
                                               struct flt_error *err)
{
	size_t n = target_cells(table)->levels.n, n_rows[2] = {0, 0};
	struct flt_dictionary keys = {0};
	enum flt_status status;
	list->length = 0;
	int32_t *key_of = flt_alloc(n, sizeof *key_of, err);
	FLT_TRY_MEMORY_OUT(key_of);
	FLT_TRY_OUT(flt_text_buffer_reserve(list, 1, err));
	FLT_TRY_OUT(number_keys(table, flt_class_loose_key, &keys, key_of, err));
	for (size_t i = 0; keys.n == 2 && i < n; i++)
		n_rows[key_of[i]] += table->classes[i].n_rows;
	int32_t rarer = n_rows[1] < n_rows[0];
	for (size_t i = 0; keys.n == 2 && i < n; i++)
		if (key_of[i] == rarer)
			FLT_TRY_OUT(flt_append_list_item(list, table->classes[i].text, err));
out:
	flt_dictionary_release(&keys);
	flt_free(key_of);
	return status;
}

enum flt_status flt_table_find_alike_in(const struct flt_table *table, const struct flt_table *model,
                                        struct flt_class_pair *pair, struct flt_error *err)
{
	size_t n_known = target_cells(model)->levels.n, n = target_cells(table)->levels.n, same, alike;
	struct flt_class_index known = {.decimal = table->decimal};
	enum flt_status status = FLT_OK;
	*pair = (struct flt_class_pair){.exists = false};
	for (size_t k = 0; k < n_known; k++)
		FLT_TRY_OUT(flt_class_index_add(&known, model->classes[k].text, err));
	for (size_t i = 0; i < n && !pair->exists; i++) {
		if (!table->classes[i].is_new)
			continue;
		FLT_TRY_OUT(flt_class_index_find(&known, table->classes[i].text, &same, &alike, err));
		if (alike != SIZE_MAX)
			*pair = (struct flt_class_pair){true, table->classes[i], model->classes[alike]};
	}
out:
	flt_class_index_release(&known);
	return status;
}
