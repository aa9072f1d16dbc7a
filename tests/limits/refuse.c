/* Preloaded: the REFUSED-th allocation of the whole process is refused, with REFUSE_MODE=all also all behind it: of
 * libraries, too, which tests/faults does not reach. Counted from when the program starts; descriptor MARK gets a byte
 * when the first is refused. */
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *memory, size_t n);
extern void *__libc_memalign(size_t alignment, size_t n);

enum { MARK = 9 };

static unsigned long refused;
static bool refuses_all;
static atomic_ulong n_calls;

__attribute__((constructor)) static void start(void)
{
	const char *text = getenv("REFUSED");
	const char *mode = getenv("REFUSE_MODE");
	refuses_all = mode && strcmp(mode, "all") == 0;
	atomic_store(&n_calls, 0);
	refused = text ? strtoul(text, NULL, 10) : 0;
}

static bool is_refused(void)
{
	unsigned long k = atomic_fetch_add(&n_calls, 1) + 1;
	if (refused == 0 || (k != refused && !(refuses_all && k > refused)))
		return false;
	if (k == refused && write(MARK, "", 1) != 1)
		abort();
	errno = ENOMEM;
	return true;
}

void *malloc(size_t n)
{
	return is_refused() ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	return is_refused() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *memory, size_t n)
{
	return is_refused() ? NULL : __libc_realloc(memory, n);
}

void *aligned_alloc(size_t alignment, size_t n)
{
	return is_refused() ? NULL : __libc_memalign(alignment, n);
}

int posix_memalign(void **memory, size_t alignment, size_t n)
{
	*memory = is_refused() ? NULL : __libc_memalign(alignment, n);
	return *memory ? 0 : ENOMEM;
}
