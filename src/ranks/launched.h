/* What the launcher of an MPI program leaves in the environment, read before any MPI is asked. */
#ifndef RANKS_LAUNCHED_H
#define RANKS_LAUNCHED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct flt_launched {
	size_t n;   /* processes; 1: this one alone, also without a launcher */
	size_t own; /* the number of this one, from 0 */
	bool is_launched;
};

/* mpirun of OpenMPI, mpiexec of MPICH, and srun with either's interface. */
struct flt_launched flt_launched(void);

/* How a process other than the first fails where all do and cannot talk: with an empty sentence, after a second, since
 * launchers end all processes once one has failed, and the first has something to say. */
enum flt_status flt_launched_follow(struct flt_error *err);

#endif
