#include "table/classes.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/encoding.h"
#include "base/number.h"
#include "base/text.h"
#include "table/class_merge.h"
#include "table/hint.h"
#include "table/target_guess.h"

/* Descending counts; equal ones in order of appearance. */
static int compare_classes(const void *a, const void *b)
{
	const struct flt_class *const *x = a, *const *y = b;
	if ((*x)->n_rows != (*y)->n_rows)
		return (*x)->n_rows < (*y)->n_rows ? 1 : -1;
	return *x < *y ? -1 : 1;
}

static enum flt_status sort_classes(struct flt_table *table, struct flt_error *err)
{
	size_t n = flt_table_n_classes(table);
	table->by_size = flt_alloc(n, sizeof(struct flt_class *), err);
	FLT_TRY_MEMORY(table->by_size);
	for (size_t i = 0; i < n; i++)
		table->by_size[i] = &table->classes[i];
	qsort(table->by_size, n, sizeof(struct flt_class *), compare_classes);
	return FLT_OK;
}

static struct flt_shown show(const char *text)
{
	return flt_shown(text, strlen(text));
}

enum { CLASSES_SIZE = 512 };

/* `"a" (50), "b" (30), "c" (20) and 4 more` */
static void list_classes(struct flt_class *const *classes, size_t n, char list[CLASSES_SIZE])
{
	enum { MOST = 5 };
	size_t used = 0;
	for (size_t i = 0; i < n && i < MOST; i++) {
		const char *before = i == 0 ? "" : i + 1 == n ? " and " : ", ";
		used += (size_t)snprintf(list + used, CLASSES_SIZE - used, "%s\"%s\" (%zu)", before,
		                         show(classes[i]->text).text, classes[i]->n_rows);
	}
	if (n > MOST)
		snprintf(list + used, CLASSES_SIZE - used, " and %zu more", n - MOST);
}

/* ---- refusals ---- */

/* A class in line 1 alone is likely to be the name of its column, unless the other classes are nearly as rare. */
static enum flt_status check_first_line(const struct flt_table *table, struct flt_error *err)
{
	const struct flt_class *class = &table->classes[table->columns[table->target].cells.codes[0]];
	double number;
	bool is_number =
	        flt_number_parse(class->text, strlen(class->text), table->decimal, &number) != FLT_NOT_A_NUMBER;
	bool others_recur = 2 * (table->n_rows - 1) >= 3 * (flt_table_n_classes(table) - 1);
	if (is_number || class->n_rows > 1 || !others_recur || flt_table_row_number(table, 0) != 1)
		return FLT_OK;
	return flt_fail(err, FLT_ERR_DATA,
	                "%s: no header was found, and class \"%s\" of target \"%s\" occurs in the first line only: say "
	                "--header yes if that line holds the names of the columns, else --header no",
	                table->path, show(class->text).text, show(table->columns[table->target].name).text);
}

/* The value of --positive that makes one class of spellings: those of the rarer of two classes, else those of a pair.
 */
static enum flt_status list_spellings(const struct flt_table *table, const struct flt_class_pair *pair,
                                      bool nothing_chosen, struct flt_text_buffer *list, struct flt_error *err)
{
	if (nothing_chosen)
		FLT_TRY(flt_table_list_rarer_spellings(table, list, err));
	if (list->length > 0)
		return FLT_OK;
	FLT_TRY(flt_append_list_item(list, pair->a.text, err));
	return flt_append_list_item(list, pair->b.text, err);
}

static enum flt_status fail_alike(const struct flt_table *table, const struct flt_class_pair *pair, bool nothing_chosen,
                                  struct flt_error *err)
{
	enum { REMEDY_SIZE = 400 };
	char remedy[REMEDY_SIZE] = "give them names that differ more";
	struct flt_text_buffer list = {0};
	enum flt_status status;
	FLT_TRY_OUT(list_spellings(table, pair, nothing_chosen, &list, err));
	if (flt_table_n_classes(table) > 2)
		snprintf(remedy, sizeof remedy,
		         "name all spellings of the positive class, as in --positive '%s', or write them alike in the "
		         "file",
		         list.bytes);
	status = flt_fail(err, FLT_ERR_DATA,
	                  "%s: target \"%s\" has the classes \"%s\" (%zu) and \"%s\" (%zu), which differ only in upper "
	                  "and lower case or in blanks: %s",
	                  table->path, show(table->columns[table->target].name).text, show(pair->a.text).text,
	                  pair->a.n_rows, show(pair->b.text).text, pair->b.n_rows, remedy);
out:
	flt_text_buffer_release(&list);
	return status;
}

