#include "detector/section_reader.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/text.h"

enum flt_status flt_section_fail(struct flt_section_reader *reader, const char *why)
{
	return flt_fail(reader->err, FLT_ERR_MODEL, "its \"%s\" is not as fltrain writes it: %s", reader->section,
	                flt_shown(why, strlen(why)).text);
}

enum flt_status flt_section_unpack(struct flt_section_reader *reader, json_t *json, size_t flags, const char *format,
                                   ...)
{
	json_error_t why;
	va_list places;
	va_start(places, format);
	int result = json_vunpack_ex(json, &why, flags, format, places);
	va_end(places);
	/* Jansson may ignore that memory ran out and still unpack everything: that counts as a failure too. */
	FLT_TRY(flt_json_check_memory(reader->err));
	return result == 0 ? FLT_OK : flt_section_fail(reader, why.text);
}

/* ---- texts ---- */

/* Undoes {"bytes": ...}: characters below 256 to bytes. False if there is another one. */
static bool narrow(const char *wide, char *text)
{
	const unsigned char *at = (const unsigned char *)wide;
	for (; *at; at++) {
		if (*at >= 0x80 && (*at & 0xfc) != 0xc0)
			return false;
		*text++ = (char)(*at < 0x80 ? at[0] : (at[0] & 3) << 6 | (at[1] & 0x3f));
		at += *at >= 0x80; /* the parser made sure that a second byte follows */
	}
	*text = '\0';
	return true;
}

enum flt_status flt_section_text(struct flt_section_reader *reader, json_t *json, char **text)
{
	*text = NULL;
	json_t *bytes = json_object_get(json, "bytes");
	const char *from = json_string_value(bytes ? bytes : json);
	if (!from || (bytes && json_object_size(json) != 1))
		return flt_section_fail(reader, "a text is expected");
	*text = flt_copy_text(from, strlen(from), reader->err);
	FLT_TRY_MEMORY(*text);
	return !bytes || narrow(from, *text) ? FLT_OK : flt_section_fail(reader, "bytes are expected");
}

enum flt_status flt_section_text_or_null(struct flt_section_reader *reader, json_t *json, char **text)
{
	*text = NULL;
	return json_typeof(json) == JSON_NULL ? FLT_OK : flt_section_text(reader, json, text);
}

enum flt_status flt_section_texts(struct flt_section_reader *reader, const json_t *json, char ***texts, size_t *n)
{
	*n = 0;
	*texts = NULL;
	if (json_typeof(json) != JSON_ARRAY)
		return flt_section_fail(reader, "a list of texts is expected");
	*texts = flt_alloc_zero(json_array_size(json), sizeof **texts, reader->err);
	FLT_TRY_MEMORY(*texts);
	for (size_t i = 0; i < json_array_size(json); i++) {
		*n = i + 1;
		FLT_TRY(flt_section_text(reader, json_array_get(json, i), &(*texts)[i]));
	}
	return FLT_OK;
}

enum flt_status flt_section_word(struct flt_section_reader *reader, const char *word, const char *const *words,
                                 unsigned *index)
{
	for (*index = 0; words[*index]; ++*index)
		if (strcmp(words[*index], word) == 0)
			return FLT_OK;
	return flt_section_fail(reader, "an unknown word");
}

enum flt_status flt_section_count(struct flt_section_reader *reader, json_int_t value, size_t *count)
{
	*count = (size_t)value;
	return value >= 0 ? FLT_OK : flt_section_fail(reader, "a negative count");
}

/* ---- tensors ---- */

/* A tensor of n numbers of this type. */
enum flt_status flt_section_number(struct flt_section_reader *reader, const json_t *json, const char *why,
                                   double *number)
{
	if (!json_is_number(json) && !json_is_null(json))
		return flt_section_fail(reader, why);
	*number = json_typeof(json) == JSON_NULL ? (double)NAN : json_number_value(json);
	return FLT_OK;
}

