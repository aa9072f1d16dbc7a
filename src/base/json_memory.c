#include "base/json_memory.h"

#include <jansson.h>
#include <pthread.h>

static json_malloc_t allocate;
static json_free_t release;
static _Thread_local size_t refused;

static void *note_refusal(size_t n)
{
	void *block = allocate(n);
	if (!block)
		refused = n;
	return block;
}

static void start_watching(void)
{
	json_get_alloc_funcs(&allocate, &release);
	json_set_alloc_funcs(note_refusal, release);
}

void flt_json_memory_watch(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, start_watching);
	refused = 0;
}

size_t flt_json_memory_refused(void)
{
	return refused;
}