/* Classes that are alike must not be of different labels. With nothing_chosen, no class has a label yet. */
static enum flt_status check_alike(const struct flt_table *table, bool nothing_chosen, struct flt_error *err)
{
	struct flt_class_pair pair;
	FLT_TRY(flt_table_find_alike(table, nothing_chosen, &pair, err));
	return pair.exists ? fail_alike(table, &pair, nothing_chosen, err) : FLT_OK;
}

/* The character that all classes hold before a part which makes nearly each of them unique, as in "sick.|1001". 0:
 * there is none. */
static char find_joint(struct flt_class *const *classes, size_t n, size_t n_rows)
{
	static const char joints[] = "|;:#/@\t";
	for (const char *joint = joints; *joint && n > n_rows / 2; joint++) {
		size_t i = 0;
		while (i < n && strchr(classes[i]->text, *joint))
			i++;
		if (i == n)
			return *joint;
	}
	return 0;
}

static enum flt_status fail_many(const struct flt_table *table, struct flt_class *const *classes, size_t n,
                                 struct flt_error *err)
{
	char list[CLASSES_SIZE] = "", shape[80] = "";
	struct flt_guess_text guess = flt_table_guess_text(table);
	char joint = find_joint(classes, n, table->n_rows);
	list_classes(classes, n, list);
	if (joint)
		snprintf(shape, sizeof shape, "split it at \"%c\" into two columns, or ", joint);
	return flt_fail(err, FLT_ERR_DATA, "%s: %s%s %zu classes, %s: %s%sname the positive one with --positive",
	                table->path, guess.subject, table->notes.target_given ? " has" : ", which has", n, list,
	                guess.remedy, shape);
}

static enum flt_status fail_one(const struct flt_table *table, const char *list, struct flt_error *err)
{
	struct flt_guess_text guess = flt_table_guess_text(table);
	char dropped[80] = "";
	if (table->notes.n_without_target > 0)
		snprintf(dropped, sizeof dropped, " beside %zu row%s without a value, left out",
		         table->notes.n_without_target, table->notes.n_without_target == 1 ? "" : "s");
	return flt_fail(err, FLT_ERR_DATA, "%s: %s%s one class, %s%s: %sadd rows of another class", table->path,
	                guess.subject, table->notes.target_given ? " has" : ", which has", list, dropped, guess.remedy);
}

/* Without --positive, the rarer of two classes is positive. classes (n) are sorted by descending counts. */
static enum flt_status choose_rarer(const struct flt_table *table, struct flt_class *const *classes, size_t n,
                                    struct flt_error *err)
{
	char list[CLASSES_SIZE] = "";
	struct flt_guess_text guess = flt_table_guess_text(table);
	const char *has = table->notes.target_given ? " has" : ", which has";
	list_classes(classes, n, list);
	if (n == 1)
		return fail_one(table, list, err);
	if (n > 2)
		return fail_many(table, classes, n, err);
	if (classes[0]->n_rows == classes[1]->n_rows)
		return flt_fail(err, FLT_ERR_DATA,
		                "%s: %s%s two classes of one size, %s: %sname the positive one with --positive",
		                table->path, guess.subject, has, list, guess.remedy);
	classes[1]->is_positive = true;
	return FLT_OK;
}

static enum flt_status fail_no_class(const struct flt_table *table, const char *text, struct flt_class *const *classes,
                                     size_t n, struct flt_error *err)
{
	char hint[FLT_HINT_SIZE];
	const char **names = flt_alloc(n, sizeof *names, err);
	FLT_TRY_MEMORY(names);
	for (size_t i = 0; i < n; i++)
		names[i] = classes[i]->text;
	flt_table_hint(text, names, n, hint);
	flt_free(names);
	return flt_fail(err, FLT_ERR_USAGE, "%s: no class \"%s\" of target \"%s\" for --positive%s", table->path,
	                show(text).text, table->columns[table->target].name, hint);
}

/* ---- choosing ---- */

/* Makes one class of --positive positive; *n_positive counts the classes so far. */
static enum flt_status choose_class(struct flt_table *table, const char *name, struct flt_class *const *classes,
                                    size_t n, size_t *n_positive, struct flt_error *err)
{
	int32_t level;
	FLT_TRY(flt_table_find_class(table, name, strlen(name), &level, err));
	if (level < 0)
		return fail_no_class(table, name, classes, n, err);
	*n_positive += !table->classes[level].is_positive;
	table->classes[level].is_positive = true;
	return FLT_OK;
}

