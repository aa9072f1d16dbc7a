#include "export/folder.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
	if (strlen(under) + sizeof name > sizeof path - NAME_MAX)
		return fail(folder, "made", ENAMETOOLONG, err);
	snprintf(path, sizeof path, "%s%s", under, name);
	if (!mkdtemp(path))
		return fail(folder, "made", errno, err);
	memcpy(folder->path, path, sizeof path);
	return FLT_OK;
}

bool flt_folder_file(const struct flt_folder *folder, const char *name, char path[FLT_FOLDER_PATH])
{
	int n = snprintf(path, FLT_FOLDER_PATH, "%s/%s", folder->path, name);
	return n > 0 && n < FLT_FOLDER_PATH;
}

void flt_folder_remove(struct flt_folder *folder)
{
	char path[FLT_FOLDER_PATH];
	if (!*folder->path)
		return;
	DIR *files = opendir(folder->path);
	for (struct dirent *file; files && (file = readdir(files));)
		if (file->d_name[0] != '.' && flt_folder_file(folder, file->d_name, path))
			unlink(path);
	if (files)
		closedir(files);
	rmdir(folder->path);
	*folder->path = '\0';
}

enum flt_status flt_folder_write(const struct flt_folder *folder, const char *name, const char *bytes, size_t n,
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

enum flt_status flt_folder_read(const struct flt_folder *folder, const char *name, struct flt_text_buffer *bytes,
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
