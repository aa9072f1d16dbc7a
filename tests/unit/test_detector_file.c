/* The model file: a detector written and read back, and every way in which a damaged file is refused. */
#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apply_cells.h"
#include "base/alloc.h"
#include "base/digest.h"
#include "detector/background.h"
#include "detector/figures_section.h"
#include "detector/file.h"
#include "detector/tile.h"
#include "detector/model.h"
#include "detector/section_reader.h"
#include "suite.h"

#define N_OF(array) (sizeof(array) / sizeof *(array))

/* ---- a detector that uses every feature of the file format ---- */

static const double knots[] = {-1.5, 0, 0.1, 2, 2, 1e9}, steps[] = {-1.25, 0.1};
static const char *const levels[] = {"web", "caf\xe9", "\xe6\xbc\xa2 \"q\" \\ \n", "", "bar", "b\xe4r"};
enum { N_LEVELS = 4, N_MORE = 2 }; /* with a slot, and without */

static const size_t level_rows[] = {9000, 8000, 600, 5};
static const double effects[] = {0.5, -1e9, 1e-300, 0, 1.75, -0.1, 0.7, 0.25}; /* of levels, missing, all others */

static const struct flt_prep_column columns[] = {
        {.name = "amount",
         .type = FLT_NUMERIC,
         .use = FLT_USED_NUMERIC,
         .has_number = true,
         .has_indicator = true,
         .median = 0.1,
         .fences = {-7.25, 1e300},
         .quantiles = knots,
         .n_quantiles = N_OF(knots),
         .steps = steps,
         .n_steps = N_OF(steps),
         .profile = {.n_rows = 18000, .n_missing = 40, .quantiles = {-1.5, -1, 0, 0.1, 0.1, 0.25, 2, 2, 1e9}},
         .format = {.decimal = ',',
                    .thousands = FLT_THOUSANDS_POINT,
                    .prefix = "Rs.",
                    .suffix = "m\xb2",
                    .minus_sign = true,
                    .quotes = true}},
        {.name = "caf\xe9", /* Latin-1 */
         .type = FLT_CATEGORICAL,
         .use = FLT_USED_CATEGORICAL,
         .levels = levels,
         .n_levels = N_LEVELS,
         .n_more = N_MORE,
         .has_missing = true,
         .has_other = true,
         .has_effects = true,
         .effects = effects,
         .center = 0.3,
         .factor = 1.5,
         .profile = {.n_rows = 18000, .n_missing = 300, .level_rows = level_rows}},
        {.name = "id", .type = FLT_NUMERIC, .use = FLT_ID_LIKE},
        {.name = "fraud", .type = FLT_NUMERIC, .use = FLT_NOT_A_FEATURE},
        {.name = "site", .type = FLT_CATEGORICAL, .use = FLT_RARE, .reason = "each of 7 values is rare"},
        {.name = "d\xe9 (month)",
         .type = FLT_NUMERIC,
         .use = FLT_USED_NUMERIC,
         .source = "d\xe9",
         .part = FLT_DATE_MONTH,
         .date = {.shape = FLT_DATE_SLASHES, .order = FLT_DATE_MDY, .has_zone = true, .has_time = true},
         .has_number = true,
         .quantiles = knots,
         .n_quantiles = N_OF(knots)},
};

static void check_format(const struct flt_number_format *format, const struct flt_number_format *want)
{
	char text[FLT_FORMAT_TEXT], want_text[FLT_FORMAT_TEXT];
	flt_format_describe(format, true, text, sizeof text);
	flt_format_describe(want, true, want_text, sizeof want_text);
	ck_assert_str_eq(text, want_text); /* it names every part */
}

static char *copy(const char *text)
{
	char *made = flt_copy_text(text, strlen(text), NULL);
	ck_assert_ptr_nonnull(made);
	return made;
}

static double *copy_numbers(const double *values, size_t n)
{
	double *made = flt_alloc(n, sizeof *made, NULL);
	ck_assert_ptr_nonnull(made);
	memcpy(made, values, n * sizeof *made);
	return made;
}

static struct flt_mlp *network(const struct flt_prep *prep, uint64_t seed)
{
	bool numeric[16];
	struct flt_mlp_spec spec = {.n_in = flt_prep_n_features(prep),
	                            .n_hidden = 2,
	                            .hidden = {3, 2},
	                            .activation = FLT_SELU,
	                            .front_scale = true,
	                            .embedding = FLT_EMBEDDING_PBLD,
	                            .n_frequencies = 2,
	                            .n_embedded = 3,
	                            .numeric = numeric};
	ck_assert_uint_le(spec.n_in, N_OF(numeric));
	for (size_t i = 0; i < spec.n_in; i++)
		numeric[i] = flt_prep_feature_is_numeric(prep, i);
	struct flt_mlp *mlp;
	ck_assert_int_eq(flt_mlp_new(&spec, &mlp, NULL), FLT_OK);
	for (size_t i = 0; i < flt_mlp_n_params(mlp); i++)
		flt_mlp_params(mlp)[i] = sinf((float)(i + seed));
	return mlp;
}

/* Two refits: one without a difference in some features, one of the quantiles of another set of rows. */
static void add_refits(struct flt_detector *detector)
{
	static const double other_knots[] = {-7, 3, 11}, other_steps[] = {-9, 0.3, 1e300};
	static const double other_effects[N_OF(effects)] = {-0.5, 2, 3, 4, 5, 6, 7, 8};
	struct flt_prep_column views[N_OF(columns)];
	detector->refits = flt_alloc_zero(2, sizeof *detector->refits, NULL);
	detector->n_refits = 2;
	for (size_t refit = 0; refit < 2; refit++) {
		for (size_t i = 0; i < N_OF(columns); i++)
			views[i] = flt_prep_column_unlearnt(detector->prep, i);
		views[0].median = 0.3;
		if (refit == 0) {
			views[0].steps = other_steps;
			views[0].n_steps = N_OF(other_steps);
			views[0].center = 0.35;
			views[0].factor = 2.5;
			views[0].fences = (struct flt_fences){-1.25, 9};
			views[1].silent = 1 << 2 | 1 << 4;
			views[1].effects = other_effects;
			views[1].center = -0.25;
			views[1].factor = 0.75;
			views[5].silent = 1;
		} else {
			views[0].quantiles = views[5].quantiles = other_knots;
			views[0].n_quantiles = views[5].n_quantiles = N_OF(other_knots);
			views[1].is_passed_over = true;
		}
		enum flt_scale scale = refit == 0 ? FLT_SCALE_ROBUST : FLT_SCALE_QUANTILE;
		ck_assert_int_eq(flt_prep_from_columns(scale, views, N_OF(columns), &detector->refits[refit], NULL),
		                 FLT_OK);
	}
}

/* The first member is as those of older versions; the second has a kind, a weight and a preparation; the third has
 * another preparation. */
static void add_members(struct flt_detector *detector, size_t n_members)
{
	detector->members = flt_alloc_zero(n_members, sizeof *detector->members, NULL);
	detector->n_members = n_members;
	if (n_members > 1)
		add_refits(detector);
	for (size_t i = 0; i < n_members; i++) {
		const struct flt_prep *own = i == 0 ? NULL : detector->refits[2 - i];
		detector->members[i] = (struct flt_detector_member){
		        .net = network(own ? own : detector->prep, i), .weight = 1, .prep = own};
	}
	if (n_members == 1)
		return;
	detector->members[1].kind = copy("embedded, caf\xe9");
	detector->members[1].weight = 0.25;
}

static struct flt_detector *detector_of(size_t n_members)
{
	static const double log_odds[] = {-3, 0, 2.5}, probability[] = {0.01, 0.3, 0.3};
	struct flt_detector *detector = flt_alloc_zero(1, sizeof *detector, NULL);
	struct flt_error err = {0};
	ck_assert_ptr_nonnull(detector);
	ck_assert_msg(flt_prep_from_columns(FLT_SCALE_QUANTILE, columns, N_OF(columns), &detector->prep, &err) ==
	                      FLT_OK,
	              "%s", err.text);
	add_members(detector, n_members);
	detector->member_gamma = n_members > 1 ? 2 : 0;
	detector->map = (struct flt_map){.gamma = 2,
	                                 .log_weight_ratio = log(3),
	                                 .slope = 1.1,
	                                 .intercept = -0.3,
	                                 .n_breakpoints = 3,
	                                 .breakpoint_log_odds = copy_numbers(log_odds, 3),
	                                 .breakpoint_probability = copy_numbers(probability, 3)};
	ck_assert_int_eq(flt_rule_parse("recall>=0.9", &detector->rule, NULL), FLT_OK);
	detector->choice = (struct flt_choice){.threshold = 1 / 3.0,
	                                       .attained = 0.9,
	                                       .alarms = 0.25,
	                                       .bare_threshold = 0.5,
	                                       .bare_alarms = 0.125,
	                                       .has = 20,
	                                       .needed = HUGE_VAL,
	                                       .spread = 1.5};
	detector->target = copy("fraud");
	detector->positive = copy("1");
	detector->negative = copy("not 1");
	detector->input = (struct flt_input){
	        .id = copy("id"), .weight = copy("w"), .group = copy("g"), .numeric = copy("a, b"), .decimal = ','};
	detector->input.positive = flt_alloc_zero(1, sizeof(char *), NULL);
	detector->input.positive[detector->input.n_positive++] = copy("1");
	detector->input.classes = flt_alloc_zero(2, sizeof(char *), NULL);
	detector->input.class_rows = flt_alloc_zero(2, sizeof(size_t), NULL);
	detector->input.classes[detector->input.n_classes++] = copy("0");
	detector->input.classes[detector->input.n_classes++] = copy("1");
	detector->input.class_rows[1] = 150;
	detector->input.n_file_columns = 4;
	detector->input.file_target = 3;
	detector->provenance = (struct flt_provenance){.version = copy("0.1.0"),
	                                               .options = copy("loss = focal\ngamma = 2\n"),
	                                               .marked = true,
	                                               .rule_sha256 = copy("0123abcd"),
	                                               .seed = UINT64_MAX,
	                                               .n_rows = {18000, 6000, 6000},
	                                               .n_positive = {90, 30, 30},
	                                               .prevalence = 0.005};
	detector->prior = 0.002;
	detector->map.prior_shift = -0.9;
	static const double others[] = {3, 1, 1, -2}, positives[] = {4, 0.5}, weights[] = {1, 2, 0.5, 1};
	detector->held_out.of[0] = (struct flt_kept_class){4, 4, copy_numbers(others, 4), copy_numbers(weights, 4)};
	detector->held_out.of[1] = (struct flt_kept_class){2, 2, copy_numbers(positives, 2), copy_numbers(weights, 2)};
	detector->held_out.unit[0] = 1.25;
	detector->held_out.unit[1] = 2;
	static const double hashes[] = {0, 0.125, 0.25};
	detector->sketch = (struct flt_sketch){3, copy_numbers(hashes, 3), 0.5, 0.0625};
	static const double background[] = {-1.5, 7, 3, NAN, 0, NAN};
	detector->background = (struct flt_background){2, 3, copy_numbers(background, 6)};
	struct flt_figures *figures = &detector->provenance.figures;
	figures->n_rows = 6000;
	figures->ap = (struct flt_interval){0.587, 0.43, 0.73};
	figures->trapezoid = NAN;
	figures->chosen.confusion.tp = 18;
	return detector;
}

