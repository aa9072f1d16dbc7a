/*
 * Denormal numbers cost many processors a hundred cycles each, and training produces them all the time: Adam's means of
 * a gradient that stays 0, focal gradients of easy rows. Between these two calls they count as 0. Every task of the
 * pool calls them, so that results do not depend on the thread.
 */
#ifndef NN_DENORMALS_H
#define NN_DENORMALS_H

/* Returns the state that flt_denormals_restore brings back. FZ of arm64 is both: results and operands. */
static inline unsigned flt_denormals_flush(void)
{
#ifdef __aarch64__
	const unsigned long flush = 1ul << 24;
	unsigned long before;
	__asm__ volatile("mrs %0, fpcr" : "=r"(before));
	__asm__ volatile("msr fpcr, %0" : : "r"(before | flush));
	return (unsigned)before;
#elif defined(__x86_64__)
	enum { FLUSH_TO_ZERO = 0x8000, DENORMALS_ARE_ZERO = 0x0040 };
	unsigned before = __builtin_ia32_stmxcsr();
	__builtin_ia32_ldmxcsr(before | FLUSH_TO_ZERO | DENORMALS_ARE_ZERO);
	return before;
#else
	return 0;
#endif
}

static inline void flt_denormals_restore(unsigned before)
{
#ifdef __aarch64__
	__asm__ volatile("msr fpcr, %0" : : "r"((unsigned long)before));
#elif defined(__x86_64__)
	__builtin_ia32_ldmxcsr(before);
#else
	(void)before;
#endif
}

#endif
