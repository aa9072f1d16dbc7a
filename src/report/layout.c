#include "report/layout.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "base/character.h"
#include "base/digits.h"

enum { INDENT = 11, ROW_INDENT = 4 };

size_t flt_layout_width(const struct flt_layout *layout)
{
	size_t width = layout->style.width;
	if (width == 0)
		return FLT_USUAL_WIDTH;
	return width < FLT_NARROWEST ? FLT_NARROWEST : width > FLT_WIDEST ? FLT_WIDEST : width;
}

void flt_layout_end(struct flt_layout *layout)
{
	if (layout->column)
		fputc('\n', layout->out);
	layout->column = 0;
}

void flt_layout_heading(struct flt_layout *layout, const char *heading)
{
	flt_layout_end(layout);
	fprintf(layout->out, "%s%s%s%*s", layout->style.colour ? "\033[1m" : "", heading,
	        layout->style.colour ? "\033[0m" : "", INDENT - (int)flt_columns(heading), "");
	layout->column = layout->indent = INDENT;
}

static const char *const tones[] = {
        [FLT_TONE_PLAIN] = "\033[39m",
        [FLT_TONE_GOOD] = "\033[32m",
        [FLT_TONE_BAD] = "\033[31m",
        [FLT_TONE_CAUTION] = "\033[33m",
};

void flt_layout_tone(struct flt_layout *layout, enum flt_tone tone)
{
	if (layout->style.colour && tone != layout->tone)
		fputs(tones[tone], layout->out);
	layout->tone = tone;
}

void flt_layout_line(struct flt_layout *layout, size_t more_indent)
{
	flt_layout_end(layout);
	layout->column = layout->indent = INDENT + more_indent;
	fprintf(layout->out, "%*s", (int)layout->indent, "");
}

void flt_layout_row(struct flt_layout *layout, char mark)
{
	flt_layout_end(layout);
	fprintf(layout->out, "  %c ", mark);
	layout->column = layout->indent = ROW_INDENT;
}

size_t flt_layout_row_width(const struct flt_layout *layout)
{
	return flt_layout_width(layout) - ROW_INDENT;
}

