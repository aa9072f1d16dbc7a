/*
 * Card payments of a small bank: 0.5 % fraud.
 *
 * A payment belongs to a hidden circumstance: an ordinary purchase, an afternoon of shopping, a journey, an evening of
 * games, a script that tries card numbers, a card being emptied. The circumstance shapes the columns and is not
 * written. Four causes can make a payment fraudulent: cards tested in quick small payments, an account emptied at
 * merchants whose goods sell well, a copied card that is in two places at once, and fraud in which nothing stands out
 * (a relative with the card, a delivery denied), which no model can find.
 */
#include "scenario.h"

enum {
	AMOUNT,
	AMOUNT_RATIO,
	HOUR,
	MINUTES_SINCE_LAST,
	N_LAST_HOUR,
	N_LAST_DAY,
	DECLINES_LAST_DAY,
	MERCHANT,
	CHANNEL,
	REGION,
	KM_FROM_LAST,
	ACCOUNT_AGE_DAYS,
	N_COLUMNS
};

enum { GROCERY, FUEL, RESTAURANT, PHARMACY, CLOTHING, TRAVEL, ELECTRONICS, GAMING, GIFTCARD, JEWELLERY, N_MERCHANTS };
enum { CHIP, CONTACTLESS, ONLINE, KEYED, N_CHANNELS };
enum { DOMESTIC, NEIGHBOUR, OVERSEAS, N_REGIONS };
enum { ORDINARY, SHOPPING, JOURNEY, GAMES, SCRIPT, EMPTYING, N_CIRCUMSTANCES };

static const char *const merchant_names[] = {"grocery", "fuel",        "restaurant", "pharmacy", "clothing",
                                             "travel",  "electronics", "gaming",     "giftcard", "jewellery"};
static const char *const channel_names[] = {"chip", "contactless", "online", "keyed"};
static const char *const region_names[] = {"domestic", "neighbour", "overseas"};

static const double circumstance_share[N_CIRCUMSTANCES] = {0.907, 0.045, 0.030, 0.012, 0.0025, 0.0035};

static const double merchant_share[N_CIRCUMSTANCES][N_MERCHANTS] = {
        {0.34, 0.12, 0.18, 0.08, 0.10, 0.04, 0.05, 0.05, 0.02, 0.02},
        {0.10, 0.02, 0.10, 0.06, 0.44, 0.02, 0.14, 0.02, 0.05, 0.05},
        {0.12, 0.10, 0.32, 0.05, 0.10, 0.25, 0.02, 0.01, 0.01, 0.02},
        {0.00, 0.00, 0.02, 0.00, 0.00, 0.00, 0.03, 0.90, 0.05, 0.00},
        {0.02, 0.02, 0.06, 0.06, 0.16, 0.04, 0.12, 0.28, 0.24, 0.00},
        {0.02, 0.02, 0.02, 0.00, 0.14, 0.10, 0.30, 0.02, 0.22, 0.16},
};

/* Per circumstance: the logarithm added to a usual amount, payments in the last hour, declines in the last day, the
 * chance to be online, abroad, and at night. */
static const struct habit {
	double log_amount, n_hour, declines, online, abroad, night;
} habits[N_CIRCUMSTANCES] = {
        {0.0, 0.12, 0.03, 0.22, 0.04, 0.03},  {0.2, 2.50, 0.05, 0.25, 0.06, 0.01}, {0.3, 0.60, 0.10, 0.15, 0.90, 0.06},
        {-1.2, 5.00, 0.20, 0.97, 0.02, 0.20}, {-1.6, 9.0, 2.20, 0.95, 0.20, 0.35}, {1.6, 1.80, 0.70, 0.45, 0.35, 0.30},
};

/* The logarithm of a usual amount, and how well the goods can be sold on. */
static const double usual_log_amount[N_MERCHANTS] = {3.3, 3.9, 3.3, 2.8, 4.0, 5.3, 4.9, 2.3, 3.7, 5.2};
static const double resale[N_MERCHANTS] = {0.0, 0.0, 0.0, 0.1, 0.4, 0.5, 1.0, 0.3, 1.2, 1.1};
/* The chance in ten thousand of a fraud in which nothing stands out. */
static const double plain_fraud[N_MERCHANTS] = {3, 3, 3, 3, 8, 14, 10, 12, 10, 8};

