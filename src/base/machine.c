/*
 * MemAvailable says how much memory can be taken without swapping, but ignores control groups. So the limits of the
 * process's own group and of every group above it are read too, in both versions of control groups. Their file cache is
 * given back on demand and does not count as used.
 */
#include "base/machine.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE = 4096 };

/* The number after key in a file of lines "key number ..."; with key "" the first number in the file. SIZE_MAX: none.
 */
static size_t read_number(const char *path, const char *key)
{
	char line[PATH_SIZE];
	size_t found = SIZE_MAX, length = strlen(key);
	FILE *file = fopen(path, "re");
	while (file && found == SIZE_MAX && fgets(line, sizeof line, file)) {
		char *text = line + length, *end = text;
		if (strncmp(line, key, length) == 0) {
			size_t number = strtoull(text, &end, 10);
			found = end > text ? number : SIZE_MAX;
		}
	}
	if (file)
		fclose(file);
	return found;
}

static size_t read_of_group(const char *group, const char *name, const char *key)
{
	char path[PATH_SIZE];
	int length = snprintf(path, sizeof path, "%s/%s", group, name);
	return length < PATH_SIZE ? read_number(path, key) : SIZE_MAX;
}

/* The files of one version of control groups. */
struct version {
	const char *mount, *limit, *used, *cache;
};

static const struct version version_1 = {"/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes",
                                         "total_inactive_file "};
static const struct version version_2 = {"/sys/fs/cgroup", "memory.max", "memory.current", "inactive_file "};

/* The bytes left under the group's limit; SIZE_MAX if it sets none ("max" is no number). */
static size_t left_in_group(const struct version *version, const char *group)
{
	size_t limit = read_of_group(group, version->limit, ""), used = read_of_group(group, version->used, "");
	size_t cache = read_of_group(group, "memory.stat", version->cache);
	if (limit == SIZE_MAX || used == SIZE_MAX)
		return limit;
	if (cache != SIZE_MAX)
		used -= cache < used ? cache : used;
	return used < limit ? limit - used : 0;
}

/* The fewest bytes left under any limit from the group at path upwards. Inside a container the path may be that of the
 * host, where only the mount point exists. */
static size_t left_in_groups(const char *root, const struct version *version, char *path)
{
	size_t least = SIZE_MAX;
	for (;;) {
		char group[PATH_SIZE];
		int length = snprintf(group, sizeof group, "%s%s%s", root, version->mount, path);
		size_t left = length < PATH_SIZE ? left_in_group(version, group) : SIZE_MAX;
		least = left < least ? left : least;
		char *slash = strrchr(path, '/');
		if (!slash)
			return least;
		*slash = '\0';
	}
}

/* The text after the first colon; the end of the text if there is none. */
static char *skip_to_colon(char *text)
{
	text += strcspn(text, ":");
	return *text ? text + 1 : text;
}

/* Whether a line "7:cpu,memory:/path" of version 1 is about memory. */
static bool names_memory(const char *controllers)
{
	size_t length = strlen("memory");
	for (const char *name = controllers;; name++) {
		if (strncmp(name, "memory", length) == 0 && (name[length] == ',' || name[length] == ':'))
			return true;
		name += strcspn(name, ",:");
		if (*name != ',')
			return false;
	}
}

static size_t left_by_control_groups(const char *root)
{
	char line[PATH_SIZE];
	size_t least = SIZE_MAX;
	snprintf(line, sizeof line, "%s/proc/self/cgroup", root);
	FILE *file = fopen(line, "re");
	while (file && fgets(line, sizeof line, file)) {
		line[strcspn(line, "\n")] = '\0';
		char *controllers = skip_to_colon(line), *path = skip_to_colon(controllers);
		const struct version *version = *controllers == ':' ? &version_2 : &version_1;
		if (*path != '/' || (*controllers != ':' && !names_memory(controllers)))
			continue;
		size_t left = left_in_groups(root, version, path);
		least = left < least ? left : least;
	}
	if (file)
		fclose(file);
	return least;
}

size_t flt_machine_memory(const char *root)
{
	char path[PATH_SIZE];
	snprintf(path, sizeof path, "%s/proc/meminfo", root);
	size_t kilobytes = read_number(path, "MemAvailable:");
	size_t free_bytes = kilobytes > SIZE_MAX / 1024 ? SIZE_MAX : kilobytes * 1024;
	size_t allowed = left_by_control_groups(root);
	return allowed < free_bytes ? allowed : free_bytes;
}
