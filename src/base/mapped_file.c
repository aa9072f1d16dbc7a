#include "base/mapped_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static enum flt_status failed(const char *path, int reason, struct flt_error *err)
{
	return flt_fail(err, flt_status_of_errno(reason), "%s: %s", path, strerror(reason));
}

enum flt_status flt_mapped_file_open(const char *path, struct flt_mapped_file *file, struct flt_error *err)
{
	struct stat about;
	enum flt_status status = FLT_OK;
	*file = (struct flt_mapped_file){0};
	int opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (opened < 0)
		return errno == ENOENT ? FLT_OK : failed(path, errno, err);
	if (fstat(opened, &about) != 0)
		FLT_TRY_OUT(failed(path, errno, err));
	if (!S_ISREG(about.st_mode))
		FLT_TRY_OUT(flt_fail(err, FLT_ERR_DATA, "%s: is not a regular file", path));
	if (about.st_size == 0)
		goto out;
	void *bytes = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_SHARED, opened, 0);
	if (bytes == MAP_FAILED)
		FLT_TRY_OUT(failed(path, errno, err));
	*file = (struct flt_mapped_file){.bytes = bytes, .n_bytes = (size_t)about.st_size};
out:
	close(opened);
	return status;
}

void flt_mapped_file_close(struct flt_mapped_file *file)
{
	if (file->bytes)
		munmap(file->bytes, file->n_bytes);
	*file = (struct flt_mapped_file){0};
}
