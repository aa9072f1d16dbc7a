#include "cli/progress.h"

#include <unistd.h>

#include "cli/table_warnings.h"
#include "cli/terminal.h"

static enum flt_progress_style choose_style(const struct settings *settings)
{
	if (flt_ranks_own(settings->ranks) > 0)
		return FLT_PROGRESS_NONE;
	if (options_given(settings, "progress"))
		return settings->progress;
	if (settings->quiet)
		return FLT_PROGRESS_NONE;
	bool is_terminal = isatty(STDERR_FILENO);
	if (is_terminal && terminal_knows_escapes())
		return FLT_PROGRESS_BAR;
	return is_terminal || settings->verbose ? FLT_PROGRESS_LINES : FLT_PROGRESS_NONE;
}

struct flt_progress progress_start(const struct settings *settings, const char *what)
{
	struct flt_progress progress = flt_progress_start(stderr, choose_style(settings), what);
	progress.width = terminal_style(stderr).width;
	return progress;
}

struct flt_progress progress_begin(const struct settings *settings, const char *what)
{
	struct flt_progress progress = progress_start(settings, what);
	flt_progress_turn(&progress, what);
	return progress;
}

void progress_on_share(void *progress, double share)
{
	flt_progress_show(progress, share, flt_progress_left(progress, share, 0), NULL);
}

static enum flt_status read_tables(const struct settings *settings, const struct flt_table_options *options,
                                   struct flt_table **table, struct flt_table **test, struct flt_error *err)
{
	FLT_TRY(flt_table_read_files(settings->files, settings->n_files, options, table, err));
	return settings->test_file ? flt_table_read_like(*table, settings->test_file, options, test, err) : FLT_OK;
}

enum flt_status progress_read_tables(const struct settings *settings, bool needs_sha256, struct flt_table **table,
                                     struct flt_table **test, struct flt_error *err)
{
	struct flt_progress progress = progress_start(settings, "reading");
	struct flt_table_options options = settings->table;
	options.on_read = progress_on_share;
	options.read_context = &progress;
	options.skip_sha256 = !needs_sha256;
	*table = *test = NULL;
	enum flt_status status = read_tables(settings, &options, table, test, err);
	flt_progress_clear(&progress);
	FLT_TRY(status);
	if (settings->quiet)
		return FLT_OK;
	warn_of_table(*table);
	if (*test)
		warn_of_table(*test);
	return FLT_OK;
}
