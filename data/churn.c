/*
 * Customers of a telephone company: 10 % leave within the next quarter.
 *
 * Causes: a contract that can be left soon and has just become dearer (one that binds for long hardly matters), trouble
 * that was not solved (calls to support on top of outages), a customer who has quietly stopped using the service, a
 * price well above what the use is worth, and life: people move house or die, whatever the columns say.
 */
#include "scenario.h"

enum {
	PLAN,
	CONTRACT,
	PAYMENT,
	N_LINES,
	TENURE_MONTHS,
	MONTHS_TO_RENEWAL,
	MONTHLY_FEE,
	PRICE_CHANGE_PCT,
	DATA_GB,
	OUTAGE_HOURS,
	SUPPORT_CALLS,
	LATE_PAYMENTS,
	DAYS_SINCE_LOGIN,
	SATISFACTION,
	N_COLUMNS
};

enum { BASIC, PLUS, FAMILY, BUSINESS, N_PLANS };
enum { MONTHLY, YEARLY, TWO_YEARS, N_CONTRACTS };
enum { DEBIT, CARD, INVOICE, N_PAYMENTS };

static const char *const plan_names[] = {"basic", "plus", "family", "business"};
static const char *const contract_names[] = {"monthly", "yearly", "two years"};
static const char *const payment_names[] = {"direct debit", "card", "invoice"};

static const double plan_share[N_PLANS] = {0.42, 0.30, 0.20, 0.08};
static const double contract_share[N_CONTRACTS] = {0.38, 0.40, 0.22};
static const double payment_share[N_PAYMENTS] = {0.55, 0.30, 0.15};
static const double plan_fee[N_PLANS] = {14.9, 29.9, 49.9, 64.9}, plan_log_gb[N_PLANS] = {1.2, 2.3, 3.2, 2.9};
static const double contract_months[N_CONTRACTS] = {1, 12, 24};

static void draw_contract(double *x, struct source *source)
{
	unsigned plan = draw_kind(source, plan_share, N_PLANS),
	         contract = draw_kind(source, contract_share, N_CONTRACTS);
	x[PLAN] = plan;
	x[CONTRACT] = contract;
	x[PAYMENT] = draw_kind(source, payment_share, N_PAYMENTS);
	x[N_LINES] = plan == FAMILY ? 2 + draw_count(source, 1.2) : plan == BUSINESS ? 1 + draw_count(source, 2.5) : 1;
	x[TENURE_MONTHS] = 1 + draw_exponential(source, contract == MONTHLY ? 20 : 40);
	x[MONTHS_TO_RENEWAL] = contract == MONTHLY ? 0 : draw_below(source, (unsigned)contract_months[contract]);
	double loyal = draw_normal(source);
	double extra = draw_between(source, 4, 9);
	x[MONTHLY_FEE] = plan_fee[plan] * exact_exp(0.10 * loyal) + extra * (x[N_LINES] - 1);
	double raised = draw_uniform(source);
	double by = draw_exponential(source, 7);
	x[PRICE_CHANGE_PCT] = raised < 0.20 ? 1 + by : raised < 0.25 ? -by : 0;
}

static void draw(double *x, size_t row, struct source *source)
{
	(void)row;
	draw_contract(x, source);
	double use = draw_normal(source);
	double gone_quiet = draw_uniform(source);
	double log_gb = plan_log_gb[(int)x[PLAN]] + 0.8 * use + 0.3 * exact_log(x[N_LINES]);
	x[DATA_GB] = exact_exp(gone_quiet < 0.05 ? log_gb - 3 : log_gb);
	double storm = draw_uniform(source);
	x[OUTAGE_HOURS] = draw_exponential(source, storm < 0.12 ? 14 : 1.2);
	double trouble = draw_exponential(source, 0.35 + 0.10 * x[OUTAGE_HOURS]);
	x[SUPPORT_CALLS] = draw_count(source, 0.2 + trouble);
	x[LATE_PAYMENTS] = draw_count(source, x[PAYMENT] == INVOICE ? 0.8 : x[PAYMENT] == CARD ? 0.3 : 0.08);
}

static double days_since_login(const double *x, double u)
{
	double idle = x[DATA_GB] < 0.5 ? 3.6 : 2.0 - 0.2 * exact_log(x[DATA_GB] + 0.1);
	return exact_exp(idle + 1.1 * exact_normal_quantile(u));
}

static double days_since_login_missing(const double *x)
{
	return x[PLAN] == BASIC ? 0.05 : 0.015;
}