static unsigned char *bytes_of(const struct flt_detector *detector, size_t *n_bytes)
{
	unsigned char *bytes;
	struct flt_error err = {0};
	ck_assert_msg(flt_detector_to_bytes(detector, &bytes, n_bytes, NULL, &err) == FLT_OK, "%s", err.text);
	return bytes;
}

static unsigned char *valid_bytes(size_t n_members, size_t *n_bytes)
{
	struct flt_detector *detector = detector_of(n_members);
	unsigned char *bytes = bytes_of(detector, n_bytes);
	flt_detector_free(detector);
	return bytes;
}

/* ---- writing and reading back ---- */

START_TEST(loading_and_saving_gives_the_same_bytes)
{
	for (size_t n_members = 1; n_members <= 3; n_members++) {
		size_t n_bytes, n_again;
		unsigned char *bytes = valid_bytes(n_members, &n_bytes);
		struct flt_detector *read;
		struct flt_error err = {0};
		ck_assert_msg(flt_detector_from_bytes(bytes, n_bytes, &read, &err) == FLT_OK, "%s", err.text);
		unsigned char *again = bytes_of(read, &n_again);
		ck_assert_uint_eq(n_again, n_bytes);
		ck_assert_mem_eq(again, bytes, n_bytes);
		flt_detector_free(read);
		flt_release(bytes);
		flt_release(again);
	}
}
END_TEST

START_TEST(a_detector_reads_back_as_it_was_written)
{
	size_t n_bytes;
	unsigned char *bytes = valid_bytes(2, &n_bytes);
	struct flt_detector *made = detector_of(2), *read;
	ck_assert_int_eq(flt_detector_from_bytes(bytes, n_bytes, &read, NULL), FLT_OK);
	ck_assert_uint_eq(read->n_members, 2);
	for (size_t i = 0; i < 2; i++) {
		ck_assert_uint_eq(flt_mlp_n_params(read->members[i].net), flt_mlp_n_params(made->members[i].net));
		ck_assert_mem_eq(flt_mlp_params(read->members[i].net), flt_mlp_params(made->members[i].net),
		                 flt_mlp_n_params(made->members[i].net) * sizeof(float));
	}
	ck_assert_uint_eq(flt_prep_n_columns(read->prep), N_OF(columns));
	for (size_t i = 0; i < N_OF(columns); i++) {
		struct flt_prep_column column = flt_prep_column(read->prep, i);
		ck_assert_str_eq(column.name, columns[i].name);
		ck_assert_int_eq(column.use, columns[i].use);
		ck_assert_int_eq(column.reason != NULL, columns[i].reason != NULL);
		if (column.reason)
			ck_assert_str_eq(column.reason, columns[i].reason);
		ck_assert_int_eq(column.source != NULL, columns[i].source != NULL);
		if (column.source) {
			ck_assert_str_eq(column.source, columns[i].source);
			ck_assert_int_eq(column.part, columns[i].part);
			ck_assert_int_eq(column.date.shape, columns[i].date.shape);
			ck_assert_int_eq(column.date.order, columns[i].date.order);
			ck_assert(column.date.has_zone && column.date.has_time);
		}
		ck_assert_uint_eq(column.n_levels, columns[i].n_levels);
		ck_assert_uint_eq(column.n_more, columns[i].n_more);
		for (size_t j = 0; j < column.n_levels + column.n_more; j++)
			ck_assert_str_eq(column.levels[j], columns[i].levels[j]);
		ck_assert_int_eq(column.has_effects, columns[i].has_effects);
		if (column.has_effects) {
			ck_assert_mem_eq(column.effects, effects, sizeof effects);
			ck_assert(column.center == 0.3 && column.factor == 1.5);
		}
		ck_assert_uint_eq(column.n_quantiles, columns[i].n_quantiles);
		ck_assert_uint_eq(column.n_steps, columns[i].n_steps);
		for (size_t s = 0; s < column.n_steps; s++)
			ck_assert_double_eq(column.steps[s], steps[s]);
		ck_assert_double_eq(column.fences.low, columns[i].fences.low);
		ck_assert_double_eq(column.fences.high, columns[i].fences.high);
		if (columns[i].format.decimal)
			check_format(&column.format, &columns[i].format);
		if (column.n_quantiles > 0)
			ck_assert_mem_eq(column.quantiles, columns[i].quantiles, sizeof knots);
		ck_assert_uint_eq(column.profile.n_rows, columns[i].profile.n_rows);
		ck_assert_uint_eq(column.profile.n_missing, columns[i].profile.n_missing);
		for (size_t j = 0; j < FLT_PROFILE_QUANTILES; j++)
			ck_assert_double_eq(column.profile.quantiles[j], columns[i].profile.quantiles[j]);
		for (size_t j = 0; column.profile.n_rows && j < column.n_levels; j++)
			ck_assert_uint_eq(column.profile.level_rows[j], level_rows[j]);
	}
	for (double z = -8; z < 8; z += 0.37)
		ck_assert_double_eq(flt_detector_log_odds(read, z), flt_detector_log_odds(made, z));
	ck_assert_double_eq(read->choice.threshold, 1 / 3.0);
	ck_assert(read->rule.kind == FLT_RULE_RECALL && read->rule.confidence == 90);
	ck_assert(read->choice.alarms == 0.25 && read->choice.bare_threshold == 0.5 && !read->choice.cut.is_set);
	ck_assert(read->choice.bare_alarms == 0.125 && read->choice.has == 20 && isinf(read->choice.needed));
	ck_assert(read->choice.spread == 1.5 && read->held_out.unit[0] == 1.25 && read->held_out.unit[1] == 2);
	ck_assert_str_eq(read->target, "fraud");
	ck_assert_str_eq(read->negative, "not 1");
	ck_assert_str_eq(read->input.id, "id");
	ck_assert_str_eq(read->input.weight, "w");
	ck_assert_str_eq(read->input.group, "g");
	ck_assert(read->sketch.n == 3 && read->sketch.below == 0.5 && read->sketch.repeated == 0.0625);
	ck_assert_mem_eq(read->sketch.hash, made->sketch.hash, 3 * sizeof(double));
	ck_assert(read->background.n == 2 && read->background.n_values == 3);
	ck_assert_mem_eq(read->background.values, made->background.values, 6 * sizeof(double));
	ck_assert_str_eq(read->input.numeric, "a, b");
	ck_assert_ptr_null(read->input.na);
	ck_assert_int_eq(read->input.decimal, ',');
	ck_assert_uint_eq(read->input.n_positive, 1);
	ck_assert_uint_eq(read->input.n_negative, 0);
	ck_assert_uint_eq(read->input.n_classes, 2);
	ck_assert_str_eq(read->input.classes[1], "1");
	ck_assert_uint_eq(read->input.class_rows[0], 0);
	ck_assert_uint_eq(read->input.class_rows[1], 150);
	ck_assert_uint_eq(read->input.n_file_columns, 4);
	ck_assert_uint_eq(read->input.file_target, 3);
	ck_assert_uint_eq(read->provenance.seed, UINT64_MAX);
	ck_assert_str_eq(read->provenance.options, "loss = focal\ngamma = 2\n");
	ck_assert_ptr_null(read->provenance.data_sha256);
	ck_assert_str_eq(read->provenance.rule_sha256, "0123abcd");
	ck_assert(read->provenance.marked);
	ck_assert_double_eq(flt_detector_prior(read), 0.002);
	for (size_t label = 0; label < 2; label++) {
		const struct flt_kept_class *class = &read->held_out.of[label], *want = &made->held_out.of[label];
		ck_assert_uint_eq(class->n_rows, want->n_rows);
		ck_assert_uint_eq(class->n, want->n);
		ck_assert_mem_eq(class->score, want->score, want->n * sizeof(double));
		ck_assert_mem_eq(class->weight, want->weight, want->n * sizeof(double));
	}
	ck_assert_double_eq(read->provenance.figures.ap.lo, 0.43);
	ck_assert(isnan(read->provenance.figures.trapezoid));
	ck_assert_double_eq(read->provenance.figures.chosen.confusion.tp, 18);
	flt_detector_free(made);
	flt_detector_free(read);
	flt_release(bytes);
}
END_TEST

START_TEST(members_read_back_as_they_were_written)
{
	size_t n_bytes;
	unsigned char *bytes = valid_bytes(3, &n_bytes);
	struct flt_detector *made = detector_of(3), *read;
	float x[16], y[16];
	ck_assert_int_eq(flt_detector_from_bytes(bytes, n_bytes, &read, NULL), FLT_OK);
	ck_assert_uint_eq(read->n_refits, 2);
	ck_assert(read->members[0].weight == 1 && !read->members[0].kind && !read->members[0].prep);
	ck_assert(read->members[1].weight == 0.25 && read->members[1].prep == read->refits[1]);
	ck_assert_str_eq(read->members[1].kind, "embedded, caf\xe9");
	ck_assert(read->members[2].weight == 1 && read->members[2].prep == read->refits[0]);
	for (size_t refit = 0; refit < 2; refit++) {
		ck_assert_int_eq(flt_prep_scale(read->refits[refit]), flt_prep_scale(made->refits[refit]));
		for (size_t i = 0; i < N_OF(columns); i++) {
			struct flt_prep_column column = flt_prep_column(read->refits[refit], i),
			                       want = flt_prep_column(made->refits[refit], i);
			ck_assert_str_eq(column.name, want.name);
			ck_assert_uint_eq(column.silent, want.silent);
			ck_assert(column.is_passed_over == want.is_passed_over && column.n_steps == want.n_steps);
			for (size_t s = 0; s < want.n_steps; s++)
				ck_assert_double_eq(column.steps[s], want.steps[s]);
			ck_assert(column.median == want.median && column.center == want.center &&
			          column.factor == want.factor && column.fences.low == want.fences.low &&
			          column.fences.high == want.fences.high && column.n_quantiles == want.n_quantiles &&
			          column.n_levels == want.n_levels && column.has_effects == want.has_effects);
			ck_assert_int_eq(column.effects != NULL, want.effects != NULL);
			if (want.effects)
				ck_assert_mem_eq(column.effects, want.effects, sizeof effects);
			for (size_t q = 0; q < want.n_quantiles; q++)
				ck_assert_double_eq(column.quantiles[q], want.quantiles[q]);
		}
	}
	static const char *const names[] = {"amount", "caf\xe9", "d\xe9"};
	static const char *const cells[] = {"", "web", ""};
	ck_assert_uint_le(flt_prep_n_features(made->prep), N_OF(x));
	memset(x, 0, sizeof x);
	memset(y, 0, sizeof y);
	for (size_t refit = 0; refit < 2; refit++) {
		const struct flt_detector *of[] = {made, read};
		for (size_t i = 0; i < 2; i++) {
			struct flt_cell_reader *reader;
			ck_assert_int_eq(flt_cell_reader_new(of[i]->prep, &(struct flt_table_options){0}, names, 3,
			                                     &reader, NULL),
			                 FLT_OK);
			ck_assert_int_eq(apply_cells(reader, of[i]->refits[refit], cells, 1, i ? y : x, NULL, NULL),
			                 FLT_OK);
			flt_cell_reader_free(reader);
		}
		ck_assert_mem_eq(x, y, sizeof x);
	}
	flt_detector_free(made);
	flt_detector_free(read);
	flt_release(bytes);
}
END_TEST

