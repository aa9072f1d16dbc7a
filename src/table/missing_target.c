#include "table/missing_target.h"

#include <stdio.h>
#include <string.h>

#include "table/target_guess.h"

bool flt_is_named_class(const struct flt_row_rules *rules, const char *text, size_t length)
{
	for (size_t i = 0; i < rules->classes.n; i++)
		if (strlen(rules->classes.items[i]) == length && memcmp(rules->classes.items[i], text, length) == 0)
			return true;
	return false;
}

static bool is_blank(const struct flt_table *table, const struct flt_csv_record *record)
{
	for (size_t i = 0; i < table->n_columns; i++) {
		size_t column = table->columns[i].file_column;
		if (column != SIZE_MAX && record->fields[column].length > 0)
			return false;
	}
	return true;
}

/* A record without a target, as it is described. */
struct place {
	const char *file;
	size_t line;
	bool is_blank_line;
	struct flt_shown marker; /* "": the field is empty */
};

static enum flt_status fail_at(const struct flt_table *table, const struct place *place, struct flt_error *err)
{
	if (place->is_blank_line)
		return flt_fail(
		        err, FLT_ERR_DATA,
		        "%s:%zu: the line holds nothing but delimiters: leave such rows out with --missing-target drop",
		        place->file, place->line);
	struct flt_guess_text guess = flt_table_guess_text(table);
	const char *marker = place->marker.text;
	char found[128] = "has no value here", class[160] = "fill it in, or ";
	if (marker[0]) {
		snprintf(found, sizeof found, "holds \"%s\" here, a missing marker", marker);
		snprintf(class, sizeof class, "if that is a class, say --positive \"%s\"; else ", marker);
	}
	return flt_fail(err, FLT_ERR_DATA, "%s:%zu: %s%s %s: %s%sleave such rows out with --missing-target drop",
	                place->file, place->line, guess.subject, table->notes.target_given ? "" : ", which", found,
	                guess.remedy, class);
}

enum flt_status flt_table_fail_no_target(const struct flt_table *table, const struct flt_csv_record *record,
                                         struct flt_error *err)
{
	const struct flt_csv_field *field = &record->fields[table->columns[table->target].file_column];
	const struct place place = {.file = table->file,
	                            .line = record->line,
	                            .is_blank_line = is_blank(table, record),
	                            .marker = flt_shown(field->text, field->length)};
	return fail_at(table, &place, err);
}

void flt_table_note_no_target(struct flt_table *table, const struct flt_csv_record *record)
{
	struct flt_no_target *no_target = &table->no_target;
	const struct flt_csv_field *field = &record->fields[table->columns[table->target].file_column];
	no_target->n_empty += field->length == 0;
	if (no_target->n++ > 0)
		return;
	no_target->file = table->file;
	no_target->line = record->line;
	no_target->is_blank_line = is_blank(table, record);
	no_target->marker = flt_shown(field->text, field->length);
}

/* The texts of the target by what they are, and one of each. */
struct texts {
	size_t n_classes, n_markers;
	const char *class, *marker;
};

static struct texts look_at_texts(const struct flt_table *table, const struct flt_row_rules *rules)
{
	const struct flt_dictionary *levels = &table->columns[table->target].cells.levels;
	struct texts texts = {0};
	for (size_t i = 0; i < levels->n; i++) {
		const char *text = flt_dictionary_text(levels, i);
		if (flt_target_is_missing(rules, text, strlen(text))) {
			texts.n_markers++;
			texts.marker = text;
		} else {
			texts.n_classes++;
			texts.class = text;
		}
	}
	return texts;
}

/* To leave the rows out would leave one class at most. */
static enum flt_status fail_few_classes(const struct flt_table *table, const struct texts *texts, struct flt_error *err)
{
	const struct flt_no_target *no_target = &table->no_target;
	struct flt_guess_text guess = flt_table_guess_text(table);
	char others[96] = "in no other row is a class";
	if (texts->class)
		snprintf(others, sizeof others, "all other rows are \"%s\"",
		         flt_shown(texts->class, strlen(texts->class)).text);
	if (no_target->marker.text[0])
		return flt_fail(err, FLT_ERR_DATA,
		                "%s:%zu: %s%s holds \"%s\" here, a missing marker, and %s: %sif that is a class, say "
		                "--positive \"%s\"; else choose a target with two values",
		                no_target->file, no_target->line, guess.subject,
		                table->notes.target_given ? "" : ", which", no_target->marker.text, others,
		                guess.remedy, no_target->marker.text);
	return flt_fail(err, FLT_ERR_DATA,
	                "%s:%zu: %s%s has no value here, and %s: %sfill in the class, or choose a target with two "
	                "values",
	                no_target->file, no_target->line, guess.subject, table->notes.target_given ? "" : ", which",
	                others, guess.remedy);
}

enum flt_status flt_table_check_targets(struct flt_table *table, const struct flt_row_rules *rules,
                                        const char *positive, struct flt_error *err)
{
	const struct flt_no_target *no_target = &table->no_target;
	if (no_target->n == 0)
		return FLT_OK;
	struct texts texts = look_at_texts(table, rules);
	if (positive && texts.n_classes == 1 && texts.n_markers == 1 && no_target->n_empty == 0)
		return flt_table_add_remark(table, err,
		                            "\"%s\" is the other class of the target, since it holds no other value",
		                            flt_shown(texts.marker, strlen(texts.marker)).text);
	if (texts.n_classes < 2)
		return fail_few_classes(table, &texts, err);
	const struct place place = {no_target->file, no_target->line, no_target->is_blank_line, no_target->marker};
	return fail_at(table, &place, err);
}
