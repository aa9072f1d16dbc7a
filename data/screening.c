/*
 * A blood test offered to healthy people, invented from end to end: 3 % have the disease.
 *
 * The laboratory measures a marker that rises with the disease. Six sites use instruments that read differently, and a
 * sample loses marker, and scatters more, the longer it waits: the true level stays hidden and is summed out. A strong
 * inflammation raises the marker of healthy people too. A second, metabolic form shows in glucose and weight rather
 * than in the marker, and early disease shows in nothing but the age of those who have it.
 */
#include "scenario.h"

#include <math.h>

enum {
	AGE,
	SEX,
	SITE,
	BMI,
	SYSTOLIC_MMHG,
	GLUCOSE_MMOL_L,
	HAEMOGLOBIN_G_DL,
	MARKER_U_ML,
	SAMPLE_AGE_H,
	FATIGUE_SCORE,
	SMOKER,
	FAMILY_HISTORY,
	CRP_MG_L,
	WEIGHT_LOSS_KG,
	N_COLUMNS
};

enum { FEMALE, MALE, N_SEXES };
enum { N_SITES = 6 };
enum { NEVER, FORMER, CURRENT, N_SMOKER };
enum { NO, YES, N_HISTORY };

static const char *const sex_names[] = {"female", "male"};
static const char *const site_names[] = {"Northgate", "Riverside", "Hill", "Harbour", "Old Town", "Airport"};
static const char *const smoker_names[] = {"never", "former", "current"};
static const char *const history_names[] = {"no", "yes"};

static const double site_share[N_SITES] = {0.28, 0.22, 0.18, 0.14, 0.11, 0.07};
static const double site_log_factor[N_SITES] = {0.0, 0.18, -0.12, 0.35, 0.05, -0.30};

static const double marker_spread = 0.55, decay_per_hour = 0.012;

/* The logarithm of the level usual at that age and sex. */
static double usual_log_marker(const double *x)
{
	return 2.3 + 0.008 * (x[AGE] - 55) + (x[SEX] == MALE ? 0.12 : 0);
}

static double instrument_shift(const double *x)
{
	return site_log_factor[(int)x[SITE]] - decay_per_hour * x[SAMPLE_AGE_H];
}

static double instrument_spread(const double *x)
{
	return 0.06 + 0.006 * x[SAMPLE_AGE_H];
}

static void draw_body(double *x, struct source *source)
{
	double z = draw_normal(source);
	x[AGE] = 55 + 11 * z;
	x[SEX] = draw_below(source, N_SEXES);
	double weight = draw_normal(source);
	x[BMI] = 26.5 * exact_exp(0.16 * weight + 0.001 * (x[AGE] - 55));
	double pressure = draw_normal(source);
	x[SYSTOLIC_MMHG] = 128 + 0.45 * (x[AGE] - 55) + 0.9 * (x[BMI] - 26.5) + 14 * pressure;
	double sugar = draw_normal(source);
	double diabetic = draw_uniform(source);
	double excess = draw_exponential(source, 2.2);
	x[GLUCOSE_MMOL_L] = 5.3 + 0.04 * (x[BMI] - 26.5) + 0.5 * sugar;
	if (diabetic < 0.05 + 0.004 * (x[BMI] - 26.5))
		x[GLUCOSE_MMOL_L] += 1 + excess;
	double blood = draw_normal(source);
	x[HAEMOGLOBIN_G_DL] = (x[SEX] == MALE ? 15.0 : 13.5) - 0.01 * (x[AGE] - 55) + 1.0 * blood;
}

static void draw(double *x, size_t row, struct source *source)
{
	(void)row;
	draw_body(x, source);
	x[SITE] = draw_kind(source, site_share, N_SITES);
	double wait = draw_exponential(source, x[SITE] >= 4 ? 14 : 6);
	x[SAMPLE_AGE_H] = wait < 1 ? 1 : wait > 48 ? 48 : wait;
	double level = marker_spread * draw_normal(source);
	double error = instrument_spread(x) * draw_normal(source);
	x[MARKER_U_ML] = exact_exp(usual_log_marker(x) + level + instrument_shift(x) + error);
	double tired = draw_normal(source);
	x[FATIGUE_SCORE] = 3.0 + 1.9 * tired + 0.15 * (13.5 - x[HAEMOGLOBIN_G_DL]) + 0.5 * level;
}

static double smoker(const double *x, double u)
{
	double current = x[AGE] > 65 ? 0.10 : 0.19, former = x[AGE] > 50 ? 0.32 : 0.20;
	return u < current ? CURRENT : u < current + former ? FORMER : NEVER;
}

static double smoker_missing(const double *x)
{
	return x[SITE] == 5 ? 0.08 : 0.015;
}

static double family_history(const double *x, double u)
{
	(void)x;
	return u < 0.08 ? YES : NO;
}

