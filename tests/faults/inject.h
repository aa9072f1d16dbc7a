/*
 * Faults on demand. The program's own objects are linked with --wrap for each call of enum call, so that the calls that
 * they make come here first; libraries and the sanitizers keep the real ones. The k-th call of one kind then fails, or
 * does less than it was asked to, or finds its file changed. Streams are replaced by ones (fopencookie) that read and
 * write through the same calls: what stdio writes can fail too. The shipped program knows nothing of this.
 */
#ifndef TESTS_FAULTS_INJECT_H
#define TESTS_FAULTS_INJECT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

enum call {
	CALL_ALLOC, /* by base/alloc, the only one to allocate */
	CALL_JSON,  /* what jansson allocates */
	CALL_READ,
	CALL_WRITE,
	CALL_OPEN,
	CALL_FOPEN,
	CALL_FDOPEN,
	CALL_CLOSE,
	CALL_LINKAT,
	CALL_NAMELESS, /* an open of a file without a name (O_TMPFILE) */
	CALL_FSYNC,
	CALL_RENAME,
	CALL_LSEEK,
	CALL_STAT,
	CALL_ACCESS,
	CALL_REALPATH,
	CALL_FCHMOD,
	CALL_FCNTL,
	CALL_GETRANDOM,
	CALL_MKOSTEMP,
	CALL_MMAP,
	CALL_MKDIR,
	CALL_FALLOCATE, /* by either name */
	CALL_THREAD,
	CALL_UNLINK,
	N_CALLS,
	CALL_ANY = N_CALLS,
};

enum deed {
	DEED_FAIL,
	DEED_SHORTEN, /* one byte is read or written */
	DEED_SHRINK,  /* the file loses its second half just before it is read */
	DEED_GROW,    /* it gets the bytes "more\n" at its end */
	DEED_REWRITE, /* its last byte becomes another */
};

/* Written by the process under test, read by the one that watches. */
struct strike {
	atomic_ulong n_calls;  /* of the kind, since arming */
	atomic_ulong n_struck; /* that were disturbed */
	struct {
		enum call call;
		bool ignorable; /* it may go unnoticed: a folder's fsync, the close of what was only read, ... */
	} struck[2];            /* the first of them */
	bool ignorable;         /* so may each of them */
	const char *left;       /* what the program did not give back; NULL: nothing. A constant text */
};

/* Calls of that kind are disturbed from now on: the k-th, or the k-th and all behind it. Reads count only if they are
 * of `file`, where it is not NULL; deeds to a file need it. */
void inject_arm(struct strike *strike, enum call call, enum deed deed, int reason, unsigned long k, bool persists,
                const char *file);

/* Two calls of any kind fail: the k-th for the reason of its kind, and the `apart`-th behind it because the quota is
 * used up (EDQUOT), so that the two can be told apart. */
void inject_arm_pair(struct strike *strike, const int reasons[N_CALLS], unsigned long k, unsigned long apart);

/* Whether this call of that kind is one to disturb. If it is to fail, errno is set. */
bool strikes(enum call call, bool ignorable);

/* ---- memory.c ---- */

void memory_begin(void); /* nothing is held */
long memory_held(void);  /* pieces that the program, or jansson for it, has not freed since */

/* ---- the program ---- */

/* Around the program: before it runs, which lets stdout go through the wrapped calls; and when it has returned, to find
 * what it did not give back. */
void inject_begin(void);
void inject_end(struct strike *strike);

#endif
