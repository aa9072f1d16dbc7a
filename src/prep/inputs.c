#include "prep/inputs.h"

#include "prep/contents.h"
#include "prep/level_effects.h"

size_t flt_inputs_width(const struct flt_prep_column *column)
{
	return flt_prep_width(column);
}

bool flt_inputs_is_silent(const struct flt_prep_column *column, size_t input)
{
	return flt_prep_is_silent(column, input);
}

bool flt_inputs_of_place(const struct flt_prep_column *column, size_t place, size_t *input, float *value)
{
	bool is_pair = flt_prep_n_slots(column) == 2;
	int slot = flt_prep_slot_of(column, place);
	if (slot == FLT_NO_SLOT)
		return false;
	*input = flt_prep_slots_width(column) == 1 ? 0 : (size_t)slot;
	*value = is_pair && slot != 0 ? -1.0F : 1.0F;
	return !flt_prep_is_silent(column, *input);
}

float flt_inputs_effect(const struct flt_prep_column *column, size_t place)
{
	return flt_level_effect_input(column, column->effects[place]);
}
