#include "protocol/epoch_numbers.h"

void flt_epoch_to_numbers(const struct flt_epoch *epoch, double numbers[FLT_N_EPOCH_NUMBERS])
{
	numbers[FLT_EPOCH_LR] = epoch->lr;
	numbers[FLT_EPOCH_LOSS] = epoch->loss;
	numbers[FLT_EPOCH_VALIDATION_LOSS] = epoch->validation_loss;
	numbers[FLT_EPOCH_VALIDATION_AP] = epoch->validation_ap;
	numbers[FLT_EPOCH_TOTAL] = epoch->gradient_total;
	numbers[FLT_EPOCH_EASY] = epoch->gradient_easy;
	numbers[FLT_EPOCH_POSITIVE] = epoch->gradient_positive;
	numbers[FLT_EPOCH_AVERAGED] = epoch->averaged;
}

struct flt_epoch flt_epoch_of_numbers(const double numbers[FLT_N_EPOCH_NUMBERS])
{
	return (struct flt_epoch){.lr = numbers[FLT_EPOCH_LR],
	                          .loss = numbers[FLT_EPOCH_LOSS],
	                          .validation_loss = numbers[FLT_EPOCH_VALIDATION_LOSS],
	                          .validation_ap = numbers[FLT_EPOCH_VALIDATION_AP],
	                          .gradient_total = numbers[FLT_EPOCH_TOTAL],
	                          .gradient_easy = numbers[FLT_EPOCH_EASY],
	                          .gradient_positive = numbers[FLT_EPOCH_POSITIVE],
	                          .averaged = numbers[FLT_EPOCH_AVERAGED] != 0};
}
