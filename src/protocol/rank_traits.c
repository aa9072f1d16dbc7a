#include "protocol/rank_traits.h"

#include "fltrain/version.h"

void flt_rank_traits_begin(struct flt_ranks_trait *traits, const char *command, const char *options)
{
	traits[0] = (struct flt_ranks_trait){
	        .own = flt_version(),
	        .status = FLT_ERR_USAGE,
	        .differs = "is another version of fltrain; start the same program on all ranks"};
	traits[1] = (struct flt_ranks_trait){.own = command,
	                                     .status = FLT_ERR_USAGE,
	                                     .differs = "runs another command; start all ranks with the same words"};
	traits[2] = (struct flt_ranks_trait){
	        .own = options,
	        .status = FLT_ERR_USAGE,
	        .differs = "has other options; start all ranks with the same ones, and the same config file"};
}
