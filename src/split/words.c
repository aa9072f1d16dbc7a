/* The words for the values of enums in split/. */
#include "base/words.h"
#include "split/split.h"

FLT_WORDS(flt_row_role_words, FLT_N_ROW_ROLES, "fit", "validation", "test");
FLT_WORDS(flt_split_method_words, FLT_N_SPLIT_METHODS, "stratified", "time", "group");
FLT_WORDS(flt_identical_words, FLT_N_IDENTICAL, "auto", "together", "apart");
