/* The part of a line of the epoch log that checkpoints keep of every epoch, as numbers. */
#ifndef PROTOCOL_EPOCH_NUMBERS_H
#define PROTOCOL_EPOCH_NUMBERS_H

#include "nn/train.h"

enum flt_epoch_number {
	FLT_EPOCH_LR,
	FLT_EPOCH_LOSS,
	FLT_EPOCH_VALIDATION_LOSS,
	FLT_EPOCH_VALIDATION_AP,
	FLT_EPOCH_TOTAL, /* of the gradient, like the next two */
	FLT_EPOCH_EASY,
	FLT_EPOCH_POSITIVE,
	FLT_EPOCH_AVERAGED, /* 0 or 1 */
	FLT_N_EPOCH_NUMBERS
};

void flt_epoch_to_numbers(const struct flt_epoch *epoch, double numbers[FLT_N_EPOCH_NUMBERS]);
struct flt_epoch flt_epoch_of_numbers(const double numbers[FLT_N_EPOCH_NUMBERS]); /* all else is zero */

#endif