/* So that versions without members of their own kind read it. */
START_TEST(what_no_member_has_does_not_stand_in_the_file)
{
	struct flt_detector *made = detector_of(1);
	struct flt_sections sections;
	ck_assert_int_eq(flt_sections_write(made, &sections, NULL), FLT_OK);
	ck_assert_ptr_null(strstr(sections.text[FLT_SECTION_PREPARATION], "refits"));
	ck_assert_ptr_null(strstr(sections.text[FLT_SECTION_NETWORKS], "weight\""));
	ck_assert_ptr_null(strstr(sections.text[FLT_SECTION_NETWORKS], "kind"));
	ck_assert_ptr_null(strstr(sections.text[FLT_SECTION_NETWORKS], "refit"));
	flt_sections_release(&sections);
	flt_detector_free(made);
}
END_TEST

START_TEST(a_long_text_in_latin_1_reads_back)
{
	char text[20001] = "";
	memset(text, 0xe9, sizeof text - 1);
	memcpy(text + 100, "~\x7f\x80\xff", 4);
	struct flt_detector *made = detector_of(1), *read;
	size_t n_bytes;
	flt_free(made->target);
	made->target = copy(text);
	unsigned char *bytes = bytes_of(made, &n_bytes);
	ck_assert_int_eq(flt_detector_from_bytes(bytes, n_bytes, &read, NULL), FLT_OK);
	ck_assert_str_eq(read->target, text);
	flt_release(bytes);
	flt_detector_free(made);
	flt_detector_free(read);
}
END_TEST

START_TEST(the_prevalence_may_be_0_or_1)
{
	for (double prevalence = 0; prevalence <= 1; prevalence++) {
		struct flt_detector *made = detector_of(1), *read;
		size_t n_bytes;
		made->provenance.prevalence = prevalence;
		unsigned char *bytes = bytes_of(made, &n_bytes);
		ck_assert_int_eq(flt_detector_from_bytes(bytes, n_bytes, &read, NULL), FLT_OK);
		ck_assert_double_eq(flt_detector_prevalence(read), prevalence);
		flt_release(bytes);
		flt_detector_free(made);
		flt_detector_free(read);
	}
}
END_TEST

/* The fields of the file cover the whole struct, and none appears twice. */
START_TEST(the_file_holds_every_figure_once)
{
	unsigned char seen[sizeof(struct flt_figures)] = {0};
	size_t n = 0;
	for (size_t i = 0; i < flt_n_figure_fields; i++) {
		ck_assert_uint_eq(seen[flt_figure_fields[i].offset], 0);
		seen[flt_figure_fields[i].offset] = 1;
		n += 8;
		for (size_t j = 0; j < i; j++)
			ck_assert_str_ne(flt_figure_fields[i].name, flt_figure_fields[j].name);
	}
	ck_assert_uint_eq(n, sizeof(struct flt_figures));
}
END_TEST

/* ---- on disk ---- */

static char folder[] = "/tmp/fltrain-test-XXXXXX", path[64];

static void in_folder(void)
{
	strcpy(folder + sizeof folder - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/m.safetensors", folder);
}

static void out_of_folder(void)
{
	unlink(path);
	ck_assert_int_eq(rmdir(folder), 0);
}

static void write_file(const void *bytes, size_t n_bytes)
{
	FILE *file = fopen(path, "wb");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(bytes, 1, n_bytes, file), n_bytes);
	fclose(file);
}

static bool is_detector(const char *name)
{
	struct flt_error err;
	bool is_one;
	ck_assert_int_eq(flt_detector_is_file(name, &is_one, &err), FLT_OK);
	return is_one;
}

START_TEST(a_saved_detector_can_be_loaded)
{
	size_t n_bytes, n_again;
	struct flt_detector *made = detector_of(1), *read;
	unsigned char *bytes = bytes_of(made, &n_bytes);
	char sha256[FLT_SHA256_TEXT], expected[FLT_SHA256_TEXT];
	struct flt_error err;
	in_folder();
	ck_assert(!is_detector(path));
	ck_assert_int_eq(flt_detector_save(made, path, sha256, &err), FLT_OK);
	ck_assert(is_detector(path));
	flt_digest_of(bytes, n_bytes, expected);
	ck_assert_str_eq(sha256, expected);
	ck_assert_int_eq(flt_detector_load(path, &read, &err), FLT_OK);
	unsigned char *again = bytes_of(read, &n_again);
	ck_assert(n_again == n_bytes && memcmp(again, bytes, n_bytes) == 0);
	out_of_folder();
	flt_release(bytes);
	flt_release(again);
	flt_detector_free(made);
	flt_detector_free(read);
}
END_TEST

START_TEST(a_failed_load_names_the_file)
{
	struct flt_detector *read;
	struct flt_error err;
	char expected[300];
	in_folder();
	ck_assert_int_eq(flt_detector_load(path, &read, &err), FLT_ERR_DATA);
	snprintf(expected, sizeof expected, "%s: cannot be read: No such file or directory", path);
	ck_assert_str_eq(err.text, expected);
	ck_assert_ptr_null(read);
	ck_assert_int_eq(flt_detector_load(folder, &read, &err), FLT_ERR_DATA);
	ck_assert_ptr_nonnull(strstr(err.text, "Is a directory"));
	write_file("a,b\n1,2\n", 8);
	ck_assert_int_eq(flt_detector_load(path, &read, &err), FLT_ERR_MODEL);
	snprintf(expected, sizeof expected,
	         "%s: not a usable detector: it is not a safetensors file: its header does not come with its "
	         "length",
	         path);
	ck_assert_str_eq(err.text, expected);
	ck_assert(!is_detector(path));
	write_file("", 0);
	ck_assert_int_eq(flt_detector_load(path, &read, &err), FLT_ERR_MODEL);
	ck_assert_int_eq(flt_detector_load("/dev/zero", &read, &err), FLT_ERR_MODEL); /* an endless file */
	out_of_folder();
}
END_TEST

START_TEST(an_unreadable_file_is_an_error)
{
	struct flt_error err;
	bool is_one;
	ck_assert_int_eq(flt_detector_is_file("/dev/null/m.safetensors", &is_one, &err), FLT_ERR_DATA);
	ck_assert_str_eq(err.text, "/dev/null/m.safetensors: cannot be read: Not a directory");
	ck_assert(!is_detector("/none/m.safetensors"));
	ck_assert(!is_detector("/dev/null"));
}
END_TEST

START_TEST(a_failed_save_keeps_the_older_file)
{
	struct flt_detector *made = detector_of(1);
	struct flt_error err;
	char missing[80];
	in_folder();
	snprintf(missing, sizeof missing, "%s/none/m.safetensors", folder);
	ck_assert_int_eq(flt_detector_save(made, missing, NULL, &err), FLT_ERR_MACHINE);
	write_file("old", 3);
	for (unsigned long k = 1; k < 200; k++) {
		struct stat about;
		flt_alloc_fail_at(k);
		enum flt_status status = flt_detector_save(made, path, NULL, &err);
		flt_alloc_fail_at(0);
		ck_assert_int_eq(stat(path, &about), 0);
		if (status == FLT_OK) {
			ck_assert_int_gt(about.st_size, 3);
			break;
		}
		ck_assert_int_eq(status, FLT_ERR_MACHINE);
		ck_assert_int_eq(about.st_size, 3);
	}
	ck_assert(is_detector(path));
	out_of_folder(); /* fails if a temporary file is left behind */
	flt_detector_free(made);
}
END_TEST

static size_t json_allocations_left;

static void *allocate_a_few(size_t n)
{
	return json_allocations_left-- == 0 ? NULL : malloc(n);
}

/* After a failed allocation jansson calls the text malformed or drops some of it. The error must name the memory, not
 * the file. */
START_TEST(a_failed_allocation_in_jansson_is_reported)
{
	size_t n_bytes, n = 0;
	struct flt_detector *made = detector_of(1), *read = NULL;
	unsigned char *bytes = bytes_of(made, &n_bytes);
	enum flt_status status;
	struct flt_error err;
	json_set_alloc_funcs(allocate_a_few, free);
	do {
		json_allocations_left = n++;
		status = flt_detector_from_bytes(bytes, n_bytes, &read, &err);
		ck_assert_int_eq(status, read ? FLT_OK : FLT_ERR_MACHINE);
		ck_assert(read || strncmp(err.text, "out of memory: ", 15) == 0);
	} while (!read && n < 100000);
	ck_assert_uint_gt(n, 100);
	flt_release(bytes);
	flt_detector_free(made);
	flt_detector_free(read);
}
END_TEST

/* ---- damaged and forged files ---- */

/* A valid container in which one text of the metadata is altered, read without checking the checksum. */
static enum flt_status read_altered(const char *key, const char *from, const char *to, struct flt_detector **read,
                                    struct flt_error *err)
{
	size_t n_bytes, n_changed;
	unsigned char *bytes = valid_bytes(2, &n_bytes), *changed;
	struct flt_safetensors file;
	ck_assert_int_eq(flt_safetensors_parse(bytes, n_bytes, &file, NULL), FLT_OK);
	static char text[65536];
	for (size_t i = 0; i < file.n_metadata; i++) {
		struct flt_metadata *entry = &file.metadata[i];
		if (strcmp(entry->key, key) != 0)
			continue;
		const char *found = from ? strstr(entry->text, from) : NULL;
		ck_assert_msg(!from || found, "%s has no %s: %s", key, from, entry->text);
		if (from)
			snprintf(text, sizeof text, "%.*s%s%s", (int)(found - entry->text), entry->text, to,
			         found + strlen(from));
		else if (to)
			snprintf(text, sizeof text, "%s", to);
		if (to)
			entry->text = text;
		else
			*entry = file.metadata[--file.n_metadata];
		break;
	}
	ck_assert_int_eq(flt_safetensors_write(file.tensors, file.n_tensors, file.metadata, file.n_metadata, &changed,
	                                       &n_changed, NULL),
	                 FLT_OK);
	*err = (struct flt_error){0};
	ck_assert_int_eq(flt_detector_parse(changed, n_changed, true, read, err),
	                 strcmp(key, "sha256") == 0 && from ? FLT_OK : FLT_ERR_MODEL);
	ck_assert_ptr_null(*read);
	enum flt_status status = flt_detector_parse(changed, n_changed, false, read, err);
	flt_safetensors_release(&file);
	flt_release(bytes);
	flt_release(changed);
	return status;
}

static enum flt_status parse_with(const char *key, const char *from, const char *to, struct flt_error *err)
{
	struct flt_detector *read;
	enum flt_status status = read_altered(key, from, to, &read, err);
	flt_detector_free(read);
	return status;
}

