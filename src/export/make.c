#include "export/make.h"

#include "export/reduce.h"

/* What stays the same however many members are kept. */
struct making {
	const char *path;
	const struct flt_export_target *target;
	const struct flt_export_options *options;
};

static void forget_written(struct flt_made *made)
{
	flt_view_free(made->view);
	made->view = NULL;
	if (made->written != made->original)
		flt_detector_free(made->written);
	made->written = NULL;
	made->body.length = made->header.length = 0;
}

void flt_made_release(struct flt_made *made)
{
	forget_written(made);
	flt_detector_free(made->original);
	flt_text_buffer_release(&made->body);
	flt_text_buffer_release(&made->header);
	*made = (struct flt_made){0};
}

/* The detector of the file with n members and the precision. */
static enum flt_status reduce(const struct making *making, size_t n, struct flt_made *made, struct flt_error *err)
{
	bool is_int8 = making->options->precision == FLT_PRECISION_INT8;
	made->written = made->original;
	if (n == made->original->n_members && !is_int8)
		return FLT_OK;
	made->written = NULL;
	FLT_TRY(flt_detector_load(making->path, &made->written, err));
	FLT_TRY(flt_reduce_members(made->written, n, err));
	if (is_int8)
		flt_reduce_precision(made->written);
	return FLT_OK;
}

static enum flt_status make(const struct making *making, size_t n, struct flt_made *made, struct flt_error *err)
{
	forget_written(made);
	FLT_TRY(reduce(making, n, made, err));
	FLT_TRY(flt_view_new(made->written, &made->view, err));
	return making->target->write(made->view, making->options, &made->body, &made->header, &made->n_bytes, err);
}

/* Finds the most members that fit, by halves: with more of them the size never falls. */
static enum flt_status fit(const struct making *making, size_t max_size, struct flt_made *made, struct flt_error *err)
{
	size_t fits = 0, too_many = made->original->n_members + 1, tried = 0;
	while (too_many - fits > 1) {
		tried = tried == 0 ? made->original->n_members : fits + (too_many - fits) / 2;
		FLT_TRY(make(making, tried, made, err));
		*(made->n_bytes <= max_size ? &fits : &too_many) = tried;
	}
	if (fits == 0)
		return flt_fail(
		        err, FLT_ERR_USAGE,
		        "--max-size: the network that weighs most needs %zu bytes with what prepares its rows, more "
		        "than the %zu that are allowed%s",
		        made->n_bytes, max_size,
		        making->target->int8_tolerance > 0 && making->options->precision != FLT_PRECISION_INT8
		                ? "; try --precision int8, allow more, or train a smaller one"
		                : "; allow more, or train a smaller one");
	return tried == fits ? FLT_OK : make(making, fits, made, err);
}

enum flt_status flt_export_make(struct flt_detector *detector, const char *path, const struct flt_export_target *target,
                                const struct flt_export_options *options, size_t max_size, struct flt_made *made,
                                struct flt_error *err)
{
	const struct making making = {path, target, options};
	made->original = detector;
	if (options->precision == FLT_PRECISION_INT8 && target->int8_tolerance <= 0)
		return flt_fail(err, FLT_ERR_USAGE, "--precision int8: --to %s has weights in float only; leave it out",
		                target->word);
	return max_size > 0 ? fit(&making, max_size, made, err) : make(&making, detector->n_members, made, err);
}
