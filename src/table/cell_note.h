/* A cell, for a message. */
#ifndef TABLE_CELL_NOTE_H
#define TABLE_CELL_NOTE_H

#include "base/text.h"

struct flt_cell_note {
	size_t line; /* 0: there is none */
	struct flt_shown text;
	const char *file; /* borrowed; NULL: it is in the file that is being read */
};

/* Notes the cell, if it is the first. */
static inline void flt_cell_note_take(struct flt_cell_note *first, const char *text, size_t length, size_t line)
{
	if (first->line == 0)
		*first = (struct flt_cell_note){.line = line, .text = flt_shown(text, length)};
}

/* Adds a note that counts lines from after the first n_lines of the file. */
static inline void flt_cell_note_append(struct flt_cell_note *first, const struct flt_cell_note *note, size_t n_lines)
{
	if (first->line != 0 || note->line == 0)
		return;
	*first = *note;
	first->line += n_lines;
}

#endif
