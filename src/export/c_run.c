#include "export/c_run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "export/c_names.h"
#include "export/folder.h"
#include "export/run.h"

/* ---- the program around the file ---- */

/* It reads rows of cells, each with its NUL, and prints for each the bits of its log-odds and whether it is positive.
 */
static const char driver_top[] =
        "/* Macros of these would show in the names of columns. */\n"
        "#include <errno.h>\n#include <limits.h>\n#include <locale.h>\n#include <math.h>\n#include <signal.h>\n"
        "#include <stdint.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <time.h>\n\n";

static const char driver_body[] =
        "static char *read_all(size_t *n)\n"
        "{\n"
        "\tsize_t room = 1 << 16, more;\n"
        "\tchar *text = malloc(room);\n"
        "\t*n = 0;\n"
        "\twhile (text && (more = fread(text + *n, 1, room - *n, stdin)) > 0) {\n"
        "\t\t*n += more;\n"
        "\t\tif (*n == room)\n"
        "\t\t\ttext = realloc(text, room *= 2);\n"
        "\t}\n"
        "\treturn text;\n"
        "}\n\n"
        "int main(void)\n"
        "{\n"
        "\tstatic const char *cells[N_COLUMNS];\n"
        "\tsize_t n, column = 0, row = 0;\n"
        "\tchar *text = read_all(&n), *at;\n"
        "\tstruct ROW one;\n"
        "\tif (!text)\n"
        "\t\treturn 2;\n"
        "\tfor (at = text; at < text + n; at += strlen(at) + 1) {\n"
        "\t\tdouble log_odds;\n"
        "\t\tuint64_t bits;\n"
        "\t\tcells[column++] = at;\n"
        "\t\tif (column < N_COLUMNS)\n"
        "\t\t\tcontinue;\n"
        "\t\tcolumn = 0;\n"
        "\t\trow++;\n"
        "\t\tif (FROM_CELLS(&one, cells)) {\n"
        "\t\t\tfprintf(stderr, \"%lu\\n\", (unsigned long)row);\n"
        "\t\t\treturn 3;\n"
        "\t\t}\n"
        "\t\tlog_odds = LOG_ODDS(&one);\n"
        "\t\tmemcpy(&bits, &log_odds, sizeof bits);\n"
        "\t\tprintf(\"%08lx%08lx %d\\n\", (unsigned long)(bits >> 32), (unsigned long)(bits & 0xffffffff),\n"
        "\t\t       IS_POSITIVE(&one));\n"
        "\t}\n"
        "\treturn fflush(stdout) != 0;\n"
        "}\n";

/* What a run needs. */
struct proving {
	const struct flt_view *view;
	const char *prefix;
	struct flt_folder folder;
	struct flt_text_buffer text; /* scratch */
	char c[FLT_FOLDER_PATH], driver[FLT_FOLDER_PATH], program[FLT_FOLDER_PATH], rows[FLT_FOLDER_PATH],
	        scores[FLT_FOLDER_PATH], messages[FLT_FOLDER_PATH];
};

static enum flt_status write_driver(struct proving *proving, struct flt_error *err)
{
	const char *p = proving->prefix;
	struct flt_text_buffer *text = &proving->text;
	text->length = 0;
	FLT_TRY(flt_text_buffer_print(text, err, "%s#include \"%s.h\"\n\n", driver_top, p));
	FLT_TRY(flt_text_buffer_print(text, err,
	                              "#define ROW %s_row\n#define FROM_CELLS %s_row_from_cells\n"
	                              "#define LOG_ODDS %s_log_odds\n#define IS_POSITIVE %s_is_positive\n"
	                              "enum { N_COLUMNS = %zu };\n\n%s",
	                              p, p, p, p, proving->view->n_columns, driver_body));
	return flt_folder_write(&proving->folder, "driver.c", text->bytes, text->length, err);
}

static enum flt_status write_files(struct proving *proving, const struct flt_text_buffer *body,
                                   const struct flt_text_buffer *header, const struct flt_export_rows *rows,
                                   struct flt_error *err)
{
	char name[FLT_C_PREFIX_SIZE + 2];
	struct flt_folder *folder = &proving->folder;
	snprintf(name, sizeof name, "%s.h", proving->prefix);
	FLT_TRY(flt_folder_write(folder, name, header->bytes, header->length, err));
	FLT_TRY(flt_folder_write(folder, "export.c", body->bytes, body->length, err));
	FLT_TRY(flt_folder_write(folder, "rows", rows->cells, rows->n_bytes, err));
	FLT_TRY(write_driver(proving, err));
	flt_folder_file(folder, "export.c", proving->c);
	flt_folder_file(folder, "driver.c", proving->driver);
	flt_folder_file(folder, "program", proving->program);
	flt_folder_file(folder, "rows", proving->rows);
	flt_folder_file(folder, "scores", proving->scores);
	flt_folder_file(folder, "messages", proving->messages);
	return FLT_OK;
}

/* ---- compiling and running ---- */

/* The first line of what a program said. */
static struct flt_shown first_message(struct proving *proving)
{
	struct flt_text_buffer *text = &proving->text;
	text->length = 0;
	if (flt_folder_read(&proving->folder, "messages", text, NULL) != FLT_OK || text->length == 0)
		return flt_shown("nothing", strlen("nothing"));
	return flt_shown(text->bytes, strcspn(text->bytes, "\n"));
}

