/* The words for the values of enums in nn/. */
#include "base/words.h"
#include "nn/train.h"

FLT_WORDS(flt_activation_words, FLT_N_ACTIVATIONS, "relu", "selu", "silu", "mish", "tanh");
FLT_WORDS(flt_embedding_words, FLT_N_EMBEDDINGS, "none", "pbld");
FLT_WORDS(flt_loss_words, FLT_N_LOSSES, "bce", "focal");
FLT_WORDS(flt_optimizer_words, FLT_N_OPTIMIZERS, "sgd", "adam", "adamw", "newton");
FLT_WORDS(flt_schedule_words, FLT_N_SCHEDULES, "constant", "cosine", "coslog4", "flat-cos");
FLT_WORDS(flt_monitor_words, FLT_N_MONITORS, "ap", "loss");
FLT_WORDS(flt_order_words, FLT_N_ORDERS, "rows", "blocks");
