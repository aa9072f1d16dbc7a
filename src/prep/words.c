/* The words for the values of enums in prep/. */
#include "base/words.h"
#include "prep/prep.h"

FLT_WORDS(flt_scale_words, FLT_N_SCALES, "robust", "standard", "quantile", "none");
FLT_WORDS(flt_column_use_words, FLT_N_COLUMN_USES, "numeric", "categorical", "constant", "rare", "all missing",
          "id-like", "dates", "unused");
