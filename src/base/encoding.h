/* Texts that look the same and differ in their bytes: in another encoding, or with accents apart from their letters. */
#ifndef BASE_ENCODING_H
#define BASE_ENCODING_H

#include <stddef.h>

#include "base/text.h"

/* What to do with a file that holds found where wanted is expected, as the end of a sentence, if both are the same but
 * for their encoding; else NULL. */
const char *flt_encoding_remedy(const char *found, const char *wanted);

/* The index of the first of names (n) for which there is such a remedy, n if there is none. */
size_t flt_find_other_encoding(const char *const *names, size_t n, const char *wanted, const char **remedy);

/* Two texts have a remedy just if they have the same letters and are written in different ways: *letters are those
 * without accents, three bytes each, and *writing, below FLT_N_WRITINGS, the way. */
enum { FLT_N_WRITINGS = 4 };
enum flt_status flt_encoding_letters(const char *text, struct flt_text_buffer *letters, unsigned *writing,
                                     struct flt_error *err);

#endif
