#include "cli/about.h"

#include "cli/terminal.h"
#include "report/progress.h"

struct flt_report_about about_training(const struct settings *settings, double seconds_read, double started)
{
	return (struct flt_report_about){.style = terminal_style(stdout),
	                                 .verbose = settings->verbose,
	                                 .plot = settings->plot,
	                                 .command = settings->command_line,
	                                 .attainable_ap = settings->attainable_ap,
	                                 .seconds_read = seconds_read,
	                                 .seconds_total = flt_report_clock() - started};
}