void flt_layout_item(struct flt_layout *layout, const char *separator, const char *format, ...)
{
	char text[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	flt_mask_controls(text);
	const char *between = layout->column == layout->indent ? "" : separator;
	size_t n_mark = strcspn(between, " "); /* the comma of ", "; nothing of " and " */
	size_t end = layout->column + flt_columns(between) + flt_columns(text);
	if (*between && end + (n_mark > 0) > flt_layout_width(layout)) { /* behind the item, too, a mark has room */
		fwrite(between, 1, n_mark, layout->out);
		flt_layout_line(layout, layout->indent - INDENT);
		between += n_mark + strspn(between + n_mark, " ");
	}
	fprintf(layout->out, "%s%s", between, text);
	layout->column += flt_columns(between) + flt_columns(text);
}

void flt_layout_prose(struct flt_layout *layout, const char *format, ...)
{
	char text[1024], *rest = text;
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	for (const char *word = strsep(&rest, " "); word; word = strsep(&rest, " "))
		flt_layout_item(layout, " ", "%s", word);
}

__attribute__((format(printf, 2, 0))) static void say(FILE *out, const char *format, va_list args)
{
	char text[4096];
	int length = vsnprintf(text, sizeof text, format, args);
	bool is_cut = length < 0 || (size_t)length >= sizeof text;
	size_t n = strlen(text), n_ends = n > 0 && text[n - 1] == '\n';
	text[n - n_ends] = '\0';
	flt_mask_controls(text);
	fprintf(out, "%s%s", text, is_cut ? "...\n" : n_ends ? "\n" : "");
}

void flt_say(FILE *out, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	say(out, format, args);
	va_end(args);
}

void flt_say_warning(FILE *out, struct flt_style style, const char *format, ...)
{
	va_list args;
	fprintf(out, "fltrain: %swarning:%s ", style.colour ? tones[FLT_TONE_CAUTION] : "",
	        style.colour ? tones[FLT_TONE_PLAIN] : "");
	va_start(args, format);
	say(out, format, args);
	va_end(args);
}

size_t flt_say_cut(FILE *out, const char *text, size_t width)
{
	size_t taken;
	flt_say(out, "%.*s", (int)flt_bytes_within(text, width, &taken), text);
	return taken;
}

void flt_say_padded(FILE *out, const char *text, size_t width)
{
	size_t n = flt_say_cut(out, text, width);
	fprintf(out, "%*s", (int)(width - n), "");
}

struct text flt_significant(double value, int digits)
{
	struct text shown = {""};
	flt_digits_significant(value, digits, shown.text);
	return shown;
}

struct text flt_share(double value)
{
	struct text shown, number = flt_significant(100 * value, value < 0.1 ? 2 : 3);
	snprintf(shown.text, sizeof shown.text, "%.48s %%", number.text);
	return shown;
}

struct text flt_fraction(double value, int decimals)
{
	struct text shown = {""};
	flt_digits_fraction(value, decimals, shown.text);
	return shown;
}

static struct text in_brackets(const struct flt_interval *of, const char *star, int value_decimals, int decimals)
{
	struct text shown = {"-"};
	struct flt_digits_interval texts;
	if (!(fabs(of->value) < 1e15 && fabs(of->lo) < 1e15 && fabs(of->hi) < 1e15))
		return shown;
	flt_digits_interval(of->value, of->lo, of->hi, value_decimals, decimals, &texts);
	snprintf(shown.text, sizeof shown.text, "%.18s%.1s [%.18s, %.18s]", texts.value, star, texts.lo, texts.hi);
	return shown;
}

struct text flt_shown_interval(const struct flt_interval *of, const char *star)
{
	return in_brackets(of, star, 3, 2);
}

struct text flt_shown_short(const struct flt_interval *of, const char *star)
{
	return in_brackets(of, star, 2, 2);
}

struct text flt_shown_small(const struct flt_interval *of, const char *star)
{
	int decimals = flt_digits_of_bounds(of->lo, of->hi);
	return in_brackets(of, star, decimals, decimals);
}

const char *flt_plural(size_t n)
{
	return n == 1 ? "" : "s";
}

struct text flt_duration(double seconds)
{
	struct text shown;
	double whole = round(seconds);
	if (seconds < 99.95)
		snprintf(shown.text, sizeof shown.text, "%.*f s", seconds < 9.995 ? 2 : 1, seconds);
	else
		snprintf(shown.text, sizeof shown.text, "%.0f min %02.0f s", floor(whole / 60), fmod(whole, 60));
	return shown;
}

struct text flt_shown_time(const struct flt_table *table, double time)
{
	struct text shown = {""};
	const struct flt_date_format *dates = flt_table_column(table, flt_table_role(table, FLT_TIME)).dates;
	if (dates)
		flt_date_text(time, dates->has_time, shown.text);
	else
		snprintf(shown.text, sizeof shown.text, "%.15g", time);
	return shown;
}

struct quoted flt_quoted(const char *name)
{
	enum { MOST = 40, ROOM = 16 };
	struct quoted shown = {"\""};
	size_t length = 1, taken, n_bytes_left = flt_bytes_within(name, MOST, &taken);
	while (n_bytes_left > 0 && length + ROOM < sizeof shown.text) {
		size_t control = flt_control_length(name), whole = flt_utf8_length(name);
		size_t n_bytes = control ? control : whole ? whole : 1;
		unsigned code = (unsigned)flt_code_point(name, control);
		if (control)
			length +=
			        (size_t)snprintf(shown.text + length, ROOM, code < 0x100 ? "\\x%02x" : "\\u%04x", code);
		else
			length += (size_t)snprintf(shown.text + length, ROOM, "%.*s", (int)n_bytes, name);
		name += n_bytes;
		n_bytes_left -= n_bytes;
	}
	snprintf(shown.text + length, sizeof shown.text - length, "%s\"", *name ? "..." : "");
	return shown;
}
