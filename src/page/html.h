/*
 * Writes HTML into a growing text. Markup is ours; what comes from a report passes through flt_shown_name,
 * flt_shown_text or flt_html_sentence, which make it inert: a browser takes none of it for markup, and no character
 * turns the direction of what follows, breaks lines or hides.
 */
#ifndef PAGE_HTML_H
#define PAGE_HTML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* Ready when zero-initialised. The first failed allocation stays in status and makes all later calls do nothing, so
 * only the end needs a check. */
struct flt_html {
	struct flt_text_buffer buffer;
	enum flt_status status;
	struct flt_error *err; /* may be NULL */
	unsigned n_ids;        /* given out so far */
};

void flt_html_release(struct flt_html *html);

/* Markup. A %s of the format is a literal or one of the texts below. */
void flt_html_print(struct flt_html *html, const char *format, ...) __attribute__((format(printf, 2, 3)));
void flt_html_literal(struct flt_html *html, const char *literal);         /* of ours, of any length */
void flt_html_append(struct flt_html *html, const struct flt_html *other); /* with its ids and its failure */

/* Characters shown; a longer text ends with an ellipsis. */
enum { FLT_NAME_MOST = 60, FLT_SENTENCE_MOST = 600, FLT_PASSAGE_MOST = 4000 };

/* A foreign text made inert, by value: `flt_shown_text(x).text` lives to the end of the full expression. NULL is "". */
struct flt_shown_markup {
	char text[6 * FLT_NAME_MOST + 32];
};

struct flt_shown_markup flt_shown_text(const char *text); /* for attributes, and for texts in SVG */
struct flt_shown_markup flt_shown_name(const char *text); /* in <bdi>: its direction ends with it; "" is shown, too */

/* Foreign, in <bdi>, at most FLT_SENTENCE_MOST and FLT_PASSAGE_MOST characters. */
void flt_html_sentence(struct flt_html *html, const char *text);
void flt_html_passage(struct flt_html *html, const char *text);

#endif
