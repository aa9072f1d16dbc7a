/* The words for the values of enums in table/. */
#include "base/words.h"
#include "table/table.h"

FLT_WORDS(flt_column_type_words, FLT_N_COLUMN_TYPES, "numeric", "categorical");
