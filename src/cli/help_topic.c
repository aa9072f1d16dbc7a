/* `fltrain help TOPIC`: a command, an option, or a word of the reports. */
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "cli/help.h"
#include "cli/option_table.h"

/* Words that reports use, as they are explained to people. Names are in lower case. */
static const struct word {
	const char *name, *meaning;
} WORDS_OF_REPORTS[] = {
        {"accuracy",
         "share of rows that are called what they are. Where positives are rare, calling every row negative "
         "is accurate, too."},
        {"alarms", "rows that are called positive; reports count them per 10,000 rows."},
        {"base", "the mean log-odds of the background rows, a few rows of training that the model keeps: from there "
                 "predict --reasons counts what each column adds, up to the row's own log-odds."},
        {"brier", "mean squared error of the probabilities; 0 is perfect."},
        {"calibration", "how far probabilities are true: of rows that were said to be positive with 10 %, one in ten "
                        "should be. Reports set the mean of what was said beside what was observed."},
        {"chance", "the PR-AUC that a random ranking of these rows has on average, and the value that 95 % of such "
                   "rankings stay below."},
        {"ece", "expected calibration error: how far probabilities are from what happened, on average over 15 bins of "
                "rows; beside it stands what a model whose probabilities are all true would show by chance."},
        {"effects", "of explain: how the mean probability moves along a column while all others stay as they are "
                    "(accumulated local effects)."},
        {"f1", "one figure for precision and recall, their harmonic mean: 2 TP / (2 TP + FP + FN)."},
        {"importance", "of explain: how much worse a model ranks rows (PR-AUC lost) and how much less true its "
                       "probabilities are (log-loss gained) when a column's values are shuffled among the rows."},
        {"interactions",
         "of explain: how far what two columns do together is from the sum of what each does alone, in log-odds."},
        {"interval", "the figures in brackets: for rows drawn anew, 95 % of such intervals hold the true value."},
        {"log-loss", "mean of -log of the probability that the true class was given; lower is better."},
        {"log-odds", "log(p / (1 - p)) of a probability p: 0 is 50 %, +1 makes the odds 2.7 times as high, -1 2.7 "
                     "times as low. Reasons add up in log-odds, not in probabilities."},
        {"mcc", "Matthews correlation coefficient of the predicted and the true class; 1 is perfect, 0 is guessing."},
        {"pr-auc", "average precision: precision averaged over all recalls, so over all thresholds. 1 is perfect; "
                   "guessing gets about the prevalence."},
        {"precision", "share of the alarms that are right: TP / (TP + FP)."},
        {"prevalence", "share of rows that are positive."},
        {"reasons", "of predict: the columns that moved a row's log-odds most, away from the base, each with how far. "
                    "They say why the model said so, not what causes the class."},
        {"recall", "share of the positive rows that are found: TP / (TP + FN)."},
        {"roc-auc", "how often a positive row ranks above a negative one; 1 is perfect, 0.5 is guessing. It looks high "
                    "where positives are rare."},
        {"star", "after a figure: it was measured on rows that had a part in choosing it; expect less on new rows."},
};
enum { N_WORDS = sizeof WORDS_OF_REPORTS / sizeof *WORDS_OF_REPORTS, MOST_TOPICS = MAX_OPTIONS + N_WORDS + 16 };

static const struct option *find_option(const char *topic)
{
	const char *name = topic + strspn(topic, "-");
	const struct option *option = option_find(name, strlen(name));
	for (size_t i = 0; i < flt_n_options && strlen(name) == 1; i++)
		if (flt_options[i].letter == name[0])
			option = &flt_options[i];
	return option && !option->hidden ? option : NULL;
}

static const struct word *find_word(const char *topic)
{
	for (size_t i = 0; i < N_WORDS; i++)
		if (strcasecmp(topic, WORDS_OF_REPORTS[i].name) == 0)
			return &WORDS_OF_REPORTS[i];
	return NULL;
}

static enum flt_status refuse(const char *topic, struct flt_error *err)
{
	const char *names[MOST_TOPICS];
	size_t n = 0;
	for (size_t i = 0; i < flt_n_commands; i++)
		names[n++] = flt_commands[i].name;
	for (size_t i = 0; i < flt_n_options; i++)
		names[n++] = flt_options[i].hidden ? NULL : flt_options[i].name;
	for (size_t i = 0; i < N_WORDS; i++)
		names[n++] = WORDS_OF_REPORTS[i].name;
	const char *nearest = flt_nearest(topic + strspn(topic, "-"), names, n);
	return flt_fail(err, FLT_ERR_USAGE, "help %s: is no command, option or word of a report; %s%s%s", topic,
	                nearest ? "did you mean " : "see fltrain help", nearest ? nearest : "", nearest ? "?" : "");
}

void help_each_word(void (*take)(void *context, const char *name, const char *meaning), void *context)
{
	for (size_t i = 0; i < N_WORDS; i++)
		take(context, WORDS_OF_REPORTS[i].name, WORDS_OF_REPORTS[i].meaning);
}

enum flt_status help_topic(FILE *out, const char *topic, struct flt_error *err)
{
	const struct command *command = topic ? command_find(topic) : NULL;
	const struct option *option = topic ? find_option(topic) : NULL;
	const struct word *word = topic ? find_word(topic) : NULL;
	if (!topic)
		help_program(out);
	else if (command)
		help_command(out, command);
	else if (option)
		help_option(out, option);
	if (word)
		help_text(out, word->name, word->meaning);
	return !topic || command || option || word ? FLT_OK : refuse(topic, err);
}
