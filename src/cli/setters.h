/* What the rows of the option table set their values with. */
#ifndef CLI_SETTERS_H
#define CLI_SETTERS_H

#include "cli/option.h"

/* For any field of the type that the name says: at option->at. */
option_setter set_text, set_number, set_count, set_word, set_bool_word, set_switch;
option_setter set_number_or_off; /* 0 for "off" */
option_setter set_number_or_all; /* 0 for "all" */
option_setter set_size;          /* bytes, at least 1M; SIZE_MAX for "none" */
option_setter set_small_size;    /* bytes, at least 1 */

/* For one field. */
option_setter set_threads, set_prior, set_weight, set_pos_weight, set_hidden, set_rule, set_gates, set_delimiter,
        set_decimal, set_header, set_date_order;
option_setter set_variant;
option_setter set_group_columns;
option_setter set_sample;
option_setter set_target;

#endif
