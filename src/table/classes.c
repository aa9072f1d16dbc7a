#include "table/classes.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "table/hint.h"

struct class
{
	const char *text;
	size_t level, n_rows;
};

/* Descending counts; equal ones in order of appearance. */
static int compare_classes(const void *a, const void *b)
{
	const struct class *x = a, *y = b;
	if (x->n_rows != y->n_rows)
		return x->n_rows < y->n_rows ? 1 : -1;
	return x->level < y->level ? -1 : 1;
}

static struct class *count_classes(const struct flt_table *table, struct flt_error *err)
{
	const struct flt_column_cells *cells = &table->columns[table->target].cells;
	struct class *classes = flt_alloc_zero(cells->levels.n, sizeof *classes, err);
	if (!classes)
		return NULL;
	for (size_t i = 0; i < cells->levels.n; i++)
		classes[i] = (struct class){flt_dictionary_text(&cells->levels, i), i, 0};
	for (size_t row = 0; row < cells->n_rows; row++)
		classes[cells->codes[row]].n_rows++;
	qsort(classes, cells->levels.n, sizeof *classes, compare_classes);
	return classes;
}

/* `"a" (50), "b" (30), "c" (20) and 4 more` */
static void list_classes(const struct class *classes, size_t n, char *list, size_t size)
{
	enum { MOST = 5 };
	size_t used = 0;
	for (size_t i = 0; i < n && i < MOST; i++) {
		struct flt_shown shown = flt_shown(classes[i].text, strlen(classes[i].text));
		const char *before = i == 0 ? "" : i + 1 == n ? " and " : ", ";
		used += (size_t)snprintf(list + used, size - used, "%s\"%s\" (%zu)", before, shown.text,
		                         classes[i].n_rows);
	}
	if (n > MOST)
		snprintf(list + used, size - used, " and %zu more", n - MOST);
}

enum { CLASSES_SIZE = 512 };

/* Without --positive, the rarer of two classes is positive. classes (n) are sorted by descending counts. */
static enum flt_status choose_rarer(struct flt_table *table, const struct class *classes, size_t n,
                                    struct flt_error *err)
{
	char list[CLASSES_SIZE] = "";
	const char *target = table->columns[table->target].name;
	list_classes(classes, n, list, sizeof list);
	if (n == 1)
		return flt_fail(err, FLT_ERR_DATA, "%s: target \"%s\" has one class, %s: two are needed", table->path,
		                target, list);
	if (n > 2)
		return flt_fail(err, FLT_ERR_DATA,
		                "%s: target \"%s\" has %zu classes, %s: name the positive one with --positive",
		                table->path, target, n, list);
	if (classes[0].n_rows == classes[1].n_rows)
		return flt_fail(
		        err, FLT_ERR_DATA,
		        "%s: target \"%s\" has two classes of one size, %s: name the positive one with --positive",
		        table->path, target, list);
	table->level_is_positive[classes[1].level] = 1;
	return FLT_OK;
}

static enum flt_status fail_no_class(const struct flt_table *table, const char *text, const struct class *classes,
                                     size_t n, struct flt_error *err)
{
	char hint[FLT_HINT_SIZE];
	const char **names = flt_alloc(n, sizeof *names, err);
	FLT_TRY_MEMORY(names);
	for (size_t i = 0; i < n; i++)
		names[i] = classes[i].text;
	flt_table_hint(text, names, n, hint);
	flt_free(names);
	return flt_fail(err, FLT_ERR_USAGE, "%s: no class \"%s\" of target \"%s\" for --positive%s", table->path,
	                flt_shown(text, strlen(text)).text, table->columns[table->target].name, hint);
}

/* Makes one class of --positive positive; *n_positive counts the classes so far. */
static enum flt_status choose_class(struct flt_table *table, const char *name, const struct class *classes, size_t n,
                                    size_t *n_positive, struct flt_error *err)
{
	int32_t level = flt_dictionary_find(&table->columns[table->target].cells.levels, name, strlen(name));
	if (level < 0)
		return fail_no_class(table, name, classes, n, err);
	*n_positive += !table->level_is_positive[level];
	table->level_is_positive[level] = 1;
	return FLT_OK;
}

static enum flt_status choose_named(struct flt_table *table, const char *positive, const struct class *classes,
                                    size_t n, struct flt_error *err)
{
	struct flt_names names = {0};
	size_t n_positive = 0;
	enum flt_status status;
	FLT_TRY_OUT(flt_names_split(positive, &names, err));
	for (size_t i = 0; i < names.n; i++)
		FLT_TRY_OUT(choose_class(table, names.items[i], classes, n, &n_positive, err));
	if (n_positive == n)
		status = flt_fail(err, FLT_ERR_DATA,
		                  "%s: --positive names every class of target \"%s\", and a negative one is needed",
		                  table->path, table->columns[table->target].name);
out:
	flt_names_release(&names);
	return status;
}

