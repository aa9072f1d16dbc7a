/*
 * The number parser, and that of short numbers, against strtod: number N [PROCESSES] reads about N random texts of
 * several shapes each way, on 2 processes unless told otherwise, and compares the bits. strtod is glibc's, which rounds
 * exactly; this program stays in the C locale.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/number.h"
#include "base/random.h"
#include "base/short_number.h"

enum { LONGEST = 3000, MAX_PROCESSES = 64 };

__extension__ typedef unsigned __int128 u128;

static size_t between(struct flt_random *random, size_t low, size_t high)
{
	return low + flt_random_below(random, high - low + 1);
}

static char *put_digits(struct flt_random *random, char *out, size_t n)
{
	while (n > 0) {
		uint64_t digits = flt_random_next(random) >> 1;
		for (int i = 0; i < 18 && n > 0; i++, n--, digits /= 10)
			*out++ = (char)('0' + digits % 10);
	}
	return out;
}

/* n digits with a point somewhere or nowhere. */
static char *put_decimal(struct flt_random *random, char *out, size_t n)
{
	size_t place = between(random, 0, 2 * n);
	if (place >= n)
		return put_digits(random, out, n);
	out = put_digits(random, out, place);
	*out++ = '.';
	return put_digits(random, out, n - place);
}

static char *put_whole(char *out, u128 value)
{
	char reversed[40];
	int n = 0;
	for (; value || n == 0; value /= 10)
		reversed[n++] = (char)('0' + (int)(value % 10));
	while (n > 0)
		*out++ = reversed[--n];
	return out;
}

static void put_exponent(struct flt_random *random, char *out, long low, long high)
{
	sprintf(out, "%c%ld", flt_random_below(random, 2) ? 'e' : 'E',
	        low + (long)flt_random_below(random, (size_t)(high - low + 1)));
}

/* ---- shapes ---- */

static void put_short(struct flt_random *random, char *out)
{
	out = put_decimal(random, out, between(random, 1, 9));
	if (flt_random_below(random, 3) == 0)
		put_exponent(random, out, -30, 30);
	else
		*out = '\0';
}

static void put_about_17(struct flt_random *random, char *out)
{
	out = put_decimal(random, out, between(random, 15, 19));
	if (flt_random_below(random, 2))
		put_exponent(random, out, -40, 40);
	else
		*out = '\0';
}

static void put_any_exponent(struct flt_random *random, char *out)
{
	put_exponent(random, put_decimal(random, out, between(random, 1, 20)), -345, 310);
}

static void put_long(struct flt_random *random, char *out)
{
	put_exponent(random, put_decimal(random, out, between(random, 20, 60)), -400, 400);
}

static void put_very_long(struct flt_random *random, char *out)
{
	put_exponent(random, put_decimal(random, out, between(random, 700, 1200)), -1500, 400);
}

static void put_subnormal(struct flt_random *random, char *out)
{
	put_exponent(random, put_decimal(random, out, between(random, 1, 20)), -345, -300);
}

static void put_largest(struct flt_random *random, char *out)
{
	strcpy(out, "1.797693134862315");
	put_exponent(random, put_digits(random, out + strlen(out), between(random, 0, 12)), 306, 309);
}

static void put_zeros(struct flt_random *random, char *out)
{
	size_t before = between(random, 0, 30), within = between(random, 0, 30), behind = between(random, 1, 30);
	memset(out, '0', before);
	out = put_digits(random, out + before, between(random, 0, 9));
	*out++ = '.';
	memset(out, '0', within);
	out = put_digits(random, out + within, between(random, 0, 9));
	memset(out, '0', behind);
	put_exponent(random, out + behind, -60, 60);
}

/* The point half way between two doubles, or a hair beside it: an odd number of 54 bits times a power of two, written
 * whole or with as many decimals as it has. */
static void put_halfway(struct flt_random *random, char *out)
{
	uint64_t odd = ((uint64_t)1 << 53 | flt_random_next(random) >> 11) << 1 | 1;
	size_t power = flt_random_below(random, 31);
	u128 value = odd;
	bool is_fraction = flt_random_below(random, 2);
	for (size_t i = 0; i < power; i++)
		value *= is_fraction ? 5 : 2;
	int aside = (int)flt_random_below(random, 3) - 1; /* one below or above in the last place; 0: exactly */
	out = put_whole(out, aside < 0 ? value - 1 : value + (unsigned)aside);
	if (flt_random_below(random, 2)) {
		*out++ = is_fraction ? '0' : '.';
		memset(out, '0', 12);
		out += 12;
		if (aside == 0 && flt_random_below(random, 2))
			out[-1] = '1';
		power += is_fraction ? 13 : 0;
	}
	sprintf(out, "e%s%zu", is_fraction ? "-" : "", is_fraction ? power : 0);
}

