/*
 * A detector's file: its sections, from a detector (file_write.c) and back (file_read.c).
 *
 * It is an envelope (container/envelope.h) whose texts are the sections, each a JSON object: input (target, classes,
 * how to read), preparation, networks, map, rule, training, figures. Tensors: the weights as F32 "net0.layer0.weight"
 * and so on; all else as F64, what may be long.
 *
 * fltrain-model(5), configs/manual/fltrain-model.5, is the description of the file: each tensor, each key, and how a
 * row becomes a class, which suffices to score a record without this program, as tests/differential/score.py does. What
 * is said there of keys is made from configs/schemas/model.json. A key or a tensor that is added needs a place in both:
 * make check-schemas tells of what is missing. It has to be optional for the reader (file_read.c), since files of
 * older versions lack it, and none is ever renamed.
 *
 * Beside a rule that is a floor of recall or precision stands "floor" (eval/decision.h). Files of versions that had
 * only bare estimates lack it, and their "recall>=0.9" means "recall>=0.9@50". Held-out scores are thinned as
 * eval/kept.h says, the sketch is that of detector/sketch.h, background rows those of detector/background.h.
 */
#ifndef DETECTOR_FILE_H
#define DETECTOR_FILE_H

#include <jansson.h>

#include "base/json.h"
#include "container/safetensors.h"
#include "detector/model.h"

enum flt_section {
	FLT_SECTION_INPUT,
	FLT_SECTION_PREPARATION,
	FLT_SECTION_NETWORKS,
	FLT_SECTION_MAP,
	FLT_SECTION_RULE,
	FLT_SECTION_TRAINING,
	FLT_SECTION_FIGURES,
	FLT_N_SECTIONS
};

extern const char *const flt_section_names[FLT_N_SECTIONS];
extern const char *const flt_kept_words[2]; /* of label 0 and 1: how tensors of held-out rows begin */

/* The sections of a detector and its tensors, whose data are borrowed from it. */
enum { FLT_TENSOR_NAME = 80 }; /* "net10000.embedding.frequency" is shorter */

struct flt_sections {
	char *text[FLT_N_SECTIONS];
	struct flt_safetensor *tensors;
	char (*names)[FLT_TENSOR_NAME]; /* (n_tensors) */
	size_t n_tensors;
};

enum flt_status flt_sections_write(const struct flt_detector *detector, struct flt_sections *sections,
                                   struct flt_error *err);
void flt_sections_release(struct flt_sections *sections);

/* Fills a zeroed detector with an initialised map, from the tensors of a file and its sections. None of it is trusted,
 * whether its digest was checked or not. On failure the detector holds what was read, to be freed. */
enum flt_status flt_sections_read(const struct flt_safetensors *file, const char *const texts[FLT_N_SECTIONS],
                                  struct flt_detector *detector, struct flt_error *err);

/* As flt_detector_from_bytes. check_digest false lets a fuzzer reach the code after the digest. */
enum flt_status flt_detector_parse(const unsigned char *bytes, size_t n_bytes, bool check_digest,
                                   struct flt_detector **detector, struct flt_error *err);

#endif
