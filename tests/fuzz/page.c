/*
 * Promised of JSON reports that become pages: any bytes give a page or are refused in one sentence. A page is at most
 * FLT_PAGE_MOST bytes, is well-formed HTML of tags and attributes that pages have, with one script, which is ours, and
 * holds no character that hides or turns the direction of text. The same report gives the same page.
 *
 * Input: the report.
 */
#include "../unit/markup.h"
#include "harness.h"
#include "page/page.h"

static char *page_of(const char *text, size_t n, size_t *length)
{
	char *page = NULL;
	struct flt_error err;
	FILE *out = open_memstream(&page, length);
	PROMISE(out);
	enum flt_status status = flt_page_of_json(out, text, n, &err);
	PROMISE(fclose(out) == 0);
	if (status) {
		promise_sentence(status, &err);
		PROMISE(*length == 0);
		free(page);
		return NULL;
	}
	return page;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	char *text = text_of(bytes, n);
	size_t length, again_length;
	char *page = page_of(text, n, &length), *again = page_of(text, n, &again_length);
	PROMISE(!page == !again);
	if (page) {
		const char *flaw = markup_flaw(page, length);
		if (flaw)
			fprintf(stderr, "%s\n", flaw);
		PROMISE(!flaw);
		PROMISE(length <= FLT_PAGE_MOST);
		PROMISE(length == again_length && memcmp(page, again, length) == 0);
	}
	free(page);
	free(again);
	free(text);
	return 0;
}
