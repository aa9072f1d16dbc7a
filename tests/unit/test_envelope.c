/* The envelope of model files and checkpoints: its texts, those that older files lack, and what is no such file. */
#include "container/envelope.h"

#include <string.h>

#include "base/alloc.h"
#include "suite.h"

static const char *const names[] = {"must", "may", "might"};
static const struct flt_envelope envelope = {
        .thing = "parcel", .version = 2, .remedy = "send it again", .names = names, .n_texts = 3, .n_optional = 2};

static const float weights[2] = {1, 2};
static const struct flt_safetensor tensor = {
        .name = "w", .type = FLT_F32, .n_dims = 1, .shape = {2}, .data = weights, .n_bytes = sizeof weights};

/* The sentence for a file with these metadata; FLT_OK if it has none. */
static enum flt_status open_file(const struct flt_metadata *metadata, size_t n, const char **texts,
                                 struct flt_error *err)
{
	uint8_t *bytes;
	size_t n_bytes;
	struct flt_safetensors file;
	ck_assert_int_eq(flt_safetensors_write(&tensor, 1, metadata, n, &bytes, &n_bytes, NULL), FLT_OK);
	enum flt_status status = flt_envelope_open(&envelope, bytes, n_bytes, &file, texts, err);
	if (status == FLT_OK)
		flt_safetensors_release(&file);
	flt_free(bytes);
	return status;
}

START_TEST(what_is_written_opens_and_is_verified)
{
	const char *const written[] = {"one", "two", "three"};
	const char *read[3];
	uint8_t *bytes;
	size_t n_bytes;
	struct flt_safetensors file;
	ck_assert_int_eq(flt_envelope_write(&envelope, written, &tensor, 1, &bytes, &n_bytes, NULL), FLT_OK);
	ck_assert_int_eq(flt_envelope_open(&envelope, bytes, n_bytes, &file, read, NULL), FLT_OK);
	for (size_t i = 0; i < 3; i++)
		ck_assert_str_eq(read[i], written[i]);
	ck_assert_int_eq(flt_envelope_verify(&envelope, &file, read, NULL), FLT_OK);
	flt_safetensors_release(&file);

	struct flt_error err;
	bytes[n_bytes - 1] ^= 1;
	ck_assert_int_eq(flt_envelope_open(&envelope, bytes, n_bytes, &file, read, NULL), FLT_OK);
	ck_assert_int_eq(flt_envelope_verify(&envelope, &file, read, &err), FLT_ERR_MODEL);
	ck_assert_str_eq(err.text, "its checksum does not match its content: the file was changed");
	flt_safetensors_release(&file);
	flt_free(bytes);
}
END_TEST

/* A digest leaves out the texts that a file lacks: it was written when they were not yet known. */
START_TEST(files_from_before_a_text_have_their_digest)
{
	const struct flt_envelope older = {.thing = "parcel", .version = 2, .names = names, .n_texts = 1};
	const char *const written[] = {"one"};
	const char *read[3];
	uint8_t *bytes;
	size_t n_bytes;
	struct flt_safetensors file;
	ck_assert_int_eq(flt_envelope_write(&older, written, &tensor, 1, &bytes, &n_bytes, NULL), FLT_OK);
	ck_assert_int_eq(flt_envelope_open(&envelope, bytes, n_bytes, &file, read, NULL), FLT_OK);
	ck_assert_str_eq(read[0], "one");
	ck_assert(!read[1] && !read[2]);
	ck_assert_int_eq(flt_envelope_verify(&envelope, &file, read, NULL), FLT_OK);
	flt_safetensors_release(&file);
	flt_free(bytes);
}
END_TEST

static const struct {
	struct flt_metadata metadata[6];
	const char *says; /* NULL: it opens */
} files[] = {
        {{{"format", "fltrain parcel"}, {"format_version", "2"}, {"sha256", ""}, {"must", ""}, {"may", ""}}, NULL},
        {{{"format", "fltrain parcel"}, {"format_version", "2"}, {"sha256", ""}, {"must", ""}, {"might", ""}}, NULL},
        {{{"must", ""}, {"format", "fltrain parcel"}, {"sha256", ""}, {"format_version", "2"}}, NULL},
        {{{"format_version", "2"}, {"sha256", ""}, {"must", ""}}, "but not a parcel of fltrain"},
        {{{"format", "fltrain parcel"}, {"sha256", ""}, {"must", ""}}, "but not a parcel of fltrain"},
        {{{"format", "fltrain letter"}, {"format_version", "2"}, {"sha256", ""}}, "but not a parcel of fltrain"},
        {{{"format", "fltrain parcel"}, {"format_version", "3"}, {"must", ""}},
         "it is in format 3, and this fltrain reads format 2: send it again"},
        {{{"format", "fltrain parcel"}, {"format_version", "2"}, {"sha256", ""}}, "it has 3 metadata, expected 4"},
        {{{"format", "fltrain parcel"}, {"format_version", "2"}, {"sha256", ""}, {"else", ""}},
         "its metadata have no \"must\""},
        {{{"format", "fltrain parcel"}, {"format_version", "2"}, {"sha256", ""}, {"must", ""}, {"else", ""}},
         "it has 5 metadata, expected 4"},
};

