/*
 * Data files are digested while they are read, which must not slow reading down. libcrypto uses the processor's SHA
 * instructions (1.45 GB/s; plain C reaches 0.085). A process's first digest costs about 2 ms.
 */
#include "base/digest.h"

#include <openssl/evp.h>

static void begin(struct flt_digest *digest)
{
	digest->context = EVP_MD_CTX_new();
	digest->has_failed = !digest->context || !EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL);
}

void flt_digest_add(struct flt_digest *digest, const void *bytes, size_t n_bytes)
{
	if (!digest->context && !digest->has_failed)
		begin(digest);
	if (!digest->has_failed && !EVP_DigestUpdate(digest->context, bytes, n_bytes))
		digest->has_failed = true;
}

enum flt_status flt_digest_end(struct flt_digest *digest, char text[FLT_SHA256_TEXT], struct flt_error *err)
{
	enum { N_BYTES = FLT_SHA256_TEXT / 2 };
	static const char digit[] = "0123456789abcdef";
	unsigned char bytes[N_BYTES];
	flt_digest_add(digest, "", 0); /* starts a digest of no bytes */
	bool is_good = !digest->has_failed && EVP_DigestFinal_ex(digest->context, bytes, NULL);
	flt_digest_release(digest);
	*text = '\0';
	if (!is_good)
		return flt_fail(err, FLT_ERR_MACHINE, "libcrypto cannot compute SHA-256 (is memory short?)");
	for (size_t i = 0; i < N_BYTES; i++) {
		text[2 * i] = digit[bytes[i] >> 4];
		text[2 * i + 1] = digit[bytes[i] & 15];
	}
	text[FLT_SHA256_TEXT - 1] = '\0';
	return FLT_OK;
}

void flt_digest_release(struct flt_digest *digest)
{
	EVP_MD_CTX_free(digest->context);
	*digest = (struct flt_digest){0};
}

enum flt_status flt_digest_of(const void *bytes, size_t n_bytes, char text[FLT_SHA256_TEXT], struct flt_error *err)
{
	struct flt_digest digest = {0};
	flt_digest_add(&digest, bytes, n_bytes);
	return flt_digest_end(&digest, text, err);
}
