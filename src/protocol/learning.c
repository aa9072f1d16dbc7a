#include "protocol/learning.h"

#include <math.h>

#include "base/alloc.h"

static const double UNIT = 1e-9, MOST = 1e6; /* a larger loss is one that diverges, and counts as so much */

enum flt_status flt_learning_init(struct flt_learning *learning, size_t n_networks, struct flt_error *err)
{
	*learning = (struct flt_learning){0};
	if (n_networks == 0)
		return FLT_OK;
	learning->network = flt_alloc_zero(n_networks, sizeof *learning->network, err);
	FLT_TRY_MEMORY(learning->network);
	learning->n_networks = n_networks;
	return FLT_OK;
}

void flt_learning_release(struct flt_learning *learning)
{
	flt_free(learning->network);
	*learning = (struct flt_learning){0};
}

/* ---- of one network ---- */

static bool is_on_stride(const struct flt_network_learning *network, size_t epoch)
{
	return (epoch - 1) % network->stride == 0;
}

/* Leaves out every other point, and with it the last if that was none of the stride. */
static void thin_out(struct flt_network_learning *network)
{
	size_t n = 0;
	network->stride *= 2;
	for (size_t i = 0; i < network->n; i++)
		if (is_on_stride(network, network->point[i].epoch))
			network->point[n++] = network->point[i];
	network->n = n;
}

/* The last epoch so far is always there, and gives way to the next unless the stride leads to it. */
static void add_point(struct flt_network_learning *network, const struct flt_epoch *epoch)
{
	if (network->stride == 0)
		network->stride = 1;
	if (network->n > 0 && !is_on_stride(network, network->point[network->n - 1].epoch))
		network->n--;
	if (network->n == FLT_MOST_LEARNING_POINTS)
		thin_out(network);
	network->point[network->n++] = (struct flt_learning_point){
	        .epoch = epoch->epoch, .loss = epoch->loss, .validation_loss = epoch->validation_loss};
}

/* ---- of all ---- */

void flt_learning_see(struct flt_learning *learning, const struct flt_epoch *epoch)
{
	if (isnan(epoch->lr))
		return;
	learning->is_validated = !isnan(epoch->validation_loss);
	double loss = learning->is_validated ? epoch->validation_loss : epoch->loss;
	size_t first = (epoch->epoch - 1) * FLT_LEARNING_PARTS / epoch->n_epochs;
	size_t end = epoch->epoch * FLT_LEARNING_PARTS / epoch->n_epochs;
	for (size_t part = first; part < end || part == first; part++) {
		learning->part[part].sum += (int64_t)(fmin(fmax(loss, 0), MOST) / UNIT);
		learning->part[part].n++;
	}
	if (epoch->member < learning->n_networks)
		add_point(&learning->network[epoch->member], epoch);
}

double flt_learning_loss(const struct flt_learning *learning, size_t part)
{
	size_t n = learning->part[part].n;
	return n ? (double)learning->part[part].sum / (double)n * UNIT : (double)NAN;
}
