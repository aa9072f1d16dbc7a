/*
 * Defaults are texts that go through the same setter as user input, so a default that its own bounds refuse cannot
 * exist.
 */
#include "cli/option_table.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "cli/parsed.h"
#include "cli/setters.h"
#include "report/names.h"
#include "report/progress.h"
#include "report/predict_csv.h"

const char *const flt_option_groups[N_GROUPS] = {
        [GROUP_DATA] = "Data",
        [GROUP_SPLIT] = "Split",
        [GROUP_PREPARATION] = "Preparation",
        [GROUP_LOSS] = "Loss",
        [GROUP_NETWORK] = "Network",
        [GROUP_OPTIMIZER] = "Optimizer",
        [GROUP_DECISION] = "Decision",
        [GROUP_EXPLANATION] = "Explanation",
        [GROUP_OUTPUT] = "Output",
        [GROUP_RUN] = "Run",
};

/* Where a setter puts the value: what is asked for directly, or what resolve.c still turns into something else. */
#define AT(field) offsetof(struct parsed, settings.field)
#define AT_GIVEN(field) offsetof(struct parsed, field)
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define MEANINGS(...) ((const struct option_meaning[]){__VA_ARGS__, {0}})

/* clang-format off */
const struct option flt_options[] = {
	{"target", .value = "NAME", .group = GROUP_DATA, .commands = FOR_LABELLED, .set = set_text, .at = AT(table.target),
	 .otherwise = "a column called class, label, target or y, else the last",
	 .also = WORDS("label", "y", "outcome", "class"),
	 .help = "column to predict"},
	{"positive", .value = "VALUE,...", .group = GROUP_DATA, .commands = FOR_LABELLED, .set = set_text, .at = AT(table.positive),
	 .otherwise = "the rarer class",
	 .also = WORDS("pos-label", "positive-class"),
	 .help = "value, or values, of the target that count as positive"},
	{"id", .value = "COL", .group = GROUP_DATA, .commands = FOR_LABELLED | FOR_PREDICT, .set = set_text, .at = AT(table.id),
	 .scoring = "as in training",
	 .also = WORDS("id-column", "index"),
	 .help = "column that identifies rows: repeated in the output, never used as a feature"},
	{"drop", .value = "COL,...", .group = GROUP_DATA, .commands = FOR_LABELLED, .set = set_text, .at = AT(table.drop),
	 .also = WORDS("exclude", "ignore", "drop-columns"),
	 .help = "columns to leave out"},
	{"weight", .value = "COL|none", .group = GROUP_DATA, .commands = FOR_LABELLED | FOR_EVALUATE | FOR_EXPLAIN, .set = set_weight, .at = AT(table.weight),
	 .otherwise = "none",
	 .scoring = "as in training, if the file has that column",
	 .also = WORDS("sample-weight", "weights"),
	 .help = "column that says how many rows a row stands for, in training and in every figure; 0 leaves the row out"},
	{"categorical", .value = "COL,...", .group = GROUP_DATA, .commands = FOR_LABELLED, .set = set_text, .at = AT(table.categorical),
	 .also = WORDS("cat", "cat-features", "categories"),
	 .help = "columns to treat as categories, even if they look numeric"},
	{"numeric", .value = "COL,...", .group = GROUP_DATA, .commands = FOR_LABELLED | FOR_SCORING, .set = set_text, .at = AT(table.numeric),
	 .scoring = "as in training",
	 .help = "columns to treat as numbers, as most of their cells are written; other text is missing"},
	{"date", .value = "COL,...", .group = GROUP_DATA, .commands = FOR_LABELLED, .set = set_text, .at = AT(table.date),
	 .help = "columns of dates to use as inputs: hour, weekday, month, and days since the first date"},
	{"date-order", .words = WORDS("dmy", "mdy", "ymd"), .group = GROUP_DATA, .commands = FOR_LABELLED, .set = set_date_order,
	 .otherwise = "found in the dates",
	 .help = "what stands first in dates such as 01/02/2024: the day, or the month; ymd: 24-02-01"},
	{"na", .value = "TEXT,...", .group = GROUP_DATA, .commands = FOR_LABELLED | FOR_SCORING, .set = set_text, .at = AT(table.na),
	 .may_be_empty = true, .otherwise = "empty, ?, NA, N/A, NaN, nan, null",
	 .scoring = "as in training",
	 .also = WORDS("na-values", "missing"),
	 .help = "more texts that stand for a missing value; a number means its value"},
	{"delimiter", .value = "C", .group = GROUP_DATA, .commands = FOR_READING, .set = set_delimiter,
	 .otherwise = "detected",
	 .also = WORDS("sep", "separator"),
	 .help = "field separator: one character, or the word tab; ' ' stands for runs of blanks and tabs"},
	{"decimal", .value = "C", .group = GROUP_DATA, .commands = FOR_LABELLED | FOR_SCORING, .set = set_decimal, .preset = ".",
	 .scoring = "as in training",
	 .help = "decimal mark: . or ,"},
	{"header", .words = WORDS("yes", "no"), .group = GROUP_DATA, .commands = FOR_READING, .set = set_header, .otherwise = "detected",
	 .help = "whether the first line holds column names"},
	{"skip-lines", .value = "N", .group = GROUP_DATA, .commands = FOR_READING, .set = set_count, .at = AT(table.skip_lines), .bounds = {.lo = 0, .hi = 1000000000},
	 .otherwise = "detected",
	 .help = "lines to leave out before the table (a title, say); 0: detected"},
	{"bad-rows", .words = WORDS("stop", "skip"), .group = GROUP_DATA, .commands = FOR_READING, .set = set_bool_word,
	 .at = AT(table.skip_bad_rows), .preset = "stop",
	 .help = "what to do with records that have too few or too many fields: stop with an error, or skip and count them"},
	{"missing-target", .words = WORDS("stop", "drop"), .group = GROUP_DATA, .commands = FOR_LABELLED | FOR_EVALUATE | FOR_EXPLAIN, .set = set_bool_word,
	 .at = AT(table.drop_missing_target), .preset = "stop",
	 .help = "what to do with rows without a target: stop with an error, or drop and count them"},
	{"attainable-ap", .value = "F", .group = GROUP_DATA, .commands = FOR_TRAIN | FOR_COMPARE, .set = set_number, .at = AT(attainable_ap),
	 .bounds = {.lo = 0, .hi = 1, .above = true}, .shows_bounds = true,
	 .help = "best PR-AUC that any model could reach on this data, if known; shown next to the figures"},

	{"test", .value = "FILE", .group = GROUP_SPLIT, .commands = FOR_TRAIN | FOR_CHECK, .set = set_text, .at = AT(test_file),
	 .otherwise = "a share of DATA.csv",
	 .also = WORDS("test-file", "test-data"),
	 .help = "separate file with the test rows"},
	{"test-fraction", .value = "F", .group = GROUP_SPLIT, .commands = FOR_TRAIN, .set = set_number, .at = AT(split.test_fraction),
	 .preset = "0.2", .bounds = {.lo = 0, .hi = 1, .below = true},
	 .also = WORDS("test-size"),
	 .help = "share of the rows held out as test rows; 0: none, and the report shows validation figures, marked *"},
	{"validation-fraction", .value = "F", .group = GROUP_SPLIT, .commands = FOR_TRAINING, .set = set_number,
	 .at = AT(split.validation_fraction), .preset = "0.2", .bounds = {.lo = 0, .hi = 1, .below = true},
	 .also = WORDS("validation-size"),
	 .help = "share of the rows used to choose the best epoch and the threshold; several members need none "
	         "without --time, since each is validated on rows it leaves out"},
	{"time", .value = "COL", .group = GROUP_SPLIT, .commands = FOR_LABELLED, .set = set_text, .at = AT(table.time),
	 .also = WORDS("timestamp", "date-column"),
	 .help = "column of dates or numbers: test on the latest rows, validate on those just before; the folds of compare "
	         "and cv are then blocks of time, each tested after training on the rows before it"},
	{"missing-time", .words = WORDS("stop", "drop"), .group = GROUP_SPLIT, .commands = FOR_LABELLED, .set = set_bool_word,
	 .at = AT(table.drop_missing_time), .preset = "stop",
	 .help = "what to do with rows without a value in the column of --time: stop with an error, or drop and count them"},
	{"group", .value = "COL", .group = GROUP_SPLIT, .commands = FOR_LABELLED | FOR_EVALUATE | FOR_EXPLAIN, .set = set_text, .at = AT(table.group),
	 .scoring = "as in training, if the file has that column",
	 .also = WORDS("cluster"),
	 .help = "column whose equal values hang together: they stay on the same side of the split, and intervals allow for it"},
	{"identical", .words = flt_identical_words, .group = GROUP_SPLIT, .commands = FOR_TRAINING, .set = set_word,
	 .at = AT(split.identical), .preset = "auto",
	 .help = "whether rows that are equal in every feature stay on the same side of the split; auto: together if they "
	         "are more than chance makes of such columns"},
	{"seed", .value = "N", .group = GROUP_SPLIT, .commands = FOR_LABELLED | FOR_EXPLAIN, .set = set_count, .at = AT(seed), .preset = "1",
	 .bounds = {.lo = 0, .hi = 9007199254740991.0},
	 .also = WORDS("random-state", "random-seed"),
	 .help = "seed of everything random: split, initial weights, order of rows, dropout, intervals"},

	{"folds", .value = "K", .group = GROUP_SPLIT, .commands = FOR_COMPARE | FOR_CV, .set = set_count, .at = AT(n_folds), .preset = "5",
	 .bounds = {.lo = 2, .hi = 1000},
	 .also = WORDS("k", "n-folds", "splits"),
	 .help = "number of folds; each serves once as test rows for a model trained on the others, or with --time on "
	         "those before it"},
	{"repeats", .value = "R", .group = GROUP_SPLIT, .commands = FOR_COMPARE | FOR_CV | FOR_EXPLAIN, .set = set_count, .at = AT(n_repeats), .preset = "3",
	 .bounds = {.lo = 1, .hi = 1000},
	 .also = WORDS("n-repeats"),
	 .help = "number of repeats, each with other folds and seeds; with --time the blocks stay the same; explain: of the shuffles "
	         "of each column"},

	{"variant", .value = "'NAME: OPTIONS'", .group = GROUP_LOSS, .commands = FOR_COMPARE, .effect = REPEATS, .set = set_variant,
	 .help = "another variant to compare, as in 'focal 1: --loss focal --gamma 1'; can be given several times"},
	{"learning-curve", .group = GROUP_LOSS, .commands = FOR_COMPARE, .set = set_switch, .at = AT(learning_curve), .preset = "no",
	 .help = "also train BCE and focal on 25 and 50 % of the positives, to compare the loss with more data"},

	{"scale", .words = flt_scale_words, .group = GROUP_PREPARATION, .commands = FOR_TRAINING, .set = set_word, .at = AT(prep.scale), .fixes = FLT_FIX_SCALE,
	 .preset = "standard",
	 .help = "how to scale numeric columns; fitted on the fit rows"},
	{"steps", .value = "N", .group = GROUP_PREPARATION, .commands = FOR_TRAINING, .set = set_count, .at = AT(prep.n_steps), .fixes = FLT_FIX_STEPS, .preset = "0",
	 .bounds = {.lo = 0, .hi = 1000},
	 .help = "N thresholds of numeric columns become 0/1 inputs, at most 8 a column: where decision trees on the fit rows "
	         "split best; helps where the classes part sharply"},

	{"loss", .words = flt_loss_words, .group = GROUP_LOSS, .commands = FOR_TRAINING, .set = set_bool_word, .at = AT_GIVEN(focal),
	 .preset = "bce",
	 .also = WORDS("objective", "criterion"),
	 .help = "binary cross-entropy, or focal loss, which gives less weight to rows that are already easy"},
	{"gamma", .value = "G", .group = GROUP_LOSS, .commands = FOR_TRAINING, .set = set_number, .at = AT_GIVEN(gamma), .preset = "2",
	 .bounds = {.lo = 0, .hi = 10}, .shows_bounds = true,
	 .help = "how strongly focal loss discounts easy rows; implies --loss focal"},
	{"alpha", .value = "A", .group = GROUP_LOSS, .commands = FOR_TRAINING, .set = set_number_or_off, .at = AT_GIVEN(alpha), .preset = "off",
	 .bounds = {.lo = 0, .hi = 1, .above = true, .below = true}, .shows_bounds = true,
	 .help = "weight of the positive class in the loss; the other class gets 1 - A"},
	{"pos-weight", .value = "W|balanced", .group = GROUP_LOSS, .commands = FOR_TRAINING, .set = set_pos_weight, .preset = "none",
	 .bounds = {.lo = 0, .hi = 1e6, .above = true},
	 .also = WORDS("class-weight", "scale-pos-weight"),
	 .help = "weight of a positive row in the loss; balanced: negatives / positives"},
	{"output-bias", .words = WORDS("optimal", "zero"), .group = GROUP_LOSS, .commands = FOR_TRAINING, .set = set_bool_word,
	 .at = AT(train.zero_output_bias), .preset = "optimal",
	 .help = "initial output bias: the best constant under the loss, or 0 as in textbooks"},

	{"preset", .words = flt_preset_words, .group = GROUP_NETWORK, .commands = FOR_TRAINING, .set = set_word,
	 .at = AT(preset), .preset = "default",
	 .help = "how much work to do: with the size of the data it determines members, epochs and batch size"},
	{"recipe", .words = flt_recipe_words, .group = GROUP_NETWORK, .commands = FOR_TRAINING, .set = set_word,
	 .at = AT(recipe), .preset = "pool",
	 .help = "one kind of network, or a pool of all, each weighed by how well it scores rows that it left out"},
	{"members", .value = "K", .group = GROUP_NETWORK, .commands = FOR_TRAINING, .set = set_count, .at = AT(members),
	 .otherwise = "chosen by --preset", .bounds = {.lo = 1, .hi = FLT_MAX_MEMBERS},
	 .also = WORDS("ensemble", "n-estimators", "bag"),
	 .help = "number of networks whose probabilities are averaged; several form a bag, each leaving out different rows"},
	{"hidden", .value = "N,...|none", .group = GROUP_NETWORK, .commands = FOR_TRAINING, .set = set_hidden, .bounds = {.lo = 1, .hi = 1000000},
	 .fixes = FLT_FIX_HIDDEN, .otherwise = "chosen by --preset",
	 .also = WORDS("layers", "units", "hidden-layers", "hidden-layer-sizes"),
	 .help = "sizes of the hidden layers; none: logistic regression, at its optimum unless you choose how to train it by mini-batches"},
	{"activation", .words = flt_activation_words, .group = GROUP_NETWORK, .commands = FOR_TRAINING, .set = set_word,
	 .at = AT(train.activation), .fixes = FLT_FIX_ACTIVATION, .otherwise = "chosen by --preset",
	 .help = "activation function of the hidden layers"},
	{"dropout", .value = "P", .group = GROUP_NETWORK, .commands = FOR_TRAINING, .set = set_number, .at = AT(train.dropout), .bounds = {.lo = 0, .hi = 1, .below = true},
	 .fixes = FLT_FIX_DROPOUT, .otherwise = "chosen by --preset",
	 .help = "share of hidden units dropped in each training step"},

	{"embedding", .words = flt_embedding_words, .group = GROUP_NETWORK, .commands = FOR_TRAINING, .set = set_word,
	 .at = AT(train.embedding), .fixes = FLT_FIX_EMBEDDING, .otherwise = "chosen by --recipe",
	 .help = "periodic embeddings of the numeric inputs"},
	{"front-scale", .words = WORDS("no", "yes"), .group = GROUP_NETWORK, .commands = FOR_TRAINING, .set = set_bool_word,
	 .at = AT(train.front_scale), .fixes = FLT_FIX_FRONT_SCALE, .otherwise = "chosen by --recipe",
	 .help = "learnable scale factor on each input"},
	{"ema", .value = "D", .group = GROUP_OPTIMIZER, .commands = FOR_TRAINING, .set = set_number, .at = AT(train.ema),
	 .bounds = {.lo = 0, .hi = 1, .below = true}, .fixes = FLT_FIX_EMA, .otherwise = "0: off",
	 .help = "decay of a running average of the weights, which is used if it validates better"},

	{"optimizer", .words = flt_optimizer_words, .group = GROUP_OPTIMIZER, .commands = FOR_TRAINING, .set = set_word,
	 .at = AT(train.optimizer), .fixes = FLT_FIX_OPTIMIZER, .otherwise = "chosen by --preset",
	 .help = "algorithm that updates the weights; newton finds the optimum of --hidden none, where it is the default"},
	{"lr", .value = "RATE", .group = GROUP_OPTIMIZER, .commands = FOR_TRAINING, .set = set_number, .at = AT(train.lr), .bounds = {.lo = 0, .hi = 100, .above = true},
	 .fixes = FLT_FIX_LR, .otherwise = "chosen by --preset",
	 .also = WORDS("learning-rate", "eta", "step-size"),
	 .help = "peak learning rate"},
	{"momentum", .value = "M", .group = GROUP_OPTIMIZER, .commands = FOR_TRAINING, .set = set_number, .at = AT(train.momentum),
	 .preset = "0", .bounds = {.lo = 0, .hi = 1, .below = true},
	 .help = "momentum of --optimizer sgd"},
	{"nesterov", .group = GROUP_OPTIMIZER, .commands = FOR_TRAINING, .set = set_switch, .at = AT(train.nesterov), .preset = "no",
	 .help = "use Nesterov momentum"},
	{"weight-decay", .value = "D", .group = GROUP_OPTIMIZER, .commands = FOR_TRAINING, .set = set_number,
	 .at = AT(train.weight_decay), .bounds = {.lo = 0, .hi = 1000},
	 .fixes = FLT_FIX_DECAY, .otherwise = "chosen by --preset",
	 .also = WORDS("l2", "regularization"),
	 .help = "decay of weights towards 0; biases are exempt; with newton the L2 penalty on the mean loss, scikit-learn's 1 / (C x rows), "
	         "else chosen on held-out rows"},
	{"schedule", .words = flt_schedule_words, .n_words = FLT_COSLOG4 + 1, .group = GROUP_OPTIMIZER, .commands = FOR_TRAINING, .set = set_word,
	 .at = AT(train.schedule), .fixes = FLT_FIX_SCHEDULE, .otherwise = "chosen by --preset",
	 .help = "how the learning rate changes during training"},
	{"batch", .value = "N", .group = GROUP_OPTIMIZER, .commands = FOR_TRAINING, .set = set_count, .at = AT(train.batch), .bounds = {.lo = 1, .hi = 16777216},
	 .fixes = FLT_FIX_BATCH, .otherwise = "chosen by --preset",
	 .also = WORDS("batch-size"),
	 .help = "rows per training step"},
	{"negatives", .value = "R|all", .group = GROUP_OPTIMIZER, .commands = FOR_TRAINING, .set = set_number_or_all, .at = AT(train.negatives),
	 .bounds = {.lo = 0, .hi = 1e9, .above = true}, .fixes = FLT_FIX_NEGATIVES, .otherwise = "chosen by --preset",
	 .also = WORDS("undersampling", "negative-sampling", "downsample"),
	 .help = "negative rows for each positive one in an epoch, drawn anew for each; they weigh as much as all of them, so "
	         "probabilities stay what they are; epochs that are compared by loss are judged by a draw, too"},
	{"order", .words = flt_order_words, .n_words = FLT_N_ORDERS, .group = GROUP_OPTIMIZER, .commands = FOR_TRAINING, .set = set_word,
	 .at = AT(train.order), .preset = "rows",
	 .help = "how the rows of an epoch are shuffled: rows: all of them; blocks: blocks of rows, then the rows within a "
	         "window of blocks, which reads data larger than memory in long pieces"},
	{"epochs", .value = "N", .group = GROUP_OPTIMIZER, .commands = FOR_TRAINING, .set = set_count, .at = AT(train.epochs), .bounds = {.lo = 1, .hi = FLT_MAX_EPOCHS},
	 .fixes = FLT_FIX_EPOCHS, .otherwise = "chosen by --preset",
	 .also = WORDS("n-epochs", "max-epochs", "iterations", "max-iter"),
	 .help = "maximum number of passes over the fit rows"},
	{"patience", .value = "N", .group = GROUP_OPTIMIZER, .commands = FOR_TRAINING, .set = set_count, .at = AT(train.patience), .bounds = {.lo = 0, .hi = 1000000},
	 .fixes = FLT_FIX_PATIENCE, .otherwise = "chosen by --preset",
	 .also = WORDS("early-stopping", "early-stopping-rounds", "n-iter-no-change"),
	 .help = "epochs without improvement before training stops; 0: never stop early"},
	{"monitor", .words = flt_monitor_words, .group = GROUP_OPTIMIZER, .commands = FOR_TRAINING, .set = set_word,
	 .at = AT(train.monitor), .otherwise = "ap; loss below 50 validation positives",
	 .help = "validation figure that selects the best epoch"},
	{"clip", .value = "NORM", .group = GROUP_OPTIMIZER, .commands = FOR_TRAINING, .set = set_number_or_off, .at = AT(train.clip),
	 .preset = "off", .bounds = {.lo = 0, .hi = 1e6, .above = true},
	 .help = "maximum norm of the gradient; longer ones are scaled down"},

	{"threshold", .value = "RULE", .group = GROUP_DECISION, .commands = FOR_TRAINING | FOR_PREDICT | FOR_EVALUATE, .set = set_rule, .preset = "f1",
	 .scoring = "the model's own",
	 .also = WORDS("f1", "recall", "precision", "cost", "top", "cutoff", "rule"),
	 .help = "how to choose the threshold from which a row is predicted positive: f1, fbeta:B, recall>=R, precision>=P, "
	         "top:K, rate:F, cost:FP:FN, or a probability; new rows reach the floors R and P with 90 % confidence, with "
	         "another after @, as in recall>=0.9@95, while @50 is the bare estimate; predict takes exactly the K rows, or "
	         "the share F, of the highest scores, and of equal ones the first, while a model keeps only their threshold"},
	{"calibrate", .words = flt_calibration_words, .group = GROUP_DECISION, .commands = FOR_TRAINING, .set = set_word, .at = AT(calibrate),
	 .preset = "auto",
	 .help = "how a score becomes a probability: the exact inverse of the loss, with Platt or isotonic calibration on top; auto: "
	         "Platt's line, drawn towards no change where rows are few"},

	{"prior", .value = "F|estimate", .group = GROUP_DECISION, .commands = FOR_TRAIN | FOR_SCORING, .set = set_prior,
	 .bounds = {.lo = 0, .hi = 1, .above = true, .below = true}, .otherwise = "as in training",
	 .help = "share of positive rows where the model will be used, if not that of these rows: figures are weighted to it, "
	         "probabilities and threshold follow; predict: or estimate, from all rows of the file"},
	{"by", .value = "COL,...", .group = GROUP_DECISION, .commands = FOR_EVALUATE, .set = set_text, .at = AT(by),
	 .help = "columns by whose values the figures are given too, each with those slices that differ from the rest by more than "
	         "chance; many numbers are cut at their quintiles, many dates by month or year"},
	{"group-columns", .value = "COL,...", .group = GROUP_EXPLANATION, .commands = FOR_EXPLAIN, .effect = REPEATS, .set = set_group_columns,
	 .help = "columns that are shuffled together, since they tell much the same; can be given several times"},
	{"sample", .value = "N|all", .group = GROUP_EXPLANATION, .commands = FOR_EXPLAIN, .set = set_sample, .bounds = {.lo = 100, .hi = 1e9},
	 .otherwise = "as many as take some seconds, up to 20,000",
	 .also = WORDS("max-rows", "n-samples", "rows"),
	 .help = "rows to explain on: drawn so that figures are those of all rows; more of them take longer and make intervals "
	         "narrower"},
	{"require", .value = "GATES", .group = GROUP_DECISION, .commands = FOR_EVALUATE | FOR_CHECK, .set = set_gates, .at = AT(require),
	 .help = "exit with 5 unless all of these hold: 'ap>=0.6,recall@precision=0.9>=0.3,ap.lo>=0.5'; check: "
	         "'leaks=0,copies<=0.01,drift=0,suspects<=0.02'"},

	{"output", 'o', .value = "FILE", .group = GROUP_OUTPUT, .commands = FOR_TRAIN | FOR_PREDICT | FOR_EVALUATE | FOR_REPORT | FOR_EXPORT, .set = set_text, .at = AT(output),
	 .otherwise = "name of DATA + .safetensors, in the current folder", .scoring = "predict: stdout",
	 .reporting = "name of FILE + .html, in the current folder",
	 .exporting = "name of MODEL with the ending of the language, in the current folder",
	 .also = WORDS("out", "save", "output-file", "model", "model-file"),
	 .help = "output file: model of train, rows of predict, model with a new threshold of evaluate, page of report, code of export"},
	{"to", .words = flt_export_target_words, .group = GROUP_OUTPUT, .commands = FOR_EXPORT, .set = set_target, .otherwise = "c",
	 .help = "what to write: a file of C99 and its header, or an ONNX graph of standard operators"},
	{"verify", .value = "FILE", .group = GROUP_OUTPUT, .commands = FOR_EXPORT, .set = set_text, .at = AT(verify),
	 .otherwise = "nothing is compared",
	 .also = WORDS("check", "proof"),
	 .help = "score the rows of this file with the export itself and with the model, and write it only if they agree: "
	         "within 1e-6 of the log-odds, --to onnx within 1e-4; a model made smaller is compared with itself"},
	{"precision", .words = flt_precision_words, .group = GROUP_OUTPUT, .commands = FOR_EXPORT, .set = set_word, .at = AT(precision), .preset = "float",
	 .also = WORDS("quantize", "quantise"),
	 .help = "weights as they are, or in eight bits, in a unit for each output of a layer; with --verify and labelled rows "
	         "the PR-AUC that is lost is told"},
	{"max-size", .value = "SIZE", .group = GROUP_OUTPUT, .commands = FOR_EXPORT, .set = set_small_size, .at = AT(max_size),
	 .otherwise = "none",
	 .help = "leave out networks, those that weigh least first, until the constants of the compiled file, or the "
	         "ONNX file, fit into so many bytes, such as 64K or 1.5M"},
	{"no-model", .group = GROUP_OUTPUT, .commands = FOR_TRAIN, .set = set_switch, .at = AT(no_model), .preset = "no",
	 .help = "do not write a model"},
	{"background", .value = "N", .group = GROUP_EXPLANATION, .commands = FOR_TRAIN, .set = set_count, .at = AT(n_background), .preset = "32",
	 .bounds = {.lo = 0, .hi = FLT_BACKGROUND_MOST},
	 .help = "fit rows that the model keeps for predict --reasons, which measures a row against them; 0: none, so that the "
	         "model holds no row of the data"},
	{"reasons", .value = "K", .group = GROUP_EXPLANATION, .commands = FOR_PREDICT, .set = set_count, .at = AT(n_reasons),
	 .bounds = {.lo = 1, .hi = FLT_MOST_REASONS}, .otherwise = "none",
	 .also = WORDS("explain", "explanations", "shap", "contributions"),
	 .help = "say for each row which K columns moved its log-odds most, away from the mean of the model's background rows, "
	         "and by how much"},
	{"keep-all", .group = GROUP_OUTPUT, .commands = FOR_PREDICT, .set = set_switch, .at = AT(keep_all), .preset = "no",
	 .also = WORDS("keep-columns", "all-columns"),
	 .help = "repeat every column of the input before the predictions"},
	{"follow", .group = GROUP_RUN, .commands = FOR_PREDICT, .set = set_switch, .at = AT(follow), .preset = "no",
	 .also = WORDS("stream", "unbuffered", "line-buffered", "serve", "service"),
	 .help = "answer each row as soon as its line is there, for services and queues; a row without a prediction says why in a "
	         "last column, error, and only with --strict ends the command"},
	{"strict", .group = GROUP_RUN, .commands = FOR_SCORING, .set = set_switch, .at = AT(strict), .preset = "no",
	 .help = "exit with 3, and write no predictions or model, if a column of the file differs suddenly from training: "
	         "empty, rescaled, out of range, or of unknown categories"},
	{"json", .value = "FILE", .group = GROUP_OUTPUT, .commands = FOR_LABELLED | FOR_SCORING | FOR_INSPECT, .set = set_text, .at = AT(json),
	 .help = "write all figures as JSON; -: to stdout, which then holds nothing else"},
	{"report", .value = "FILE", .group = GROUP_OUTPUT, .commands = FOR_LABELLED | FOR_EVALUATE | FOR_EXPLAIN, .set = set_text, .at = AT(report),
	 .also = WORDS("html", "page"),
	 .help = "write all figures as an HTML page with pictures, which needs nothing else; -: to stdout"},
	{"card", .value = "FILE", .group = GROUP_OUTPUT, .commands = FOR_INSPECT, .set = set_text, .at = AT(card),
	 .help = "write a model card in Markdown: use, data, figures and limits; -: to stdout"},
	{"predictions", .value = "FILE", .group = GROUP_OUTPUT, .commands = FOR_TRAIN | FOR_CV, .set = set_text, .at = AT(predictions),
	 .also = WORDS("scores"),
	 .help = "write probability, label and score of each test row as CSV (cv: of each row, out of fold)"},
	{"suspects", .value = "FILE", .group = GROUP_OUTPUT, .commands = FOR_CHECK, .set = set_text, .at = AT(suspects),
	 .help = "write the rows whose label the other rows contradict as CSV, the surest first"},
	{"log", .value = "FILE", .group = GROUP_OUTPUT, .commands = FOR_TRAINING, .set = set_text, .at = AT(log),
	 .help = "write one line of JSON per epoch"},
	{"curves", .value = "FILE", .group = GROUP_OUTPUT, .commands = FOR_COMPARE, .set = set_text, .at = AT(curves),
	 .help = "write precision and recall at each threshold as CSV, for any plotting tool"},
	{"checkpoint", .value = "FILE", .group = GROUP_RUN, .commands = FOR_TRAINING, .set = set_text, .at = AT(checkpoint),
	 .help = "save the state of training to this file for --resume, about every ten seconds and on interrupt; it is "
	         "removed when training is done; the state of another training is never overwritten"},
	{"resume", .value = "FILE", .group = GROUP_RUN, .commands = FOR_TRAINING, .set = set_text, .at = AT(resume),
	 .help = "continue from this checkpoint with the same data and options; the results are the same as without the "
	         "interruption; the file is kept up to date unless --checkpoint names another"},
	{"config", .value = "FILE", .group = GROUP_RUN, .commands = FOR_ALL, .effect = READS_FILE, .set = set_text, .at = AT(config),
	 .help = "read options from a file of lines `key = value`; options on the command line take precedence"},
	{"print-config", .group = GROUP_RUN, .commands = FOR_TRAINING, .effect = ASKS, .set = set_switch, .at = AT(print_config),
	 .help = "print a config file for this run and exit"},
	{"threads", .value = "N", .group = GROUP_RUN, .commands = FOR_ALL, .set = set_threads, .preset = "all",
	 .bounds = {.lo = 1, .hi = 1024},
	 .also = WORDS("jobs", "n-jobs", "cores", "workers"),
	 .help = "number of threads; never changes a result"},
	{"memory-limit", .value = "SIZE", .group = GROUP_RUN, .commands = FOR_ALL, .set = set_size, .at = AT(memory_limit),
	 .otherwise = "80 % of the free memory",
	 .also = WORDS("memory", "max-memory"),
	 .help = "maximum memory, such as 500M or 4G (units of 1024), or none; work that needs more is refused with the amount "
	         "it needs"},
	{"cache", .value = "DIR", .group = GROUP_RUN, .commands = FOR_ALL, .set = set_text, .at = AT(cache),
	 .also = WORDS("cache-dir", "tmpdir", "tmp-dir"),
	 .help = "keep large arrays in a file of this folder instead of memory, for data larger than memory; train leaves the "
	         "prepared rows of a single network there for its next run with the same data and options"},
	{"force", .group = GROUP_RUN, .commands = FOR_TRAINING, .set = set_switch, .at = AT(force), .preset = "no",
	 .help = "allow --alpha together with --pos-weight"},
	{"no-clobber", .group = GROUP_OUTPUT, .commands = FOR_ALL, .set = set_switch, .at = AT(no_clobber), .preset = "no",
	 .help = "refuse to replace files that exist; a checkpoint may still be"},
	{"plot", .group = GROUP_OUTPUT, .commands = FOR_TRAIN | FOR_EVALUATE, .set = set_switch, .at = AT(plot), .preset = "no",
	 .help = "draw the precision-recall curve, the probabilities beside what the rows were, and the scores of both classes"},
	{"progress", .words = flt_progress_style_words, .n_words = FLT_N_PROGRESS_STYLES, .group = GROUP_RUN,
	 .commands = FOR_LABELLED | FOR_SCORING, .set = set_word, .at = AT(progress), .otherwise = "a bar on a terminal, lines with -v elsewhere",
	 .help = "how long work shows on stderr how far it is: a bar, a line every ten seconds, or a line of JSON every second, for "
	         "programs that run this one"},
	{"quiet", 'q', .group = GROUP_RUN, .commands = FOR_ALL, .set = set_switch, .at = AT(quiet), .preset = "no",
	 .also = WORDS("silent"),
	 .help = "only errors on stderr"},
	{"verbose", 'v', .group = GROUP_RUN, .commands = FOR_ALL & ~(FOR_REPORT | FOR_EXPORT), .set = set_switch, .at = AT(verbose), .preset = "no",
	 .also = WORDS("debug"),
	 .help = "one line per epoch on stderr, more figures in the report",
	 .elsewhere = MEANINGS({FOR_COMPARE | FOR_CV, "one line on stderr for each training, as it ends"},
	                       {FOR_PREDICT, "say on stderr how many rows were scored, and in how many seconds"},
	                       {FOR_EVALUATE, "more figures in the report"},
	                       {FOR_CHECK | FOR_EXPLAIN, "all columns in the report, not only those that tell most"},
	                       {FOR_INSPECT, "all columns, the shares of their categories, and the options of the training"})},
	{"help", 'h', .group = GROUP_RUN, .commands = FOR_ALL | FOR_DEMO, .effect = ENDS, .set = set_switch, .at = AT(help),
	 .help = "show this help and exit"},
	{"version", 'V', .group = GROUP_RUN, .commands = FOR_ALL | FOR_DEMO, .effect = ENDS, .set = set_switch, .at = AT(version),
	 .help = "show the versions of fltrain, compiler and OpenBLAS, and exit"},
	{"help-markdown", .group = GROUP_RUN, .commands = FOR_ALL | FOR_DEMO, .effect = ENDS, .set = set_switch, .at = AT(help_markdown),
	 .hidden = true, .help = "the options as a table in Markdown"},
	{"help-manual", .group = GROUP_RUN, .commands = FOR_ALL | FOR_DEMO, .effect = ENDS, .set = set_switch, .at = AT(help_manual),
	 .hidden = true, .help = "the page as one of the manual"},
};
/* clang-format on */

