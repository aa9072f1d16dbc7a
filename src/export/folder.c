#include "export/folder.h"

#include <dirent.h>
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* That flt_folder_abandon removes, or NULL. */
static struct flt_folder *_Atomic current;

static enum flt_status fail(const struct flt_folder *folder, const char *what, int reason, struct flt_error *err)
{
	return flt_fail(err, FLT_ERR_MACHINE, "%s: cannot be %s in the temporary folder (TMPDIR): %s",
	                *folder->path ? folder->path : "a folder for the proof", what, flt_write_reason(reason));
}

enum flt_status flt_folder_new(struct flt_folder *folder, struct flt_error *err)
{
	static const char name[] = "/fltrain-verify-XXXXXX";
	const char *under = getenv("TMPDIR");
	char path[FLT_FOLDER_PATH];
	if (!under || *under != '/') /* a relative one could look like an option to the compiler */
		under = "/tmp";
	*folder->path = '\0';
	assert(!atomic_load(&current)); /* one at a time, or the older would wait for ever when it goes */
	if (strlen(under) + sizeof name > sizeof path - NAME_MAX)
		return fail(folder, "made", ENAMETOOLONG, err);
	snprintf(path, sizeof path, "%s%s", under, name);
	if (!mkdtemp(path))
		return fail(folder, "made", errno, err);
	memcpy(folder->path, path, sizeof path);
	atomic_store(&current, folder);
	return FLT_OK;
}

static void note_name(struct flt_folder *folder, const char *name)
{
	for (size_t i = 0; i < folder->n_names; i++)
		if (strcmp(folder->names[i], name) == 0)
			return;
	if (folder->n_names == FLT_FOLDER_FILES)
		return;
	snprintf(folder->names[folder->n_names], FLT_FOLDER_NAME, "%s", name);
	folder->n_names++;
}

bool flt_folder_file(struct flt_folder *folder, const char *name, char path[FLT_FOLDER_PATH])
{
	int n = snprintf(path, FLT_FOLDER_PATH, "%s/%s", folder->path, name);
	note_name(folder, name);
	return n > 0 && n < FLT_FOLDER_PATH;
}

void flt_folder_abandon(void)
{
	static char path[FLT_FOLDER_PATH + FLT_FOLDER_NAME];
	const struct flt_folder *folder = atomic_exchange(&current, NULL);
	for (size_t i = 0; folder && i < folder->n_names; i++) {
		strcpy(path, folder->path);
		strcat(path, "/");
		strcat(path, folder->names[i]);
		unlink(path);
	}
	if (folder)
		rmdir(folder->path);
}

void flt_folder_remove(struct flt_folder *folder)
{
	char path[FLT_FOLDER_PATH];
	if (!*folder->path)
		return;
	struct flt_folder *noted = folder;
	if (!atomic_compare_exchange_strong(&current, &noted, NULL))
		pause(); /* flt_folder_abandon is reading it, and the process ends */
	DIR *files = opendir(folder->path);
	for (struct dirent *file; files && (file = readdir(files));)
		if (snprintf(path, sizeof path, "%s/%s", folder->path, file->d_name) < FLT_FOLDER_PATH)
			unlink(path);
	if (files)
		closedir(files);
	rmdir(folder->path);
	*folder->path = '\0';
	assert(!atomic_load(&current)); /* one at a time, or the older would wait for ever when it goes */
}

enum flt_status flt_folder_write(struct flt_folder *folder, const char *name, const char *bytes, size_t n,
                                 struct flt_error *err)
{
	char path[FLT_FOLDER_PATH];
	if (!flt_folder_file(folder, name, path))
		return fail(folder, "written", ENAMETOOLONG, err);
	FILE *file = fopen(path, "we");
	if (!file)
		return fail(folder, "written", errno, err);
	bool is_whole = fwrite(bytes, 1, n, file) == n;
	int reason = errno;
	if (fclose(file) == 0 && is_whole)
		return FLT_OK;
	return fail(folder, "written", is_whole ? errno : reason, err);
}

enum flt_status flt_folder_read(struct flt_folder *folder, const char *name, struct flt_text_buffer *bytes,
                                struct flt_error *err)
{
	char path[FLT_FOLDER_PATH], piece[1 << 14];
	enum flt_status status = FLT_OK;
	if (!flt_folder_file(folder, name, path))
		return fail(folder, "read", ENAMETOOLONG, err);
	FILE *file = fopen(path, "re");
	if (!file)
		return fail(folder, "read", errno, err);
	for (size_t n; (n = fread(piece, 1, sizeof piece, file)) > 0;)
		FLT_TRY_OUT(flt_text_buffer_append(bytes, piece, n, err));
out:
	fclose(file);
	return status;
}
