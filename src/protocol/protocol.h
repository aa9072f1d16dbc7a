/*
 * Protocols are whole experiments: what `train`, `evaluate`, `cv` and `compare` do between reading and reporting. Test
 * rows influence only the figures: a test changes them and gets the same detector.
 */
#ifndef PROTOCOL_PROTOCOL_H
#define PROTOCOL_PROTOCOL_H

#include "protocol/experiment.h"

#endif