/* "a or b": the texts of the positive levels. */
static char *name_positive(const struct flt_table *table, struct flt_error *err)
{
	const struct flt_dictionary *levels = &table->columns[table->target].cells.levels;
	size_t size = 1, used = 0;
	for (size_t i = 0; i < levels->n; i++)
		size += table->level_is_positive[i] ? levels->levels[i].length + 4 : 0;
	char *text = flt_alloc(size, 1, err);
	for (size_t i = 0; text && i < levels->n; i++)
		if (table->level_is_positive[i])
			used += (size_t)snprintf(text + used, size - used, "%s%s", used > 0 ? " or " : "",
			                         flt_dictionary_text(levels, i));
	return text;
}

/* The text of the only negative level, or "not X". */
static char *name_negative(const struct flt_table *table, struct flt_error *err)
{
	const struct flt_dictionary *levels = &table->columns[table->target].cells.levels;
	if (!table->negative_is_rest) {
		size_t i = 0;
		while (table->level_is_positive[i])
			i++;
		return flt_copy_text(flt_dictionary_text(levels, i), levels->levels[i].length, err);
	}
	size_t size = strlen(table->positive) + sizeof "not ";
	char *text = flt_alloc(size, 1, err);
	if (text)
		snprintf(text, size, "not %s", table->positive);
	return text;
}

static enum flt_status name_classes(struct flt_table *table, struct flt_error *err)
{
	size_t n_levels = table->columns[table->target].cells.levels.n, n_negative = 0;
	for (size_t i = 0; i < n_levels; i++)
		n_negative += !table->level_is_positive[i];
	table->negative_is_rest = n_negative > 1;
	table->positive = name_positive(table, err);
	FLT_TRY_MEMORY(table->positive);
	table->negative = name_negative(table, err);
	FLT_TRY_MEMORY(table->negative);
	return FLT_OK;
}

static enum flt_status make_labels(struct flt_table *table, struct flt_error *err)
{
	const int32_t *codes = table->columns[table->target].cells.codes;
	table->labels = flt_alloc(table->n_rows, sizeof *table->labels, err);
	FLT_TRY_MEMORY(table->labels);
	for (size_t row = 0; row < table->n_rows; row++) {
		table->labels[row] = table->level_is_positive[codes[row]];
		table->n_positive += table->labels[row];
	}
	return FLT_OK;
}

static enum flt_status list_for_people(struct flt_table *table, const struct class *classes, size_t n,
                                       struct flt_error *err)
{
	table->classes = flt_alloc(n, sizeof *table->classes, err);
	FLT_TRY_MEMORY(table->classes);
	for (size_t i = 0; i < n; i++)
		table->classes[i] = (struct flt_class){classes[i].text, classes[i].n_rows,
		                                       table->level_is_positive[classes[i].level]};
	table->n_classes = n;
	return FLT_OK;
}

enum flt_status flt_table_choose_positive(struct flt_table *table, const char *positive, struct flt_error *err)
{
	size_t n = table->columns[table->target].cells.levels.n;
	table->level_is_positive = flt_alloc_zero(n, sizeof *table->level_is_positive, err);
	FLT_TRY_MEMORY(table->level_is_positive);
	struct class *classes = count_classes(table, err);
	FLT_TRY_MEMORY(classes);
	table->notes.positive_given = positive != NULL;
	enum flt_status status =
	        positive ? choose_named(table, positive, classes, n, err) : choose_rarer(table, classes, n, err);
	if (status == FLT_OK)
		status = list_for_people(table, classes, n, err);
	flt_free(classes);
	FLT_TRY(status);
	FLT_TRY(name_classes(table, err));
	return make_labels(table, err);
}

bool flt_table_knows_class(const struct flt_table *model, const char *text, size_t length)
{
	return model->negative_is_rest ||
	       flt_dictionary_find(&model->columns[model->target].cells.levels, text, length) >= 0;
}

enum flt_status flt_table_label_like(struct flt_table *table, const struct flt_table *model, struct flt_error *err)
{
	const struct flt_dictionary *levels = &table->columns[table->target].cells.levels;
	const struct flt_dictionary *known = &model->columns[model->target].cells.levels;
	table->level_is_positive = flt_alloc_zero(levels->n, sizeof *table->level_is_positive, err);
	FLT_TRY_MEMORY(table->level_is_positive);
	for (size_t i = 0; i < levels->n; i++) {
		int32_t level = flt_dictionary_find(known, flt_dictionary_text(levels, i), levels->levels[i].length);
		table->level_is_positive[i] = level >= 0 && model->level_is_positive[level];
	}
	table->negative_is_rest = model->negative_is_rest;
	table->notes.positive_given = model->notes.positive_given;
	table->positive = flt_copy_text(model->positive, strlen(model->positive), err);
	FLT_TRY_MEMORY(table->positive);
	table->negative = flt_copy_text(model->negative, strlen(model->negative), err);
	FLT_TRY_MEMORY(table->negative);
	return make_labels(table, err);
}
