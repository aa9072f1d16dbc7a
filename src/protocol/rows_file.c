#include "protocol/rows_file.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/atomic_file.h"
#include "base/text.h"
#include "container/envelope.h"
#include "detector/model.h"
#include "fltrain/version.h"

/* Texts of the envelope: checksums, but for the first. */
enum { VERSION, DATA, PREPARATION, ROWS, N_TEXTS };
static const char *const NAMES[N_TEXTS] = {
        [VERSION] = "version", [DATA] = "data_sha256", [PREPARATION] = "preparation_sha256", [ROWS] = "rows_sha256"};

static const struct flt_envelope ENVELOPE = {.thing = "file of prepared rows",
                                             .version = 1,
                                             .remedy = "remove it, or name another folder with --cache",
                                             .names = NAMES,
                                             .n_texts = N_TEXTS};

enum { FIT, VALIDATION, N_TENSORS };
static const char *const TENSORS[N_TENSORS] = {"fit", "validation"};

struct origin_texts {
	const char *text[N_TEXTS];
	char preparation[FLT_SHA256_TEXT], rows[FLT_SHA256_TEXT];
};

static void digest_of_rows(const struct flt_rows_origin *origin, char sha256[FLT_SHA256_TEXT])
{
	struct flt_digest digest = {0};
	flt_digest_add(&digest, &origin->seed, sizeof origin->seed);
	flt_digest_add(&digest, &origin->n_fit, sizeof origin->n_fit);
	flt_digest_add(&digest, origin->fit, origin->n_fit * sizeof *origin->fit);
	flt_digest_add(&digest, origin->validation, origin->n_validation * sizeof *origin->validation);
	flt_digest_end(&digest, sha256);
}

static enum flt_status describe(const struct flt_rows_origin *origin, struct origin_texts *texts, struct flt_error *err)
{
	FLT_TRY(flt_preparation_digest(origin->prep, texts->preparation, err));
	digest_of_rows(origin, texts->rows);
	texts->text[VERSION] = flt_version();
	texts->text[DATA] = flt_table_sha256(origin->table);
	texts->text[PREPARATION] = texts->preparation;
	texts->text[ROWS] = texts->rows;
	return FLT_OK;
}

static enum flt_status find_path(const char *folder, char path[FLT_ROWS_PATH], struct flt_error *err)
{
	int n = snprintf(path, FLT_ROWS_PATH, "%s/rows.safetensors", folder);
	return n < FLT_ROWS_PATH ? FLT_OK
	                         : flt_fail(err, FLT_ERR_MACHINE,
	                                    "%s: the path is too long; name another folder with --cache", folder);
}

/* In the order in which a difference says most: other data have other rows, too. */
static enum flt_status compare(const char *const *stored, const struct origin_texts *own, struct flt_error *err)
{
	if (strcmp(stored[VERSION], own->text[VERSION]) != 0)
		return flt_fail(err, FLT_ERR_USAGE, "holds rows that fltrain %s prepared; %s",
		                flt_shown(stored[VERSION], strlen(stored[VERSION])).text, ENVELOPE.remedy);
	if (strcmp(stored[DATA], own->text[DATA]) != 0)
		return flt_fail(err, FLT_ERR_DATA,
		                "holds rows of other data: the file has changed, or is another one; %s",
		                ENVELOPE.remedy);
	if (strcmp(stored[ROWS], own->text[ROWS]) != 0)
		return flt_fail(
		        err, FLT_ERR_USAGE,
		        "holds other rows of these data, for they were split with another --seed, --test-fraction "
		        "or the like; %s",
		        ENVELOPE.remedy);
	if (strcmp(stored[PREPARATION], own->text[PREPARATION]) != 0)
		return flt_fail(
		        err, FLT_ERR_USAGE,
		        "holds rows of these data that were prepared with another --scale, --drop or the like; %s",
		        ENVELOPE.remedy);
	return FLT_OK;
}

