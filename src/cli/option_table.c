/*
 * Defaults are texts that go through the same setter as user input, so a default that its own bounds refuse cannot
 * exist.
 */
#include "cli/option_table.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/parsed.h"
#include "cli/setters.h"

const char *const flt_option_groups[N_GROUPS] = {
        [GROUP_DATA] = "Data",         [GROUP_SPLIT] = "Split",     [GROUP_PREPARATION] = "Preparation",
        [GROUP_LOSS] = "Loss",         [GROUP_NETWORK] = "Network", [GROUP_OPTIMIZER] = "Optimizer",
        [GROUP_DECISION] = "Decision", [GROUP_RUN] = "Run",
};

/* Where a setter puts the value: what is asked for directly, or what resolve.c still turns into something else. */
#define AT(field) offsetof(struct parsed, settings.field)
#define AT_GIVEN(field) offsetof(struct parsed, field)
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* In order of the enum or bool that they set. */
#define SCALES WORDS("robust", "standard", "quantile", "none")
#define ACTIVATIONS WORDS("relu", "selu", "silu", "mish", "tanh")
#define OPTIMIZERS WORDS("sgd", "adam", "adamw")
#define SCHEDULES WORDS("constant", "cosine", "coslog4")
#define CALIBRATIONS WORDS("auto", "map", "platt", "isotonic", "none")