static double family_history_missing(const double *x)
{
	return x[AGE] > 60 ? 0.04 : 0.02;
}

static double crp(const double *x, double u)
{
	double heavy = x[BMI] > 30 ? 0.5 : 0;
	return exact_exp(0.5 + heavy + 0.1 * (x[FATIGUE_SCORE] - 3) + 1.1 * exact_normal_quantile(u));
}

static double crp_missing(const double *x)
{
	return x[SITE] == 3 ? 0.06 : 0.01;
}

static double weight_loss(const double *x, double u)
{
	double loss = exact_exp(-0.6 + 0.12 * x[FATIGUE_SCORE] + 1.2 * exact_normal_quantile(u)) - 0.6;
	return loss < 0 ? 0 : loss;
}

static double weight_loss_missing(const double *x)
{
	return x[AGE] < 45 ? 0.05 : 0.015;
}

/* The true log level given the reading is normal; a level s is disease with Phi((s - limit) / softness), whose mean
 * over the hidden s has the same form. Inflammation, blood, weight and family move the limit. */
static double marker_form(const double *x)
{
	double scatter = instrument_spread(x);
	double trust = marker_spread * marker_spread / (marker_spread * marker_spread + scatter * scatter);
	double reading = exact_log(x[MARKER_U_ML]) - instrument_shift(x) - usual_log_marker(x);
	double spread2 = trust * scatter * scatter;
	double limit = 1.235 + 0.55 * step(exact_log(x[CRP_MG_L]), 2.6, 0.25) - 0.0075 * (x[AGE] - 55);
	limit -= 0.22 * step(x[WEIGHT_LOSS_KG], 4, 0.6) + 0.20 * step(-x[HAEMOGLOBIN_G_DL], -12, 0.4);
	limit -= (x[FAMILY_HISTORY] == YES ? 0.22 : 0) + (x[SMOKER] == CURRENT ? 0.18 : x[SMOKER] == FORMER ? 0.06 : 0);
	return exact_normal_cdf((trust * reading - limit) / sqrt(0.14 * 0.14 + spread2));
}

static double metabolic_form(const double *x)
{
	double sugar = step(x[GLUCOSE_MMOL_L], 8.6, 0.5), heavy = step(x[BMI], 31, 1.2);
	double score = -7.6 + 1.7 * sugar + 1.0 * heavy + 6.0 * sugar * heavy + 0.04 * (x[AGE] - 55);
	score += 1.6 * sugar * step(x[SYSTOLIC_MMHG], 145, 6);
	return logistic(score);
}

static double early_form(const double *x)
{
	double older = x[AGE] > 40 ? x[AGE] - 40 : 0;
	return 0.0006 + 0.00008 * older;
}

static double probability(const double *x)
{
	return either(either(marker_form(x), metabolic_form(x)), early_form(x));
}

static const struct column columns[N_COLUMNS] = {
        [AGE] = {"age", .min = 30, .max = 89},
        [SEX] = {"sex", sex_names, .max = N_SEXES - 1},
        [SITE] = {"site", site_names, .max = N_SITES - 1},
        [BMI] = {"bmi", .decimals = 1, .min = 15, .max = 60},
        [SYSTOLIC_MMHG] = {"systolic_mmhg", .min = 80, .max = 230},
        [GLUCOSE_MMOL_L] = {"glucose_mmol_l", .decimals = 1, .min = 3, .max = 25},
        [HAEMOGLOBIN_G_DL] = {"haemoglobin_g_dl", .decimals = 1, .min = 7, .max = 19},
        [MARKER_U_ML] = {"marker_u_ml", .decimals = 1, .min = 0.5, .max = 400},
        [SAMPLE_AGE_H] = {"sample_age_h", .decimals = 1, .min = 1, .max = 48},
        [FATIGUE_SCORE] = {"fatigue_score", .min = 0, .max = 10},
        [SMOKER] = {"smoker", smoker_names, .max = N_SMOKER - 1, .value_at = smoker, .chance_missing = smoker_missing},
        [FAMILY_HISTORY] = {"family_history", history_names, .max = N_HISTORY - 1, .value_at = family_history,
                            .chance_missing = family_history_missing},
        [CRP_MG_L] = {"crp_mg_l", .decimals = 1, .min = 0.1, .max = 200, .value_at = crp,
                      .chance_missing = crp_missing},
        [WEIGHT_LOSS_KG] = {"weight_loss_kg", .decimals = 1, .min = 0, .max = 20, .value_at = weight_loss,
                            .chance_missing = weight_loss_missing},
};

const struct scenario screening = {
        .name = "screening",
        .n_rows = 24000,
        .seed = 2026,
        .copies = 0.0005,
        .missing = "NA",
        .target = "disease",
        .negative = "no",
        .positive = "yes",
        .columns = columns,
        .n_columns = N_COLUMNS,
        .draw = draw,
        .probability = probability,
};
