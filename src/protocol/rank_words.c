#include "protocol/rank_words.h"

#include "fltrain/version.h"
#include "ranks/same.h"

static struct flt_ranks_trait trait(const char *own, const char *differs)
{
	return (struct flt_ranks_trait){.own = own, .status = FLT_ERR_USAGE, .differs = differs};
}

enum flt_status flt_rank_words_compare(struct flt_ranks *ranks, const struct flt_rank_words *words,
                                       struct flt_error *err)
{
	struct flt_ranks_trait traits[] = {
	        trait(flt_version(), "is another version of fltrain; start the same program on all ranks"),
	        trait(words->command, "runs another command; start all ranks with the same words"),
	        trait(words->options,
	              "has other options; start all ranks with the same ones, and the same config file"),
	        trait(words->files, "is given more files, or fewer; start all ranks with the same words"),
	};
	return flt_ranks_compare(ranks, traits, sizeof traits / sizeof *traits, err);
}
