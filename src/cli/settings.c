#include "cli/settings.h"

#include <string.h>

#include "cli/commands.h"
#include "cli/option_table.h"
#include "cli/parsed.h"

const char *options_text(const struct settings *settings, const char *name)
{
	return settings->parsed->text[option_row(name)];
}

bool options_given(const struct settings *settings, const char *name)
{
	return parsed_origin(settings->parsed, name) > FROM_DEFAULT;
}

const char *options_command(const struct settings *settings)
{
	return settings->parsed->command->name;
}

/* A path would make the same training write a different file. */
static bool determines_training(const struct option *option, unsigned command)
{
	return (option->commands & command) && option->effect == SETS && option->group < GROUP_EXPLANATION &&
	       strcmp(option->name, "test") != 0;
}

static enum flt_status append_variants(const struct settings *settings, struct flt_text_buffer *lines,
                                       struct flt_error *err)
{
	for (size_t i = 0; i < settings->n_variants; i++)
		FLT_TRY(flt_text_buffer_print(lines, err, "%s%s", i ? "; " : "variant = ", settings->variants[i]));
	return settings->n_variants ? flt_text_buffer_print(lines, err, "\n") : FLT_OK;
}

enum flt_status options_effective(const struct settings *settings, struct flt_text_buffer *lines, struct flt_error *err)
{
	for (size_t i = 0; i < flt_n_options; i++) {
		const char *text = settings->parsed->text[i];
		if (text && determines_training(&flt_options[i], settings->parsed->command->bit))
			FLT_TRY(flt_text_buffer_print(lines, err, "%s = %s\n", flt_options[i].name, text));
	}
	return append_variants(settings, lines, err);
}

void options_fit(const struct settings *settings, struct flt_fit_options *options)
{
	*options = (struct flt_fit_options){
	        .preset = settings->preset,
	        .recipe = settings->recipe,
	        .fixed = settings->fixed,
	        .n_members = settings->members,
	        .prep = settings->prep,
	        .train = settings->train,
	        .balance = settings->balanced,
	        .monitor_auto = settings->monitor_auto,
	        .calibrate = settings->calibrate,
	        .rule = settings->rule,
	        .prior = settings->prior,
	        .n_background = settings->n_background,
	};
}
