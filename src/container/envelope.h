/*
 * The envelope that model files and checkpoints share: a safetensors container that says what it is.
 *
 * Its metadata are, in this order, "format" (a name), "format_version", "sha256", and the texts of the format. The
 * digest is over these texts in their order and the tensors by name: how the container lays them out does not count.
 *
 * Functions that read fail with FLT_ERR_MODEL, or FLT_ERR_MACHINE where memory ran out; the sentence does not name the
 * file.
 */
#ifndef CONTAINER_ENVELOPE_H
#define CONTAINER_ENVELOPE_H

#include "container/safetensors.h"

struct flt_envelope {
	const char *thing;        /* "detector": the format's name is "fltrain detector" */
	int version;              /* of the format */
	const char *remedy;       /* for a file in another version; follows a colon */
	const char *const *names; /* (n_texts) of the texts; strings that outlive the call */
	size_t n_texts;
	size_t n_optional; /* of the last texts; older files lack them, and flt_envelope_open gives NULL */
};

/* Writes a file of texts (n_texts) and tensors into *bytes (owned by the caller, flt_free). The same content gives the
 * same bytes. On failure *bytes is NULL. */
enum flt_status flt_envelope_write(const struct flt_envelope *envelope, const char *const *texts,
                                   const struct flt_safetensor *tensors, size_t n_tensors, uint8_t **bytes,
                                   size_t *n_bytes, struct flt_error *err);

/* Parses a file, and checks that it has this format, this version and these texts and no others: texts (n_texts) point
 * into *file, which the caller releases by flt_safetensors_release. On failure there is nothing to release. */
enum flt_status flt_envelope_open(const struct flt_envelope *envelope, const uint8_t *bytes, size_t n_bytes,
                                  struct flt_safetensors *file, const char **texts, struct flt_error *err);

/* Checks the digest of an opened file. */
enum flt_status flt_envelope_verify(const struct flt_envelope *envelope, const struct flt_safetensors *file,
                                    const char *const *texts, struct flt_error *err);

/* Whether path is a regular file that begins as flt_envelope_write begins one, in any version. False if there is no
 * such file; an error if it cannot be read. */
enum flt_status flt_envelope_is_file(const struct flt_envelope *envelope, const char *path, bool *is_one,
                                     struct flt_error *err);

/* Fills err with the failure of reading path for this reason, and returns status. */
enum flt_status flt_envelope_fail(const struct flt_envelope *envelope, const char *path, enum flt_status status,
                                  const struct flt_error *why, struct flt_error *err);

#endif
