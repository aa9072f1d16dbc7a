/*
 * A network that is not there: stands between the program and MPI (LD_PRELOAD), counts the trades of a rank's steps,
 * and delays them. When the rank ends, one line of JSON goes to the file NETWORK_OUT and the rank's number.
 *
 * NETWORK_LATENCY (microseconds) and NETWORK_BANDWIDTH (megabytes a second; 0: without end) say when what was sent
 * arrives: a rank's letters leave one behind another, each as fast as the bandwidth, and take the latency to arrive.
 *
 * By NETWORK_CLOCK=wall they are held back so long. NETWORK_CLOCK=cpu holds nothing back, but keeps a clock: it goes on
 * by the processor time that the rank computes for, and with each letter goes when it would arrive, to which the
 * receiver's clock is put forward. So it tells how long ranks that have a processor each would take, on a machine that
 * has fewer, or other work. NETWORK_CLOCK=none only counts.
 */
#include <mpi.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TAG_TRADE = 2, TAG_STAMP = 77, MOST = 64 }; /* TAG_TRADE: of src/ranks/mpi.c */

enum how { COUNT, WALL, CPU };

/* What was sent in this trade: a letter that is held back, or the stamp that goes with it. */
struct sent {
	const void *bytes;
	int n_bytes, to;
	double arrival; /* on the clock of `how` */
	bool is_held;
};

static struct {
	enum how how;
	double latency, seconds_a_byte;
	bool is_known, is_in_trade;
	int rank, n_sent, n_sources, source[MOST];
	struct sent sent[MOST];
	MPI_Request request[MOST];          /* (n_sent) of what this file sends */
	double first, last, entered;        /* wall clock: of the first and last trade, and of this one */
	double clock, mark, wire_is_free;   /* see above; processor time that the clock has counted */
	double computing, posting, trading; /* seconds of processor, of it to send and receive; of wall clock */
	double n_trades, n_messages, n_bytes;
} network;

