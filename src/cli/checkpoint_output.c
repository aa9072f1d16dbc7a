#include "cli/checkpoint_output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/interrupt.h"
#include "cli/over_ranks.h"
#include "cli/paths.h"
#include "cli/terminal.h"
#include "protocol/checkpoint_share.h"
#include "report/layout.h"
#include "report/outputs.h"

/* Rank 0 alone has to do with files. */
static bool has_file(const struct settings *settings)
{
	return settings->checkpoint && flt_ranks_own(settings->ranks) == 0;
}

static enum flt_status refuse_older(const char *path, struct flt_error *err)
{
	bool is_checkpoint;
	FLT_TRY(flt_checkpoint_is_file(path, &is_checkpoint, err));
	if (is_checkpoint)
		return flt_fail(err, FLT_ERR_USAGE,
		                "--checkpoint %s: holds the state of an unfinished training; continue it with --resume "
		                "%s, or remove the file",
		                path, path);
	return flt_fail(err, FLT_ERR_USAGE,
	                "--checkpoint %s: exists and is not an fltrain checkpoint; choose another file", path);
}

/* A name that cannot be written is reported now, not after the first hour. */
static enum flt_status check_place(const struct settings *settings, struct flt_error *err)
{
	const char *path = settings->checkpoint;
	struct stat about;
	if (stat(path, &about) != 0)
		return errno == ENOENT
		               ? flt_output_check(path, err)
		               : flt_fail(err, FLT_ERR_MACHINE, "%s: cannot be written: %s", path, strerror(errno));
	if (!S_ISREG(about.st_mode))
		return flt_fail(
		        err, FLT_ERR_USAGE,
		        "--checkpoint %s: is not a regular file, which a checkpoint must be; choose another file",
		        path);
	bool may_replace = about.st_size == 0 || (settings->resume && is_same_file(path, settings->resume));
	return may_replace ? flt_output_check(path, err) : refuse_older(path, err);
}

/* From any thread. Also with --quiet, since the user relies on the file; only once, since the disk may be full for
 * hours. */
static void tell_failure(void *context, const struct flt_error *why)
{
	static bool is_told;
	(void)context;
	if (!is_told)
		flt_say(stderr,
		        "fltrain: could not save the state of training: %s; training continues and will try again\n",
		        why->text);
	is_told = true;
}

static enum flt_status new_checkpoint(const struct settings *settings, const struct flt_table *table,
                                      const struct flt_table *test, size_t most_trainings,
                                      struct flt_checkpoint **checkpoint, struct flt_error *err)
{
	struct flt_text_buffer options = {0};
	enum flt_status status = FLT_OK;
	FLT_TRY_OUT(options_effective(settings, &options, err));
	struct flt_checkpoint_about about = {.options = options.bytes,
	                                     .data_sha256 = flt_table_sha256(table),
	                                     .test_sha256 = test ? flt_table_sha256(test) : NULL,
	                                     .command = options_command(settings),
	                                     .most_trainings = most_trainings};
	const char *path = has_file(settings) ? settings->checkpoint : NULL;
	FLT_TRY_OUT(flt_checkpoint_new(path, &about, tell_failure, NULL, checkpoint, err));
out:
	flt_text_buffer_release(&options);
	return status;
}

static void tell_resumption(const struct settings *settings, const struct flt_checkpoint *checkpoint)
{
	const char *other = flt_checkpoint_other_kernels(checkpoint);
	flt_say(stderr, "fltrain: resuming from %s\n", settings->resume);
	if (other)
		warn("%s: was computed with the instructions of another processor (%s, here %s): "
		     "the last bits of the result may differ from those of a training that was never stopped\n",
		     settings->resume, other, flt_checkpoint_own_kernels());
}

static enum flt_status join(const struct settings *settings, struct flt_checkpoint *checkpoint, struct flt_error *err)
{
	FLT_TRY(flt_checkpoint_join(checkpoint, settings->ranks, settings->checkpoint != NULL, err));
	size_t rank;
	const char *odd = flt_checkpoint_odd_rank(checkpoint, &rank);
	if (odd)
		over_ranks_tell_odd(settings, rank, odd);
	return FLT_OK;
}

enum flt_status checkpoint_output_open(const struct settings *settings, const struct flt_table *table,
                                       const struct flt_table *test, size_t most_trainings,
                                       struct flt_checkpoint **checkpoint, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	*checkpoint = NULL;
	if (!settings->checkpoint && !settings->ranks)
		return FLT_OK;
	FLT_TRY(new_checkpoint(settings, table, test, most_trainings, checkpoint, err));
	if (has_file(settings) && settings->resume)
		FLT_TRY_OUT(flt_checkpoint_load(*checkpoint, settings->resume, err));
	if (has_file(settings))
		FLT_TRY_OUT(check_place(settings, err));
	if (settings->resume && !settings->quiet)
		tell_resumption(settings, *checkpoint);
	FLT_TRY_OUT(join(settings, *checkpoint, err));
out:
	if (status != FLT_OK) {
		flt_checkpoint_free(*checkpoint);
		*checkpoint = NULL;
	}
	return status;
}

enum flt_status checkpoint_output_watch(const struct settings *settings, struct flt_checkpoint *checkpoint,
                                        struct flt_error *err)
{
	return interrupt_save(has_file(settings) ? checkpoint : NULL, settings->checkpoint, err);
}

enum flt_status checkpoint_output_refuse(const struct settings *settings, struct flt_error *err)
{
	struct flt_error why = *err;
	if (!settings->resume) /* it is what another rank sent */
		return FLT_ERR_MODEL;
	return flt_fail(err, FLT_ERR_MODEL, "%s: %s", settings->resume, why.text);
}

enum flt_status checkpoint_output_remove(const struct settings *settings, struct flt_error *err)
{
	if (!has_file(settings))
		return FLT_OK;
	interrupt_at_once();                       /* else it might save the state again */
	if (fflush(stdout) != 0 || ferror(stdout)) /* the report is lost, and can be made again */
		return FLT_OK;
	/* A link is followed, as it was in writing. No file exists if no write succeeded. */
	char *path = realpath(settings->checkpoint, NULL);
	bool is_gone = path ? unlink(path) == 0 : errno == ENOENT;
	int reason = errno;
	free(path);
	if (is_gone)
		return FLT_OK;
	return flt_fail(
	        err, FLT_ERR_MACHINE,
	        "%s: training is done, but its checkpoint cannot be removed: %s; remove it before the next training",
	        settings->checkpoint, strerror(reason));
}