static enum flt_status choose_named(struct flt_table *table, const char *positive, struct flt_class *const *classes,
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
		size += table->classes[i].is_positive ? levels->levels[i].length + 4 : 0;
	char *text = flt_alloc(size, 1, err);
	for (size_t i = 0; text && i < levels->n; i++)
		if (table->classes[i].is_positive)
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
		while (table->classes[i].is_positive)
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
		n_negative += !table->classes[i].is_positive;
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
	size_t n_rows = table->n_rows, n_positive = 0;
	uint8_t *labels = table->labels = flt_alloc(n_rows, sizeof *labels, err);
	FLT_TRY_MEMORY(labels);
	const struct flt_class *classes = table->classes;
	for (size_t row = 0; row < n_rows; row++) {
		labels[row] = classes[codes[row]].is_positive;
		n_positive += labels[row];
	}
	table->n_positive = n_positive;
	return FLT_OK;
}

/* More classes than this are too many in any spelling. */
enum { MOST_COMPARED = 1000 };

enum flt_status flt_table_choose_positive(struct flt_table *table, const char *positive, bool may_have_header,
                                          struct flt_error *err)
{
	FLT_TRY(flt_table_merge_classes(table, NULL, err));
	table->notes.positive_given = positive != NULL;
	if (may_have_header)
		FLT_TRY(check_first_line(table, err));
	if (!positive && flt_table_n_classes(table) <= MOST_COMPARED)
		FLT_TRY(check_alike(table, true, err));
	FLT_TRY(sort_classes(table, err));
	size_t n = flt_table_n_classes(table);
	if (positive)
		FLT_TRY(choose_named(table, positive, table->by_size, n, err));
	else
		FLT_TRY(choose_rarer(table, table->by_size, n, err));
	FLT_TRY(check_alike(table, false, err));
	FLT_TRY(name_classes(table, err));
	return make_labels(table, err);
}

enum flt_status flt_table_knows_class(const struct flt_table *model, const char *text, size_t length, bool *is_known,
                                      struct flt_error *err)
{
	int32_t level;
	*is_known = model->negative_is_rest ||
	            flt_dictionary_find(&model->columns[model->target].cells.levels, text, length) >= 0;
	if (*is_known)
		return FLT_OK;
	FLT_TRY(flt_table_find_class(model, text, length, &level, err));
	*is_known = level >= 0;
	return FLT_OK;
}

static enum flt_status check_alike_in(const struct flt_table *table, const struct flt_table *model,
                                      struct flt_error *err)
{
	struct flt_class_pair pair;
	FLT_TRY(flt_table_find_alike_in(table, model, &pair, err));
	if (!pair.exists)
		return FLT_OK;
	const char *target = table->columns[table->target].name,
	           *remedy = flt_encoding_remedy(pair.a.text, pair.b.text);
	if (remedy)
		return flt_fail(err, FLT_ERR_DATA,
		                "%s: target \"%s\" holds \"%s\" (%zu), while class \"%s\" of %s is %s", table->path,
		                show(target).text, show(pair.a.text).text, pair.a.n_rows, show(pair.b.text).text,
		                model->path, remedy);
	return flt_fail(err, FLT_ERR_DATA,
	                "%s: target \"%s\" holds \"%s\" (%zu), which differs from class \"%s\" of %s only in upper "
	                "and lower case or in blanks: write it as there",
	                table->path, show(target).text, show(pair.a.text).text, pair.a.n_rows, show(pair.b.text).text,
	                model->path);
}

/* Copies what model says about each class of the table. */
static enum flt_status take_classes(struct flt_table *table, const struct flt_table *model, struct flt_error *err)
{
	for (size_t i = 0; i < flt_table_n_classes(table); i++) {
		struct flt_class *class = &table->classes[i];
		int32_t level;
		FLT_TRY(flt_table_find_class(model, class->text, strlen(class->text), &level, err));
		class->is_new = level < 0;
		class->is_positive = level >= 0 && model->classes[level].is_positive;
	}
	return check_alike_in(table, model, err);
}

enum flt_status flt_table_label_like(struct flt_table *table, const struct flt_table *model, struct flt_error *err)
{
	FLT_TRY(flt_table_merge_classes(table, model, err));
	FLT_TRY(sort_classes(table, err));
	FLT_TRY(take_classes(table, model, err));
	table->negative_is_rest = model->negative_is_rest;
	table->notes.positive_given = model->notes.positive_given;
	table->positive = flt_copy_text(model->positive, strlen(model->positive), err);
	FLT_TRY_MEMORY(table->positive);
	table->negative = flt_copy_text(model->negative, strlen(model->negative), err);
	FLT_TRY_MEMORY(table->negative);
	return make_labels(table, err);
}
