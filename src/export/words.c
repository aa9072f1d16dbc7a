/* The words for the values of enums in export/. */
#include "base/words.h"
#include "export/target.h"

FLT_WORDS(flt_precision_words, FLT_N_PRECISIONS, "float", "int8");
FLT_WORDS(flt_export_target_words, FLT_N_EXPORT_TARGETS, "c", "onnx");
