/* The words for the values of enums in table/. */
#include "base/words.h"
#include "table/date_text.h"
#include "table/table.h"

FLT_WORDS(flt_column_type_words, FLT_N_COLUMN_TYPES, "numeric", "categorical");
FLT_WORDS(flt_column_role_words, FLT_N_COLUMN_ROLES, "feature", "target", "id", "time", "group", "weight", "date",
          "dropped");
FLT_WORDS(flt_date_shape_words, FLT_N_DATE_SHAPES, "yyyy-mm-dd", "yyyy/mm/dd", "yyyy.mm.dd", "yyyy-mm", "yyyy/mm",
          "mm/yyyy", "mm-yyyy", "dd.mm.yyyy", "dd/mm/yyyy", "dd-mm-yyyy", "dd.mm.yy", "dd/mm/yy", "dd-mm-yy",
          "dd Mon yyyy", "dd Mon yy", "Mon dd, yyyy", "Mon yyyy", "yyyymmddThhmm", "yyyymmdd", "seconds since 1970",
          "milliseconds since 1970");
FLT_WORDS(flt_date_order_words, FLT_N_DATE_ORDERS, "find", "dmy", "mdy", "ymd");
FLT_WORDS(flt_date_part_words, FLT_N_DATE_PARTS, "hour", "weekday", "month", "days");
FLT_WORDS(flt_thousands_words, FLT_N_THOUSANDS, "", ",", ".", "'", " ");
