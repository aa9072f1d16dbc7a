/*
 * The parts of a C file that are the same for all models: C99, as text. c.c puts those together that a model needs, and
 * the tables of the model between them. A function stands in one part only, and each part is left out where nothing
 * calls it, so that compilers find nothing unused.
 *
 * What they compute is what csv/, table/, prep/, nn/ and eval/ do: a change there is one here. tests/export.py
 * compares.
 */
#ifndef EXPORT_C_TEXT_H
#define EXPORT_C_TEXT_H

/* Cells. */
extern const char flt_c_texts[];   /* blanks and markers */
extern const char flt_c_numbers[]; /* what a cell holds, and plain numbers: needs markers, words and their values */
extern const char flt_c_plain[];   /* read_number where all columns are plain */
extern const char flt_c_dressed[]; /* read_number with struct number_format */
extern const char flt_c_is_bad[];
extern const char flt_c_calendar[]; /* parts of dates */
extern const char flt_c_dates[];    /* dates without a time of day, and behind it */
extern const char flt_c_times[];    /* times of day, and read_date */

/* Inputs. */
extern const char flt_c_categories[];
extern const char flt_c_clip[];
extern const char flt_c_scale_robust[], flt_c_scale_standard[], flt_c_scale_quantile[], flt_c_scale_none[];
extern const char flt_c_fill_numbers[], flt_c_fill_categories[];

/* Networks: the parts with an 8 are for weights in whole numbers of eight bits. */
extern const char flt_c_product[], flt_c_lanes[];
extern const char flt_c_floats[], flt_c_floats8[];
extern const char flt_c_magic[], flt_c_exp_parts[], flt_c_exp[], flt_c_expm1[];
extern const char flt_c_relu[], flt_c_selu[], flt_c_silu[], flt_c_mish[], flt_c_tanh[];
extern const char flt_c_fused[], flt_c_sums[], flt_c_sums8[];
extern const char flt_c_hidden[], flt_c_embedding[];

/* Log-odds. */
extern const char flt_c_log_odds[], flt_c_psi[], flt_c_mean[], flt_c_isotonic[];

#endif