static double draw_hour(struct source *source, double night)
{
	double u = draw_uniform(source);
	double z = draw_normal(source);
	double hour = u < night ? 3 + 1.6 * z : 14.5 + 3.8 * z;
	while (hour < 0)
		hour += 24;
	while (hour >= 24)
		hour -= 24;
	return hour;
}

static unsigned draw_channel(struct source *source, double online)
{
	const double in_shop = 1 - online;
	const double share[N_CHANNELS] = {0.44 * in_shop, 0.53 * in_shop, online, 0.03 * in_shop};
	return draw_kind(source, share, N_CHANNELS);
}

static void draw_speed(double *x, const struct habit *habit, struct source *source)
{
	double spread = draw_exponential(source, habit->n_hour);
	unsigned n_hour = draw_count(source, 0.5 * habit->n_hour + 0.5 * spread);
	unsigned n_earlier = draw_count(source, 1.8);
	x[N_LAST_HOUR] = n_hour;
	x[N_LAST_DAY] = n_hour + n_earlier;
	double minutes = draw_exponential(source, n_hour > 0 ? 60.0 / (n_hour + 1) : 700);
	while (n_hour > 0 && minutes > 60)
		minutes -= 60;
	x[MINUTES_SINCE_LAST] = n_hour > 0 ? minutes : 60 + minutes;
	x[DECLINES_LAST_DAY] = draw_count(source, habit->declines);
}

static void draw(double *x, size_t row, struct source *source)
{
	(void)row;
	unsigned circumstance = draw_kind(source, circumstance_share, N_CIRCUMSTANCES);
	const struct habit *habit = &habits[circumstance];
	unsigned merchant = draw_kind(source, merchant_share[circumstance], N_MERCHANTS);
	x[MERCHANT] = merchant;
	x[CHANNEL] = merchant == GAMING ? ONLINE : draw_channel(source, habit->online);
	const double region_share[N_REGIONS] = {1 - habit->abroad, 0.65 * habit->abroad, 0.35 * habit->abroad};
	x[REGION] = draw_kind(source, region_share, N_REGIONS);
	x[HOUR] = draw_hour(source, habit->night);
	draw_speed(x, habit, source);
	double purchase = habit->log_amount + 0.75 * draw_normal(source);
	double customer = 0.45 * draw_normal(source);
	x[AMOUNT] = exact_exp(usual_log_amount[merchant] + purchase + customer);
	x[AMOUNT_RATIO] = exact_exp(purchase + 0.3 * (usual_log_amount[merchant] - 3.6));
}

/* Near the last payment when that was minutes ago; abroad a share of the distances is a flight, or a copied card. */
static double km_from_last(const double *x, double u)
{
	double hours = x[MINUTES_SINCE_LAST] / 60;
	double jump = x[REGION] == DOMESTIC ? 0.004 : x[REGION] == NEIGHBOUR ? 0.05 : 0.13;
	if (x[CHANNEL] == ONLINE)
		jump += 0.01;
	double far = x[REGION] == OVERSEAS ? 8.4 : 6.2;
	if (u > 1 - jump)
		return exact_exp(far + 0.4 * exact_normal_quantile((u - (1 - jump)) / jump));
	return exact_exp(0.6 + 0.8 * exact_log(1 + hours) + 1.1 * exact_normal_quantile(u / (1 - jump)));
}

static double km_missing(const double *x)
{
	return x[CHANNEL] == ONLINE ? 0.16 : x[CHANNEL] == KEYED ? 0.10 : 0.004;
}

static double account_age(const double *x, double u)
{
	double centre = x[CHANNEL] == ONLINE || x[CHANNEL] == CONTACTLESS ? 6.4 : 7.0;
	return exact_exp(centre + 1.1 * exact_normal_quantile(u));
}

static double account_age_missing(const double *x)
{
	return x[REGION] == DOMESTIC ? 0.010 : 0.030;
}

