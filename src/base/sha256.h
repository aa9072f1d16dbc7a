/* SHA-256 (FIPS 180-4): names data and model files by their content. */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

struct flt_sha256 {
	uint32_t state[8];
	uint64_t n_bytes;
	uint8_t block[64];
	void (*digest)(uint32_t state[8], const uint8_t *blocks, size_t n_blocks); /* plain, or the processor's own */
};

enum { FLT_SHA256_TEXT = 65 }; /* 64 hexadecimal digits and the terminator */

void flt_sha256_init(struct flt_sha256 *hash);
void flt_sha256_init_plain(struct flt_sha256 *hash); /* without the processor's own instructions, to compare with */
void flt_sha256_add(struct flt_sha256 *hash, const void *bytes, size_t n_bytes);
void flt_sha256_end(struct flt_sha256 *hash, char text[FLT_SHA256_TEXT]);

#endif