#define TEN "0123456789"
#define FIVE(text) text text text text text
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static const struct {
	const char *key, *from, *to, *says;
} altered[] = {
        {"format", NULL, "pt", "not a detector of fltrain"},
        {"format", NULL, NULL, "not a detector of fltrain"},
        {"format_version", NULL, NULL, "not a detector of fltrain"},
        {"format_version", NULL, "2", "it is in format 2, and this fltrain reads format 1"},
        {"format_version", NULL, "", "it is in format , and"},
        {"input", NULL, NULL, "9 metadata, expected 10"},
        {"networks", NULL, NULL, "9 metadata, expected 10"},
        {"input", NULL, "", "\"input\" is not as fltrain writes it"},
        {"input", NULL, "[]", "Expected object, got array"},
        {"input", NULL, "{}", "Object item not found: target"},
        {"input", "\"target\"", "\"tarpit\"", "Object item not found: target"},
        {"input", "{", "{\"more\":1,", "left unpacked"},
        {"input", "\"target\":\"fraud\"", "\"target\":7", "a text is expected"},
        {"input", "\"target\":\"fraud\"", "\"target\":null", "a text is expected"},
        {"input", "\"target\":\"fraud\"", "\"target\":{\"bytes\":\"x\",\"y\":1}", "a text is expected"},
        {"input", "\"target\":\"fraud\"", "\"target\":{\"bytes\":\"\xe6\xbc\xa2\"}", "bytes are expected"},
        {"input", "\"target\":\"fraud\"", "\"target\":[[[[[[[[[]]]]]]]]]", "nests too deep"},
        {"input", "\"target\":\"fraud\"", "\"target\":\"a\",\"target\":\"b\"", "duplicate object key"},
        {"input", "[\"1\"]", "\"1\"", "a list of texts is expected"},
        {"input", "[\"1\"]", "[\"1\",2]", "a text is expected"},
        {"input", "\"decimal\":\",\"", "\"decimal\":\";\"", "the decimal mark"},
        {"input", "\"decimal\":\",\"", "\"decimal\":5", "the decimal mark"},
        {"input", "\"decimal\":\",\"", "\"decimal\":\"\"", "the decimal mark"},
        {"input", "\"na\":null", "\"na\":5", "a text is expected"},
        {"input", "[\"0\",\"1\"]", "5", "a number of rows is expected for each class"},
        {"input", "[0,150]", "5", "a number of rows is expected for each class"},
        {"input", ",\"class_rows\":[0,150]", "", "a number of rows is expected for each class"},
        {"input", "\"file_columns\":4,\"file_target\":3", "\"file_columns\":4", "the target lies beyond"},
        {"input", "\"classes\":[\"0\",\"1\"]", "\"classes\":[\"0\"]", "a number of rows is expected for each class"},
        {"input", "\"classes\":[\"0\",\"1\"]", "\"classes\":[\"0\",1]", "a text is expected"},
        {"input", "\"classes\":[\"0\",\"1\"],", "", "a number of rows is expected for each class"},
        {"input", "\"classes\":[\"0\",\"1\"],\"class_rows\":[0,150]", "\"classes\":[],\"class_rows\":[]",
         "a list of classes is empty"},
        {"input", "[0,150]", "[0,-1]", "a negative count"},
        {"input", "[0,150]", "[0,\"150\"]", "the rows of a class are no count"},
        {"input", "\"file_target\":3", "\"file_target\":4", "the target lies beyond"},
        {"input", "\"file_target\":3", "\"file_target\":-1", "the target lies beyond"},
        {"input", "\"file_columns\":4,", "", "the target lies beyond"},
        {"input", "\"file_columns\":4", "\"file_columns\":0", "the target lies beyond"},
        {"preparation", "\"quantile\"", "\"cubic\"", "an unknown word"},
        {"preparation", "\"columns\":[", "\"columns\":[7,", "Expected object, got integer"},
        {"preparation", "\"type\":\"numeric\"", "\"type\":\"complex\"", "an unknown word"},
        {"preparation", "\"knots\":6", "\"knots\":-1", "a negative count"},
        {"preparation", "\"knots\":6", "\"knots\":1000000000000", "too many knots"},
        {"preparation", "\"knots\":6", "\"knots\":5", "another size or type"},
        {"preparation", "\"knots\":6", "\"knots\":0", ""},
        {"preparation", "\"decimal\":\",\"", "\"decimal\":\";\"", "a decimal mark is neither"},
        {"preparation", "\"decimal\":\",\"", "\"decimal\":\".\"", "the decimal mark is also that between thousands"},
        {"preparation", "\"thousands\":\".\"", "\"thousands\":\"_\"", "an unknown word"},
        {"preparation", "\"prefix\":\"Rs.\"", "\"prefix\":\"Rs. and no end\u20ac\"", "a unit is too long"},
        {"preparation", "\"prefix\":\"Rs.\"", "\"prefix\":5", "a text is expected"},
        {"preparation", "\"quotes\":true", "\"quotes\":true,\"more\":1", "left unpacked"},
        {"preparation", "\"median\":0.1", "\"median\":1e999", "real number overflow"},
        {"preparation", "\"median\":0.1", "\"median\":\"x\"", "got string"},
        {"preparation", "\"number\":true", "\"number\":1", "Expected true or false"},
        {"preparation", "\"use\":\"id-like\"", "\"use\":\"numeric\"", "Object item not found: number"},
        {"preparation", "\"reason\":\"each of 7 values is rare\"", "\"reason\":7", "a text is expected"},
        {"preparation", "\"reason\"", "\"season\"", "left unpacked: season"},
        {"preparation", "\"rows\":18000,\"missing\":40", "\"rows\":-1,\"missing\":40", "a negative count"},
        {"preparation", "\"rows\":18000,\"missing\":40", "\"rows\":0,\"missing\":0", "a profile of no rows"},
        {"preparation", "\"rows\":18000,\"missing\":40", "\"rows\":39,\"missing\":40", "more missing values"},
        {"preparation", "\"rows\":18000,\"missing\":40", "\"rows\":40,\"missing\":40", "without a value"},
        {"preparation", "\"rows\":18000,\"missing\":40", "\"rows\":1.5,\"missing\":40", "Expected integer"},
        {"preparation", "\"rows\":18000,\"missing\":40", "\"rows\":18000", "Object item not found: missing"},
        {"preparation", "\"profile\":{", "\"profile\":{\"more\":1,", "left unpacked: more"},
        {"preparation", ",\"profile\":{\"rows\":18000,\"missing\":300,\"levels\":[9000,8000,600,5]}", ",\"profile\":7",
         "Expected object, got integer"},
        {"preparation", "\"steps\":[-1.25,", "\"steps\":[0,1,2,3,4,5,6,7,8,9,", "steps are up to 8 numbers"},
        {"preparation", "\"steps\":[-1.25,", "\"steps\":[null,", "steps are up to 8 numbers"},
        {"preparation", "\"steps\":[-1.25,", "\"steps\":7,\"date\":[", "steps are up to 8 numbers"},
        {"preparation", "\"steps\":[-1.25,", "\"steps\":[0.5,", "steps that are not finite or do not rise"},
        {"preparation", "\"steps\":[-1.25,", "\"steps\":[", "the number of inputs differs"},
        {"preparation", "\"steps\":[-9,", "\"steps\":[true,", "steps are up to 8 numbers"},
        {"preparation", "\"steps\":[-9,", "\"steps\":[1e301,", "steps that are not finite or do not rise"},
        {"preparation", "\"fences\":[-1.25,", "\"fences\":[", "fences are two numbers"},
        {"preparation", "\"passed_over\":true", "\"passed_over\":1", "Expected true or false"},
        {"preparation", "\"fences\":[-7.25,", "\"fences\":[", "fences are two numbers"},
        {"preparation", "\"effects\":{", "\"effects\":{\"x\":1,", "left unpacked"},
        {"preparation", "\"effects\":{", "\"effect\":{", "left unpacked"},
        {"preparation", "\"more_levels\":[\"bar\"", "\"more_levels\":[\"web\"", "has a level twice"},
        {"preparation", "\"more_levels\":[\"bar\"", "\"more_levels\":[7", "a text is expected"},
        {"preparation", "\"more_levels\":[\"bar\",", "\"more_levels\":[", "its tensor"},
        {"preparation", "\"center\":0.3,\"factor\":1.5", "\"center\":0.3,\"factor\":0", "a factor that is not above 0"},
        {"preparation", "\"center\":0.3,\"factor\":1.5", "\"center\":0.3", "Object item not found: factor"},
        {"preparation", "\"center\":-0.25,\"factor\":0.75", "\"center\":-0.25,\"factor\":-1",
         "a factor that is not above 0"},
        {"preparation", "\"fences\":[-7.25,", "\"fences\":[false,", "fences are two numbers"},
        {"preparation", "\"fences\":[-7.25,", "\"fences\":[1.1e300,",
         "fences that are not finite or in the wrong order"},
        {"preparation", "\"quantiles\":[-1.5", "\"quantiles\":[-1.5,-1.5", "nine quantiles"},
        {"preparation", "\"quantiles\":[-1.5,", "\"quantiles\":[", "nine quantiles"},
        {"preparation", "\"quantiles\":[-1.5", "\"quantiles\":[\"x\"", "nine quantiles"},
        {"preparation", "\"quantiles\":[-1.5", "\"quantiles\":[7", "quantiles are not finite or fall"},
        {"preparation", "\"levels\":[9000", "\"levels\":[9500", "more rows than there were"},
        {"preparation", "\"levels\":[9000", "\"levels\":[9223372036854775807", "more rows than there were"},
        {"preparation", "\"levels\":[9000", "\"levels\":[-1", "a negative count"},
        {"preparation", "\"levels\":[9000,", "\"levels\":[", "a count for each level"},
        {"preparation", "\"levels\":[9000", "\"levels\":[\"9000\"", "a count is expected"},
        {"preparation", "\"levels\":[\"web\"", "\"levels\":[7,\"web\"", "a text is expected"},
        {"preparation", "\"source\":", "\"sauce\":", "Object item not found: source"},
        {"preparation", "\"part\":\"month\"", "\"part\":\"year\"", "an unknown word"},
        {"preparation", "\"shape\":\"dd/mm/yyyy\"", "\"shape\":\"dd~mm\"", "an unknown word"},
        {"preparation", "\"order\":\"mdy\"", "\"order\":\"find\"", "has dates of an unknown order"},
        {"preparation", "\"shape\":\"dd/mm/yyyy\"", "\"shape\":\"yyyy-mm\"", "has dates of an unknown order"},
        {"preparation", "\"zone\":true", "\"zone\":1", "Expected true or false"},
        {"preparation", "\"part\":", "\"more\":1,\"part\":", "left unpacked"},
        {"networks", "\"inputs\":", "\"inputs\":1", "the number of inputs differs"},
        {"networks", "\"hidden\":[3,2]", "\"hidden\":[3,2,2]", "its tensor"},
        {"networks", "\"hidden\":[3,2]", "\"hidden\":[]", "its tensor"},
        {"networks", "\"hidden\":[3,2]", "\"hidden\":5", "too many hidden"},
        {"networks", "\"hidden\":[3,2]", "\"hidden\":[2,9223372036854775807]", "larger than the weights"},
        {"networks", "\"inputs\":", "\"inputs\":-", "a negative count"},
        {"networks", "\"frequencies\":2", "\"frequencies\":-2", "a negative count"},
        {"networks", "\"embedded\":3", "\"embedded\":-3", "a negative count"},
        {"networks", NULL, "{\"member_gamma\":0,\"member_log_weight_ratio\":0,\"members\":5}",
         "a list of networks is expected"},
        {"networks", NULL,
         "{\"member_gamma\":0,\"member_log_weight_ratio\":0,\"members\":[" FIVE(
                 FIVE(FIVE(FIVE(FIVE(FIVE("7,")))))) "7]}",
         "a list of networks is expected"},
        {"networks", NULL,
         "{\"member_gamma\":0,\"member_log_weight_ratio\":0,\"members\":[{\"inputs\":0,\"hidden\":[],\"activation\":"
         "\"selu\",\"front_scale\":false,\"embedding\":\"none\",\"frequencies\":0,\"embedded\":0}]}",
         "the number of inputs differs"},
        {"preparation", "\"order\":\"mdy\"", "\"order\":\"mdd\"", "an unknown word"},
        {"preparation", "\"suffix\":{\"bytes\":\"m", "\"suffix\":{\"bytes\":\"" HUNDRED, "a unit is too long"},
        {"preparation", "\"rows\":18000,\"missing\":40", "\"rows\":18000,\"missing\":-40", "a negative count"},
        {"preparation", "\"levels\":[9000,8000,600,5]", "\"levels\":5", "a count for each level"},
        {"preparation", "\"missing\":true,\"other\":true", "\"missing\":true,\"other\":true,\"passed_over\":true", ""},
        {"preparation", NULL, "{\"scale\":\"none\",\"columns\":5}", "a list of columns is expected"},
        {"preparation", "\"refits\":[", "\"refits\":[" FIVE(FIVE(FIVE(FIVE("7,")))),
         "a list of at most 256 refits is expected"},
        {"preparation", ",\"effects\":{\"more_levels\":[\"bar\",{\"bytes\":\"bär\"}],\"center\":0.3,\"factor\":1.5}",
         "", "the number of inputs differs"},
        {"preparation", "\"fences\":[-1.25,9]", "\"silent\":4,\"fences\":[-1.25,9]",
         "a list of silent features is expected"},
        {"networks", "\"hidden\":[3,2]", "\"hidden\":[3,0]", "without units"},
        {"networks", "\"hidden\":[3,2]", "\"hidden\":[3,-2]", "without units"},
        {"networks", "\"hidden\":[3,2]", "\"hidden\":[3,9223372036854775807]", "larger than the weights"},
        {"networks", "\"hidden\":[3,2]", "\"hidden\":[1000000,1000000]", "larger than the weights"},
        {"networks", "\"hidden\":[3,2]", "\"hidden\":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", "too many hidden"},
        {"networks", "\"frequencies\":2", "\"frequencies\":1000000000000", "larger than the weights"},
        {"networks", "\"frequencies\":2", "\"frequencies\":0", "an embedding without frequencies or outputs"},
        {"networks", "\"embedded\":3", "\"embedded\":9223372036854775807", "larger than the weights"},
        {"networks", "\"embedded\":3", "\"embedded\":1", "an embedding without frequencies or outputs"},
        {"networks", "\"activation\":\"selu\"", "\"activation\":\"gelu\"", "an unknown word"},
        {"networks", "\"members\":[", "\"members\":[],\"x\":[", "left unpacked"},
        {"networks", "\"member_gamma\":2", "\"member_gamma\":-2", "a gamma below 0"},
        {"networks", NULL, "{\"member_gamma\":0,\"member_log_weight_ratio\":0,\"members\":[]}",
         "a list of networks is expected"},
        {"map", "\"slope\":1.1", "\"slope\":0", "slope must be above 0"},
        {"map", "\"slope\":1.1", "\"slope\":NaN", "not as fltrain writes it"},
        {"map", "\"gamma\":2", "\"gamma\":-1", "a gamma below 0"},
        {"map", "\"log_weight_ratio\":", "\"log_weight_ratio\":100", "class weights out of range"},
        {"map", "\"log_weight_ratio\":", "\"log_weight_ratio\":-100", "class weights out of range"},
        {"networks", "_ratio\":", "_ratio\":100", "class weights out of range"},
        {"map", "\"knots\":3", "\"knots\":0", "of which"},
        {"map", "\"knots\":3", "\"knots\":2305843009213693952", "another size or type"},
        {"preparation", "\"refits\":[", "\"refits\":7,\"x\":[", "left unpacked"},
        {"preparation", "\"refits\":[{", "\"refits\":[7,{", "Expected object, got integer"},
        {"preparation", "\"refits\":[{\"scale\":\"robust\"", "\"refits\":[{\"scale\":\"cubic\"", "an unknown word"},
        {"preparation", "\"refits\":[{\"scale\":\"robust\"", "\"refits\":[{\"scale\":\"quantile\"",
         "\"amount\" needs from 2 to 1000 quantiles"},
        {"preparation", "\"refits\":[{", "\"refits\":[{\"more\":1,", "left unpacked"},
        {"preparation", "\"center\":0.35", "\"center\":\"x\"", "got string"},
        {"preparation", "\"factor\":2.5", "\"factor\":0", "a center or factor that is not finite"},
        {"preparation", "\"fences\":[-1.25,9],\"knots\":0", "\"fences\":[-1.25,9],\"knots\":1001", "too many knots"},
        {"preparation", "\"fences\":[-1.25,9],\"knots\":0", "\"fences\":[-1.25,9],\"knots\":-1", "too many knots"},
        {"preparation", "\"fences\":[-1.25,9],\"knots\":0", "\"fences\":[-1.25,9],\"knots\":6",
         "\"refit0.0.knots\" is missing"},
        {"preparation", "{\"center\":-0.25,\"factor\":0.75,\"silent\":[2,4]},", "", "left unpacked: median"},
        {"preparation", "{\"center\":-0.25,\"factor\":0.75,\"silent\":[2,4]}", "{\"silent\":[2,4]},{}",
         "Object item not found: median"},
        {"preparation", "\"knots\":3}]}]", "\"knots\":3},{}]}]", "a refit with columns too many"},
        {"preparation", "\"fences\":[-1.25,9]", "\"fences\":[-1.25]", "fences are two numbers"},
        {"preparation", "\"fences\":[-1.25,9]", "\"fences\":[9.5,9]",
         "has fences that are not finite or in the wrong order"},
        {"preparation", "\"silent\":[2,4]", "\"silent\":[2,64]", "a silent feature that is none"},
        {"preparation", "\"silent\":[2,4]", "\"silent\":[2,-1]", "a silent feature that is none"},
        {"preparation", "\"silent\":[2,4]", "\"silent\":[2,true]", "a silent feature that is none"},
        {"preparation", "\"silent\":[2,4]", "\"silent\":4", "a list of silent features is expected"},
        {"preparation", "\"silent\":[2,4]", "\"silent\":[2,7]", "a silent feature beyond those that it gives"},
        {"networks", "\"weight\":0.25", "\"weight\":0", "a weight is not above 0"},
        {"networks", "\"weight\":0.25", "\"weight\":-0.25", "a weight is not above 0"},
        {"networks", "\"weight\":0.25", "\"weight\":1e999", "real number overflow"},
        {"networks", "\"weight\":0.25", "\"weight\":\"heavy\"", "got string"},
        {"networks", "\"refit\":1", "\"refit\":2", "a member with a preparation that is not there"},
        {"networks", "\"refit\":1", "\"refit\":-1", "a member with a preparation that is not there"},
        {"networks", "\"refit\":1", "\"refit\":0.5", "a member with a preparation that is not there"},
        {"networks", "\"kind\":{", "\"kind\":7,\"x\":{", "left unpacked"},
        {"networks", "\"kind\":{\"bytes\"", "\"kind\":{\"b\"", "a text is expected"},
        {"networks", "\"kind\":{\"bytes\":\"", "\"kind\":{\"bytes\":\"" HUNDRED, "a kind that is too long"},
        {"map", "\"knots\":3", "\"knots\":-3", "a negative count"},
        {"map", "\"prior\":0.002", "\"prior\":1", "the prior is not within 0 and 1"},
        {"map", "\"prior\":0.002", "\"prior\":-0.002", "the prior is not within 0 and 1"},
        {"rule", "recall>=0.9", "recall>=9", "an unknown rule"},
        {"rule", "\"threshold\":0.3", "\"threshold\":1.3", "the threshold is not a probability"},
        {"rule", "\"threshold\":0.3", "\"threshold\":-0.3", "the threshold is not a probability"},
        {"rule", "\"attained\":0.9", "\"attained\":\"0.9\"", "is no number"},
        {"rule", "\"alarms\":0.25", "\"alarms\":1.25", "a price out of range"},
        {"rule", "recall>=0.9\"", "top:5\",\"alarms\":1.5", "alarms that are no share of rows"},
        {"rule", "recall>=0.9\"", "top:5\",\"alarms\":0", "alarms that are no share of rows"},
        {"rule", "recall>=0.9\"", "top:5\",\"alarms\":\"half\"", "alarms that are no share of rows"},
        {"rule", "\"has\":20", "\"has\":-20", "a price out of range"},
        {"rule", "\"has\":20", "\"had\":20", "a price that is no number"},
        {"rule", "\"has\":20", "\"has\":20,\"more\":1", "a price with a key that is not known"},
        {"rule", "\"spread\":1.5", "\"spread\":0.5", "a spread below 1"},
        {"rule", "\"spread\":1.5", "\"spread\":\"1.5\"", "a spread below 1"},
        {"training", "\"positive_unit\":2", "\"positive_unit\":-2", "what a held-out row tells is no weight"},
        {"training", "\"other_unit\":1.25", "\"other_unit\":1e25", "what a held-out row tells is no weight"},
        {"training", ",\"other_unit\":1.25", "", "what a held-out row tells is no weight"},
        {"rule", "\"floor\":{", "\"floor\":7,\"x\":{", "left unpacked"},
        {"rule",
         "{\"alarms\":0.25,\"bare_threshold\":0.5,\"bare_alarms\":0.125,\"has\":20,\"needed\":null,\"spread\":1.5}",
         "7", "a price that is no number"},
        {"training", "\"seed\":\"18446744073709551615\"", "\"seed\":\"-1\"", "the seed is no number"},
        {"training", "\"seed\":\"18446744073709551615\"", "\"seed\":\"\"", "the seed is no number"},
        {"training", "\"seed\":\"18446744073709551615\"", "\"seed\":\"18446744073709551616\"", "the seed is no number"},
        {"training", "\"prevalence\":0.005", "\"prevalence\":5", "prevalence lies outside"},
        {"training", "\"prevalence\":0.005", "\"prevalence\":-0.005", "prevalence lies outside"},
        {"training", "\"rows\":[18000,6000,6000]", "\"rows\":18000", "a count for each role of rows is expected"},
        {"training", "\"positives\":[90,", "\"positives\":[0.5,", "a count is expected"},
        {"training", "\"data_sha256\":null", "\"data_sha256\":5", "a text is expected"},
        {"training", "\"repeated\":0.0625", "\"repeated\":1.0625", "hashes of rows out of order"},
        {"training", "\"rows\":[18000,", "\"rows\":[-1,", "a count is expected"},
        {"training", "\"rows\":[18000,", "\"rows\":[", "a count for each role of rows is expected"},
        {"training", "\"sketch\":{\"rows\":3", "\"sketch\":{\"rows\":0", "too long, or empty"},
        {"training", "\"sketch\":{\"rows\":3", "\"sketch\":{\"rows\":4097", "too long, or empty"},
        {"training", "\"sketch\":{\"rows\":3", "\"sketch\":{\"rows\":4", "another size or type"},
        {"training", "\"background\":{\"rows\":2", "\"background\":{\"rows\":0", "too many, or none"},
        {"training", "\"background\":{\"rows\":2", "\"background\":{\"rows\":1001", "too many, or none"},
        {"training", "\"background\":{\"rows\":2", "\"background\":{\"rows\":3", "another size or type"},
        {"training", "\"background\":{\"rows\":2", "\"background\":{\"rows\":\"2\"", "Expected integer"},
        {"training", "\"columns\":3}", "\"columns\":-3}", "with other columns than it uses"},
        {"training", "\"columns\":3}", "\"columns\":2}", "with other columns than it uses"},
        {"training", "\"below\":0.5", "\"below\":1.5", "hashes of rows out of order"},
        {"training", "\"below\":0.5", "\"below\":0.25", "hashes of rows out of order"},
        {"training", "\"repeated\":0.0625", "\"repeated\":-1", "hashes of rows out of order"},
        {"training", "\"held_out\":{\"positive\":2", "\"held_out\":{\"positive\":-2", "not among those of training"},
        {"training", "\"held_out\":{\"positive\":2", "\"held_out\":{\"positive\":0", "not among those of training"},
        {"training", "\"held_out\":{\"positive\":2", "\"held_out\":{\"positive\":151", "not among those of training"},
        {"training", "\"held_out\":{\"positive\":2", "\"held_out\":{\"positive\":3", "another size or type"},
        {"training", "\"other\":4", "\"other\":9223372036854775807", "not among those of training"},
        {"training", "\"other\":4", "\"other\":\"4\"", "Expected integer"},
        {"training", "\"other\":4", "\"other\":4,\"more\":1", "left unpacked"},
        {"training", "\"weighted\":true", "\"weighted\":1", "Expected true or false"},
        {"figures", "\"rows\":6000", "\"rows\":-6000", "not as fltrain writes it: rows"},
        {"figures", "\"ap\":0.587", "\"ap\":\"good\"", "not as fltrain writes it: ap"},
        {"figures", "\"ap\":0.587,", "", "a list of figures is expected"},
};