static double seconds(clockid_t id)
{
	struct timespec time;
	clock_gettime(id, &time);
	return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static double wall(void)
{
	return seconds(CLOCK_MONOTONIC);
}

static double cpu(void)
{
	return seconds(CLOCK_PROCESS_CPUTIME_ID);
}

static double setting(const char *name)
{
	const char *text = getenv(name);
	return text ? strtod(text, NULL) : 0;
}

static void begin(void)
{
	const char *how = getenv("NETWORK_CLOCK");
	double megabytes = setting("NETWORK_BANDWIDTH");
	network.how = how && strcmp(how, "wall") == 0 ? WALL : how && strcmp(how, "cpu") == 0 ? CPU : COUNT;
	network.latency = 1e-6 * setting("NETWORK_LATENCY");
	network.seconds_a_byte = megabytes > 0 ? 1e-6 / megabytes : 0;
	PMPI_Comm_rank(MPI_COMM_WORLD, &network.rank);
	network.first = wall();
	network.mark = cpu();
	network.is_known = true;
}

/* What was computed since goes onto the clock. Returns it. */
static double count_computing(void)
{
	double now = cpu(), passed = now - network.mark;
	network.clock += passed;
	network.computing += passed;
	network.mark = now;
	return passed;
}

static void enter(void)
{
	if (network.is_in_trade)
		return;
	if (!network.is_known)
		begin();
	count_computing();
	network.is_in_trade = true;
	network.entered = wall();
	network.n_sent = network.n_sources = 0;
}

/* When a letter that is sent now arrives. */
static double arrival_of(int n_bytes)
{
	double now = network.how == WALL ? wall() : network.clock;
	if (network.wire_is_free < now)
		network.wire_is_free = now;
	network.wire_is_free += n_bytes * network.seconds_a_byte;
	return network.wire_is_free + network.latency;
}

int MPI_Irecv(void *bytes, int n, MPI_Datatype type, int from, int tag, MPI_Comm comm, MPI_Request *request)
{
	if (tag != TAG_TRADE)
		return PMPI_Irecv(bytes, n, type, from, tag, comm, request);
	enter();
	network.source[network.n_sources++] = from;
	int code = PMPI_Irecv(bytes, n, type, from, tag, comm, request);
	network.posting += count_computing();
	return code;
}

int MPI_Isend(const void *bytes, int n, MPI_Datatype type, int to, int tag, MPI_Comm comm, MPI_Request *request)
{
	if (tag != TAG_TRADE)
		return PMPI_Isend(bytes, n, type, to, tag, comm, request);
	enter();
	struct sent *sent = &network.sent[network.n_sent];
	*sent = (struct sent){.bytes = bytes, .n_bytes = n, .to = to, .is_held = network.how == WALL};
	network.request[network.n_sent] = MPI_REQUEST_NULL;
	*request = MPI_REQUEST_NULL;
	if (!sent->is_held)
		PMPI_Isend(bytes, n, type, to, tag, comm, request);
	network.posting += count_computing();
	sent->arrival = arrival_of(n);
	if (network.how == CPU)
		PMPI_Isend(&sent->arrival, sizeof sent->arrival, MPI_BYTE, to, TAG_STAMP, comm,
		           &network.request[network.n_sent]);
	network.mark = cpu();
	network.n_sent++;
	network.n_messages++;
	network.n_bytes += n;
	return MPI_SUCCESS;
}

/* True: all letters have left. */
static bool send_what_is_due(void)
{
	bool is_all = true;
	for (int i = 0; i < network.n_sent; i++) {
		struct sent *sent = &network.sent[i];
		if (sent->is_held && wall() >= sent->arrival) {
			PMPI_Isend(sent->bytes, sent->n_bytes, MPI_BYTE, sent->to, TAG_TRADE, MPI_COMM_WORLD,
			           &network.request[i]);
			sent->is_held = false;
		}
		is_all = is_all && !sent->is_held;
	}
	return is_all;
}

/* The trade is over when all letters have arrived, and the own ones have left. */
static void put_clock_forward(void)
{
	for (int i = 0; i < network.n_sources; i++) {
		double arrival;
		PMPI_Recv(&arrival, sizeof arrival, MPI_BYTE, network.source[i], TAG_STAMP, MPI_COMM_WORLD,
		          MPI_STATUS_IGNORE);
		network.clock = arrival > network.clock ? arrival : network.clock;
	}
	if (network.wire_is_free > network.clock)
		network.clock = network.wire_is_free;
}

static void leave(void)
{
	PMPI_Waitall(network.n_sent, network.request, MPI_STATUSES_IGNORE);
	if (network.how == CPU)
		put_clock_forward();
	network.n_trades++;
	network.last = wall();
	network.trading += network.last - network.entered;
	network.is_in_trade = false;
	network.mark = cpu();
}

int MPI_Testall(int n, MPI_Request requests[], int *is_done, MPI_Status about[])
{
	int code, is_sent;
	if (!network.is_in_trade)
		return PMPI_Testall(n, requests, is_done, about);
	bool has_left = send_what_is_due();
	code = PMPI_Testall(n, requests, is_done, about);
	PMPI_Testall(network.n_sent, network.request, &is_sent, MPI_STATUSES_IGNORE);
	*is_done = *is_done && is_sent && has_left;
	if (*is_done)
		leave();
	return code;
}

/* A rank that is alone never trades, and is the first. */
__attribute__((destructor)) static void write_line(void)
{
	const char *name = getenv("NETWORK_OUT");
	char path[4096];
	if (!name || snprintf(path, sizeof path, "%s%d", name, network.rank) >= (int)sizeof path)
		return;
	FILE *out = fopen(path, "w");
	if (!out)
		return;
	fprintf(out,
	        "{\"trades\": %.0f, \"messages\": %.0f, \"bytes\": %.0f, \"seconds\": %.9f, \"trading\": %.9f, "
	        "\"computing\": %.9f, \"posting\": %.9f, \"clock\": %.9f, \"cpu\": %.9f}\n",
	        network.n_trades, network.n_messages, network.n_bytes, network.last - network.first, network.trading,
	        network.computing, network.posting, network.clock, cpu());
	fclose(out);
}
