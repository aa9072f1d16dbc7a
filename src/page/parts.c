#include "page/parts.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

/* Bytes of sections up to which lists go on. The rest of FLT_PAGE_MOST is for the style sheet, for what is begun here,
 * and for headings and sentences behind it. */
enum { ROOM = 210000 };

bool flt_sheet_has_room(const struct flt_sheet *sheet)
{
	return sheet->html.buffer.length < ROOM;
}

/* ---- sections ---- */

void flt_section_begin(struct flt_sheet *sheet, const char *id, const char *title)
{
	flt_html_print(&sheet->contents, "<li><a href=\"#%s\">%s</a></li>\n", id, title);
	flt_html_print(&sheet->html, "<section id=\"%s\" aria-labelledby=\"%s-title\">\n<h2 id=\"%s-title\">%s</h2>\n",
	               id, id, id, title);
}

void flt_section_end(struct flt_sheet *sheet)
{
	flt_html_print(&sheet->html, "</section>\n");
}

/* What a format gives, between two tags. */
static void print_between(struct flt_sheet *sheet, const char *before, const char *after, const char *format,
                          va_list args) __attribute__((format(printf, 4, 0)));

static void print_between(struct flt_sheet *sheet, const char *before, const char *after, const char *format,
                          va_list args)
{
	char text[3584];
	vsnprintf(text, sizeof text, format, args);
	flt_html_print(&sheet->html, "%s%s%s\n", before, text, after);
}

void flt_paragraph(struct flt_sheet *sheet, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	print_between(sheet, "<p>", "</p>", format, args);
	va_end(args);
}

/* ---- pictures ---- */

void flt_pictures_begin(struct flt_sheet *sheet)
{
	flt_html_print(&sheet->html, "<div class=\"pictures\">\n");
}

void flt_pictures_end(struct flt_sheet *sheet)
{
	flt_html_print(&sheet->html, "</div>\n");
}

void flt_picture_begin(struct flt_sheet *sheet, const char *title)
{
	flt_html_print(&sheet->html, "<figure>\n<h3 id=\"p%u-title\">%s</h3>\n", ++sheet->html.n_ids, title);
}

void flt_picture_caption(struct flt_sheet *sheet, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	print_between(sheet, "<p class=\"caption\">", "</p>", format, args);
	va_end(args);
}

void flt_picture_table_begin(struct flt_sheet *sheet, const char *caption, const char *const *titles, size_t n)
{
	flt_html_print(&sheet->html, "<details><summary>The numbers</summary>\n");
	flt_table_begin(sheet, NULL, caption, titles, n);
}

void flt_picture_table_end(struct flt_sheet *sheet)
{
	flt_table_end(sheet);
	flt_html_print(&sheet->html, "</details>\n");
}

void flt_picture_end(struct flt_sheet *sheet)
{
	flt_html_print(&sheet->html, "</figure>\n");
}

/* ---- tables ---- */

void flt_table_begin(struct flt_sheet *sheet, const char *id, const char *caption, const char *const *titles, size_t n)
{
	struct flt_html *html = &sheet->html;
	sheet->has_rows = false;
	flt_html_print(html, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"%s\">\n<table",
	               caption);
	if (id)
		flt_html_print(html, " id=\"%s\"", id);
	flt_html_print(html, ">\n<caption><span>%s</span></caption>\n<thead><tr>", caption);
	for (size_t i = 0; i < n; i++) {
		bool is_words = titles[i][0] == ':';
		flt_html_print(html, "<th scope=\"col\"%s>%s</th>", is_words ? " class=\"words\"" : "",
		               titles[i] + is_words);
	}
	flt_html_print(html, "</tr></thead>\n<tbody>\n");
}

void flt_table_end(struct flt_sheet *sheet)
{
	if (!sheet->has_rows) /* HTML wants some */
		flt_html_print(&sheet->html, "<tr><td>none, or left out to keep the page small</td></tr>\n");
	flt_html_print(&sheet->html, "</tbody></table></div>\n");
}

void flt_row_begin(struct flt_sheet *sheet, const char *attributes)
{
	sheet->has_rows = true;
	flt_html_print(&sheet->html, "<tr%s>", attributes);
}

void flt_row_end(struct flt_sheet *sheet)
{
	flt_html_print(&sheet->html, "</tr>\n");
}

void flt_more_rows(struct flt_sheet *sheet, size_t n, const char *what)
{
	if (n > 0)
		flt_html_print(&sheet->html, "<p class=\"more\">and %zu more %s</p>\n", n, what);
}

void flt_head_name(struct flt_sheet *sheet, const char *name)
{
	flt_html_print(&sheet->html, "<th scope=\"row\">%s</th>", flt_shown_name(name).text);
}

void flt_head_number(struct flt_sheet *sheet, double value, const char *shown)
{
	flt_html_print(&sheet->html, "<th scope=\"row\" data-value=\"%s\">%s</th>", flt_page_exact(value).text, shown);
}

void flt_cell_words(struct flt_sheet *sheet, const char *text)
{
	if (text)
		flt_html_print(&sheet->html, "<td class=\"words\">%s</td>", flt_shown_name(text).text);
	else
		flt_html_print(&sheet->html, "<td class=\"words\">-</td>");
}

void flt_cell_number(struct flt_sheet *sheet, double value, const char *shown)
{
	if (isfinite(value))
		flt_html_print(&sheet->html, "<td data-value=\"%s\">%s</td>", flt_page_exact(value).text, shown);
	else
		flt_html_print(&sheet->html, "<td>-</td>");
}

void flt_cell_count(struct flt_sheet *sheet, double value)
{
	flt_cell_number(sheet, value, flt_page_count(value).text);
}

void flt_cell_range(struct flt_sheet *sheet, const struct flt_range *range, const char *shown)
{
	if (!isfinite(range->value)) {
		flt_html_print(&sheet->html, "<td>-</td>");
		return;
	}
	flt_html_print(&sheet->html, "<td data-value=\"%s\" data-lo=\"%s\" data-hi=\"%s\">%s</td>",
	               flt_page_exact(range->value).text, flt_page_exact(range->lo).text,
	               flt_page_exact(range->hi).text, shown);
}

/* ---- facts ---- */

void flt_facts_begin(struct flt_sheet *sheet)
{
	flt_html_print(&sheet->html, "<ul class=\"facts\">\n");
}

void flt_fact(struct flt_sheet *sheet, const char *term, const char *format, ...)
{
	va_list args;
	flt_html_print(&sheet->html, "<li><span class=\"term\">%s</span> ", term);
	va_start(args, format);
	print_between(sheet, "<span>", "</span></li>", format, args);
	va_end(args);
}

void flt_fact_number(struct flt_sheet *sheet, const char *term, double fraction)
{
	if (isfinite(fraction))
		flt_fact(sheet, term, "<span data-value=\"%s\">%s%s</span>", flt_page_exact(fraction).text,
		         flt_page_fraction(fraction, 3).text, sheet->star);
}

void flt_facts_end(struct flt_sheet *sheet)
{
	flt_html_print(&sheet->html, "</ul>\n");
}
