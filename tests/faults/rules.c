#include "rules.h"

#include <errno.h>
#include <string.h>

/* Where 0 is right, what the call was for has another way: libcsv asks for less memory, a file that cannot seek is kept
 * as a pipe is, the close of what fsync has written has nothing to lose. The run then has to do all that the
 * undisturbed one does. */
const struct fault faults[] = {
        {"alloc", CALL_ALLOC, DEED_FAIL, ENOMEM, false, EXIT(0) | EXIT(1), "out of memory"},
        {"json-alloc", CALL_JSON, DEED_FAIL, ENOMEM, false, EXIT(1), "out of memory"},
        {"read-eio", CALL_READ, DEED_FAIL, EIO, false, EXIT(1), NULL},
        {"read-eintr", CALL_READ, DEED_FAIL, EINTR, false, EXIT(0), ""},
        {"read-short", CALL_READ, DEED_SHORTEN, 0, false, EXIT(0), ""},
        {"read-all-short", CALL_READ, DEED_SHORTEN, 0, true, EXIT(0), ""},
        {"write-eio", CALL_WRITE, DEED_FAIL, EIO, false, EXIT(1), NULL},
        {"write-enospc", CALL_WRITE, DEED_FAIL, ENOSPC, true, EXIT(1), NULL},
        {"write-short", CALL_WRITE, DEED_SHORTEN, 0, false, EXIT(0), ""},
        {"open-emfile", CALL_OPEN, DEED_FAIL, EMFILE, false, EXIT(1), NULL},
        {"fopen-emfile", CALL_FOPEN, DEED_FAIL, EMFILE, false, EXIT(1), NULL},
        {"fdopen-enomem", CALL_FDOPEN, DEED_FAIL, ENOMEM, false, EXIT(1), NULL},
        {"close-eio", CALL_CLOSE, DEED_FAIL, EIO, false, EXIT(0) | EXIT(1), NULL},
        {"fsync-eio", CALL_FSYNC, DEED_FAIL, EIO, false, EXIT(1), NULL},
        {"nameless-unknown", CALL_NAMELESS, DEED_FAIL, EOPNOTSUPP, true, EXIT(0), ""},
        {"linkat-eio", CALL_LINKAT, DEED_FAIL, EIO, false, EXIT(1), NULL},
        {"rename-eio", CALL_RENAME, DEED_FAIL, EIO, false, EXIT(1), NULL},
        {"lseek-eio", CALL_LSEEK, DEED_FAIL, EIO, false, EXIT(0) | EXIT(1), NULL},
        {"stat-eio", CALL_STAT, DEED_FAIL, EIO, false, EXIT(0) | EXIT(1), NULL},
        {"access-eio", CALL_ACCESS, DEED_FAIL, EIO, false, EXIT(0) | EXIT(1), NULL},
        {"realpath-eio", CALL_REALPATH, DEED_FAIL, EIO, false, EXIT(1), NULL},
        {"fchmod-eperm", CALL_FCHMOD, DEED_FAIL, EPERM, false, EXIT(1), NULL},
        {"fcntl-emfile", CALL_FCNTL, DEED_FAIL, EMFILE, false, EXIT(0) | EXIT(1), NULL},
        {"getrandom-enosys", CALL_GETRANDOM, DEED_FAIL, ENOSYS, false, EXIT(1), NULL},
        {"mkostemp-enospc", CALL_MKOSTEMP, DEED_FAIL, ENOSPC, false, EXIT(1), NULL},
        {"unlink-eio", CALL_UNLINK, DEED_FAIL, EIO, false, EXIT(0) | EXIT(1), NULL},
        {"mmap-enomem", CALL_MMAP, DEED_FAIL, ENOMEM, false, EXIT(1), NULL},
        {"mkdir-enospc", CALL_MKDIR, DEED_FAIL, ENOSPC, false, EXIT(1), NULL},
        {"fallocate-enospc", CALL_FALLOCATE, DEED_FAIL, ENOSPC, false, EXIT(1), NULL},
        {"thread-eagain", CALL_THREAD, DEED_FAIL, EAGAIN, true, EXIT(1), "refused to start"},
        {"file-shrinks", CALL_READ, DEED_SHRINK, 0, false, EXIT(3), ""},
        {"file-grows", CALL_READ, DEED_GROW, 0, false, EXIT(3), ""},
        {"file-rewritten", CALL_READ, DEED_REWRITE, 0, false, EXIT(3), ""},
};
const size_t n_faults = sizeof faults / sizeof *faults;

const struct fault *failure_of(enum call call)
{
	size_t i = 0;
	while (i < n_faults && (faults[i].call != call || faults[i].deed != DEED_FAIL))
		i++;
	return i < n_faults ? &faults[i] : NULL;
}

/* The rule for the i-th call that was struck. */
static struct rule rule_of_call(size_t i, const struct fault *fault, bool ignorable, int reason)
{
	struct rule rule = {.exits = fault->exits | (ignorable ? EXIT(0) : 0)};
	rule.may_notice = (fault->exits & EXIT(1)) != 0;
	rule.may_leave = fault->call == CALL_UNLINK;
	rule.may_change_inputs = fault->exits == EXIT(3);
	rule.reasons[i] = fault->says ? fault->says : strerror(reason);
	return rule;
}

/* Reads: records that were read before are parsed first. Writes of which the next fails, too: a stream keeps no reason,
 * so it writes once more to learn it. Arrays are asked for side by side, in the file of --cache too, and the last that
 * fails is told. */
static bool may_be_told_late(const struct strike *strike, enum call first)
{
	bool fails_again = atomic_load(&strike->n_struck) > 1 && strike->struck[1].call == CALL_WRITE;
	bool asks_again = atomic_load(&strike->n_struck) > 1 &&
	                  (strike->struck[1].call == CALL_ALLOC || strike->struck[1].call == CALL_FALLOCATE);
	return first == CALL_READ || (first == CALL_WRITE && fails_again) || (first == CALL_FALLOCATE && asks_again);
}

/* The first of two failures is the cause, unless the program may do without that call. */
static struct rule rule_of_pair(const struct strike *strike)
{
	struct rule rule = {.exits = EXIT(0)};
	for (size_t i = 0; i < 2 && i < atomic_load(&strike->n_struck); i++) {
		const struct fault *fault = failure_of(strike->struck[i].call);
		struct rule one = rule_of_call(i, fault, strike->struck[i].ignorable, i == 0 ? fault->reason : EDQUOT);
		rule.exits = ((rule.exits & one.exits) & EXIT(0)) | ((rule.exits | one.exits) & ~EXIT(0));
		rule.may_notice |= one.may_notice;
		rule.may_leave |= one.may_leave;
		rule.reasons[i] = one.reasons[i] && *one.reasons[i] ? one.reasons[i] : NULL;
		if (i == 0 && !may_be_told_late(strike, fault->call) && !(one.exits & EXIT(0)))
			rule.cause = rule.reasons[i];
	}
	return rule;
}

struct rule rule_of(const struct attack *attack, const struct strike *strike)
{
	const struct fault *fault = attack->fault;
	return fault ? rule_of_call(0, fault, strike->ignorable, fault->reason) : rule_of_pair(strike);
}
