/*
 * A JSON report as one HTML page that people look at: the verdict in words, the figures as pictures in SVG, each with
 * its numbers as a table, and how to reproduce it.
 *
 * The page is made of the report alone, and needs nothing else: no network, and no script to be read (a slider moves
 * with one). It stays below FLT_PAGE_MOST bytes whatever the report holds, prints on A4, follows the reader's light or
 * dark scheme, and can be read with a keyboard or a screen reader.
 *
 * The report is foreign: what it lacks, or has in another type, is left out, and its texts are shown, never obeyed.
 */
#ifndef PAGE_PAGE_H
#define PAGE_PAGE_H

#include <stddef.h>
#include <stdio.h>

#include "base/error.h"

enum { FLT_PAGE_MOST = 300000 };

/* Writes the page of a report (length bytes of text) to out, whose errors are left to the caller. FLT_ERR_DATA with
 * nothing written if the text is not JSON, or not of a schema that has a page: fltrain.train/1, fltrain.evaluate/1,
 * fltrain.cv/1, fltrain.compare/1, fltrain.check/1, fltrain.explain/1. The sentence does not name the file. */
enum flt_status flt_page_of_json(FILE *out, const char *text, size_t length, struct flt_error *err);

#endif