/* clang-format off */
const struct option flt_options[] = {
	{"target", .value = "NAME", .group = GROUP_DATA, .commands = FOR_TRAINING, .set = set_text, .at = AT(table.target),
	 .otherwise = "a column called class, label, target or y, else the last",
	 .help = "the column to predict"},
	{"positive", .value = "VALUE,...", .group = GROUP_DATA, .commands = FOR_TRAINING, .set = set_text, .at = AT(table.positive),
	 .otherwise = "the rarer class",
	 .help = "the value, or values, of the target that make a row positive"},
	{"id", .value = "COL", .group = GROUP_DATA, .commands = FOR_TRAINING | FOR_SCORING, .set = set_text, .at = AT(table.id),
	 .scoring = "as in training",
	 .help = "a column that names the row: kept for output, never learnt from"},
	{"drop", .value = "COL,...", .group = GROUP_DATA, .commands = FOR_TRAINING, .set = set_text, .at = AT(table.drop),
	 .help = "columns to leave out"},
	{"categorical", .value = "COL,...", .group = GROUP_DATA, .commands = FOR_TRAINING, .set = set_text, .at = AT(table.categorical),
	 .help = "columns to read as categories, whatever they look like"},
	{"numeric", .value = "COL,...", .group = GROUP_DATA, .commands = FOR_TRAINING | FOR_SCORING, .set = set_text, .at = AT(table.numeric),
	 .scoring = "as in training",
	 .help = "columns to read as numbers; text in them is missing"},
	{"na", .value = "TEXT,...", .group = GROUP_DATA, .commands = FOR_TRAINING | FOR_SCORING, .set = set_text, .at = AT(table.na),
	 .may_be_empty = true, .otherwise = "empty, ?, NA, N/A, NaN, nan, null",
	 .scoring = "as in training",
	 .help = "what stands for a missing value"},
	{"delimiter", .value = "C", .group = GROUP_DATA, .commands = FOR_TRAINING | FOR_SCORING, .set = set_delimiter,
	 .otherwise = "found among , ; tab |",
	 .help = "what separates fields: a character, or the word tab"},
	{"decimal", .value = "C", .group = GROUP_DATA, .commands = FOR_TRAINING | FOR_SCORING, .set = set_decimal, .preset = ".",
	 .scoring = "as in training",
	 .help = "the decimal mark, . or ,"},
	{"header", .words = WORDS("yes", "no"), .group = GROUP_DATA, .commands = FOR_TRAINING | FOR_SCORING, .set = set_header, .otherwise = "found",
	 .help = "whether the first line holds the names of the columns"},
	{"bad-rows", .words = WORDS("stop", "skip"), .group = GROUP_DATA, .commands = FOR_TRAINING | FOR_SCORING, .set = set_bool_word,
	 .at = AT(table.skip_bad_rows), .preset = "stop",
	 .help = "records with too few or too many fields: an error, or skipped and counted"},
	{"missing-target", .words = WORDS("stop", "drop"), .group = GROUP_DATA, .commands = FOR_TRAINING | FOR_EVALUATE, .set = set_bool_word,
	 .at = AT(table.drop_missing_target), .preset = "stop",
	 .help = "rows without a target: an error, or dropped and counted"},
	{"attainable-ap", .value = "F", .group = GROUP_DATA, .commands = FOR_TRAIN | FOR_COMPARE, .set = set_number, .at = AT(attainable_ap),
	 .bounds = {.lo = 0, .hi = 1, .above = true}, .shows_bounds = true,
	 .help = "the best PR-AUC that any model can reach, where it is known; shown beside the figures"},

	{"test", .value = "FILE", .group = GROUP_SPLIT, .commands = FOR_TRAIN, .set = set_text, .at = AT(test_file),
	 .otherwise = "part of DATA.csv",
	 .help = "the rows to judge on, in a file of their own"},
	{"test-fraction", .value = "F", .group = GROUP_SPLIT, .commands = FOR_TRAIN, .set = set_number, .at = AT(split.test_fraction),
	 .preset = "0.2", .bounds = {.lo = 0, .hi = 1, .below = true},
	 .help = "share of all rows to judge on; 0: none, and the report shows validation figures, marked *"},
	{"validation-fraction", .value = "F", .group = GROUP_SPLIT, .commands = FOR_TRAINING, .set = set_number,
	 .at = AT(split.validation_fraction), .preset = "0.2", .bounds = {.lo = 0, .hi = 1, .below = true},
	 .help = "share of all rows that choose the best epoch and the threshold; several members choose on rows that "
	         "each leaves out, and need none"},
	{"time", .value = "COL", .group = GROUP_SPLIT, .commands = FOR_TRAINING, .set = set_text, .at = AT(table.time),
	 .help = "numbers or ISO 8601 dates: test on the latest rows, validate on the latest before them"},
	{"group", .value = "COL", .group = GROUP_SPLIT, .commands = FOR_TRAINING, .set = set_text, .at = AT(table.group),
	 .help = "rows with the same value here stay on one side of the split"},
	{"seed", .value = "N", .group = GROUP_SPLIT, .commands = FOR_TRAINING, .set = set_count, .at = AT(seed), .preset = "1",
	 .bounds = {.lo = 0, .hi = 9007199254740991.0},
	 .help = "of everything random: split, first weights, order of rows, dropout, intervals"},

	{"folds", .value = "K", .group = GROUP_SPLIT, .commands = FOR_COMPARE | FOR_CV, .set = set_count, .at = AT(n_folds), .preset = "5",
	 .bounds = {.lo = 2, .hi = 1000},
	 .help = "parts that the rows are dealt to; each is the test once, for what was learnt from the others"},
	{"repeats", .value = "R", .group = GROUP_SPLIT, .commands = FOR_COMPARE | FOR_CV, .set = set_count, .at = AT(n_repeats), .preset = "3",
	 .bounds = {.lo = 1, .hi = 1000},
	 .help = "how many times, with other folds and other seeds"},

	{"variant", .value = "'NAME: OPTIONS'", .group = GROUP_LOSS, .commands = FOR_COMPARE, .effect = REPEATS, .set = set_variant,
	 .help = "one more to compare, as in 'focal 1: --loss focal --gamma 1'; may be given several times"},
	{"learning-curve", .group = GROUP_LOSS, .commands = FOR_COMPARE, .set = set_switch, .at = AT(learning_curve), .preset = "no",
	 .help = "also train BCE and focal on 25 and 50 % of the positives, to tell the loss from more data"},

	{"scale", .words = SCALES, .group = GROUP_PREPARATION, .commands = FOR_TRAINING, .set = set_word, .at = AT(prep.scale),
	 .preset = "standard",
	 .help = "how numeric columns are scaled, as learnt from the fit rows"},

	{"loss", .words = WORDS("bce", "focal"), .group = GROUP_LOSS, .commands = FOR_TRAINING, .set = set_bool_word, .at = AT_GIVEN(focal),
	 .preset = "bce",
	 .help = "binary cross-entropy, or focal loss, which turns down rows that are easy already"},
	{"gamma", .value = "G", .group = GROUP_LOSS, .commands = FOR_TRAINING, .set = set_number, .at = AT_GIVEN(gamma), .preset = "2",
	 .bounds = {.lo = 0, .hi = 10}, .shows_bounds = true,
	 .help = "how much focal loss turns easy rows down; alone it implies --loss focal"},
	{"alpha", .value = "A", .group = GROUP_LOSS, .commands = FOR_TRAINING, .set = set_number_or_off, .at = AT_GIVEN(alpha), .preset = "off",
	 .bounds = {.lo = 0, .hi = 1, .above = true, .below = true}, .shows_bounds = true,
	 .help = "weight of the positive class in the loss, 1 - A that of the other"},
	{"pos-weight", .value = "W|balanced", .group = GROUP_LOSS, .commands = FOR_TRAINING, .set = set_pos_weight, .preset = "none",
	 .bounds = {.lo = 0, .hi = 1e6, .above = true},
	 .help = "how many times a positive row counts in the loss; balanced: negatives / positives"},
	{"output-bias", .words = WORDS("optimal", "zero"), .group = GROUP_LOSS, .commands = FOR_TRAINING, .set = set_bool_word,
	 .at = AT(train.zero_output_bias), .preset = "optimal",
	 .help = "where the output starts: at the loss's own best constant, or at 0 as textbooks do"},

	{"preset", .words = WORDS("fast", "default", "best"), .group = GROUP_NETWORK, .commands = FOR_TRAINING, .set = set_word,
	 .at = AT(preset), .preset = "default",
	 .help = "how much work to do: members, epochs and batch follow from it and from the data's size"},
	{"recipe", .words = WORDS("mixed", "plain", "embedded"), .group = GROUP_NETWORK, .commands = FOR_TRAINING, .set = set_word,
	 .at = AT(recipe), .preset = "mixed",
	 .help = "the kind of network: a plain perceptron, one with periodic embeddings (RealMLP), or members of both"},
	{"members", .value = "K", .group = GROUP_NETWORK, .commands = FOR_TRAINING, .set = set_count, .at = AT(members),
	 .otherwise = "chosen by --preset", .bounds = {.lo = 1, .hi = FLT_MAX_MEMBERS},
	 .help = "networks whose probabilities are averaged; several are a bag, each leaving out other rows"},
	{"hidden", .value = "N,...|none", .group = GROUP_NETWORK, .commands = FOR_TRAINING, .set = set_hidden, .bounds = {.lo = 1, .hi = 1000000},
	 .fixes = FLT_FIX_HIDDEN, .otherwise = "chosen by --preset",
	 .help = "sizes of the hidden layers; none: logistic regression"},
	{"activation", .words = ACTIVATIONS, .group = GROUP_NETWORK, .commands = FOR_TRAINING, .set = set_word,
	 .at = AT(train.activation), .fixes = FLT_FIX_ACTIVATION, .otherwise = "chosen by --preset",
	 .help = "what follows each hidden layer"},
	{"dropout", .value = "P", .group = GROUP_NETWORK, .commands = FOR_TRAINING, .set = set_number, .at = AT(train.dropout), .bounds = {.lo = 0, .hi = 1, .below = true},
	 .fixes = FLT_FIX_DROPOUT, .otherwise = "chosen by --preset",
	 .help = "share of hidden units that each training step leaves out"},

	{"embedding", .words = WORDS("none", "pbld"), .group = GROUP_NETWORK, .commands = FOR_TRAINING, .set = set_word,
	 .at = AT(train.embedding), .fixes = FLT_FIX_EMBEDDING, .otherwise = "chosen by --recipe",
	 .help = "periodic embeddings of the numeric inputs"},
	{"front-scale", .words = WORDS("no", "yes"), .group = GROUP_NETWORK, .commands = FOR_TRAINING, .set = set_bool_word,
	 .at = AT(train.front_scale), .fixes = FLT_FIX_FRONT_SCALE, .otherwise = "chosen by --recipe",
	 .help = "a learnable factor on each input"},
	{"ema", .value = "D", .group = GROUP_OPTIMIZER, .commands = FOR_TRAINING, .set = set_number, .at = AT(train.ema),
	 .bounds = {.lo = 0, .hi = 1, .below = true}, .fixes = FLT_FIX_EMA, .otherwise = "0: off",
	 .help = "decay of a running average of the weights, which is kept where it validates better"},

	{"optimizer", .words = OPTIMIZERS, .group = GROUP_OPTIMIZER, .commands = FOR_TRAINING, .set = set_word,
	 .at = AT(train.optimizer), .fixes = FLT_FIX_OPTIMIZER, .otherwise = "chosen by --preset",
	 .help = "how the weights move"},
	{"lr", .value = "RATE", .group = GROUP_OPTIMIZER, .commands = FOR_TRAINING, .set = set_number, .at = AT(train.lr), .bounds = {.lo = 0, .hi = 100, .above = true},
	 .fixes = FLT_FIX_LR, .otherwise = "chosen by --preset",
	 .help = "learning rate, at the schedule's highest"},
	{"momentum", .value = "M", .group = GROUP_OPTIMIZER, .commands = FOR_TRAINING, .set = set_number, .at = AT(train.momentum),
	 .preset = "0", .bounds = {.lo = 0, .hi = 1, .below = true},
	 .help = "share of the last step that the next one keeps, with --optimizer sgd"},
	{"nesterov", .group = GROUP_OPTIMIZER, .commands = FOR_TRAINING, .set = set_switch, .at = AT(train.nesterov), .preset = "no",
	 .help = "Nesterov's form of momentum"},
	{"weight-decay", .value = "D", .group = GROUP_OPTIMIZER, .commands = FOR_TRAINING, .set = set_number,
	 .at = AT(train.weight_decay), .bounds = {.lo = 0, .hi = 1000},
	 .fixes = FLT_FIX_DECAY, .otherwise = "chosen by --preset",
	 .help = "pulls weights to 0, never biases"},
	{"schedule", .words = SCHEDULES, .group = GROUP_OPTIMIZER, .commands = FOR_TRAINING, .set = set_word,
	 .at = AT(train.schedule), .fixes = FLT_FIX_SCHEDULE, .otherwise = "chosen by --preset",
	 .help = "how the learning rate changes over the run"},
	{"batch", .value = "N", .group = GROUP_OPTIMIZER, .commands = FOR_TRAINING, .set = set_count, .at = AT(train.batch), .bounds = {.lo = 1, .hi = 16777216},
	 .fixes = FLT_FIX_BATCH, .otherwise = "chosen by --preset",
	 .help = "rows a step"},
	{"epochs", .value = "N", .group = GROUP_OPTIMIZER, .commands = FOR_TRAINING, .set = set_count, .at = AT(train.epochs), .bounds = {.lo = 1, .hi = 1000000},
	 .fixes = FLT_FIX_EPOCHS, .otherwise = "chosen by --preset",
	 .help = "most passes over the fit rows"},
	{"patience", .value = "N", .group = GROUP_OPTIMIZER, .commands = FOR_TRAINING, .set = set_count, .at = AT(train.patience), .bounds = {.lo = 0, .hi = 1000000},
	 .fixes = FLT_FIX_PATIENCE, .otherwise = "chosen by --preset",
	 .help = "epochs without a better one before training stops; 0: never stop early"},
	{"monitor", .words = WORDS("ap", "loss"), .group = GROUP_OPTIMIZER, .commands = FOR_TRAINING, .set = set_word,
	 .at = AT(train.monitor), .otherwise = "ap; loss below 50 validation positives",
	 .help = "what makes an epoch the best, on validation rows"},
	{"clip", .value = "NORM", .group = GROUP_OPTIMIZER, .commands = FOR_TRAINING, .set = set_number_or_off, .at = AT(train.clip),
	 .preset = "off", .bounds = {.lo = 0, .hi = 1e6, .above = true},
	 .help = "longest gradient a step may take"},

	{"threshold", .value = "RULE", .group = GROUP_DECISION, .commands = FOR_TRAINING | FOR_SCORING, .set = set_rule, .preset = "f1",
	 .scoring = "the model's own",
	 .help = "when a row is called positive: f1, fbeta:B, recall>=R, precision>=P, top:K, rate:F, cost:FP:FN, "
	         "or a probability"},
	{"calibrate", .words = CALIBRATIONS, .group = GROUP_DECISION, .commands = FOR_TRAINING, .set = set_word, .at = AT(calibrate),
	 .preset = "auto",
	 .help = "from score to probability: the loss's exact inverse map, with Platt or isotonic on top"},

	{"prior", .value = "F|estimate", .group = GROUP_DECISION, .commands = FOR_PREDICT, .set = set_prior,
	 .bounds = {.lo = 0, .hi = 1, .above = true, .below = true}, .otherwise = "as in training",
	 .help = "share of positive rows that probabilities are to be true to; estimate: found from all rows"},
	{"require", .value = "GATES", .group = GROUP_DECISION, .commands = FOR_EVALUATE, .set = set_text, .at = AT(require),
	 .help = "exit 5 unless all hold: 'ap>=0.6,recall@precision=0.9>=0.3,ap.lo>=0.5'"},

	{"output", 'o', .value = "FILE", .group = GROUP_RUN, .commands = FOR_TRAIN | FOR_SCORING, .set = set_text, .at = AT(output),
	 .otherwise = "DATA's stem + .safetensors, in the current folder", .scoring = "predict: stdout",
	 .help = "where to write: train its model, predict its rows, evaluate the model with another threshold"},
	{"no-model", .group = GROUP_RUN, .commands = FOR_TRAIN, .set = set_switch, .at = AT(no_model), .preset = "no",
	 .help = "write no model"},
	{"keep-all", .group = GROUP_RUN, .commands = FOR_PREDICT, .set = set_switch, .at = AT(keep_all), .preset = "no",
	 .help = "repeat every column of the input before what is predicted"},
	{"json", .value = "FILE", .group = GROUP_RUN, .commands = FOR_TRAINING | FOR_EVALUATE | FOR_INSPECT, .set = set_text, .at = AT(json),
	 .help = "write all figures as JSON; -: on stdout, and nothing else there"},
	{"predictions", .value = "FILE", .group = GROUP_RUN, .commands = FOR_TRAIN | FOR_CV, .set = set_text, .at = AT(predictions),
	 .help = "write score, probability and label of each test row as CSV (cv: of each row, out of fold)"},
	{"log", .value = "FILE", .group = GROUP_RUN, .commands = FOR_TRAINING, .set = set_text, .at = AT(log),
	 .help = "write one line of JSON an epoch"},
	{"curves", .value = "FILE", .group = GROUP_RUN, .commands = FOR_COMPARE, .set = set_text, .at = AT(curves),
	 .help = "write precision and recall at each threshold as CSV, for any plotting tool"},
	{"checkpoint", .value = "FILE", .group = GROUP_RUN, .commands = FOR_TRAIN, .set = set_text, .at = AT(checkpoint),
	 .help = "keep the state of training in this file for --resume, about every ten seconds and at an interrupt; it goes "
	         "when all is done, and the state of another training is never overwritten"},
	{"resume", .value = "FILE", .group = GROUP_RUN, .commands = FOR_TRAIN, .set = set_text, .at = AT(resume),
	 .help = "go on from this checkpoint, with the same data and options, to the same bytes as if it had not stopped; it "
	         "is kept up to date, unless --checkpoint names another file"},
	{"config", .value = "FILE", .group = GROUP_RUN, .commands = FOR_ALL, .effect = READS_FILE, .set = set_text, .at = AT(config),
	 .help = "read options from a file of lines `key = value`; options given beside it win"},
	{"print-config", .group = GROUP_RUN, .commands = FOR_TRAINING, .effect = ASKS, .set = set_switch, .at = AT(print_config),
	 .help = "print a config file that gives this run, and stop"},
	{"threads", .value = "N", .group = GROUP_RUN, .commands = FOR_ALL, .set = set_threads, .preset = "all",
	 .bounds = {.lo = 1, .hi = 1024},
	 .help = "how many to compute with; never changes a result"},
	{"memory-limit", .value = "SIZE", .group = GROUP_RUN, .commands = FOR_ALL, .set = set_size, .at = AT(memory_limit),
	 .otherwise = "80 % of what the machine has free",
	 .help = "most memory to use, as 500M or 4G (units of 1024), or none; more is refused, with what it would take"},
	{"force", .group = GROUP_RUN, .commands = FOR_TRAINING, .set = set_switch, .at = AT(force), .preset = "no",
	 .help = "allow --alpha together with --pos-weight"},
	{"quiet", 'q', .group = GROUP_RUN, .commands = FOR_ALL, .set = set_switch, .at = AT(quiet), .preset = "no",
	 .help = "nothing but errors on stderr"},
	{"verbose", 'v', .group = GROUP_RUN, .commands = FOR_ALL, .set = set_switch, .at = AT(verbose), .preset = "no",
	 .help = "a line for each epoch on stderr, more figures in the report"},
	{"help", 'h', .group = GROUP_RUN, .commands = FOR_ALL, .effect = ENDS, .set = set_switch, .at = AT(help),
	 .help = "show this and stop"},
	{"version", .group = GROUP_RUN, .commands = FOR_ALL, .effect = ENDS, .set = set_switch, .at = AT(version),
	 .help = "show the version, and what it was built and runs with"},
	{"help-markdown", .group = GROUP_RUN, .commands = FOR_ALL, .effect = ENDS, .set = set_switch, .at = AT(help_markdown),
	 .hidden = true, .help = "the options as a table in Markdown"},
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

void option_suggest(const char *wrong, const char *dashes, unsigned commands, char *text, size_t size)
{
	const char *names[MAX_OPTIONS];
	size_t n_names = 0;
	for (size_t i = 0; i < flt_n_options; i++)
		if ((flt_options[i].commands & commands) && !flt_options[i].hidden)
			names[n_names++] = flt_options[i].name;
	const char *nearest = flt_nearest(wrong, names, n_names);
	if (nearest)
		snprintf(text, size, "; did you mean %s%s?", dashes, nearest);
	else
		text[0] = '\0';
}
