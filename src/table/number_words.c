#include "table/number_words.h"

#include <string.h>

/* Signs and codes of currencies, the longer of two that begin alike first. A code that is an English word or could be
 * the first letters of an article number (ALL, TOP, A, R) is left out. */
static const char *const currencies[] = {
        "US$",    "AU$",    "CA$",    "HK$",    "NZ$",    "A$",      "C$",      "R$",     "S$",     "$",      "\u20ac",
        "\u00a3", "\u00a5", "\u20b9", "\u20bd", "\u20a9", "\u20ba",  "\u20aa",  "\u20ab", "\u20b4", "\u20a6", "\u0e3f",
        "\u20bf", "\u00a2", "USD",    "EUR",    "GBP",    "JPY",     "CHF",     "CAD",    "AUD",    "NZD",    "CNY",
        "RMB",    "INR",    "BRL",    "MXN",    "KRW",    "RUB",     "SEK",     "NOK",    "DKK",    "PLN",    "CZK",
        "HUF",    "ZAR",    "SGD",    "HKD",    "TWD",    "THB",     "IDR",     "MYR",    "PHP",    "VND",    "ILS",
        "AED",    "SAR",    "kr.",    "kr",     "Kr",     "z\u0142", "K\u010d", "Fr.",    "Rs.",    "Rs",
};

/* Units that may stand right behind the digits. Any other word needs a blank before it. */
static const char *const units[] = {
        "%",
        "\u2030",
        "\u066a",
        "percent",
        "pct",
        "pp",
        "mm",
        "cm",
        "dm",
        "m",
        "km",
        "nm",
        "in",
        "ft",
        "yd",
        "mi",
        "mg",
        "g",
        "kg",
        "t",
        "lb",
        "lbs",
        "oz",
        "ns",
        "ms",
        "s",
        "sec",
        "secs",
        "min",
        "mins",
        "h",
        "hr",
        "hrs",
        "hour",
        "hours",
        "d",
        "day",
        "days",
        "week",
        "weeks",
        "month",
        "months",
        "year",
        "years",
        "yr",
        "yrs",
        "A",
        "mA",
        "V",
        "mV",
        "kV",
        "W",
        "mW",
        "kW",
        "MW",
        "GW",
        "Wh",
        "kWh",
        "MWh",
        "GWh",
        "kVA",
        "Ah",
        "mAh",
        "Hz",
        "kHz",
        "MHz",
        "GHz",
        "ohm",
        "kohm",
        "F",
        "pF",
        "nF",
        "H",
        "mH",
        "C",
        "K",
        "Pa",
        "hPa",
        "kPa",
        "MPa",
        "bar",
        "mbar",
        "psi",
        "atm",
        "mmHg",
        "l",
        "L",
        "ml",
        "mL",
        "dl",
        "dL",
        "cl",
        "cc",
        "gal",
        "m2",
        "m3",
        "cm2",
        "cm3",
        "km2",
        "ha",
        "sqft",
        "km/h",
        "kmh",
        "kph",
        "mph",
        "m/s",
        "m/s2",
        "rpm",
        "B",
        "kB",
        "KB",
        "MB",
        "GB",
        "TB",
        "KiB",
        "MiB",
        "GiB",
        "kbps",
        "Mbps",
        "Gbps",
        "kbit/s",
        "Mbit/s",
        "ppm",
        "ppb",
        "mg/dl",
        "mg/dL",
        "g/dl",
        "g/dL",
        "mg/l",
        "mg/L",
        "g/l",
        "g/L",
        "mmol/L",
        "mmol/l",
        "umol/L",
        "U/L",
        "IU/L",
        "mEq/L",
        "px",
        "dB",
        "dBm",
        "N",
        "kN",
        "Nm",
        "J",
        "kJ",
        "MJ",
        "cal",
        "kcal",
        "pcs",
        "l/min",
        "L/min",
        "m3/h",
        "l/h",
        "\u00b0",
        "\u00b0C",
        "\u00b0F",
        "\u2103",
        "\u2109",
        "\u00b5m",
        "\u03bcm",
        "\u00b5s",
        "\u03bcs",
        "\u00b5g",
        "\u03bcg",
        "\u00b5A",
        "\u03bcA",
        "\u00b5V",
        "\u03bcV",
        "\u00b5F",
        "\u03bcF",
        "\u00b5g/L",
        "\u03bcg/L",
        "\u00b5g/m\u00b3",
        "\u03bcg/m\u00b3",
        "\u00b5mol/L",
        "\u03bcmol/L",
        "\u03a9",
        "\u2126",
        "k\u03a9",
        "M\u03a9",
        "m\u03a9",
        "m\u00b2",
        "m\u00b3",
        "cm\u00b2",
        "cm\u00b3",
        "km\u00b2",
        "m/s\u00b2",
        "kg/m\u00b2",
        "kg/m2",
        "kg/m\u00b3",
        "kg/m3",
};

#define N_OF(array) (sizeof(array) / sizeof *(array))

size_t flt_currency_length(const char *text, size_t length)
{
	for (size_t i = 0; length > 0 && i < N_OF(currencies); i++) {
		if (currencies[i][0] != text[0]) /* as of nearly all, of texts by the million */
			continue;
		size_t n = strlen(currencies[i]);
		if (n <= length && memcmp(currencies[i], text, n) == 0)
			return n;
	}
	return 0;
}

const char *flt_currency_before(const char *currency)
{
	size_t length = strlen(currency);
	for (size_t i = 0; i < N_OF(currencies) && strcmp(currencies[i], currency) != 0; i++)
		if (strncmp(currencies[i], currency, length) == 0)
			return currencies[i];
	return NULL;
}

static bool is_one_of(const char *text, size_t length, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (words[i][0] == *text && strlen(words[i]) == length && memcmp(words[i], text, length) == 0)
			return true;
	return false;
}

bool flt_is_currency_or_unit(const char *text, size_t length)
{
	return length > 0 &&
	       (is_one_of(text, length, currencies, N_OF(currencies)) || is_one_of(text, length, units, N_OF(units)));
}
