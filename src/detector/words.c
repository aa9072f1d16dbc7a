/* The words for the values of enums in detector/. */
#include "base/words.h"
#include "detector/change.h"

FLT_WORDS(flt_change_words, FLT_N_CHANGE_KINDS, "missing", "unlearnt", "scaled", "shifted", "constant");
