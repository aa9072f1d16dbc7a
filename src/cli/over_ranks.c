#include "cli/over_ranks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/option.h"
#include "cli/parsed.h"
#include "cli/terminal.h"
#include "protocol/checkpoint.h"
#include "protocol/rank_words.h"
#include "protocol/row_team.h"
#include "protocol/scoring_ranks.h"
#include "report/layout.h"

enum flt_status over_ranks_begin(const struct flt_ranks *ranks, struct flt_error *err)
{
	if (flt_ranks_own(ranks) == 0)
		return FLT_OK;
	int nowhere = open("/dev/null", O_WRONLY);
	bool is_placed = nowhere >= 0 && dup2(nowhere, STDOUT_FILENO) >= 0;
	enum flt_status status =
	        is_placed ? FLT_OK : flt_fail(err, FLT_ERR_MACHINE, "/dev/null: cannot be opened: %s", strerror(errno));
	if (nowhere >= 0)
		close(nowhere);
	return status;
}

/* A launcher gives its stdin to rank 0 alone. */
static enum flt_status refuse_stdin(const struct settings *settings, struct flt_error *err)
{
	bool is_asked = settings->test_file && strcmp(settings->test_file, "-") == 0;
	for (size_t i = 0; i < settings->n_files; i++)
		is_asked = is_asked || strcmp(settings->files[i], "-") == 0;
	if (!is_asked)
		return FLT_OK;
	return flt_fail(err, FLT_ERR_USAGE,
	                "-: only rank 0 of %zu could read stdin; give a file that all ranks can read, or start one "
	                "process, without mpirun",
	                flt_ranks_count(settings->ranks));
}

static void drop_outputs(struct settings *settings)
{
	settings->json = settings->report = settings->predictions = settings->log = NULL;
	settings->output = settings->curves = settings->card = settings->suspects = NULL;
	settings->no_model = settings->quiet = true;
	settings->plot = settings->verbose = false;
}

/* Files behind a model that every rank can read. */
static bool are_files(const struct settings *settings)
{
	bool are = settings->n_files > 1 && !settings->follow;
	for (size_t i = 1; i < settings->n_files; i++)
		are = are && flt_scoring_ranks_can_read(settings->files[i]);
	return are;
}

static bool deals_trainings(unsigned command)
{
	return (command & (FOR_TRAIN | FOR_COMPARE | FOR_CV)) != 0;
}

static bool deals_rows(unsigned command)
{
	return (command & (FOR_PREDICT | FOR_EVALUATE)) != 0;
}

bool over_ranks_deals(const struct settings *settings)
{
	unsigned command = settings->parsed->command->bit;
	return deals_trainings(command) || (deals_rows(command) && are_files(settings));
}

void over_ranks_settle(struct settings *settings, struct flt_ranks *ranks)
{
	settings->ranks = ranks;
	settings->table.ranks = deals_trainings(settings->parsed->command->bit) ? ranks : NULL;
	if (ranks && settings->threads == 0)
		settings->threads = settings->table.n_threads = settings->train.n_threads = flt_ranks_threads(ranks);
	if (flt_ranks_own(ranks) > 0)
		drop_outputs(settings);
}

static enum flt_status check_same(const struct settings *settings, struct flt_error *err)
{
	struct flt_text_buffer options = {0};
	char files[32];
	enum flt_status status = FLT_OK;
	snprintf(files, sizeof files, "%zu + %d", settings->n_files, settings->test_file != NULL);
	FLT_TRY_OUT(options_effective(settings, &options, err));
	FLT_TRY_OUT(flt_text_buffer_print(&options, err, "reasons = %zu\n", settings->n_reasons));
	const struct flt_rank_words words = {options_command(settings), options.bytes, files};
	FLT_TRY_OUT(flt_rank_words_compare(settings->ranks, &words, err));
out:
	flt_text_buffer_release(&options);
	return status;
}

