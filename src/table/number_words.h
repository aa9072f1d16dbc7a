/* Words that stand before or behind a number: currencies and units. */
#ifndef TABLE_NUMBER_WORDS_H
#define TABLE_NUMBER_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* The length of the currency's sign or code that text starts with, 0 if it starts with none. */
size_t flt_currency_length(const char *text, size_t length);

/* A longer currency that begins with this one and is found before it ("Rs." before "Rs"), or NULL. */
const char *flt_currency_before(const char *currency);

/* Whether the whole text is a currency or a unit that may stand right behind digits. */
bool flt_is_currency_or_unit(const char *text, size_t length);

#endif
