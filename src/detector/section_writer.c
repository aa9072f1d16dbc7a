#include "detector/section_writer.h"

#include <string.h>

#include "base/alloc.h"

/* Texts of the user's file may be in any encoding. A text that is not UTF-8 becomes {"bytes": ...}, with each byte as
 * the character of that number. */
static void write_text(struct flt_json *json, const char *text)
{
	if (!text || flt_json_is_utf8(text)) {
		flt_json_text(json, text);
		return;
	}
	char *wide = flt_alloc(2 * strlen(text) + 1, 1, json->err);
	if (!wide) {
		json->status = FLT_ERR_MACHINE;
		return;
	}
	size_t n = 0;
	for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
		if (*at >= 0x80)
			wide[n++] = (char)(0xc0 | *at >> 6);
		wide[n++] = (char)(*at >= 0x80 ? 0x80 | (*at & 0x3f) : *at);
	}
	wide[n] = '\0';
	flt_json_open(json, '{');
	flt_json_key(json, "bytes");
	flt_json_text(json, wide);
	flt_json_close(json, '}');
	flt_free(wide);
}

void flt_section_put_text(struct flt_json *json, const char *key, const char *text)
{
	flt_json_key(json, key);
	write_text(json, text);
}

void flt_section_put_texts(struct flt_json *json, const char *key, const char *const *texts, size_t n)
{
	flt_json_key(json, key);
	flt_json_open(json, '[');
	for (size_t i = 0; i < n; i++)
		write_text(json, texts[i]);
	flt_json_close(json, ']');
}

void flt_section_add_tensor(struct flt_sections *sections, enum flt_dtype type, const void *data, size_t n_rows,
                            size_t n_cols)
{
	size_t i = sections->n_tensors++, size = type == FLT_F64 ? sizeof(double) : sizeof(float);
	sections->tensors[i] = (struct flt_safetensor){
	        .name = sections->names[i],
	        .type = type,
	        .n_dims = n_cols > 1 ? 2 : 1,
	        .shape = {n_rows, n_cols},
	        .data = data,
	        .n_bytes = n_rows * n_cols * size,
	};
}
