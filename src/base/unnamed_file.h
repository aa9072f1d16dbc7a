/* Files without a name, for what may be larger than memory and is of no use to anyone else. */
#ifndef BASE_UNNAMED_FILE_H
#define BASE_UNNAMED_FILE_H

/* A descriptor of a new file in the folder, to read and to write, which vanishes when it is closed, however the process
 * ends; -1, with errno set, if there can be none. */
int flt_unnamed_file(const char *folder);

#endif
