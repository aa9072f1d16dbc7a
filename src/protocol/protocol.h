/*
 * Protocols are whole experiments: what `train`, `evaluate`, `cv` and `compare` do between reading and reporting. Test
 * rows influence nothing but the figures; a test changes them and finds the same detector.
 */
#ifndef PROTOCOL_PROTOCOL_H
#define PROTOCOL_PROTOCOL_H

#include "protocol/experiment.h"

#endif
