/*
 * One station of an assembly line, in order of production: 1 % of the parts are defective.
 *
 * The gap between two pressed parts decides most of it, but the camera that measures it drifts until it is calibrated
 * again and scatters more the longer that is ago: the true gap stays hidden and is summed out. The other causes: a worn
 * tool that vibrates, adhesive that does not cure in cold and damp air (one supplier's lots worst, for some weeks), a
 * screw outside the torque that this line's fixture wants, a press that pushes hard into a narrow gap, and cracks
 * inside the material that no sensor sees.
 */
#include "scenario.h"

#include <math.h>

enum {
	DAY,
	LINE,
	SHIFT,
	GAP_UM,
	DAYS_SINCE_CALIBRATION,
	TORQUE_NM,
	PRESS_FORCE_KN,
	TOOL_CYCLES,
	TEMPERATURE_C,
	CYCLE_TIME_S,
	SUPPLIER,
	VIBRATION_MM_S,
	HUMIDITY_PCT,
	N_COLUMNS
};

enum { PER_DAY = 300, N_LINES = 3 };
enum { EARLY, LATE, NIGHT, N_SHIFTS };
enum { ALDOR, BREKKE, CAVOUR, DUNMORE, N_SUPPLIERS };

static const char *const line_names[] = {"A", "B", "C"};
static const char *const shift_names[] = {"early", "late", "night"};
static const char *const supplier_names[] = {"Aldor", "Brekke", "Cavour", "Dunmore"};

/* What differs between the lines. The gap's drift is in micrometres a day. */
static const struct line {
	size_t calibrated_every, tool_life, phase;
	double gap, drift, torque, hum;
} lines[N_LINES] = {
        {28, 2200, 5, 120.0, 0.55, 2.50, 1.6},
        {35, 1800, 17, 121.5, -0.40, 2.42, 1.9},
        {21, 2600, 11, 119.0, 0.85, 2.58, 2.3},
};

static const double gap_spread = 7.5, gap_low = 98, gap_high = 142.5, gap_softness = 1.3;

static const struct line *line_of(const double *x)
{
	return &lines[(int)x[LINE]];
}

static double camera_spread(const double *x)
{
	return 0.8 + 0.07 * x[DAYS_SINCE_CALIBRATION];
}

static double camera_offset(const double *x)
{
	return line_of(x)->drift * x[DAYS_SINCE_CALIBRATION];
}

static void draw(double *x, size_t row, struct source *source)
{
	static const double line_share[N_LINES] = {0.40, 0.35, 0.25};
	size_t day = row / PER_DAY, hour = row % PER_DAY * 24 / PER_DAY;
	x[DAY] = (double)(day + 1);
	x[SHIFT] = hour < 8 ? EARLY : hour < 16 ? LATE : NIGHT;
	x[LINE] = draw_kind(source, line_share, N_LINES);
	const struct line *line = line_of(x);
	x[DAYS_SINCE_CALIBRATION] = (double)((day + line->phase) % line->calibrated_every);
	size_t cycles = (size_t)((double)row * line_share[(int)x[LINE]]) + line->phase * 97;
	x[TOOL_CYCLES] = (double)(cycles % line->tool_life);

	double gap = line->gap + gap_spread * draw_normal(source);
	double error = camera_offset(x) + camera_spread(x) * draw_normal(source);
	x[GAP_UM] = gap + error;
	double fault = draw_uniform(source);
	double torque = draw_normal(source);
	x[TORQUE_NM] = line->torque + (fault < 0.007 ? 0.30 : 0.09) * torque;
	double force = draw_normal(source);
	x[PRESS_FORCE_KN] = 8.4 + (fault > 0.98 ? 1.5 : 0.5) * force - 0.02 * (gap - line->gap);
	double weather = draw_normal(source);
	double season = 0.05 * x[DAY] + (x[SHIFT] == NIGHT ? -2.5 : 0);
	x[TEMPERATURE_C] = 17.5 + season + 1.8 * weather;
	double pause = draw_exponential(source, 0.9);
	double pace = draw_normal(source);
	x[CYCLE_TIME_S] = 11.5 + 0.4 * pace + pause + (x[SHIFT] == NIGHT ? 0.6 : 0);
}

/* Cavour delivers more in the middle of the period, when its lots are poor. */
static bool poor_lots(const double *x)
{
	return x[DAY] >= 35 && x[DAY] <= 62;
}

static double supplier(const double *x, double u)
{
	double cavour = poor_lots(x) ? 0.30 : 0.15;
	double share[N_SUPPLIERS] = {0.40, 0.28, cavour, 0.32 - cavour};
	double k = 0;
	for (int i = 0; i < N_SUPPLIERS - 1 && u >= share[i]; i++, k++)
		u -= share[i];
	return k;
}

static double supplier_missing(const double *x)
{
	return x[SHIFT] == NIGHT ? 0.020 : 0.008;
}

