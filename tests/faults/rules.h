/*
 * The faults, and what a run may do after each.
 */
#ifndef TESTS_FAULTS_RULES_H
#define TESTS_FAULTS_RULES_H

#include "inject.h"

#define EXIT(code) (1U << (code))

struct fault {
	const char *name;
	enum call call;
	enum deed deed;
	int reason;
	bool persists;
	unsigned exits;   /* that are right, besides 0 where it may be ignored */
	const char *says; /* part of the sentence; NULL: the system's text for the reason */
};

extern const struct fault faults[];
extern const size_t n_faults;

/* How a call of this kind fails, if it does so once. */
const struct fault *failure_of(enum call call);

/* What is disturbed in a run. */
struct attack {
	const struct fault *fault; /* NULL: two calls, of any kind */
	unsigned long k, apart;
};

/* What is right after an attack that struck. */
struct rule {
	unsigned exits;
	bool may_notice; /* that a checkpoint could not be written */
	bool may_leave;  /* files under a temporary name, since their removal failed */
	bool may_change_inputs;
	const char *cause;      /* what has to be named, or NULL */
	const char *reasons[2]; /* of which one has to be named, where something is */
};

struct rule rule_of(const struct attack *attack, const struct strike *strike);

#endif