static enum flt_status use_tensor(struct flt_section_reader *reader, const char *name, enum flt_dtype type, size_t n,
                                  const struct flt_safetensor **tensor)
{
	size_t size = type == FLT_F64 ? sizeof(double) : sizeof(float);
	*tensor = flt_safetensors_find(reader->file, name);
	if (!*tensor)
		return flt_fail(reader->err, FLT_ERR_MODEL, "its tensor \"%s\" is missing", name);
	if ((*tensor)->type != type || n > SIZE_MAX / size || (*tensor)->n_bytes != n * size)
		return flt_fail(reader->err, FLT_ERR_MODEL, "its tensor \"%s\" has another size or type than it should",
		                name);
	reader->n_used++;
	return FLT_OK;
}

enum flt_status flt_section_any_doubles(struct flt_section_reader *reader, const char *name, size_t n, double **values)
{
	const struct flt_safetensor *tensor;
	*values = NULL;
	FLT_TRY(use_tensor(reader, name, FLT_F64, n, &tensor));
	*values = flt_alloc(n, sizeof **values, reader->err);
	FLT_TRY_MEMORY(*values);
	memcpy(*values, tensor->data, tensor->n_bytes);
	return FLT_OK;
}

enum flt_status flt_section_doubles(struct flt_section_reader *reader, const char *name, size_t n, double **values)
{
	FLT_TRY(flt_section_any_doubles(reader, name, n, values));
	for (size_t i = 0; i < n; i++)
		if (!isfinite((*values)[i]))
			return flt_fail(reader->err, FLT_ERR_MODEL, "its tensor \"%s\" holds a value that is no number",
			                name);
	return FLT_OK;
}

enum flt_status flt_section_weights(struct flt_section_reader *reader, const char *name, size_t n, float *weights)
{
	const struct flt_safetensor *tensor;
	FLT_TRY(use_tensor(reader, name, FLT_F32, n, &tensor));
	memcpy(weights, tensor->data, tensor->n_bytes);
	for (size_t i = 0; i < n; i++)
		if (!isfinite(weights[i]))
			return flt_fail(reader->err, FLT_ERR_MODEL,
			                "its tensor \"%s\" holds a weight that is not finite", name);
	return FLT_OK;
}

bool flt_section_numbers(const json_t *list, double *numbers, size_t n)
{
	if (json_typeof(list) != JSON_ARRAY || json_array_size(list) != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		const json_t *number = json_array_get(list, i);
		if (json_typeof(number) != JSON_REAL && json_typeof(number) != JSON_INTEGER)
			return false;
		numbers[i] = json_number_value(number);
	}
	return true;
}

enum flt_status flt_section_fences(struct flt_section_reader *reader, const json_t *json, struct flt_fences *fences)
{
	double ends[2] = {0};
	if (json && !flt_section_numbers(json, ends, 2))
		return flt_section_fail(reader, "fences are two numbers");
	*fences = (struct flt_fences){.low = ends[0], .high = ends[1]};
	return FLT_OK;
}

enum flt_status flt_section_check_loss(struct flt_section_reader *reader, double gamma, double log_weight_ratio)
{
	if (gamma < 0)
		return flt_section_fail(reader, "a gamma below 0");
	return isnormal(exp(log_weight_ratio)) ? FLT_OK : flt_section_fail(reader, "class weights out of range");
}

enum flt_status flt_section_steps(struct flt_section_reader *reader, const json_t *json, struct flt_prep_column *column,
                                  double steps[FLT_PREP_MAX_STEPS])
{
	column->n_steps = json_array_size(json);
	column->steps = steps;
	if (json && (column->n_steps > FLT_PREP_MAX_STEPS || !flt_section_numbers(json, steps, column->n_steps)))
		return flt_section_fail(reader, "steps are up to 8 numbers");
	return FLT_OK;
}
