#include "cli/commands.h"

#include <string.h>
#include <strings.h>

#include "cli/option.h"

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

const struct command flt_commands[] = {
        {.name = "train",
         .bit = FOR_TRAIN,
         .arguments = "DATA.csv...",
         .min_files = 1,
         .max_files = MAX_FILES,
         .summary = "train on some rows, report on others",
         .does = WORDS("fit", "learn"),
         .about = "Reads DATA.csv (- is stdin; gzip is unpacked; several files are one table) and splits its rows into "
                  "fit, validation and test rows. The network learns from the fit rows; the validation rows choose the "
                  "best epoch and the threshold; the test rows are used once, for the report. Progress goes to stderr, "
                  "the report to stdout.\n"
                  "\n"
                  "  fltrain --loss focal --gamma 2 data/fraud.csv\n"
                  "  fltrain --threshold 'recall>=0.9' --json report.json data/screening.csv\n"
                  "  fltrain --target defect january.csv february.csv march.csv.gz\n"
                  "  fltrain --config configs/defects.conf --seed 2 data/defects.csv\n"},
        {.name = "compare",
         .bit = FOR_COMPARE,
         .arguments = "DATA.csv...",
         .min_files = 1,
         .max_files = MAX_FILES,
         .summary = "test the claims about focal loss on your data",
         .does = WORDS("claims", "benchmark"),
         .about = "Trains the same network with different losses on the same folds, seeds and batches, prints every "
                  "figure with its interval and its difference from BCE, and gives a verdict on each claim: supported, "
                  "not supported, or the data cannot tell. Each variant is a single network (--preset fast) unless "
                  "told otherwise.\n"
                  "\n"
                  "  fltrain compare data/defects.csv\n"
                  "  fltrain compare --variant 'focal 1: --loss focal --gamma 1' data/churn.csv\n"
                  "  fltrain compare --config configs/defects.conf data/defects.csv\n"},
        {.name = "cv",
         .bit = FOR_CV,
         .arguments = "DATA.csv...",
         .min_files = 1,
         .max_files = MAX_FILES,
         .summary = "every figure with its spread, by cross-validation",
         .does = WORDS("cross-validate", "cross-validation", "k-fold", "kfold"),
         .about = "Splits the rows into folds, tests on each fold a model trained on the others, and repeats this with "
                  "other folds and seeds. With few positives this says more than a single test set can.\n"
                  "\n"
                  "  fltrain cv data/fraud.csv\n"
                  "  fltrain cv --folds 10 --repeats 1 --predictions scores.csv data/churn.csv\n"},
        {.name = "check",
         .bit = FOR_CHECK,
         .arguments = "DATA.csv...",
         .min_files = 1,
         .max_files = MAX_FILES,
         .summary = "what to know about a file before training on it",
         .does = WORDS("leaks", "drift", "copies", "duplicates", "profile", "validate"),
         .about = "Shows each column with its type, range and strength alone, and looks for columns or an order of "
                  "rows that give the class away, copies and contradicting labels, drift from old rows to new ones (of "
                  "--test FILE or along --time), and labels that the other rows contradict. Says what more positive "
                  "rows would bring. Takes seconds and writes no model. With --require it is a gate: exit code 5 if "
                  "the file is not good enough.\n"
                  "\n"
                  "  fltrain check data/fraud.csv\n"
                  "  fltrain check --test march.csv --require 'leaks=0,drift=0' data/fraud.csv\n"
                  "  fltrain check --suspects rows.csv data/churn.csv\n"
                  "\n"
                  "What can be required: rows, positives, prevalence, left_out (columns), missing (largest share in a "
                  "column), leaks (columns), order (0 or 1), copies, contradictions, suspects (shares of rows), units "
                  "(columns of which a part is in another unit); with --test or --time also drift (columns), unseen "
                  "(largest share in a column); with --test shared (share of its rows).\n"},
        {.name = "predict",
         .bit = FOR_PREDICT,
         .arguments = "MODEL [DATA.csv...]",
         .min_files = 1,
         .max_files = MAX_FILES,
         .summary = "score the rows of another file with a trained model",
         .does = WORDS("apply", "infer", "inference", "score"),
         .about = "Reads DATA.csv (no name or - is stdin; several files are one table) and writes a CSV line for each "
                  "row: its number or id, the probability of the positive class, the label by the model's threshold, "
                  "and the score. Columns are matched by name, in any order; columns that the model does not use are "
                  "ignored. Memory use does not grow with the files.\n"
                  "\n"
                  "  fltrain predict fraud.safetensors march.csv >scored.csv\n"
                  "  zcat march.csv.gz | fltrain predict fraud.safetensors | head\n"
                  "  fltrain predict --keep-all --threshold top:100 fraud.safetensors march.csv\n"},
        {.name = "evaluate",
         .bit = FOR_EVALUATE,
         .arguments = "MODEL DATA.csv...",
         .min_files = 2,
         .max_files = MAX_FILES,
         .summary = "how good a model is on labelled rows, or a new threshold",
         .does = WORDS("metrics", "slices"),
         .about = "Scores the rows of DATA.csv (several files are one table), compares the predictions with the target "
                  "column and prints the same figures as train. With --require it is a gate: exit code 5 if a figure "
                  "is not good enough. With --threshold and -o it writes the model with a new threshold, chosen on "
                  "these rows.\n"
                  "\n"
                  "  fltrain evaluate fraud.safetensors march.csv\n"
                  "  fltrain evaluate --require 'ap>=0.6,ap.lo>=0.5' fraud.safetensors march.csv\n"
                  "  fltrain evaluate --threshold top:100 -o new.safetensors m.safetensors may.csv\n"},
        {.name = "explain",
         .bit = FOR_EXPLAIN,
         .arguments = "MODEL DATA.csv...",
         .min_files = 2,
         .max_files = MAX_FILES,
         .summary = "which columns a trained model relies on, and how",
         .does = WORDS("importance", "feature-importance", "importances", "permutation-importance", "effects", "effect",
                       "interactions", "pdp", "partial-dependence", "ale", "correlated"),
         .about = "Shuffles each column of DATA.csv in turn and measures what that costs the model; shows how the "
                  "probability moves along the columns that matter most, which of them act together, and which tell "
                  "much the same. The file should have the target and rows that the model did not learn from; without "
                  "the target, it shows how far each column moves the log-odds. Takes some seconds.\n"
                  "\n"
                  "  fltrain explain fraud.safetensors march.csv\n"
                  "  fltrain explain --group-columns city,zip fraud.safetensors march.csv\n"
                  "  fltrain explain --report why.html fraud.safetensors march.csv\n"},
        {.name = "inspect",
         .bit = FOR_INSPECT,
         .arguments = "MODEL",
         .min_files = 1,
         .max_files = 1,
         .summary = "what a model file contains, and where it is from",
         .does = WORDS("info", "describe", "summary", "show", "dump"),
         .about = "Prints what the model predicts and from which columns, how a score becomes a probability and a "
                  "label, how it was trained and how good it was then.\n"
                  "\n"
                  "  fltrain inspect fraud.safetensors\n"
                  "  fltrain inspect --json - fraud.safetensors | jq .rule\n"
                  "  fltrain inspect --card fraud.md fraud.safetensors\n"},
        {.name = "export",
         .bit = FOR_EXPORT,
         .arguments = "MODEL",
         .min_files = 1,
         .max_files = 1,
         .summary = "write a trained model as C or ONNX, proven to score alike",
         .about = "Writes the model as one C99 file and its header, which need no library but C's, or as an ONNX "
                  "graph of standard operators: the columns, the preparation, all networks, the probability and the "
                  "threshold. With --verify the file scores the rows of DATA.csv beside the model itself: compiled "
                  "with cc (or $CC), or by an evaluator of ONNX; exit code 5, and nothing written, if the log-odds "
                  "of a row differ by more than 1e-6, of ONNX by more than 1e-4.\n"
                  "\n"
                  "  fltrain export fraud.safetensors\n"
                  "  fltrain export --to c --verify march.csv -o scorer/fraud.c fraud.safetensors\n"
                  "  fltrain export --to onnx --verify march.csv fraud.safetensors\n"
                  "  fltrain export --precision int8 --max-size 64K fraud.safetensors\n"},
        {.name = "report",
         .bit = FOR_REPORT,
         .arguments = "REPORT.json",
         .min_files = 1,
         .max_files = 1,
         .summary = "make an HTML page of a report that --json wrote",
         .about = "Reads the JSON report of train, evaluate, cv, compare or check (- is stdin) and writes the page "
                  "that --report would have written with it: the verdict in words, and every figure as a picture and "
                  "as numbers. The page is one file that needs nothing else. A file of its name is replaced only if it "
                  "is such a page.\n"
                  "\n"
                  "  fltrain report fraud.json\n"
                  "  fltrain report -o pages/march.html fraud.json\n"
                  "  fltrain --json - data/fraud.csv | fltrain report -o fraud.html -\n"},
        {.name = "demo",
         .bit = FOR_DEMO,
         .arguments = "[FOLDER]",
         .min_files = 0,
         .max_files = 1,
         .summary = "a tour: six commands on a table that comes along",
         .does = WORDS("tour", "example", "examples", "tutorial"),
         .about = "Makes a new FOLDER (fltrain-demo), writes four simulated tables to it, and runs six commands there, "
                  "each shown before what it prints: check, train, inspect, predict, evaluate, explain. Each can then "
                  "be typed in that folder. Takes some seconds and replaces nothing.\n"
                  "\n"
                  "  fltrain demo\n"
                  "  fltrain demo /tmp/tour\n"},
};
const size_t flt_n_commands = sizeof flt_commands / sizeof *flt_commands;

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < flt_n_commands; i++)
		if (strcmp(flt_commands[i].name, name) == 0)
			return &flt_commands[i];
	return NULL;
}

const struct command *command_that_does(const char *what)
{
	for (size_t i = 0; i < flt_n_commands; i++)
		for (const char *const *word = flt_commands[i].does; word && *word; word++)
			if (strcasecmp(*word, what) == 0)
				return &flt_commands[i];
	return command_find(what);
}
