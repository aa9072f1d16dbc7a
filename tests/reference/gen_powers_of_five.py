#!/usr/bin/env python3
"""Prints src/base/powers_of_five.h: the first 128 bits of 5^q, by Python's whole numbers of any length.

Those of the powers -27 to -1 are rounded up, all others down, as the proof of Mushtak and Lemire (2022) wants them.
tests/unit/test_nearest.c works them out anew, by sums of its own.
"""
LEAST, MOST = -342, 308


def first_bits_of(whole):
    n = whole.bit_length()
    return whole << 128 - n if n < 128 else whole >> n - 128


def first_bits(q):
    if q >= 0:
        return first_bits_of(5**q)
    divisor = 5**-q
    if q >= -27:
        return (1 << divisor.bit_length() + 127) // divisor + 1
    return first_bits_of((1 << 2 * divisor.bit_length() + 128) // divisor)


print("""/*
 * The first 128 bits of 5^q for each q in [FLT_LEAST_POWER, FLT_MOST_POWER]: those of -27 to -1
 * rounded up, those of others down. Printed by tests/reference/gen_powers_of_five.py. Beyond these powers no digits of 64 bits are a
 * double other than 0 and infinity.
 */
#ifndef BASE_POWERS_OF_FIVE_H
#define BASE_POWERS_OF_FIVE_H

#include <stdint.h>

enum { FLT_LEAST_POWER = -342, FLT_MOST_POWER = 308 };

/* The higher 64 bits, and the lower ones. */
static const uint64_t flt_powers_of_five[FLT_MOST_POWER - FLT_LEAST_POWER + 1][2] = {""")
rows = [first_bits(q) for q in range(LEAST, MOST + 1)]
for row in rows:
    print(f"        {{0x{row >> 64:016x}, 0x{row & (1 << 64) - 1:016x}}},")
print("""};

#endif""")
