#include "cli/option.h"

#include <assert.h>
#include <stdio.h>

bool option_takes_value(const struct option *option)
{
	return option->value || option->words;
}

bool option_is_within(const struct bounds *bounds, double value)
{
	return (bounds->above ? value > bounds->lo : value >= bounds->lo) &&
	       (bounds->below ? value < bounds->hi : value <= bounds->hi);
}

void option_bounds(const struct option *option, char *text, size_t size)
{
	const struct bounds *bounds = &option->bounds;
	const char *from = bounds->above ? "above" : "from";
	const char *to = !bounds->above  ? bounds->below ? "to below" : "to"
	                 : bounds->below ? "and below"
	                                 : "and at most";
	snprintf(text, size, "%s %.16g %s %.16g", from, bounds->lo, to, bounds->hi);
}

const char *option_word(const struct option *option, size_t i)
{
	return option->n_words == 0 || i < option->n_words ? option->words[i] : NULL;
}

const char *option_help(const struct option *option, unsigned command)
{
	for (const struct option_meaning *at = option->elsewhere; at && at->commands; at++)
		if (at->commands & command)
			return at->help;
	return option->help;
}

void option_value(const struct option *option, char *text, size_t size)
{
	if (!option->words) {
		snprintf(text, size, "%s", option->value ? option->value : "");
		return;
	}
	size_t length = 0;
	const char *word;
	for (size_t i = 0; (word = option_word(option, i)); i++) {
		int added = snprintf(text + length, size - length, "%s%s", length ? "|" : "", word);
		assert(added > 0 && (size_t)added < size - length);
		length += (size_t)added;
	}
}