START_TEST(only_a_file_with_its_texts_and_no_others_opens)
{
	const char *texts[3];
	struct flt_error err;
	size_t n = 0;
	while (n < 6 && files[_i].metadata[n].key)
		n++;
	enum flt_status status = open_file(files[_i].metadata, n, texts, &err);
	if (!files[_i].says) {
		ck_assert_int_eq(status, FLT_OK);
		return;
	}
	ck_assert_int_eq(status, FLT_ERR_MODEL);
	ck_assert_msg(strstr(err.text, files[_i].says), "\"%s\" should say \"%s\"", err.text, files[_i].says);
}
END_TEST

/* As many metadata as there should be, and another in its place. */
START_TEST(a_file_without_a_digest_is_refused)
{
	const struct flt_metadata metadata[] = {
	        {"format", "fltrain parcel"}, {"format_version", "2"}, {"else", ""}, {"must", ""}};
	const char *texts[3];
	uint8_t *bytes;
	size_t n_bytes;
	struct flt_safetensors file;
	struct flt_error err;
	ck_assert_int_eq(flt_safetensors_write(&tensor, 1, metadata, 4, &bytes, &n_bytes, NULL), FLT_OK);
	ck_assert_int_eq(flt_envelope_open(&envelope, bytes, n_bytes, &file, texts, NULL), FLT_OK);
	ck_assert_int_eq(flt_envelope_verify(&envelope, &file, texts, &err), FLT_ERR_MODEL);
	ck_assert_str_eq(err.text, "its metadata have no \"sha256\"");
	flt_safetensors_release(&file);
	flt_free(bytes);
}
END_TEST

START_TEST(every_failed_allocation_is_reported)
{
	const char *const texts[] = {"one", "two", "three"};
	enum flt_status status = FLT_ERR_MACHINE;
	unsigned long k = 1;
	for (; status != FLT_OK && k < 100; k++) {
		uint8_t *bytes = NULL;
		size_t n_bytes;
		struct flt_safetensors file;
		const char *read[3];
		struct flt_error err = {0};
		flt_alloc_fail_at(k);
		status = flt_envelope_write(&envelope, texts, &tensor, 1, &bytes, &n_bytes, &err);
		if (status == FLT_OK)
			status = flt_envelope_open(&envelope, bytes, n_bytes, &file, read, &err);
		else
			ck_assert_ptr_null(bytes);
		if (status == FLT_OK) {
			status = flt_envelope_verify(&envelope, &file, read, &err);
			flt_safetensors_release(&file);
		}
		ck_assert(status == FLT_OK || (status == FLT_ERR_MACHINE && strstr(err.text, "out of memory")));
		flt_free(bytes);
	}
	flt_alloc_fail_at(0);
	ck_assert_int_eq(status, FLT_OK);
	ck_assert_uint_gt(k, 5);
}
END_TEST

START_TEST(a_failure_says_what_the_file_should_be)
{
	const struct flt_error malformed = {FLT_ERR_MODEL, "it is short"}, other = {FLT_ERR_MACHINE, "no room"};
	struct flt_error err;
	ck_assert_int_eq(flt_envelope_fail(&envelope, "a", FLT_ERR_MODEL, &malformed, &err), FLT_ERR_MODEL);
	ck_assert_str_eq(err.text, "a: not a usable parcel: it is short");
	ck_assert_int_eq(flt_envelope_fail(&envelope, "a", FLT_ERR_MACHINE, &other, &err), FLT_ERR_MACHINE);
	ck_assert_str_eq(err.text, "a: no room");
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("envelope");
	TCase *tcase = tcase_create("envelope");
	tcase_add_test(tcase, what_is_written_opens_and_is_verified);
	tcase_add_test(tcase, files_from_before_a_text_have_their_digest);
	tcase_add_loop_test(tcase, only_a_file_with_its_texts_and_no_others_opens, 0,
	                    (int)(sizeof files / sizeof *files));
	tcase_add_test(tcase, a_file_without_a_digest_is_refused);
	tcase_add_test(tcase, a_failure_says_what_the_file_should_be);
	tcase_add_test(tcase, every_failed_allocation_is_reported);
	suite_add_tcase(suite, tcase);
	return suite;
}
