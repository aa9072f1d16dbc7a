/* The key of the process's hash tables, drawn when the program starts. */
#ifndef BASE_HASH_KEY_H
#define BASE_HASH_KEY_H

#include "base/siphash.h"

const struct flt_siphash_key *flt_hash_key(void);

/* For tests: hash tables made before must not be used after. */
void flt_hash_set_key(struct flt_siphash_key key);

#endif