/* The survey's answer, 1 to 10. */
static double satisfaction(const double *x, double u)
{
	return 7.6 - 0.45 * x[SUPPORT_CALLS] - 0.05 * x[OUTAGE_HOURS] + 1.9 * exact_normal_quantile(u);
}

/* Most do not answer. */
static double satisfaction_missing(const double *x)
{
	return x[TENURE_MONTHS] < 12 ? 0.65 : 0.50;
}

/* How free a customer is to leave: 1 on a monthly contract, else 1 close to the renewal and 0 far from it. */
static double freedom(const double *x)
{
	return x[CONTRACT] == MONTHLY ? 1 : step(-x[MONTHS_TO_RENEWAL], -3, 0.6);
}

static double dearer(const double *x)
{
	double rise = step(x[PRICE_CHANGE_PCT], 6.5, 1.2);
	double settled = exact_log(1 + x[TENURE_MONTHS] / 12);
	return logistic(-5.8 + 7.6 * rise * freedom(x) - 0.5 * settled);
}

static double unsolved(const double *x)
{
	double calls = step(x[SUPPORT_CALLS], 2.6, 0.5), dark = step(x[OUTAGE_HOURS], 9, 1.5);
	double unhappy = step(-x[SATISFACTION], -4.5, 0.5);
	return logistic(-5.8 + 2.4 * calls + 3.0 * calls * dark + 2.6 * unhappy + (calls + unhappy) * freedom(x));
}

static double drifted_away(const double *x)
{
	double silent = step(exact_log(x[DAYS_SINCE_LOGIN] + 1), 3.5, 0.2),
	       unused = step(-exact_log(x[DATA_GB] + 0.05), 0.7, 0.3);
	double score = -5.4 + 1.5 * silent + 1.2 * unused + 3.4 * silent * unused + 1.0 * freedom(x) * silent;
	return logistic(score);
}

static double poor_value(const double *x)
{
	double per_gb = exact_log(x[MONTHLY_FEE] / (x[DATA_GB] + 1));
	double score = -6.9 + 1.1 * per_gb + (x[CONTRACT] == MONTHLY ? 0.9 : 0) + 0.6 * x[LATE_PAYMENTS];
	if (x[TENURE_MONTHS] < 6)
		score += 1.2;
	return logistic(score);
}

static double life(const double *x)
{
	return x[PLAN] == BUSINESS ? 0.010 : 0.018;
}

static double probability(const double *x)
{
	double anger = either(dearer(x), unsolved(x)), indifference = either(drifted_away(x), poor_value(x));
	return either(either(anger, indifference), life(x));
}

static const struct column columns[N_COLUMNS] = {
        [PLAN] = {"plan", plan_names, .max = N_PLANS - 1},
        [CONTRACT] = {"contract", contract_names, .max = N_CONTRACTS - 1},
        [PAYMENT] = {"payment", payment_names, .max = N_PAYMENTS - 1},
        [N_LINES] = {"n_lines", .min = 1, .max = 30},
        [TENURE_MONTHS] = {"tenure_months", .min = 1, .max = 240},
        [MONTHS_TO_RENEWAL] = {"months_to_renewal", .min = 0, .max = 24},
        [MONTHLY_FEE] = {"monthly_fee", .decimals = 2, .min = 5, .max = 400},
        [PRICE_CHANGE_PCT] = {"price_change_pct", .decimals = 1, .min = -50, .max = 60},
        [DATA_GB] = {"data_gb", .decimals = 1, .min = 0, .max = 900},
        [OUTAGE_HOURS] = {"outage_hours", .decimals = 1, .min = 0, .max = 200},
        [SUPPORT_CALLS] = {"support_calls", .min = 0, .max = 40},
        [LATE_PAYMENTS] = {"late_payments", .min = 0, .max = 12},
        [DAYS_SINCE_LOGIN] = {"days_since_login", .min = 0, .max = 365, .value_at = days_since_login,
                              .chance_missing = days_since_login_missing},
        [SATISFACTION] = {"satisfaction", .min = 1, .max = 10, .value_at = satisfaction,
                          .chance_missing = satisfaction_missing},
};

const struct scenario churn = {
        .name = "churn",
        .n_rows = 24000,
        .seed = 2026,
        .copies = 0.0005,
        .id = "customer_id",
        .missing = "NA",
        .target = "churned",
        .negative = "no",
        .positive = "yes",
        .columns = columns,
        .n_columns = N_COLUMNS,
        .draw = draw,
        .probability = probability,
};
