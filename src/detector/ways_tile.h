/* A tile of rows whose ways are gone together. */
#ifndef DETECTOR_WAYS_TILE_H
#define DETECTOR_WAYS_TILE_H

#include "detector/ways.h"

struct flt_ways_tile {
	const struct flt_ways *ways;
	struct flt_ways_room *room;
	const struct flt_ways_ends *ends;
	size_t n_rows;
	const double *range; /* (n_rows) */
};

static inline size_t flt_ways_way(const struct flt_ways_tile *tile, size_t row, size_t background)
{
	return row * tile->ways->n + background;
}

/* A way's units (n_members). */
static inline struct flt_way_unit *flt_ways_units(const struct flt_ways_tile *tile, size_t way)
{
	return tile->room->units + way * tile->room->n_members;
}

/* Where a member's start and end of a way are. */
static inline size_t flt_ways_end(const struct flt_ways_tile *tile, size_t m, size_t way)
{
	return m * tile->room->max_rows * tile->ways->n + way;
}

/* Fills what the room holds of units, ways and points, until no more is to be looked at. */
enum flt_status flt_ways_take_steps(const struct flt_ways_tile *tile, struct flt_error *err);

#endif