/* The same at any exponent, subnormals too, by an extended double that holds the point exactly. */
static void put_halfway_anywhere(struct flt_random *random, char *out)
{
	uint64_t u = flt_random_next(random) & 0x7fefffffffffffff, next = u + 1;
	if (flt_random_below(random, 2))
		u = (u & 0x000fffffffffffff) | (uint64_t)flt_random_below(random, 60) << 52, next = u + 1;
	double low, high;
	memcpy(&low, &u, sizeof low);
	memcpy(&high, &next, sizeof high);
	snprintf(out, LONGEST, "%.1100Le", ((long double)low + (long double)high) / 2);
	if (flt_random_below(random, 2))
		strchr(out, 'e')[-1] = '1';
}

static const struct {
	const char *name;
	void (*put)(struct flt_random *random, char *out);
	double share;
} shapes[] = {
        {"1 to 9 digits", put_short, 0.2},
        {"15 to 19 digits", put_about_17, 0.3},
        {"1 to 20 digits, any exponent", put_any_exponent, 0.2},
        {"20 to 60 digits", put_long, 0.049},
        {"700 to 1200 digits", put_very_long, 0.0005},
        {"subnormal and around", put_subnormal, 0.1},
        {"around the largest", put_largest, 0.02},
        {"many zeros", put_zeros, 0.03},
        {"half way between two, 54 to 120 bits", put_halfway, 0.1},
        {"half way at any exponent, 1100 digits", put_halfway_anywhere, 0.0005},
};

enum { N_SHAPES = sizeof shapes / sizeof *shapes };

/* What a process counts. */
struct counts {
	size_t n[N_SHAPES], n_wrong[N_SHAPES];
};

static bool is_same(const char *text)
{
	double want = strtod(text, NULL), got = 0;
	enum flt_number kind = flt_number_parse(text, strlen(text), '.', &got);
	if (isinf(want))
		return kind == FLT_NUMBER_OUT_OF_RANGE;
	/* text has room behind it, and no digit there */
	double dividend, divisor, quotient = want;
	if (flt_short_number_parse(text, strlen(text), '.', &dividend, &divisor))
		quotient = dividend / divisor;
	if (memcmp(&quotient, &want, sizeof want) != 0)
		return false;
	return kind == FLT_NUMBER && memcmp(&got, &want, sizeof got) == 0;
}

static void compare(size_t shape, size_t n, size_t process, struct counts *counts)
{
	static char text[LONGEST];
	struct flt_random random;
	flt_random_init(&random, process, "numbers", shape);
	for (size_t i = 0; i < n; i++) {
		text[0] = "-+"[flt_random_below(&random, 2)];
		shapes[shape].put(&random, text + 1);
		const char *number = flt_random_below(&random, 2) ? text : text + 1;
		counts->n[shape]++;
		if (is_same(number))
			continue;
		if (counts->n_wrong[shape]++ < 3)
			printf("differs: %.200s\n", number);
	}
}

static void count_all(size_t n, size_t n_processes, struct counts *counts)
{
	for (size_t process = 0; process < n_processes; process++) {
		fflush(NULL);
		pid_t child = fork();
		if (child > 0)
			continue;
		for (size_t shape = 0; child == 0 && shape < N_SHAPES; shape++)
			compare(shape, (size_t)(shapes[shape].share * (double)n / (double)n_processes) + 1, process,
			        &counts[process]);
		exit(child != 0);
	}
	for (int status; wait(&status) > 0;)
		if (status != 0)
			exit(1);
}

int main(int argc, char **argv)
{
	double n_texts = argc > 1 ? strtod(argv[1], NULL) : 0;
	size_t n = (size_t)n_texts, n_processes = argc > 2 ? strtoul(argv[2], NULL, 10) : 2, all = 0, failed = 0;
	if (n == 0 || n_processes == 0 || n_processes > MAX_PROCESSES) {
		fprintf(stderr, "usage: %s N [PROCESSES]\n", argv[0]);
		return 2;
	}
	struct counts *counts =
	        mmap(NULL, n_processes * sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (counts == MAP_FAILED)
		return 1;
	struct timespec begin, end;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	count_all(n, n_processes, counts);
	clock_gettime(CLOCK_MONOTONIC, &end);
	for (size_t shape = 0; shape < N_SHAPES; shape++) {
		size_t n_read = 0, n_wrong = 0;
		for (size_t i = 0; i < n_processes; i++) {
			n_read += counts[i].n[shape];
			n_wrong += counts[i].n_wrong[shape];
		}
		printf("%-40s %12zu texts, %zu not as strtod\n", shapes[shape].name, n_read, n_wrong);
		all += n_read;
		failed += n_wrong > 0;
	}
	printf("numbers: %zu texts in %.1f s on %zu processes\n", all,
	       (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec), n_processes);
	printf("differential: %zu passed, %zu failed\n", N_SHAPES - failed, failed);
	return failed > 0;
}