START_TEST(an_altered_section_is_refused)
{
	struct flt_error err;
	enum flt_status status = parse_with(altered[_i].key, altered[_i].from, altered[_i].to, &err);
	ck_assert_msg(status == FLT_ERR_MODEL, "%s with %s: %d %s", altered[_i].key, altered[_i].to, (int)status,
	              err.text);
	ck_assert_msg(strstr(err.text, altered[_i].says), "\"%s\" should say \"%s\"", err.text, altered[_i].says);
}
END_TEST

/* Their tensors are then unknown, which is another matter than the section. */
START_TEST(a_file_without_held_out_scores_is_read)
{
	struct flt_detector *made = detector_of(1), *read;
	size_t n_bytes;
	flt_kept_release(&made->held_out);
	made->prior = made->map.prior_shift = 0;
	unsigned char *bytes = bytes_of(made, &n_bytes);
	ck_assert_int_eq(flt_detector_from_bytes(bytes, n_bytes, &read, NULL), FLT_OK);
	ck_assert_uint_eq(flt_kept_n_rows(&read->held_out), 0);
	ck_assert_double_eq(flt_detector_prior(read), 0.005);
	flt_detector_free(made);
	flt_detector_free(read);
	flt_release(bytes);
}
END_TEST

START_TEST(a_file_from_before_profiles_is_read)
{
	struct flt_error err;
	ck_assert_int_eq(parse_with("preparation",
	                            ",\"profile\":{\"rows\":18000,\"missing\":300,\"levels\":[9000,8000,600,5]}", "",
	                            &err),
	                 FLT_OK);
}
END_TEST

