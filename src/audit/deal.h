/*
 * The rows on which columns are measured, dealt to five folds: what is learnt on four of them is judged on the fifth.
 *
 * Classes are dealt apart: of five consecutive rows of a class each goes to another fold, in an order drawn from a
 * fixed seed. So every fold has its share of each class and of each part of the file. Of more rows than
 * FLT_DEAL_MAX_ROWS only some are used: one of each k consecutive rows of a class, which then counts for k.
 */
#ifndef AUDIT_DEAL_H
#define AUDIT_DEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { FLT_DEAL_FOLDS = 5, FLT_DEAL_MAX_ROWS = 400000 };

struct flt_deal {
	size_t n;          /* rows in use */
	size_t n_class[2]; /* of each class */
	size_t weight[2];  /* rows that each row in use counts for, by class */
	size_t *place;     /* (n) its index among the given rows, ascending */
	uint8_t *tag;      /* (n) 2 * fold + label */
};

/* label (n_rows) holds 0 or 1; group (n_rows) is equal for rows of one group, or NULL. */
enum flt_status flt_deal_init(struct flt_deal *deal, const uint8_t *label, const uint64_t *group, size_t n_rows,
                              struct flt_error *err);
void flt_deal_release(struct flt_deal *deal);

static inline unsigned flt_tag_fold(uint8_t tag)
{
	return tag >> 1;
}

static inline unsigned flt_tag_label(uint8_t tag)
{
	return tag & 1;
}

#endif
