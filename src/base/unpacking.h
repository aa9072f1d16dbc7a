/* Taking apart, piece by piece, bytes that came from elsewhere. */
#ifndef BASE_UNPACKING_H
#define BASE_UNPACKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A view of what is left, as long as the bytes. */
struct flt_unpacking {
	const uint8_t *at;
	size_t n_left;
};

/* The next n bytes, which may be aligned to nothing; NULL if fewer are left. */
static inline const void *flt_unpack_view(struct flt_unpacking *bytes, size_t n)
{
	const uint8_t *at = bytes->at;
	if (n > bytes->n_left)
		return NULL;
	bytes->at += n;
	bytes->n_left -= n;
	return at;
}

/* Copies the next n bytes; false if fewer are left. */
static inline bool flt_unpack(struct flt_unpacking *bytes, void *to, size_t n)
{
	const void *from = flt_unpack_view(bytes, n);
	if (from && n > 0)
		memcpy(to, from, n);
	return from != NULL;
}

#endif