/* Their floors were bare estimates, and stay what they were. */
START_TEST(a_floor_from_before_confidence_is_a_bare_estimate)
{
	struct flt_detector *read;
	struct flt_error err;
	char rule[FLT_RULE_TEXT];
	ck_assert_int_eq(read_altered("rule",
	                              ",\"floor\":{\"alarms\":0.25,\"bare_threshold\":0.5,\"bare_alarms\":0.125,"
	                              "\"has\":20,\"needed\":null,\"spread\":1.5}",
	                              "", &read, &err),
	                 FLT_OK);
	flt_detector_rule(read, rule);
	ck_assert_str_eq(rule, "recall>=0.9@50");
	ck_assert(flt_detector_threshold(read) == 1 / 3.0 && isnan(read->choice.alarms));
	flt_detector_free(read);
}
END_TEST

/* By which it is told that other rows have more alarms or fewer. */
START_TEST(what_top_took_is_kept)
{
	struct flt_detector *read;
	struct flt_error err;
	const struct flt_rule top = {.kind = FLT_RULE_TOP, .value = 5};
	unsigned char *bytes;
	size_t n;
	ck_assert_int_eq(read_altered("rule", "recall>=0.9\"", "top:5\"", &read, &err), FLT_OK);
	ck_assert_double_eq(read->choice.alarms, 0);
	read->rule = top;
	read->choice.alarms = 0.125;
	ck_assert_int_eq(flt_detector_to_bytes(read, &bytes, &n, NULL, &err), FLT_OK);
	flt_detector_free(read);
	ck_assert_int_eq(flt_detector_from_bytes(bytes, n, &read, &err), FLT_OK);
	ck_assert_double_eq(read->choice.alarms, 0.125);
	flt_detector_free(read);
	flt_release(bytes);
}
END_TEST

START_TEST(a_file_from_before_times_and_clusters_were_kept_is_read)
{
	struct flt_detector *read;
	struct flt_error err;
	ck_assert_int_eq(read_altered("rule", ",\"spread\":1.5", "", &read, &err), FLT_OK);
	ck_assert_double_eq(read->choice.spread, 1);
	flt_detector_free(read);
	ck_assert_int_eq(read_altered("training", ",\"positive_unit\":2,\"other_unit\":1.25", "", &read, &err), FLT_OK);
	ck_assert(read->held_out.unit[0] == 0 && read->held_out.unit[1] == 0);
	flt_detector_free(read);
}
END_TEST

/* What a file may lack: inputs that were not named, and counts that older versions did not keep. */
START_TEST(a_file_without_what_is_optional_is_read)
{
	static const struct {
		const char *key, *from, *to;
	} lacking[] = {{"input", "\"decimal\":\",\"", "\"decimal\":null"},
	               {"input", "\"decimal\":\",\"", "\"decimal\":\".\""},
	               {"input", ",\"classes\":[\"0\",\"1\"],\"class_rows\":[0,150]", ""},
	               {"input", ",\"file_columns\":4,\"file_target\":3", ""},
	               {"input", ",\"weight\":\"w\"", ""},
	               {"input", ",\"group\":\"g\"", ""},
	               {"rule", "\"has\":20,\"needed\":null", "\"has\":20,\"needed\":40"},
	               {"rule", "\"has\":20,\"needed\":null", "\"has\":null,\"needed\":null"}};
	struct flt_error err;
	for (size_t i = 0; i < N_OF(lacking); i++) {
		struct flt_detector *read;
		enum flt_status status = read_altered(lacking[i].key, lacking[i].from, lacking[i].to, &read, &err);
		ck_assert_msg(status == FLT_OK, "%s: %s", lacking[i].from, err.text);
		ck_assert_int_eq(read->input.decimal, i == 0 ? 0 : i == 1 ? '.' : ',');
		ck_assert_uint_eq(read->input.n_classes, i == 2 ? 0 : 2);
		ck_assert_uint_eq(read->input.n_file_columns, i == 3 ? 0 : 4);
		ck_assert_int_eq(read->input.weight == NULL, i == 4);
		ck_assert_int_eq(read->input.group == NULL, i == 5);
		ck_assert(i == 6   ? read->choice.needed == 40
		          : i == 7 ? isnan(read->choice.needed)
		                   : isinf(read->choice.needed));
		flt_detector_free(read);
	}
}
END_TEST

/* Nor weights of rows, nor a sketch of them, nor a floor. */
START_TEST(a_detector_without_weights_sketch_or_floor_reads_back)
{
	struct flt_detector *made = detector_of(1), *read;
	size_t n_bytes, n_again;
	for (int label = 0; label < 2; label++) {
		flt_free(made->held_out.of[label].weight);
		made->held_out.of[label].weight = NULL;
	}
	flt_free(made->sketch.hash);
	made->sketch = (struct flt_sketch){0};
	flt_background_release(&made->background);
	ck_assert_int_eq(flt_rule_parse("f1", &made->rule, NULL), FLT_OK);
	unsigned char *bytes = bytes_of(made, &n_bytes);
	ck_assert_int_eq(flt_detector_from_bytes(bytes, n_bytes, &read, NULL), FLT_OK);
	ck_assert(!read->held_out.of[0].weight && !read->held_out.of[1].weight && read->sketch.n == 0);
	ck_assert(read->background.n == 0 && !read->background.values);
	ck_assert_int_eq(read->rule.kind, made->rule.kind);
	unsigned char *again = bytes_of(read, &n_again);
	ck_assert(n_again == n_bytes && memcmp(again, bytes, n_bytes) == 0);
	flt_detector_free(made);
	flt_detector_free(read);
	flt_release(bytes);
	flt_release(again);
}
END_TEST

/* Replaces the first value of a tensor, or renames the tensor where value is NULL. */
static void check_tensor(const char *name, const void *value, size_t n_value, const char *says)
{
	size_t n_bytes, n_changed;
	unsigned char *bytes = valid_bytes(2, &n_bytes), *changed;
	struct flt_safetensors file;
	ck_assert_int_eq(flt_safetensors_parse(bytes, n_bytes, &file, NULL), FLT_OK);
	for (size_t i = 0; i < file.n_tensors; i++) {
		if (strcmp(file.tensors[i].name, name) != 0)
			continue;
		if (value)
			memcpy(bytes + ((const unsigned char *)file.tensors[i].data - bytes), value, n_value);
		else
			file.tensors[i].name = "net0.other";
		break;
	}
	ck_assert_int_eq(flt_safetensors_write(file.tensors, file.n_tensors, file.metadata, file.n_metadata, &changed,
	                                       &n_changed, NULL),
	                 FLT_OK);
	struct flt_detector *read;
	struct flt_error err = {0};
	ck_assert_int_eq(flt_detector_from_bytes(changed, n_changed, &read, &err), FLT_ERR_MODEL);
	ck_assert_ptr_nonnull(strstr(err.text, "its checksum does not match"));
	ck_assert_int_eq(flt_detector_parse(changed, n_changed, false, &read, &err), FLT_ERR_MODEL);
	ck_assert_msg(strstr(err.text, says), "\"%s\" should say \"%s\"", err.text, says);
	flt_safetensors_release(&file);
	flt_release(bytes);
	flt_release(changed);
}

