#include "cli/checkpointing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/atomic_file.h"
#include "cli/option_table.h"

/* A name that can be written is found out now, not after the first hour. */
static enum flt_status check_writable(const char *path, struct flt_error *err)
{
	struct flt_atomic_file *file;
	enum flt_status status = flt_atomic_open(path, &file, err);
	if (status == FLT_OK)
		flt_atomic_discard(file);
	return status;
}

static enum flt_status check_place(const struct settings *settings, struct flt_error *err)
{
	const char *path = settings->checkpoint;
	struct stat about;
	bool is_one;
	if (stat(path, &about) != 0)
		return errno == ENOENT
		               ? check_writable(path, err)
		               : flt_fail(err, FLT_ERR_MACHINE, "%s: cannot be written: %s", path, strerror(errno));
	if (!S_ISREG(about.st_mode))
		return flt_fail(
		        err, FLT_ERR_USAGE,
		        "--checkpoint %s: is no regular file, and only such a one can be replaced at once; name "
		        "another",
		        path);
	if (about.st_size == 0 || (settings->resume && is_same_file(path, settings->resume)))
		return check_writable(path, err);
	enum flt_status status = flt_checkpoint_is_file(path, &is_one, err);
	if (status != FLT_OK)
		return status;
	if (is_one)
		return flt_fail(err, FLT_ERR_USAGE,
		                "--checkpoint %s: holds the state of a training that has not ended; go on with it by "
		                "--resume %s, or remove it",
		                path, path);
	return flt_fail(err, FLT_ERR_USAGE,
	                "--checkpoint %s: is there and no checkpoint of fltrain's, so it is not replaced; name another "
	                "file",
	                path);
}

/* From any thread. Said also to those who want it quiet: they rely on it. Once: the disk may be full for hours. */
static void tell_failure(void *context, const struct flt_error *why)
{
	static bool is_told;
	(void)context;
	if (!is_told)
		fprintf(stderr,
		        "fltrain: the state of training could not be saved: %s; training goes on, and tries again\n",
		        why->text);
	is_told = true;
}

enum flt_status checkpointing_open(const struct settings *settings, const struct flt_table *table,
                                   const struct flt_table *test, struct flt_checkpoint **checkpoint,
                                   struct flt_error *err)
{
	*checkpoint = NULL;
	if (!settings->checkpoint)
		return FLT_OK;
	char *options = options_effective(settings, err);
	if (!options)
		return FLT_ERR_MACHINE;
	struct flt_checkpoint_about about = {.options = options,
	                                     .data_sha256 = flt_table_sha256(table),
	                                     .test_sha256 = test ? flt_table_sha256(test) : NULL};
	enum flt_status status = flt_checkpoint_new(settings->checkpoint, &about, tell_failure, NULL, checkpoint, err);
	flt_free(options);
	if (status == FLT_OK && settings->resume)
		status = flt_checkpoint_load(*checkpoint, settings->resume, err);
	if (status == FLT_OK)
		status = check_place(settings, err);
	if (status == FLT_OK) {
		if (settings->resume && !settings->quiet)
			fprintf(stderr, "fltrain: goes on from %s\n", settings->resume);
		return FLT_OK;
	}
	flt_checkpoint_free(*checkpoint);
	*checkpoint = NULL;
	return status;
}

enum flt_status checkpointing_save(struct flt_checkpoint *checkpoint, struct flt_error *err)
{
	struct flt_error why;
	enum flt_status status = flt_checkpoint_save(checkpoint, &why);
	if (status != FLT_OK)
		flt_fail(err, status, "interrupted, and the state of training could not be saved: %s", why.text);
	return status;
}

enum flt_status checkpointing_end(const struct settings *settings, struct flt_error *err)
{
	if (!settings->checkpoint)
		return FLT_OK;
	/* Of a link, what it leads to, as it was written. None is there if no write succeeded. */
	char *path = realpath(settings->checkpoint, NULL);
	bool is_gone = path ? unlink(path) == 0 : errno == ENOENT;
	int reason = errno;
	free(path);
	if (is_gone)
		return FLT_OK;
	return flt_fail(
	        err, FLT_ERR_MACHINE,
	        "%s: all is done, but this checkpoint cannot be removed: %s; remove it before the next training",
	        settings->checkpoint, strerror(reason));
}
