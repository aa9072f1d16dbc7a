#include "page/html.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/character.h"

void flt_html_release(struct flt_html *html)
{
	flt_text_buffer_release(&html->buffer);
}

static void append(struct flt_html *html, const char *bytes, size_t n)
{
	if (!html->status)
		html->status = flt_text_buffer_append(&html->buffer, bytes, n, html->err);
}

void flt_html_print(struct flt_html *html, const char *format, ...)
{
	enum { ROOM = 4096 };
	char text[ROOM];
	va_list args;
	va_start(args, format);
	int length = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	/* What is printed at once is bounded, so that it always has room. */
	if (length > 0 && length < ROOM)
		append(html, text, (size_t)length);
}

void flt_html_literal(struct flt_html *html, const char *literal)
{
	append(html, literal, strlen(literal));
}

void flt_html_append(struct flt_html *html, const struct flt_html *other)
{
	if (!html->status)
		html->status = other->status;
	if (other->buffer.length > 0)
		append(html, other->buffer.bytes, other->buffer.length);
	html->n_ids += other->n_ids;
}

/* Writes one character of the text so that it is shown and not obeyed, in at most 6 bytes. Returns how many bytes of
 * the text it is. */
static size_t escape(const char *text, char out[8])
{
	size_t control = flt_control_length(text), whole = flt_utf8_length(text);
	unsigned code = (unsigned)flt_code_point(text, control ? control : 1);
	const char *entity = NULL;
	switch (*text) {
	case '&':
		entity = "&amp;";
		break;
	case '<':
		entity = "&lt;";
		break;
	case '>':
		entity = "&gt;";
		break;
	case '"':
		entity = "&quot;";
		break;
	case '\'':
		entity = "&#39;";
		break;
	default:
		break;
	}
	if (entity)
		snprintf(out, 8, "%s", entity);
	else if (control)
		snprintf(out, 8, code < 0x100 ? "\\x%02x" : "\\u%04x", code & 0xffff);
	else if (whole)
		snprintf(out, 8, "%.*s", (int)whole, text);
	else
		snprintf(out, 8, "\xef\xbf\xbd");
	return control ? control : whole ? whole : 1;
}

/* At most `most` characters, in at most 6 bytes each and 3 for an ellipsis. Returns the length. */
static size_t escape_all(const char *text, size_t most, char *out)
{
	size_t length = 0;
	for (size_t n = 0; *text && n < most; n++) {
		char shown[8];
		text += escape(text, shown);
		memcpy(out + length, shown, strlen(shown));
		length += strlen(shown);
	}
	if (*text) {
		memcpy(out + length, "…", strlen("…"));
		length += strlen("…");
	}
	out[length] = '\0';
	return length;
}

struct flt_shown_markup flt_shown_text(const char *text)
{
	struct flt_shown_markup shown = {""};
	escape_all(text ? text : "", FLT_NAME_MOST, shown.text);
	return shown;
}

struct flt_shown_markup flt_shown_name(const char *text)
{
	struct flt_shown_markup shown, name = flt_shown_text(text);
	snprintf(shown.text, sizeof shown.text, "<bdi>%.*s</bdi>", (int)sizeof shown.text - 16,
	         name.text[0] ? name.text : "(empty)");
	return shown;
}

/* In <bdi>: what turns its direction ends with it. */
static void print_inert(struct flt_html *html, const char *text, size_t most)
{
	append(html, "<bdi>", 5);
	for (size_t n = 0; *text && n < most; n++) {
		char shown[8];
		text += escape(text, shown);
		append(html, shown, strlen(shown));
	}
	if (*text)
		append(html, "…", strlen("…"));
	append(html, "</bdi>", 6);
}

void flt_html_sentence(struct flt_html *html, const char *text)
{
	print_inert(html, text ? text : "", FLT_SENTENCE_MOST);
}

void flt_html_passage(struct flt_html *html, const char *text)
{
	print_inert(html, text ? text : "", FLT_PASSAGE_MOST);
}