START_TEST(an_altered_tensor_is_refused)
{
	static const float not_finite[] = {NAN, INFINITY, -INFINITY};
	static const double no_number = NAN, falls = 1e10, beyond = 1.5, none = 0, low = -5;
	for (size_t i = 0; i < N_OF(not_finite); i++)
		check_tensor("net0.layer1.weight", &not_finite[i], 4, "a weight that is not finite");
	check_tensor("net0.layer0.bias", NULL, 0, "\"net0.layer0.bias\" is missing");
	check_tensor("preparation.0.knots", &no_number, 8, "a value that is no number");
	check_tensor("preparation.0.knots", &falls, 8, "");
	check_tensor("refit1.5.knots", &no_number, 8, "a value that is no number");
	check_tensor("refit1.5.knots", &falls, 8, "has quantiles that are not finite or that fall");
	check_tensor("refit1.0.knots", NULL, 0, "\"refit1.0.knots\" is missing");
	check_tensor("map.log_odds", &falls, 8, "knots that do not rise");
	check_tensor("map.probability", &beyond, 8, "knots that do not rise");
	check_tensor("map.probability", &low, 8, "knots that do not rise");
	check_tensor("held_out.other.score", &no_number, 8, "a value that is no number");
	check_tensor("held_out.other.score", &low, 8, "held-out scores or weights out of order");
	check_tensor("held_out.positive.weight", &none, 8, "held-out scores or weights out of order");
	static const double high = 0.9;
	check_tensor("training.rows", &high, 8, "hashes of rows out of order");
	static const double below_none = -0.5, huge = 1e25;
	check_tensor("training.rows", &below_none, 8, "hashes of rows out of order");
	check_tensor("held_out.positive.weight", &huge, 8, "held-out scores or weights out of order");
	check_tensor("training.rows", NULL, 0, "\"training.rows\" is missing");
	static const double rows[][2] = {{INFINITY, 0}, {0.1, 8}, {0.1, 0.5}, {0.1, -1}, {0.1, NAN}};
	for (size_t i = 0; i < N_OF(rows); i++)
		check_tensor("training.background", rows[i], i == 0 ? 8 : 16, "background values that no row can have");
	check_tensor("training.background", NULL, 0, "\"training.background\" is missing");
	check_tensor("held_out.positive.weight", NULL, 0, "\"held_out.positive.weight\" is missing");
}
END_TEST

/* The values keep their size in bytes, so only the type gives them away. */
START_TEST(a_tensor_of_another_type_is_refused)
{
	static const char *const names[] = {"map.log_odds", "preparation.0.knots"};
	for (size_t i = 0; i < N_OF(names); i++) {
		size_t n_bytes, n_changed;
		unsigned char *bytes = valid_bytes(1, &n_bytes), *changed;
		struct flt_safetensors file;
		struct flt_detector *read;
		struct flt_error err = {0};
		ck_assert_int_eq(flt_safetensors_parse(bytes, n_bytes, &file, NULL), FLT_OK);
		for (size_t t = 0; t < file.n_tensors; t++)
			if (strcmp(file.tensors[t].name, names[i]) == 0)
				file.tensors[t].type = FLT_I64;
		ck_assert_int_eq(flt_safetensors_write(file.tensors, file.n_tensors, file.metadata, file.n_metadata,
		                                       &changed, &n_changed, NULL),
		                 FLT_OK);
		ck_assert_int_eq(flt_detector_parse(changed, n_changed, false, &read, &err), FLT_ERR_MODEL);
		ck_assert_msg(strstr(err.text, "another size or type"), "%s", err.text);
		flt_safetensors_release(&file);
		flt_release(bytes);
		flt_release(changed);
	}
}
END_TEST

/* The caller frees the text also where there is none. */
START_TEST(a_text_that_cannot_be_read_is_null)
{
	struct flt_section_reader reader = {.section = "input"};
	char unset[] = "unset", *text = unset;
	json_t *number = json_integer(7), *null = json_null();
	ck_assert_int_eq(flt_section_text(&reader, number, &text), FLT_ERR_MODEL);
	ck_assert_ptr_null(text);
	text = unset;
	ck_assert_int_eq(flt_section_text_or_null(&reader, null, &text), FLT_OK);
	ck_assert_ptr_null(text);
	json_decref(number);
}
END_TEST

static enum flt_status copy_rows(void *context, const struct flt_prep *prep, float *x, struct flt_error *err)
{
	(void)err;
	memcpy(x, context, flt_prep_n_features(prep) * sizeof *x);
	return FLT_OK;
}

/* Every weight is finite, but the sums of the products overflow. */
START_TEST(a_score_that_overflows_is_an_error)
{
	struct flt_detector *detector = detector_of((size_t)_i + 1);
	struct flt_error err = {0};
	float x[16] = {1, -1, 1, -1, 1, -1, 1, -1};
	double score;
	size_t bad_row = 9;
	struct flt_tile tile = {0};
	struct flt_tile_rows one_row = {.prepare = copy_rows, .context = x, .n = 1};
	ck_assert_int_eq(flt_tile_init(&tile, detector, 1, 1, NULL), FLT_OK);
	ck_assert_int_eq(flt_tile_score(&tile, detector, &one_row, &score, &bad_row, &err), FLT_OK);
	ck_assert(isfinite(score));
	for (size_t i = 0; i < flt_mlp_n_params(detector->members[_i].net); i++)
		flt_mlp_params(detector->members[_i].net)[i] = i % 2 ? 3e38F : -3e38F;
	ck_assert_int_eq(flt_tile_score(&tile, detector, &one_row, &score, &bad_row, &err), FLT_ERR_DATA);
	ck_assert_uint_eq(bad_row, 0);
	ck_assert_str_eq(err.text,
	                 "the network's output is beyond the range of numbers, since its weights are too large for "
	                 "the row's values; correct the row, or train again with --scale robust, which bounds all "
	                 "values");
	flt_tile_release(&tile);
	flt_detector_free(detector);
}
END_TEST

START_TEST(an_unknown_tensor_is_refused)
{
	size_t n_bytes, n_changed;
	unsigned char *bytes = valid_bytes(1, &n_bytes), *changed;
	struct flt_safetensors file;
	ck_assert_int_eq(flt_safetensors_parse(bytes, n_bytes, &file, NULL), FLT_OK);
	struct flt_safetensor tensors[64] = {{.name = "stray", .type = FLT_U8, .data = "x", .n_bytes = 1}};
	memcpy(tensors + 1, file.tensors, file.n_tensors * sizeof *tensors);
	ck_assert_int_eq(flt_safetensors_write(tensors, file.n_tensors + 1, file.metadata, file.n_metadata, &changed,
	                                       &n_changed, NULL),
	                 FLT_OK);
	struct flt_detector *read;
	struct flt_error err;
	ck_assert_int_eq(flt_detector_parse(changed, n_changed, false, &read, &err), FLT_ERR_MODEL);
	ck_assert_ptr_nonnull(strstr(err.text, "of which"));
	flt_safetensors_release(&file);
	flt_release(bytes);
	flt_release(changed);
}
END_TEST

/* ---- a network that needs more weights than the file holds ---- */

/* One number and one category: the features are the number and a few indicators. */
static struct flt_detector *detector_without_hidden_layers(bool is_embedded)
{
	static const struct flt_prep_column two[] = {
	        {.name = "x", .type = FLT_NUMERIC, .use = FLT_USED_NUMERIC, .has_number = true, .factor = 1},
	        {.name = "kind",
	         .type = FLT_CATEGORICAL,
	         .use = FLT_USED_CATEGORICAL,
	         .levels = levels,
	         .n_levels = N_OF(levels),
	         .has_other = true},
	};
	struct flt_detector *detector = detector_of(1);
	bool numeric[16];
	flt_prep_free(detector->prep);
	ck_assert_int_eq(flt_prep_from_columns(FLT_SCALE_NONE, two, N_OF(two), &detector->prep, NULL), FLT_OK);
	struct flt_mlp_spec spec = {.n_in = flt_prep_n_features(detector->prep), .numeric = numeric};
	if (is_embedded) {
		spec.embedding = FLT_EMBEDDING_PBLD;
		spec.n_frequencies = 2;
		spec.n_embedded = 3;
	}
	for (size_t i = 0; i < spec.n_in; i++)
		numeric[i] = flt_prep_feature_is_numeric(detector->prep, i);
	flt_mlp_free(detector->members[0].net);
	ck_assert_int_eq(flt_mlp_new(&spec, &detector->members[0].net, NULL), FLT_OK);
	flt_map_release(&detector->map);
	flt_map_init(&detector->map);
	return detector;
}

