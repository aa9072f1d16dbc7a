#include "cli/parsed.h"

#include <assert.h>

enum flt_status parsed_set(struct parsed *parsed, const struct option *option, enum option_origin origin,
                           const char *text, const char *where, struct flt_error *err)
{
	assert(option);
	FLT_TRY(option->set(option, parsed, text, where, err));
	size_t row = (size_t)(option - flt_options);
	parsed->text[row] = text;
	parsed->origin[row] = origin;
	return FLT_OK;
}

const char *parsed_text(const struct parsed *parsed, const char *name)
{
	return parsed->text[option_row(name)];
}

enum option_origin parsed_origin(const struct parsed *parsed, const char *name)
{
	return parsed->origin[option_row(name)];
}

void parsed_release(struct parsed *parsed)
{
	flt_text_buffer_release(&parsed->config_text);
	flt_text_buffer_release(&parsed->command_line);
}
