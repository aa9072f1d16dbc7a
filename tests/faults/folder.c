#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void die(const char *what)
{
	fprintf(stderr, "walk: %s: %s\n", what, strerror(errno));
	exit(2);
}

void read_fd(int fd, struct file *file)
{
	struct stat about;
	if (fstat(fd, &about) != 0)
		die("fstat");
	file->n = (size_t)about.st_size;
	file->bytes = malloc(file->n + 1);
	if (!file->bytes || pread(fd, file->bytes, file->n, 0) != about.st_size)
		die("pread");
	file->bytes[file->n] = '\0';
}

void read_folder(const char *path, struct folder *folder)
{
	*folder = (struct folder){.n = 0};
	DIR *handle = opendir(path);
	if (!handle)
		die(path);
	for (struct dirent *entry; (entry = readdir(handle));) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		int fd = openat(dirfd(handle), entry->d_name, O_RDONLY);
		if (folder->n == MOST_FILES || fd < 0)
			die(entry->d_name);
		struct file *file = &folder->files[folder->n++];
		snprintf(file->name, sizeof file->name, "%s", entry->d_name);
		read_fd(fd, file);
		close(fd);
	}
	closedir(handle);
}

void release_folder(struct folder *folder)
{
	for (size_t i = 0; i < folder->n; i++)
		free(folder->files[i].bytes);
	folder->n = 0;
}

const struct file *find_file(const struct folder *folder, const char *name)
{
	for (size_t i = 0; i < folder->n; i++)
		if (strcmp(folder->files[i].name, name) == 0)
			return &folder->files[i];
	return NULL;
}

bool same_file(const struct file *a, const struct file *b)
{
	return a && b && a->n == b->n && memcmp(a->bytes, b->bytes, a->n) == 0;
}

bool same_folder(const struct folder *a, const struct folder *b)
{
	bool same = a->n == b->n;
	for (size_t i = 0; same && i < a->n; i++)
		same = same_file(&a->files[i], find_file(b, a->files[i].name));
	return same;
}

void write_folder(const char *path, const struct folder *folder)
{
	struct folder now;
	char name[600];
	read_folder(path, &now);
	for (size_t i = 0; i < now.n; i++) {
		snprintf(name, sizeof name, "%s/%s", path, now.files[i].name);
		if (!find_file(folder, now.files[i].name))
			unlink(name);
	}
	for (size_t i = 0; i < folder->n; i++) {
		const struct file *file = &folder->files[i];
		if (same_file(file, find_file(&now, file->name)))
			continue;
		snprintf(name, sizeof name, "%s/%s", path, file->name);
		int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
		if (fd < 0 || write(fd, file->bytes, file->n) != (ssize_t)file->n)
			die(name);
		close(fd);
	}
	release_folder(&now);
}
