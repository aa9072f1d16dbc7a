/*
 * The two halves of the detector's file (file.c): parts, which are what the container holds, from a detector and back.
 *
 * Metadata, one JSON text each: input (target, classes, how to read), preparation, networks, map, rule, training,
 * figures. Tensors: the weights as F32 "net0.layer0.weight" and so on; as F64 what may be long, the quantiles of a
 * column "preparation.3.knots" and isotonic knots "map.log_odds", "map.probability".
 */
#ifndef DETECTOR_FILE_H
#define DETECTOR_FILE_H

#include <jansson.h>

#include "base/json.h"
#include "base/safetensors.h"
#include "fltrain/detector.h"

enum flt_part_text {
	PART_INPUT,
	PART_PREPARATION,
	PART_NETWORKS,
	PART_MAP,
	PART_RULE,
	PART_TRAINING,
	PART_FIGURES,
	N_PARTS
};

extern const char *const flt_part_names[N_PARTS];

/* Words of the file for enums; NULL-terminated lists in the order of the enum. */
extern const char *const flt_scale_words[],
        *const flt_fate_words[], *const flt_type_words[], *const flt_activation_words[], *const flt_embedding_words[];

/* One figure of flt_figures: its name in the file and its place. */
struct flt_figure_field {
	const char *name;
	size_t offset;
	bool is_count; /* size_t, else double */
};

extern const struct flt_figure_field flt_figure_fields[];
extern const size_t flt_n_figure_fields;

/* The parts of a detector. Data of tensors are borrowed from it. */
struct flt_parts {
	char *text[N_PARTS];
	struct flt_safetensor *tensors;
	char (*names)[80]; /* (n_tensors) */
	size_t n_tensors;
};

enum flt_status flt_parts_write(const struct flt_detector *detector, struct flt_parts *parts, struct flt_error *err);
void flt_parts_release(struct flt_parts *parts);

/* Fills a zeroed detector from a container whose digest was checked or not: nothing of it is trusted. On failure the
 * detector holds what it got, to be freed. */
enum flt_status flt_parts_read(const struct flt_safetensors *file, struct flt_detector *detector,
                               struct flt_error *err);

/* flt_detector_from_bytes; without the digest's check a fuzzer gets at what lies behind it. */
enum flt_status flt_detector_parse(const unsigned char *bytes, size_t n_bytes, bool check_digest,
                                   struct flt_detector **detector, struct flt_error *err);

#endif