/* The detector's file with one text of a section changed. */
static enum flt_status parse_changed(const struct flt_detector *detector, const char *key, const char *from,
                                     const char *to, struct flt_error *err)
{
	size_t n_bytes, n_changed;
	unsigned char *bytes = bytes_of(detector, &n_bytes), *changed;
	struct flt_safetensors file;
	struct flt_detector *read;
	static char altered_text[8192];
	ck_assert_int_eq(flt_safetensors_parse(bytes, n_bytes, &file, NULL), FLT_OK);
	for (size_t i = 0; i < file.n_metadata; i++) {
		if (strcmp(file.metadata[i].key, key) != 0)
			continue;
		const char *text = file.metadata[i].text, *at = strstr(text, from);
		ck_assert_ptr_nonnull(at);
		snprintf(altered_text, sizeof altered_text, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
		file.metadata[i].text = altered_text;
	}
	ck_assert_int_eq(flt_safetensors_write(file.tensors, file.n_tensors, file.metadata, file.n_metadata, &changed,
	                                       &n_changed, NULL),
	                 FLT_OK);
	enum flt_status status = flt_detector_parse(changed, n_changed, false, &read, err);
	flt_detector_free(read);
	flt_safetensors_release(&file);
	flt_release(bytes);
	flt_release(changed);
	return status;
}

START_TEST(refits_are_a_list)
{
	struct flt_detector *detector = detector_of(1); /* without any */
	struct flt_error err;
	ck_assert_int_eq(parse_changed(detector, "preparation", "\"columns\":", "\"refits\":5,\"columns\":", &err),
	                 FLT_ERR_MODEL);
	ck_assert_ptr_nonnull(strstr(err.text, "a list of at most 256 refits is expected"));
	flt_detector_free(detector);
}
END_TEST

/* Without a number there is nothing to embed, and so no weight of the file bounds the embedding. */
START_TEST(an_embedding_of_nothing_is_bounded)
{
	static const struct flt_prep_column one = {.name = "kind",
	                                           .type = FLT_CATEGORICAL,
	                                           .use = FLT_USED_CATEGORICAL,
	                                           .levels = levels,
	                                           .n_levels = N_OF(levels),
	                                           .has_other = true};
	struct flt_detector *detector = detector_of(1), *read;
	bool numeric[16] = {false};
	flt_prep_free(detector->prep);
	flt_background_release(&detector->background);
	ck_assert_int_eq(flt_prep_from_columns(FLT_SCALE_NONE, &one, 1, &detector->prep, NULL), FLT_OK);
	const struct flt_mlp_spec spec = {.n_in = flt_prep_n_features(detector->prep),
	                                  .numeric = numeric,
	                                  .embedding = FLT_EMBEDDING_PBLD,
	                                  .n_frequencies = 2,
	                                  .n_embedded = 3};
	flt_mlp_free(detector->members[0].net);
	ck_assert_int_eq(flt_mlp_new(&spec, &detector->members[0].net, NULL), FLT_OK);
	size_t n_bytes;
	unsigned char *bytes = bytes_of(detector, &n_bytes);
	struct flt_error err;
	ck_assert_int_eq(flt_detector_from_bytes(bytes, n_bytes, &read, NULL), FLT_OK);
	flt_detector_free(read);
	flt_release(bytes);
	ck_assert_int_eq(parse_changed(detector, "networks", "\"frequencies\":2", "\"frequencies\":2000", &err),
	                 FLT_ERR_MODEL);
	ck_assert_ptr_nonnull(strstr(err.text, "a shape out of bounds"));
	flt_detector_free(detector);
}
END_TEST

/* Whether a file with n_held weights, all in a tensor of another name, is large enough for these hidden layers. */
static bool fits(bool is_embedded, const char *hidden, size_t n_held)
{
	static const float weights[256];
	const struct flt_safetensor other = {.name = "other",
	                                     .type = FLT_F32,
	                                     .n_dims = 1,
	                                     .shape = {n_held},
	                                     .data = weights,
	                                     .n_bytes = 4 * n_held};
	struct flt_detector *detector = detector_without_hidden_layers(is_embedded), *read;
	size_t n_bytes, n_changed;
	unsigned char *bytes = bytes_of(detector, &n_bytes), *changed;
	struct flt_safetensors file;
	struct flt_error err = {.text = ""};
	char networks[1000] = "";
	ck_assert_uint_le(n_held, N_OF(weights));
	ck_assert_int_eq(flt_safetensors_parse(bytes, n_bytes, &file, NULL), FLT_OK);
	for (size_t i = 0; i < file.n_metadata; i++) {
		if (strcmp(file.metadata[i].key, "networks") != 0)
			continue;
		const char *text = file.metadata[i].text, *at = strstr(text, "\"hidden\":[]");
		ck_assert_ptr_nonnull(at);
		snprintf(networks, sizeof networks, "%.*s\"hidden\":[%s]%s", (int)(at - text), text, hidden,
		         at + strlen("\"hidden\":[]"));
		file.metadata[i].text = networks;
	}
	ck_assert_int_eq(flt_safetensors_write(&other, 1, file.metadata, file.n_metadata, &changed, &n_changed, NULL),
	                 FLT_OK);
	ck_assert_int_eq(flt_detector_parse(changed, n_changed, false, &read, &err), FLT_ERR_MODEL);
	bool is_too_large = strstr(err.text, "larger than the weights in the file");
	ck_assert_msg(is_too_large || strstr(err.text, "is missing"), "%s", err.text);
	flt_safetensors_release(&file);
	flt_release(bytes);
	flt_release(changed);
	flt_detector_free(detector);
	return !is_too_large;
}

START_TEST(a_network_may_need_every_weight_of_the_file_but_no_more)
{
	const size_t n_in = 1 + N_OF(levels) + 1; /* the number, the levels, any other text */
	const size_t n_embedding = 2 * 3;         /* frequencies times embedded numbers */
	const struct {
		bool is_embedded;
		const char *hidden;
		size_t n_needed;
	} cases[] = {
	        {false, "", n_in},
	        {false, "10", 10 * n_in},
	        {false, "3,2", 3 * n_in + 3 * 2},
	        {false, "1,9,4", n_in + 9 + 9 * 4},
	        {true, "", n_in + 2}, /* the embedding puts three numbers in the place of one */
	        {true, "7", n_embedding + 7 * (n_in + 2)},
	        {true, "7,5", n_embedding + 7 * (n_in + 2) + 7 * 5},
	};
	struct flt_detector *detector = detector_without_hidden_layers(false);
	ck_assert_uint_eq(flt_prep_n_features(detector->prep), n_in);
	flt_detector_free(detector);
	for (size_t i = 0; i < N_OF(cases); i++) {
		ck_assert(fits(cases[i].is_embedded, cases[i].hidden, cases[i].n_needed));
		ck_assert(!fits(cases[i].is_embedded, cases[i].hidden, cases[i].n_needed - 1));
	}
	/* the first layer alone needs all of them */
	ck_assert(!fits(false, "10,1", 10 * n_in));
}
END_TEST

START_TEST(a_truncated_file_is_refused)
{
	size_t n_bytes;
	unsigned char *bytes = valid_bytes(1, &n_bytes);
	for (size_t n = 0; n < n_bytes; n++) {
		unsigned char *cut = malloc(n ? n : 1);
		struct flt_detector *read;
		struct flt_error err = {0};
		memcpy(cut, bytes, n);
		ck_assert_int_eq(flt_detector_from_bytes(cut, n, &read, &err), FLT_ERR_MODEL);
		ck_assert_uint_gt(strlen(err.text), 0);
		ck_assert_ptr_null(read);
		free(cut);
	}
	flt_release(bytes);
}
END_TEST

/* A changed byte is refused unless the file still means the same, as with padding of the header. */
START_TEST(the_checksum_detects_changed_bytes)
{
	size_t n_bytes, n_again, n_accepted = 0;
	unsigned char *valid = valid_bytes(1, &n_bytes), *bytes = malloc(n_bytes);
	for (size_t i = 0; i < n_bytes; i++) {
		struct flt_detector *read;
		struct flt_error err = {0};
		memcpy(bytes, valid, n_bytes);
		bytes[i] = (unsigned char)(bytes[i] ^ 1u << i % 8);
		enum flt_status status = flt_detector_from_bytes(bytes, n_bytes, &read, &err);
		if (status != FLT_OK) {
			ck_assert_int_eq(status, FLT_ERR_MODEL);
			continue;
		}
		unsigned char *again = bytes_of(read, &n_again);
		ck_assert(n_again == n_bytes && memcmp(again, valid, n_bytes) == 0);
		n_accepted++;
		flt_release(again);
		flt_detector_free(read);
	}
	ck_assert_uint_lt(n_accepted, 8);
	free(bytes);
	flt_release(valid);
}
END_TEST

/* Without the checksum a changed byte reaches the readers of the sections: the file is refused or gives another
 * detector. */
START_TEST(a_changed_byte_without_checksum_never_crashes)
{
	size_t n_bytes;
	unsigned char *valid = valid_bytes(2, &n_bytes), *bytes = malloc(n_bytes);
	static const unsigned char values[] = {0, '"', '\\', '0', '9', '[', '}', ',', '-', 'e', 0xff};
	for (size_t i = 0; i < n_bytes; i++) {
		struct flt_detector *read;
		struct flt_error err = {0};
		memcpy(bytes, valid, n_bytes);
		bytes[i] = values[i % N_OF(values)];
		enum flt_status status = flt_detector_parse(bytes, n_bytes, false, &read, &err);
		ck_assert(status == FLT_OK || status == FLT_ERR_MODEL);
		flt_detector_free(read);
	}
	free(bytes);
	flt_release(valid);
}
END_TEST

START_TEST(every_failed_allocation_is_reported)
{
	size_t n_bytes;
	unsigned char *bytes = valid_bytes(2, &n_bytes);
	enum flt_status status = FLT_ERR_MACHINE;
	unsigned long k = 1;
	for (; status != FLT_OK && k < 2000; k++) {
		struct flt_detector *read;
		unsigned char *again;
		size_t n_again;
		struct flt_error err = {0};
		flt_alloc_fail_at(k);
		status = flt_detector_from_bytes(bytes, n_bytes, &read, &err);
		if (status == FLT_OK) {
			status = flt_detector_to_bytes(read, &again, &n_again, NULL, &err);
			flt_detector_free(read);
			if (status == FLT_OK)
				flt_release(again);
		}
		ck_assert_msg(status == FLT_OK || (status == FLT_ERR_MACHINE && strstr(err.text, "out of memory")),
		              "k %lu: %d %s", k, (int)status, err.text);
	}
	flt_alloc_fail_at(0);
	ck_assert_int_eq(status, FLT_OK);
	ck_assert_uint_gt(k, 50);
	flt_release(bytes);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("detector_file");
	TCase *tcase = tcase_create("detector_file");
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, a_score_that_overflows_is_an_error, 0, 2);
	tcase_add_test(tcase, loading_and_saving_gives_the_same_bytes);
	tcase_add_test(tcase, a_detector_reads_back_as_it_was_written);
	tcase_add_test(tcase, members_read_back_as_they_were_written);
	tcase_add_test(tcase, what_no_member_has_does_not_stand_in_the_file);
	tcase_add_test(tcase, a_long_text_in_latin_1_reads_back);
	tcase_add_test(tcase, the_prevalence_may_be_0_or_1);
	tcase_add_test(tcase, a_tensor_of_another_type_is_refused);
	tcase_add_test(tcase, a_text_that_cannot_be_read_is_null);
	tcase_add_test(tcase, the_file_holds_every_figure_once);
	tcase_add_test(tcase, a_saved_detector_can_be_loaded);
	tcase_add_test(tcase, a_failed_load_names_the_file);
	tcase_add_test(tcase, a_failed_save_keeps_the_older_file);
	tcase_add_test(tcase, an_unreadable_file_is_an_error);
	tcase_add_test(tcase, a_failed_allocation_in_jansson_is_reported);
	tcase_add_loop_test(tcase, an_altered_section_is_refused, 0, (int)N_OF(altered));
	tcase_add_test(tcase, a_file_without_held_out_scores_is_read);
	tcase_add_test(tcase, a_file_from_before_profiles_is_read);
	tcase_add_test(tcase, a_floor_from_before_confidence_is_a_bare_estimate);
	tcase_add_test(tcase, what_top_took_is_kept);
	tcase_add_test(tcase, a_file_from_before_times_and_clusters_were_kept_is_read);
	tcase_add_test(tcase, a_file_without_what_is_optional_is_read);
	tcase_add_test(tcase, a_detector_without_weights_sketch_or_floor_reads_back);
	tcase_add_test(tcase, an_altered_tensor_is_refused);
	tcase_add_test(tcase, an_unknown_tensor_is_refused);
	tcase_add_test(tcase, a_network_may_need_every_weight_of_the_file_but_no_more);
	tcase_add_test(tcase, an_embedding_of_nothing_is_bounded);
	tcase_add_test(tcase, refits_are_a_list);
	tcase_add_test(tcase, a_truncated_file_is_refused);
	tcase_add_test(tcase, the_checksum_detects_changed_bytes);
	tcase_add_test(tcase, a_changed_byte_without_checksum_never_crashes);
	tcase_add_test(tcase, every_failed_allocation_is_reported);
	suite_add_tcase(suite, tcase);
	return suite;
}