enum flt_status over_ranks_look(const struct settings *settings, bool *runs, struct flt_error *err)
{
	size_t n = flt_ranks_count(settings->ranks);
	unsigned command = settings->parsed->command->bit;
	*runs = over_ranks_deals(settings) || flt_ranks_own(settings->ranks) == 0;
	if (n == 1)
		return FLT_OK;
	if (deals_trainings(command))
		FLT_TRY(refuse_stdin(settings, err));
	if (over_ranks_deals(settings))
		return check_same(settings, err);
	if (!settings->quiet)
		warn("%s over ranks; rank 0 does all of this, and %zu more %s nothing to do\n",
		     deals_rows(command) ? "rows that come through a pipe, or are followed, cannot be dealt"
		                         : "only train, compare, cv, predict and evaluate deal work",
		     n - 1, n == 2 ? "has" : "have");
	return FLT_OK;
}

void over_ranks_tell_odd(const struct settings *settings, size_t rank, const char *kernels)
{
	if (!settings->quiet)
		warn("rank %zu computes with the instructions of another processor (%s, here %s): the last bits of the "
		     "result may differ from those of one process; let all ranks run on processors of one kind\n",
		     rank, kernels, flt_checkpoint_own_kernels());
}

static struct flt_row_deal deal_of(const struct settings *settings, const struct flt_roster *roster,
                                   const struct flt_experiment *experiment)
{
	const struct flt_recipe_rows fit = flt_recipe_rows_like(&experiment->plan, experiment->split.n_rows[FLT_FIT]);
	return flt_row_deal(roster, &fit, flt_ranks_count(settings->ranks));
}

void over_ranks_tell_deal(const struct settings *settings, const struct flt_experiment *experiment)
{
	struct flt_row_deal deal = deal_of(settings, &experiment->plan.roster, experiment);
	size_t n_ranks = flt_ranks_count(settings->ranks);
	bool are_few = deal.n_rows < FLT_FEW_ROWS_A_STEP;
	if (settings->quiet || deal.n_ranks == 0 || (deal.n_ranks == n_ranks && !are_few))
		return;
	if (!are_few)
		warn("the rows of a step are dealt over %zu ranks at most, and the other %zu have nothing to do; start "
		     "%zu\n",
		     deal.n_ranks, n_ranks - deal.n_ranks, deal.n_ranks);
	else if (experiment->split.n_rows[FLT_FIT] < FLT_ENOUGH_ROWS_A_STEP)
		warn("a step has %zu rows, too few for several ranks to be faster; start one process, without mpirun\n",
		     deal.n_rows);
	else
		warn("a step has %zu rows, too few for more ranks to help; --batch %d keeps more of them busy\n",
		     deal.n_rows, FLT_ENOUGH_ROWS_A_STEP);
}

void over_ranks_tell_trades(const struct settings *settings, const struct flt_experiment *experiment)
{
	bool has_trained = experiment->fit.roster.n_members > 0;
	if (!settings->verbose || !has_trained)
		return;
	struct flt_row_deal deal = deal_of(settings, &experiment->fit.roster, experiment);
	if (deal.n_ranks == 0)
		return;
	struct flt_row_trades trades = flt_row_trades(&experiment->fit, &deal, settings->ranks);
	flt_say(stderr,
	        "fltrain: %zu ranks trained on %zu rows a step: of the seconds of training %.0f %% went into trading "
	        "sums, in each step %.3g messages and %.3g KB from this rank\n",
	        deal.n_ranks, deal.n_rows, 100 * trades.share, trades.n_messages, trades.n_bytes / 1e3);
}

void over_ranks_tell_scoring(const struct settings *settings, const struct flt_stream *stream)
{
	static const char *const advice[] = {"", "; more ranks will not help", "; start one process, without mpirun"};
	if (!settings->verbose || !settings->ranks || !over_ranks_deals(settings))
		return;
	struct flt_scoring_trades trades = flt_scoring_trades(stream, settings->ranks);
	if (trades.seconds <= 0)
		return;
	size_t n = flt_stream_n_rows(stream);
	flt_say(stderr,
	        "fltrain: %zu ranks scored %zu row%s in %.2f s: of these seconds %.0f %% went into trading scores, in "
	        "each batch %.3g messages and %.3g KB from this rank, and %.0f %% into scoring, which is all that "
	        "ranks divide%s\n",
	        trades.n_ranks, n, flt_plural(n), trades.seconds, 100 * trades.share, trades.n_messages,
	        trades.n_bytes / 1e3, 100 * trades.scoring_share, advice[flt_scoring_advice(&trades)]);
}
