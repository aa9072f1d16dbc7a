/* Texts that look the same and differ in their bytes: in another encoding, or with accents apart from their letters. */
#ifndef BASE_ENCODING_H
#define BASE_ENCODING_H

#include <stddef.h>

/* What to do with a file that holds found where wanted is expected, as the end of a sentence, if both are the same but
 * for their encoding; else NULL. */
const char *flt_encoding_remedy(const char *found, const char *wanted);

/* The index of the first of names (n) for which there is such a remedy, n if there is none. */
size_t flt_find_other_encoding(const char *const *names, size_t n, const char *wanted, const char **remedy);

#endif