static double night(const double *x)
{
	return bell(x[HOUR], 3, 2.2) + bell(x[HOUR], 27, 2.2);
}

/* Stolen numbers are tried in small payments, fast; a player's small payments look alike but are seldom declined. */
static double card_testing(const double *x)
{
	double score = -9.2 + 6.2 * step(x[N_LAST_HOUR], 5, 1.0) + 2.4 * step(x[DECLINES_LAST_DAY], 1.3, 0.4);
	if (x[CHANNEL] == ONLINE)
		score += 1.6 * step(-x[AMOUNT], -20, 4) +
		         3.4 * step(x[DECLINES_LAST_DAY], 1.3, 0.4) * step(x[N_LAST_HOUR], 4, 1);
	if (x[MERCHANT] == GAMING)
		score -= 2.0;
	return logistic(score);
}

/* Far more than usual, in goods that can be sold on: worse at night, abroad and from a young account. */
static double emptying(const double *x)
{
	double excess = exact_log(x[AMOUNT_RATIO] + 0.05);
	double goods = resale[(int)x[MERCHANT]];
	double score = -10.2 + 1.6 * goods + (0.8 + 2.2 * goods) * (excess > 0 ? excess : 0) + 2.4 * night(x) * goods;
	score += 1.5 * step(-x[ACCOUNT_AGE_DAYS], -120, 30) + (x[REGION] == DOMESTIC ? 0 : 1.3);
	score += 1.1 * step(x[DECLINES_LAST_DAY], 0.7, 0.2);
	return logistic(score);
}

/* No traveller covers more than some 900 km in an hour; online the place is only that of the network. */
static double two_places(const double *x)
{
	double speed = x[KM_FROM_LAST] / (x[MINUTES_SINCE_LAST] / 60 + 0.2);
	double impossible = step(exact_log(speed + 1), 6.8, 0.20);
	double weight = x[CHANNEL] == ONLINE ? 5.0 : x[CHANNEL] == KEYED ? 10.0 : 9.2;
	return logistic(-9.1 + weight * impossible + 1.8 * impossible * night(x) +
	                1.2 * impossible * resale[(int)x[MERCHANT]]);
}

static double probability(const double *x)
{
	double found = either(card_testing(x), either(emptying(x), two_places(x)));
	return either(found, plain_fraud[(int)x[MERCHANT]] * 1e-4);
}

static const struct column columns[N_COLUMNS] = {
        [AMOUNT] = {"amount", .decimals = 2, .min = 0.5, .max = 9999},
        [AMOUNT_RATIO] = {"amount_ratio", .decimals = 2, .min = 0.01, .max = 99},
        [HOUR] = {"hour", .decimals = 1, .min = 0, .max = 23.9},
        [MINUTES_SINCE_LAST] = {"minutes_since_last", .decimals = 1, .min = 0.1, .max = 9999},
        [N_LAST_HOUR] = {"n_last_hour", .min = 0, .max = 99},
        [N_LAST_DAY] = {"n_last_day", .min = 0, .max = 199},
        [DECLINES_LAST_DAY] = {"declines_last_day", .min = 0, .max = 99},
        [MERCHANT] = {"merchant", merchant_names, .max = N_MERCHANTS - 1},
        [CHANNEL] = {"channel", channel_names, .max = N_CHANNELS - 1},
        [REGION] = {"region", region_names, .max = N_REGIONS - 1},
        [KM_FROM_LAST] = {"km_from_last", .decimals = 1, .min = 0, .max = 15000, .value_at = km_from_last,
                          .chance_missing = km_missing},
        [ACCOUNT_AGE_DAYS] = {"account_age_days", .min = 3, .max = 9000, .value_at = account_age,
                              .chance_missing = account_age_missing},
};

const struct scenario fraud = {
        .name = "fraud",
        .n_rows = 30000,
        .seed = 2026,
        .copies = 0.0005,
        .missing = "",
        .target = "fraud",
        .negative = "0",
        .positive = "1",
        .columns = columns,
        .n_columns = N_COLUMNS,
        .draw = draw,
        .probability = probability,
};
