/*
 * Errors: every call that can fail returns an enum flt_status and fills a struct flt_error with one sentence that
 * names the thing (file, line, column, option) and the remedy. The library never prints and never exits.
 *
 * The value of a status is the exit code of the program for it.
 */
#ifndef FLTRAIN_ERROR_H
#define FLTRAIN_ERROR_H

enum flt_status {
	FLT_OK = 0,
	FLT_ERR_MACHINE = 1,  /* memory, disk, a closed pipe */
	FLT_ERR_USAGE = 2,    /* an option's name or value */
	FLT_ERR_DATA = 3,     /* the content of an input file, or a missing one */
	FLT_ERR_MODEL = 4,    /* the content of a model file */
	FLT_ERR_GATE = 5,     /* a requirement that the figures do not meet */
	FLT_ERR_DIVERGED = 6, /* loss or weights are no longer finite */
};

enum { FLT_ERROR_SIZE = 1024 };

struct flt_error {
	enum flt_status status;
	char text[FLT_ERROR_SIZE]; /* one sentence; control characters are '?'; too long, it has "..." in its middle */
};

#endif
