/* How to get the same report again. */
#include <math.h>

#include "page/sections.h"

static void put_checksum(struct flt_sheet *sheet, const json_t *reproduce, const char *term, const char *key)
{
	const char *sha256 = flt_read_text(reproduce, key);
	if (!sha256)
		return;
	flt_html_print(&sheet->html, "<li class=\"wide\"><span class=\"term\">%s</span> <code class=\"sum\">", term);
	flt_html_sentence(&sheet->html, sha256);
	flt_html_print(&sheet->html, "</code></li>\n");
}

static void put_command(struct flt_sheet *sheet, const char *command)
{
	flt_html_print(&sheet->html,
	               "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"The command\"><pre><code>");
	flt_html_passage(&sheet->html, command);
	flt_html_print(&sheet->html, "</code></pre></div>\n");
}

void flt_section_reproduce(struct flt_sheet *sheet, const json_t *report)
{
	const json_t *reproduce = flt_read_object(report, "reproduce"), *seconds = flt_read_object(report, "seconds");
	const char *version = flt_read_text(reproduce, "version"), *command = flt_read_text(reproduce, "command");
	const json_t *seed = json_object_get(reproduce, "seed");
	double total = flt_read_number(seconds, "total");
	if (!version)
		version = flt_read_text(report, "version");
	flt_section_begin(sheet, "reproduce", "How to reproduce it");
	if (command)
		put_command(sheet, command);
	flt_facts_begin(sheet);
	if (version)
		flt_fact(sheet, "fltrain", "%s", flt_shown_text(version).text);
	if (json_is_integer(seed))
		flt_fact(sheet, "seed", "%" JSON_INTEGER_FORMAT, json_integer_value(seed));
	if (isfinite(total))
		flt_fact(sheet, "it took", "%s s", flt_page_significant(total, 3).text);
	put_checksum(sheet, reproduce, "SHA-256 of the data", "data_sha256");
	put_checksum(sheet, reproduce, "SHA-256 of the test file", "test_sha256");
	put_checksum(sheet, reproduce, "SHA-256 of the model", "model_sha256");
	flt_facts_end(sheet);
	if (command)
		flt_paragraph(sheet,
		              "The same command on the same data gives the same figures, with any number of threads.");
	flt_section_end(sheet);
}