/* Splits a text at its blanks into words; returns how many there are. */
static size_t split(char *text, char **words)
{
	size_t n = 0;
	char *rest;
	for (char *word = strtok_r(text, " \t", &rest); word; word = strtok_r(NULL, " \t", &rest))
		words[n++] = word;
	return n;
}

static enum flt_status start_compiler(struct proving *proving, char *const *argv, struct flt_error *err)
{
	int end = flt_run(argv, NULL, proving->scores, proving->messages);
	if (end < 0 && (errno == ENOENT || errno == EACCES))
		return flt_fail(
		        err, FLT_ERR_MACHINE,
		        "--verify needs a C compiler, and \"%s\" is none: install one (gcc, say), name another in the "
		        "environment variable CC, or leave out --verify",
		        flt_shown(argv[0], strlen(argv[0])).text);
	if (end < 0)
		return flt_fail(err, FLT_ERR_MACHINE, "--verify: the compiler \"%s\" cannot be started: %s",
		                flt_shown(argv[0], strlen(argv[0])).text, strerror(errno));
	if (end == 0)
		return FLT_OK;
	return flt_fail(err, FLT_ERR_MACHINE,
	                "--verify: the compiler \"%s\" ended with %d and said \"%s\": name another in the environment "
	                "variable CC, or leave out --verify",
	                flt_shown(argv[0], strlen(argv[0])).text, end, first_message(proving).text);
}

/* CC may be a command with options, as make takes it. */
static enum flt_status compile(struct proving *proving, struct flt_error *err)
{
	static char standard[] = "-std=c99", optimise[] = "-O2", output[] = "-o", mathematics[] = "-lm";
	char *const more[] = {standard,        optimise,   output,      proving->program,
	                      proving->driver, proving->c, mathematics, NULL};
	enum { N_MORE = sizeof more / sizeof *more };
	const char *wanted = getenv("CC");
	if (!wanted || !wanted[strspn(wanted, " \t")])
		wanted = "cc";
	enum flt_status status;
	size_t length = strlen(wanted);
	char *cc = flt_copy_text(wanted, length, err), **argv = flt_alloc(length / 2 + 1 + N_MORE, sizeof *argv, err);
	FLT_TRY_MEMORY_OUT(cc && argv);
	memcpy(argv + split(cc, argv), more, sizeof more);
	status = start_compiler(proving, argv, err);
out:
	flt_free(argv);
	flt_free(cc);
	return status;
}

static enum flt_status run(struct proving *proving, struct flt_error *err)
{
	char *const argv[] = {proving->program, NULL};
	int end = flt_run(argv, proving->rows, proving->scores, proving->messages);
	if (end == 0)
		return FLT_OK;
	if (end < 0)
		return flt_fail(err, FLT_ERR_MACHINE,
		                "--verify: the compiled program cannot be started: %s; if programs may not run in the "
		                "temporary folder, name another in TMPDIR",
		                strerror(errno));
	return flt_fail(err, FLT_ERR_GATE, "--verify: the compiled program ended with %d and said \"%s\"", end,
	                first_message(proving).text);
}

/* ---- what it printed ---- */

enum { BITS_DIGITS = 16, LINE = BITS_DIGITS + 3 };

static bool read_score(const char *line, double *log_odds, unsigned char *is_positive)
{
	char digits[BITS_DIGITS + 1];
	memcpy(digits, line, BITS_DIGITS);
	digits[BITS_DIGITS] = '\0';
	char *end;
	uint64_t bits = strtoull(digits, &end, 16);
	memcpy(log_odds, &bits, sizeof bits);
	*is_positive = line[BITS_DIGITS + 1] == '1';
	return *end == '\0' && line[BITS_DIGITS] == ' ' && line[LINE - 1] == '\n';
}

static enum flt_status read_scores(struct proving *proving, size_t n, double *log_odds, unsigned char *is_positive,
                                   struct flt_error *err)
{
	struct flt_text_buffer *text = &proving->text;
	text->length = 0;
	FLT_TRY(flt_folder_read(&proving->folder, "scores", text, err));
	bool is_whole = text->length == n * LINE;
	for (size_t i = 0; is_whole && i < n; i++)
		is_whole = read_score(text->bytes + i * LINE, &log_odds[i], &is_positive[i]);
	if (is_whole)
		return FLT_OK;
	return flt_fail(err, FLT_ERR_GATE,
	                "--verify: the compiled program did not print a score for each of the %zu rows", n);
}

enum flt_status flt_c_score(const struct flt_view *view, const struct flt_export_options *options,
                            const struct flt_text_buffer *body, const struct flt_text_buffer *header,
                            const struct flt_export_rows *rows, double *log_odds, unsigned char *is_positive,
                            struct flt_error *err)
{
	enum flt_status status;
	struct flt_text_buffer prefix = {0};
	struct proving proving = {.view = view};
	FLT_TRY_OUT(flt_c_prefix(options->path, &prefix, err));
	proving.prefix = prefix.bytes;
	FLT_TRY_OUT(flt_folder_new(&proving.folder, err));
	FLT_TRY_OUT(write_files(&proving, body, header, rows, err));
	FLT_TRY_OUT(compile(&proving, err));
	FLT_TRY_OUT(run(&proving, err));
	status = read_scores(&proving, rows->n, log_odds, is_positive, err);
out:
	flt_folder_remove(&proving.folder);
	flt_text_buffer_release(&proving.text);
	flt_text_buffer_release(&prefix);
	return status;
}
