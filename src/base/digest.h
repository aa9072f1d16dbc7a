/* SHA-256, by libcrypto: names data and model files by their content. It allocates nothing and cannot fail. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <openssl/sha.h>
#include <stdbool.h>
#include <stddef.h>

/* Ready when zero-initialised. */
struct flt_digest {
	SHA256_CTX state;
	bool has_begun;
};

enum { FLT_SHA256_TEXT = 65 }; /* 64 hexadecimal digits and the terminator */

void flt_digest_add(struct flt_digest *digest, const void *bytes, size_t n_bytes);
/* Writes the digest of all bytes added, and begins anew. */
void flt_digest_end(struct flt_digest *digest, char text[FLT_SHA256_TEXT]);

/* The digest of n_bytes bytes. */
void flt_digest_of(const void *bytes, size_t n_bytes, char text[FLT_SHA256_TEXT]);

#endif
