/* Running an ONNX model: slow and plain, to compare with. */
#ifndef ONNX_RUN_H
#define ONNX_RUN_H

#include "onnx/model.h"

/* Runs the model on inputs (n_inputs of the model), of the types that it declares, and fills outputs (n_outputs of the
 * model), whose numbers the caller frees (flt_free), after a failure too. FLT_ERR_MODEL says what does not fit. Any
 * number of threads may run one model. */
enum flt_status flt_onnx_run(const struct flt_onnx_model *model, const struct flt_onnx_tensor *inputs,
                             struct flt_onnx_tensor *outputs, struct flt_error *err);

#endif
