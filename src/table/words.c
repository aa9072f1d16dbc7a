/* The words for the values of enums in table/. */
#include "base/words.h"
#include "table/table.h"

FLT_WORDS(flt_column_type_words, FLT_N_COLUMN_TYPES, "numeric", "categorical");
FLT_WORDS(flt_column_role_words, FLT_N_COLUMN_ROLES, "feature", "target", "id", "time", "group", "dropped");
