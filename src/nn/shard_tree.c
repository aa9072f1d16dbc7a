#include "nn/shard_tree.h"

/* Lists the additions whose shards all lie in this run; run SIZE_MAX: those whose shards do not lie in one. */
static void list(struct flt_additions *additions, size_t n_shards, size_t length, size_t run)
{
	additions->n = 0;
	for (size_t width = 1; width < n_shards; width *= 2)
		for (size_t first = 0; first + width < n_shards; first += 2 * width) {
			size_t end = first + 2 * width < n_shards ? first + 2 * width : n_shards;
			size_t first_run = first / length, last_run = (end - 1) / length;
			if ((first_run == last_run ? first_run : SIZE_MAX) != run)
				continue;
			additions->pair[additions->n].to = (uint8_t)first;
			additions->pair[additions->n].from = (uint8_t)(first + width);
			additions->n++;
		}
}

void flt_additions_within(struct flt_additions *additions, size_t n_shards, size_t length, size_t run)
{
	list(additions, n_shards, length, run);
}

void flt_additions_across(struct flt_additions *additions, size_t n_shards, size_t length)
{
	list(additions, n_shards, length, SIZE_MAX);
}
