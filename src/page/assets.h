/* The style sheet and the script of every page. Both are constant: the page's policy allows them by their digests, and
 * nothing else. */
#ifndef PAGE_ASSETS_H
#define PAGE_ASSETS_H

extern const char flt_page_style[];
extern const char flt_page_script[];

#endif
