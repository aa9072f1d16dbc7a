/* The words for the values of enums in protocol/. */
#include "base/words.h"
#include "protocol/fit.h"

FLT_WORDS(flt_preset_words, FLT_N_PRESETS, "fast", "default", "best");
FLT_WORDS(flt_recipe_words, FLT_N_RECIPES, "pool", "linear", "plain", "embedded", "embedded-quantile", "plain-steps",
          "embedded-steps");
