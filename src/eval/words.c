/* The words for the values of enums in eval/. */
#include "base/words.h"
#include "eval/calibrate.h"

FLT_WORDS(flt_calibration_words, FLT_N_CALIBRATIONS, "auto", "map", "platt", "isotonic", "none");
