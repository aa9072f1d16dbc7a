/* A stream that is followed: its rows are scored and handed out one by one, as each comes. Private to detector/. */
#ifndef DETECTOR_STREAM_FOLLOW_H
#define DETECTOR_STREAM_FOLLOW_H

#include "detector/stream_state.h"

/* Runs through the open file. A record that cannot be parsed or scored is handed out with its error. */
enum flt_status flt_stream_follow(struct flt_stream *stream, struct flt_error *err);

#endif
