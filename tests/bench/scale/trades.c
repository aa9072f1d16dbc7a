/*
 * How long a trade takes between two ranks, through the transport of the program: one line a size, of bytes, the
 * microseconds of the middle trade, and those that nine tenths are faster than. Both ranks send and receive as many.
 * usage: mpirun -n 2 trades
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "ranks/transport.h"

enum { SIZES = 8, MOST_TRADES = 2000, MOST_BYTES = 1 << 22, A_SIZE = 1 << 27 };

static void idle(void *nothing)
{
	(void)nothing;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* Of a size, bytes: fewer trades where they are long. seconds (MOST_TRADES), sorted. Returns how many. */
static size_t time_trades(const struct flt_transport *transport, size_t n_bytes, uint8_t *sent, uint8_t *received,
                          double *seconds)
{
	struct flt_parcel out[2] = {{sent, n_bytes}, {sent, n_bytes}};
	struct flt_parcel in[2] = {{received, n_bytes}, {received, n_bytes}};
	size_t n = A_SIZE / n_bytes < MOST_TRADES ? A_SIZE / n_bytes : MOST_TRADES;
	for (size_t i = 0; i < n; i++) {
		double began = flt_clock_seconds();
		transport->trade(2, out, in, idle, NULL);
		seconds[i] = flt_clock_seconds() - began;
	}
	qsort(seconds, n, sizeof *seconds, compare);
	return n;
}

static void time_sizes(const struct flt_transport *transport, uint8_t *sent, uint8_t *received, double *seconds)
{
	static const size_t size[SIZES] = {8, 256, 4096, 16384, 65536, 262144, 1048576, MOST_BYTES};
	for (size_t i = 0; i < SIZES; i++) {
		size_t n = time_trades(transport, size[i], sent, received, seconds);
		if (transport->own == 0)
			printf("%zu %.3f %.3f\n", size[i], 1e6 * seconds[n / 2], 1e6 * seconds[n * 9 / 10]);
	}
}

int main(void)
{
	const struct flt_transport *transport;
	struct flt_error err = {0};
	uint8_t *sent = calloc(MOST_BYTES, 1), *received = calloc(MOST_BYTES, 1);
	double *seconds = calloc(MOST_TRADES, sizeof *seconds);
	int code = EXIT_FAILURE;
	if (flt_transport_open(&transport, &err) != FLT_OK || !transport || transport->n != 2)
		fprintf(stderr, "trades: %s\n", err.text[0] ? err.text : "needs two ranks: mpirun -n 2 trades");
	else if (sent && received && seconds) {
		time_sizes(transport, sent, received, seconds);
		code = EXIT_SUCCESS;
	}
	if (transport)
		transport->close();
	free(sent);
	free(received);
	free(seconds);
	return code;
}
