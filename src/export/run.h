/* Running another program: the only place that does. It is started without a shell, so no name means more than itself.
 */
#ifndef EXPORT_RUN_H
#define EXPORT_RUN_H

/* Runs argv[0], which is looked for in PATH unless it has a slash, and waits for its end. Its standard input, output
 * and messages are files; in NULL: empty. Returns its exit code, 128 and its signal if one ended it, or -1 with errno
 * if it could not be started. */
int flt_run(char *const *argv, const char *in, const char *out, const char *messages);

/* For a signal handler that ends the process: ends what flt_run waits for, and what that started. */
void flt_run_abandon(void);

#endif