static double vibration(const double *x, double u)
{
	double wear = x[TOOL_CYCLES] / 1000;
	return line_of(x)->hum * exact_exp(0.12 * wear * wear + (0.16 + 0.06 * wear) * exact_normal_quantile(u));
}

static double vibration_missing(const double *x)
{
	return x[LINE] == 2 ? 0.030 : 0.006;
}

static double humidity(const double *x, double u)
{
	return 58 - 1.4 * (x[TEMPERATURE_C] - 19) + 11 * exact_normal_quantile(u);
}

/* The hygrometer was being replaced for a week. */
static double humidity_missing(const double *x)
{
	return x[DAY] >= 80 && x[DAY] < 87 ? 0.25 : 0.004;
}

/* The true gap t given the reading r: both are normal, so t given r is, with mean `centre` and variance `spread2`.
 * A gap t fails with Phi((t - high) / softness) + Phi((low - t) / softness); its mean over t has the same form. */
static double wrong_gap(const double *x)
{
	double usual = line_of(x)->gap, camera = camera_spread(x);
	double trust = gap_spread * gap_spread / (gap_spread * gap_spread + camera * camera);
	double centre = usual + trust * (x[GAP_UM] - camera_offset(x) - usual);
	double spread2 = trust * camera * camera;
	double width = sqrt(gap_softness * gap_softness + spread2);
	return exact_normal_cdf((centre - gap_high) / width) + exact_normal_cdf((gap_low - centre) / width);
}

static double worn_tool(const double *x)
{
	double worn = step(x[TOOL_CYCLES], 1500, 120), shaking = step(x[VIBRATION_MM_S], 7.1, 0.30);
	return logistic(-8.5 + 1.5 * worn + 2.0 * shaking + 6.5 * worn * shaking);
}

static double uncured(const double *x)
{
	double cold = step(-x[TEMPERATURE_C], -15.5, 0.5), damp = step(x[HUMIDITY_PCT], 74, 2.0);
	double score = -8.5 + 0.8 * cold + 0.8 * damp + 3.2 * cold * damp;
	if (x[SUPPLIER] == CAVOUR)
		score += poor_lots(x) ? 1.5 + 5.5 * cold * damp : 0.8;
	return logistic(score);
}

static double wrong_torque(const double *x)
{
	double off = (x[TORQUE_NM] - line_of(x)->torque) / 0.1;
	return logistic(-8.5 + 0.42 * off * off);
}

static double crushed(const double *x)
{
	double narrow = (line_of(x)->gap + camera_offset(x) - x[GAP_UM]) / gap_spread;
	return logistic(-8.0 + 3.0 * (x[PRESS_FORCE_KN] - 9.5) + 1.2 * narrow);
}

static double probability(const double *x)
{
	double process = either(worn_tool(x), either(uncured(x), wrong_torque(x)));
	double fit = either(wrong_gap(x), crushed(x));
	double inner_crack = 0.0010;
	return either(either(process, fit), inner_crack);
}

static const struct column columns[N_COLUMNS] = {
        [DAY] = {"day", .min = 1, .max = 999},
        [LINE] = {"line", line_names, .max = N_LINES - 1},
        [SHIFT] = {"shift", shift_names, .max = N_SHIFTS - 1},
        [GAP_UM] = {"gap_um", .decimals = 1, .min = 40, .max = 220},
        [DAYS_SINCE_CALIBRATION] = {"days_since_calibration", .min = 0, .max = 99},
        [TORQUE_NM] = {"torque_nm", .decimals = 2, .min = 0.5, .max = 6},
        [PRESS_FORCE_KN] = {"press_force_kn", .decimals = 2, .min = 1, .max = 20},
        [TOOL_CYCLES] = {"tool_cycles", .min = 0, .max = 9999},
        [TEMPERATURE_C] = {"temperature_c", .decimals = 1, .min = 0, .max = 45},
        [CYCLE_TIME_S] = {"cycle_time_s", .decimals = 1, .min = 8, .max = 60},
        [SUPPLIER] = {"supplier", supplier_names, .max = N_SUPPLIERS - 1, .value_at = supplier,
                      .chance_missing = supplier_missing},
        [VIBRATION_MM_S] = {"vibration_mm_s", .decimals = 2, .min = 0.2, .max = 30, .value_at = vibration,
                            .chance_missing = vibration_missing},
        [HUMIDITY_PCT] = {"humidity_pct", .min = 15, .max = 100, .value_at = humidity,
                          .chance_missing = humidity_missing},
};

const struct scenario defects = {
        .name = "defects",
        .n_rows = 36000,
        .seed = 2026,
        .copies = 0.0004,
        .missing = "",
        .target = "result",
        .negative = "good",
        .positive = "defective",
        .columns = columns,
        .n_columns = N_COLUMNS,
        .draw = draw,
        .probability = probability,
};
