#include "table/each_column.h"

#include "base/alloc.h"
#include "base/pool.h"
#include "table/contents.h"

struct each {
	flt_column_task *task;
	void *context;
	struct outcome {
		enum flt_status status;
		struct flt_error err;
	} * of; /* (n_columns) */
};

static void run_task(void *context, size_t column, size_t worker)
{
	const struct each *each = context;
	struct outcome *outcome = &each->of[column];
	(void)worker;
	outcome->status = each->task(each->context, column, &outcome->err);
}

enum flt_status flt_table_each_column(const struct flt_table *table, unsigned n_threads, flt_column_task *task,
                                      void *context, struct flt_error *err)
{
	enum flt_status status = FLT_OK;
	size_t n = table->n_columns;
	struct flt_pool *pool = NULL;
	struct each each = {.task = task, .context = context, .of = flt_alloc_zero(n, sizeof *each.of, err)};
	FLT_TRY_MEMORY(each.of);
	FLT_TRY_OUT(flt_pool_new_for(table->n_rows * n, n_threads, &pool, err));
	flt_pool_run(pool, n, run_task, &each);
	for (size_t i = 0; i < n && status == FLT_OK; i++)
		if (each.of[i].status != FLT_OK)
			status = flt_fail(err, each.of[i].status, "%s", each.of[i].err.text);
out:
	flt_pool_free(pool);
	flt_free(each.of);
	return status;
}
