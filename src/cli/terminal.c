#include "cli/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "report/layout.h"
#include "report/outputs.h"

/* A standard descriptor that is closed at the start would be reused by the next file opened, and a report would be
 * written into that file. Opening /dev/null in the wrong direction keeps it taken, and using it still fails. */
static void keep_descriptors(void)
{
	static const int wrong_way[] = {O_WRONLY, O_RDONLY, O_RDONLY};
	for (int fd = 0; fd < 3; fd++) {
		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
			continue;
		if (open("/dev/null", wrong_way[fd]) != fd)
			_exit(FLT_ERR_MACHINE);
	}
}

void terminal_init(void)
{
	keep_descriptors();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

static bool is_pipe;

void terminal_is_pipe(void)
{
	is_pipe = true;
}

bool terminal_is_read(void)
{
	return !is_pipe && isatty(STDOUT_FILENO);
}

bool terminal_knows_escapes(void)
{
	const char *term = getenv("TERM");
	return term && strcmp(term, "dumb") != 0;
}

static bool is_coloured(FILE *stream)
{
	const char *no_color = getenv("NO_COLOR");
	bool is_terminal = fileno(stream) == STDOUT_FILENO ? terminal_is_read() : isatty(fileno(stream));
	return is_terminal && !(no_color && *no_color) && terminal_knows_escapes();
}

static size_t width(FILE *stream)
{
	struct winsize size;
	const char *columns = getenv("COLUMNS");
	char *end;
	long given = columns ? strtol(columns, &end, 10) : 0;
	if (given > 0 && *end == '\0')
		return (size_t)given;
	return !is_pipe && ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/* Whether the locale's texts are UTF-8. The program itself stays in the C locale. */
static bool is_utf8(void)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	if (!locale)
		return false;
	bool is_so = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
	freelocale(locale);
	return is_so;
}

struct flt_style terminal_style(FILE *stream)
{
	return (struct flt_style){.colour = is_coloured(stream), .blocks = is_utf8(), .width = width(stream)};
}

void warn(const char *format, ...)
{
	char text[4096];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	flt_say_warning(stderr, terminal_style(stderr), "%s", text);
}

/* Whether the reader of a pipe has gone away. */
static bool is_pipe_closed(int fd)
{
	struct pollfd poller = {.fd = fd, .events = POLLOUT};
	return poll(&poller, 1, 0) == 1 && (poller.revents & POLLERR);
}

static enum flt_status fail_output(struct flt_error *err)
{
	return flt_fail(err, FLT_ERR_MACHINE, "stdout: not all of the output could be written: %s",
	                flt_write_reason(errno));
}

enum flt_status terminal_show(struct flt_error *err)
{
	bool is_closed = is_pipe_closed(STDOUT_FILENO);
	if (flt_output_flush(stdout) || is_closed || errno == EPIPE)
		return FLT_OK;
	return fail_output(err);
}

enum flt_status terminal_close(struct flt_error *err)
{
	bool is_closed = is_pipe_closed(STDOUT_FILENO);
	if (flt_output_flush(stdout) && fclose(stdout) == 0)
		return FLT_OK;
	if (is_closed || errno == EPIPE)
		return flt_fail(err, FLT_ERR_MACHINE, "%s", "");
	return fail_output(err);
}
