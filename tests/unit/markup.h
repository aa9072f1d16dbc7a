/* Looks at a page as a browser's parser does, far enough to see whether foreign text became markup. */
#ifndef TESTS_MARKUP_H
#define TESTS_MARKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/character.h"

enum { MARKUP_DEPTH = 32, MARKUP_NAME = 16 };

struct markup {
	const char *at, *end;
	char open[MARKUP_DEPTH][MARKUP_NAME];
	size_t depth, n_scripts, n_styles, n_h1;
	char flaw[160]; /* the first; empty if there is none */
};

static inline bool markup_is_among(const char *name, size_t n, const char *words)
{
	for (const char *word = words; *word;) {
		size_t length = strcspn(word, " ");
		if (length == n && memcmp(word, name, n) == 0)
			return true;
		word += length + (word[length] == ' ');
	}
	return false;
}

static inline void markup_fail(struct markup *markup, const char *what)
{
	int n = (int)(markup->end - markup->at < 60 ? markup->end - markup->at : 60);
	if (!markup->flaw[0])
		snprintf(markup->flaw, sizeof markup->flaw, "%s: %.*s", what, n, markup->at);
}

/* Attributes are of those that pages have, in double quotes, and behind them stands '>'. */
static inline const char *markup_attributes(struct markup *markup, const char *at, bool *is_empty)
{
	static const char NAMES[] = "lang charset name content http-equiv rel href id class aria-label aria-labelledby "
	                            "aria-live role tabindex "
	                            "scope viewBox d x y cx cy r text-anchor data-value data-lo data-hi data-pr "
	                            "data-roc data-at data-follow "
	                            "data-column hidden type min max step value for";
	while (at < markup->end && *at == ' ') {
		size_t n = strcspn(++at, "= />\"'");
		if (!markup_is_among(at, n, NAMES))
			markup_fail(markup, "an unknown attribute");
		at += n;
		if (*at != '=') /* hidden */
			continue;
		if (at[1] != '"' || !strchr(at + 2, '"')) {
			markup_fail(markup, "an attribute without quotes");
			return markup->end;
		}
		const char *close = strchr(at + 2, '"');
		if (memchr(at + 2, '<', (size_t)(close - at - 2)))
			markup_fail(markup, "a < in an attribute");
		at = close + 1;
	}
	*is_empty = *at == '/';
	at += *is_empty;
	if (*at != '>')
		markup_fail(markup, "a tag that does not end");
	return at + 1;
}

static inline void markup_open(struct markup *markup, const char *name, size_t n, bool is_empty)
{
	static const char NAMES[] = "html head meta link title style body a header p h1 nav ul li main section h2 div "
	                            "h3 figure svg desc text "
	                            "path circle span strong details summary table caption thead tr th tbody td label "
	                            "input output b bdi code pre "
	                            "em footer script";
	if (!markup_is_among(name, n, NAMES))
		markup_fail(markup, "an unknown tag");
	markup->n_scripts += markup_is_among(name, n, "script");
	markup->n_styles += markup_is_among(name, n, "style");
	markup->n_h1 += markup_is_among(name, n, "h1");
	if (is_empty || markup_is_among(name, n, "meta link input"))
		return;
	if (markup->depth == MARKUP_DEPTH || n >= MARKUP_NAME) {
		markup_fail(markup, "too deep");
		return;
	}
	memcpy(markup->open[markup->depth], name, n);
	markup->open[markup->depth++][n] = '\0';
}

static inline void markup_close(struct markup *markup, const char *name, size_t n)
{
	if (markup->depth == 0 || strlen(markup->open[markup->depth - 1]) != n ||
	    memcmp(markup->open[markup->depth - 1], name, n) != 0)
		markup_fail(markup, "closes what is not open");
	else
		markup->depth--;
}

static inline void markup_tag(struct markup *markup)
{
	bool is_end = markup->at[1] == '/', is_empty = false;
	const char *name = markup->at + 1 + is_end;
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz123");
	const char *behind = markup_attributes(markup, name + n, &is_empty);
	if (is_end)
		markup_close(markup, name, n);
	else
		markup_open(markup, name, n, is_empty);
	/* Style and script end where their tag does. */
	if (!is_end && markup_is_among(name, n, "style script")) {
		behind = strstr(behind, n == 5 ? "</style>" : "</script>");
		if (!behind)
			markup_fail(markup, "a style or script without an end");
	}
	markup->at = behind ? behind : markup->end;
}

static inline void markup_entity(struct markup *markup)
{
	size_t n = strcspn(markup->at, ";");
	if (!markup_is_among(markup->at + 1, n - 1, "amp lt gt quot #39 nbsp"))
		markup_fail(markup, "an unknown entity");
	markup->at += n;
}

/* page (length bytes and a NUL) is well-formed, has known tags only, and no character that hides or turns. Returns the
 * first flaw, or NULL; valid until the next call. */
static inline const char *markup_flaw(const char *page, size_t length)
{
	static struct markup markup;
	static const char DOCTYPE[] = "<!DOCTYPE html>\n";
	markup = (struct markup){.at = page, .end = page + length};
	if (strlen(page) != length || strncmp(page, DOCTYPE, strlen(DOCTYPE)) != 0)
		markup_fail(&markup, "no page, or a NUL in it");
	markup.at += strlen(DOCTYPE);
	while (!markup.flaw[0] && markup.at < markup.end) {
		size_t whole = flt_utf8_length(markup.at);
		if (*markup.at == '<') {
			markup_tag(&markup);
			continue;
		}
		if (*markup.at == '&')
			markup_entity(&markup);
		else if (*markup.at == '>' || whole == 0 || (*markup.at != '\n' && flt_control_length(markup.at)))
			markup_fail(&markup, "a bare > or a control character");
		markup.at += whole ? whole : 1;
	}
	if (markup.depth > 0 || markup.n_scripts != 1 || markup.n_styles != 1 || markup.n_h1 != 1)
		markup_fail(&markup, "something open, or not one heading, style and script");
	return markup.flaw[0] ? markup.flaw : NULL;
}

#endif