const size_t flt_n_options = sizeof flt_options / sizeof *flt_options;
static_assert(sizeof flt_options / sizeof *flt_options <= MAX_OPTIONS, "struct parsed has room for every option");

const struct option *option_find(const char *name, size_t length)
{
	for (size_t i = 0; i < flt_n_options; i++)
		if (strlen(flt_options[i].name) == length && memcmp(flt_options[i].name, name, length) == 0)
			return &flt_options[i];
	return NULL;
}

size_t option_row(const char *name)
{
	const struct option *option = option_find(name, strlen(name));
	assert(option);
	return (size_t)(option - flt_options);
}

const struct option *option_of_other_name(const char *name, unsigned commands)
{
	for (size_t i = 0; i < flt_n_options; i++)
		for (const char *const *also = flt_options[i].also; also && *also; also++)
			if ((flt_options[i].commands & commands) && strcasecmp(name, *also) == 0)
				return &flt_options[i];
	return NULL;
}

void option_suggest(const char *wrong, const char *dashes, unsigned commands, char *text, size_t size)
{
	const char *names[MAX_OPTIONS];
	char dashed[100];
	snprintf(dashed, sizeof dashed, "%s", wrong);
	for (char *at = dashed; (at = strchr(at, '_'));)
		*at = '-';
	size_t n_names = 0;
	for (size_t i = 0; i < flt_n_options; i++)
		if ((flt_options[i].commands & commands) && !flt_options[i].hidden)
			names[n_names++] = flt_options[i].name;
	const struct option *elsewhere = option_of_other_name(dashed, commands);
	const char *nearest = elsewhere ? elsewhere->name : flt_nearest(dashed, names, n_names);
	if (nearest)
		snprintf(text, size, "; did you mean %s%s?", dashes, nearest);
	else
		text[0] = '\0';
}
