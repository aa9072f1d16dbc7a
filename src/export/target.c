#include "export/target.h"

#include "export/c.h"
#include "export/c_run.h"
#include "export/onnx.h"
#include "export/onnx_rows.h"

const struct flt_export_target flt_export_targets[] = {
        {.word = "c",
         .language = "C99",
         .counted = "bytes of constants",
         .write = flt_c_write,
         .header_path = flt_c_header_path,
         .ending = ".c",
         .begins = "/*\n * Made by fltrain ",
         .score = flt_c_score,
         .tolerance = 1e-6,
         .int8_tolerance = 1e-6},
        {.word = "onnx",
         .language = "ONNX",
         .counted = "bytes",
         .write = flt_onnx_write,
         .ending = ".onnx",
         .begins = FLT_ONNX_BEGINS,
         .score = flt_onnx_score,
         .tolerance = 1e-4},
};

_Static_assert(sizeof flt_export_targets / sizeof *flt_export_targets == FLT_N_EXPORT_TARGETS, "a row for each word");