static enum flt_status take_matrix(const struct flt_safetensors *stored, const char *name, size_t n_rows, size_t n_in,
                                   const float **matrix, struct flt_error *err)
{
	const struct flt_safetensor *tensor = flt_safetensors_find(stored, name);
	if (!tensor || tensor->type != FLT_F32 || tensor->n_dims != 2 || tensor->shape[0] != n_rows ||
	    tensor->shape[1] != n_in || (uintptr_t)tensor->data % sizeof(float) != 0)
		return flt_fail(err, FLT_ERR_MODEL, "its \"%s\" is not a matrix of %zu x %zu", name, n_rows, n_in);
	*matrix = tensor->data;
	return FLT_OK;
}

static enum flt_status take(struct flt_rows_file *file, const struct flt_rows_origin *origin, struct flt_error *err)
{
	struct flt_safetensors stored;
	struct origin_texts own;
	const char *texts[N_TEXTS];
	enum flt_status status = FLT_OK;
	size_t n_in = flt_prep_n_features(origin->prep);
	FLT_TRY(describe(origin, &own, err));
	FLT_TRY(flt_envelope_open(&ENVELOPE, file->mapped.bytes, file->mapped.n_bytes, &stored, texts, err));
	FLT_TRY_OUT(compare(texts, &own, err));
	FLT_TRY_OUT(flt_envelope_verify(&ENVELOPE, &stored, texts, err));
	FLT_TRY_OUT(take_matrix(&stored, TENSORS[FIT], origin->n_fit, n_in, &file->fit, err));
	FLT_TRY_OUT(take_matrix(&stored, TENSORS[VALIDATION], origin->n_validation, n_in, &file->validation, err));
out:
	flt_safetensors_release(&stored);
	return status;
}

enum flt_status flt_rows_file_open(const char *folder, const struct flt_rows_origin *origin, struct flt_rows_file *file,
                                   struct flt_error *err)
{
	struct flt_error why;
	*file = (struct flt_rows_file){0};
	FLT_TRY(find_path(folder, file->path, err));
	FLT_TRY(flt_mapped_file_open(file->path, &file->mapped, err));
	if (!file->mapped.bytes)
		return FLT_OK;
	enum flt_status status = take(file, origin, &why);
	if (status == FLT_OK)
		return FLT_OK;
	flt_mapped_file_close(&file->mapped);
	if (status != FLT_ERR_MODEL)
		return flt_fail(err, status, "%s: %s", file->path, why.text);
	return flt_fail(err, status, "%s: not a usable %s: %s; %s", file->path, ENVELOPE.thing, why.text,
	                ENVELOPE.remedy);
}

void flt_rows_file_close(struct flt_rows_file *file)
{
	flt_mapped_file_close(&file->mapped);
	*file = (struct flt_rows_file){0};
}

static struct flt_safetensor matrix_of(const char *name, const float *values, size_t n_rows, size_t n_in)
{
	return (struct flt_safetensor){.name = name,
	                               .type = FLT_F32,
	                               .n_dims = 2,
	                               .shape = {n_rows, n_in},
	                               .data = values,
	                               .n_bytes = n_rows * n_in * sizeof *values};
}

enum flt_status flt_rows_file_write(const char *path, const struct flt_rows_origin *origin, const float *fit,
                                    const float *validation, struct flt_error *err)
{
	struct origin_texts texts;
	uint8_t *bytes;
	size_t n_bytes, n_in = flt_prep_n_features(origin->prep);
	const struct flt_safetensor tensors[N_TENSORS] = {
	        [FIT] = matrix_of(TENSORS[FIT], fit, origin->n_fit, n_in),
	        [VALIDATION] = matrix_of(TENSORS[VALIDATION], validation, origin->n_validation, n_in)};
	FLT_TRY(describe(origin, &texts, err));
	FLT_TRY(flt_envelope_write(&ENVELOPE, texts.text, tensors, N_TENSORS, &bytes, &n_bytes, err));
	enum flt_status status = flt_atomic_write(path, bytes, n_bytes, err);
	flt_free(bytes);
	return status;
}
