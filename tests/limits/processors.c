/* Preloaded: a machine that has PROCESSORS processors, for whoever counts them. */
#include <dlfcn.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static size_t n_processors(void)
{
	const char *text = getenv("PROCESSORS");
	return text ? strtoul(text, NULL, 10) : 1;
}

int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set)
{
	(void)pid;
	memset(set, 0, size);
	for (size_t i = 0; i < n_processors(); i++)
		CPU_SET_S(i, size, set);
	return 0;
}

long sysconf(int name)
{
	if (name == _SC_NPROCESSORS_CONF || name == _SC_NPROCESSORS_ONLN)
		return (long)n_processors();
	long (*real)(int);
	*(void **)&real = dlsym(RTLD_NEXT, "sysconf");
	return real(name);
}
