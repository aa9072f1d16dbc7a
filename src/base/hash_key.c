#include "base/hash_key.h"

#include <sys/random.h>
#include <time.h>
#include <unistd.h>

static struct flt_siphash_key hash_key;

/* What remains where the system gives no randomness: someone who wrote a file before knows neither the time to the
 * nanosecond nor where the program lies in memory. */
static void guess_key(struct flt_siphash_key *key)
{
	struct timespec now = {0};
	clock_gettime(CLOCK_REALTIME, &now);
	key->low ^= (uint64_t)now.tv_sec << 32 ^ (uint64_t)now.tv_nsec;
	key->high ^= (uint64_t)(uintptr_t)&now ^ (uint64_t)getpid() << 48;
}

/* Before main, so that no thread can meet an unset key. It must not wait: soon after the start of the machine there may
 * be no randomness yet. */
__attribute__((constructor)) static void draw_key(void)
{
	if (getrandom(&hash_key, sizeof hash_key, GRND_NONBLOCK) != (ssize_t)sizeof hash_key)
		guess_key(&hash_key);
}

const struct flt_siphash_key *flt_hash_key(void)
{
	return &hash_key;
}

void flt_hash_set_key(struct flt_siphash_key key)
{
	hash_key = key;
}
