/*
 * The parts of a page: sections with a heading, pictures with what explains them, tables. Titles, captions and formats
 * are ours; names and sentences of a report are made inert here.
 */
#ifndef PAGE_PARTS_H
#define PAGE_PARTS_H

#include "page/chart.h"
#include "page/number.h"

struct flt_sheet {
	struct flt_html html;       /* the sections */
	struct flt_html contents;   /* links to them */
	const char *star;           /* "*" where figures were measured on rows that had a part in what is measured */
	const char *point_star;     /* the same of figures at the threshold */
	const char *threshold_star; /* and of the threshold itself */
	bool has_rows;              /* the table that is being written */
};

/* Lists end, and pictures are left out, where there is none: what is not bounded in number is bounded in bytes. */
bool flt_sheet_has_room(const struct flt_sheet *sheet);

void flt_section_begin(struct flt_sheet *sheet, const char *id, const char *title);
void flt_section_end(struct flt_sheet *sheet);
void flt_paragraph(struct flt_sheet *sheet, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Pictures stand side by side where there is room. In each: its title, the picture, what explains it, its table. */
void flt_pictures_begin(struct flt_sheet *sheet);
void flt_pictures_end(struct flt_sheet *sheet);
void flt_picture_begin(struct flt_sheet *sheet, const char *title);
void flt_picture_caption(struct flt_sheet *sheet, const char *format, ...) __attribute__((format(printf, 2, 3)));
void flt_picture_table_begin(struct flt_sheet *sheet, const char *caption, const char *const *titles, size_t n);
void flt_picture_table_end(struct flt_sheet *sheet);
void flt_picture_end(struct flt_sheet *sheet);

/* A table scrolls by itself where it is wider than the page. Its first cell in each row names the row. The title of a
 * column of words begins with ':', which is not shown. */
void flt_table_begin(struct flt_sheet *sheet, const char *id, const char *caption, const char *const *titles, size_t n);
void flt_table_end(struct flt_sheet *sheet);
void flt_row_begin(struct flt_sheet *sheet, const char *attributes); /* of ours, "" for none */
void flt_row_end(struct flt_sheet *sheet);
void flt_more_rows(struct flt_sheet *sheet, size_t n, const char *what); /* "and 3 more columns", if n > 0 */

/* The cell that names the row; a number names it with its value. */
void flt_head_name(struct flt_sheet *sheet, const char *name);
void flt_head_number(struct flt_sheet *sheet, double value, const char *shown);
/* Cells. Numbers keep their exact value as an attribute, and are empty where they are not finite. */
void flt_cell_words(struct flt_sheet *sheet, const char *text); /* foreign, NULL: "-" */
void flt_cell_number(struct flt_sheet *sheet, double value, const char *shown);
void flt_cell_count(struct flt_sheet *sheet, double value);
void flt_cell_range(struct flt_sheet *sheet, const struct flt_range *range, const char *shown);

/* A list of terms and what they are. */
void flt_facts_begin(struct flt_sheet *sheet);
void flt_fact(struct flt_sheet *sheet, const char *term, const char *format, ...) __attribute__((format(printf, 3, 4)));
void flt_fact_number(struct flt_sheet *sheet, const char *term, double fraction); /* with the star of all figures */
void flt_facts_end(struct flt_sheet *sheet);

#endif
