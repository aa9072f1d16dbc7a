/*
 * The whole file is mapped once, far beyond its end: an array's place in the file is then its place in memory, too, and
 * both are had by counting up. A page in front of each array says how long it is. What is freed is punched out of the
 * file; the count goes back when the last arrays are freed, so it does not run away.
 */
#include "base/file_memory.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/unnamed_file.h"

enum { PAGE = 4096 };

/* Addresses that are asked for, fewer where the process may not have so many. No file system that we know has larger
 * files than the most. */
static const size_t MOST_ADDRESSES = (size_t)1 << 43, FEWEST_ADDRESSES = (size_t)1 << 36;

/* In front of an array, in a page of its own. */
struct head {
	size_t n_bytes;  /* asked for */
	size_t n_mapped; /* with this page */
	bool is_free;    /* but others follow it */
	size_t before;   /* the mapped bytes of the array in front of this one; 0: none */
};

static struct {
	pthread_mutex_t mutex; /* for end and last */
	const char *folder;    /* NULL: there is no file */
	int file;
	char *begin;     /* of all addresses */
	size_t n_mapped; /* addresses */
	size_t end;      /* of the last array */
	size_t last;     /* its mapped bytes; 0: none */
} store = {.mutex = PTHREAD_MUTEX_INITIALIZER, .file = -1};

static void *map(int file, size_t *n_bytes)
{
	for (*n_bytes = MOST_ADDRESSES; *n_bytes >= FEWEST_ADDRESSES; *n_bytes /= 2) {
		void *begin = mmap(NULL, *n_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, file, 0);
		if (begin != MAP_FAILED)
			return begin;
	}
	return NULL;
}

static enum flt_status failed(const char *folder, const char *verb, int reason, struct flt_error *err)
{
	return flt_fail(err, FLT_ERR_MACHINE, "%s: cannot %s: %s; name another folder with --cache", folder, verb,
	                strerror(reason));
}

enum flt_status flt_file_memory_open(const char *folder, struct flt_error *err)
{
	assert(!store.folder);
	if (mkdir(folder, S_IRWXU) != 0 && errno != EEXIST)
		return failed(folder, "make the folder", errno, err);
	store.file = flt_unnamed_file(folder);
	if (store.file < 0)
		return failed(folder, "make a file in it", errno, err);
	store.begin = map(store.file, &store.n_mapped);
	if (!store.begin) {
		enum flt_status status = failed(folder, "map a file in it", errno, err);
		close(store.file);
		return status;
	}
	store.folder = folder;
	return FLT_OK;
}

void flt_file_memory_close(void)
{
	if (!store.folder)
		return;
	assert(store.end == 0);
	munmap(store.begin, store.n_mapped);
	close(store.file);
	store.folder = NULL;
	store.begin = NULL;
}

bool flt_file_memory_takes(size_t n_bytes)
{
	return store.folder && n_bytes >= FLT_FILE_MEMORY_LEAST;
}

const char *flt_file_memory_folder(void)
{
	return store.folder;
}

bool flt_file_memory_has(const void *array)
{
	uintptr_t at = (uintptr_t)array, begin = (uintptr_t)store.begin;
	return begin && at >= begin && at - begin < store.n_mapped;
}

static struct head *head_of(const void *array)
{
	return (struct head *)(store.begin + ((const char *)array - store.begin) - PAGE);
}

/* Reserves a place at the end; SIZE_MAX, with errno set, if there is none. */
static size_t reserve(size_t n_mapped)
{
	if (n_mapped > store.n_mapped - store.end) {
		errno = EFBIG;
		return SIZE_MAX;
	}
	int reason = posix_fallocate(store.file, (off_t)store.end, (off_t)n_mapped);
	if (reason) {
		errno = reason;
		return SIZE_MAX;
	}
	size_t at = store.end;
	store.end += n_mapped;
	return at;
}

void *flt_file_memory_new(size_t n_bytes)
{
	assert(n_bytes <= SIZE_MAX / 2);
	size_t n_mapped = (n_bytes + PAGE - 1) / PAGE * PAGE + PAGE;
	pthread_mutex_lock(&store.mutex);
	size_t at = reserve(n_mapped);
	int reason = errno;
	if (at != SIZE_MAX) {
		struct head *head = (struct head *)(store.begin + at);
		*head = (struct head){.n_bytes = n_bytes, .n_mapped = n_mapped, .before = store.last};
		store.last = n_mapped;
	}
	pthread_mutex_unlock(&store.mutex);
	errno = reason;
	return at == SIZE_MAX ? NULL : store.begin + at + PAGE;
}

size_t flt_file_memory_size(const void *array)
{
	return head_of(array)->n_bytes;
}

/* Where the file system cannot, the place is lost until the process ends. */
static void punch_out(size_t at, size_t n_bytes)
{
	int before = errno;
	(void)fallocate(store.file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)at, (off_t)n_bytes);
	errno = before;
}

/* Moves the end back over arrays that are free. */
static void draw_back(void)
{
	while (store.last) {
		size_t at = store.end - store.last;
		struct head *head = (struct head *)(store.begin + at);
		if (!head->is_free)
			return;
		size_t n_mapped = store.last;
		store.end = at;
		store.last = head->before;
		punch_out(at, n_mapped);
	}
}

void flt_file_memory_free(void *array)
{
	struct head *head = head_of(array);
	pthread_mutex_lock(&store.mutex);
	head->is_free = true;
	punch_out((size_t)((char *)array - store.begin), head->n_mapped - PAGE);
	draw_back();
	pthread_mutex_unlock(&store.mutex);
}
