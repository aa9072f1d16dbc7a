#include "export/c_names.h"

#include <string.h>

/* Words of C and C++, and macros that headers or compilers define. */
static const char *const claimed[] = {
        "alignas",
        "alignof",
        "and",
        "and_eq",
        "asm",
        "atomic_cancel",
        "auto",
        "bitand",
        "bitor",
        "bool",
        "break",
        "case",
        "catch",
        "char",
        "char8_t",
        "char16_t",
        "char32_t",
        "class",
        "compl",
        "concept",
        "const",
        "consteval",
        "constexpr",
        "constinit",
        "const_cast",
        "continue",
        "co_await",
        "co_return",
        "co_yield",
        "decltype",
        "default",
        "delete",
        "do",
        "double",
        "dynamic_cast",
        "else",
        "enum",
        "explicit",
        "export",
        "extern",
        "false",
        "float",
        "for",
        "friend",
        "goto",
        "if",
        "inline",
        "int",
        "long",
        "mutable",
        "namespace",
        "new",
        "noexcept",
        "not",
        "not_eq",
        "nullptr",
        "operator",
        "or",
        "or_eq",
        "private",
        "protected",
        "public",
        "reflexpr",
        "register",
        "reinterpret_cast",
        "requires",
        "restrict",
        "return",
        "short",
        "signed",
        "sizeof",
        "static",
        "static_assert",
        "static_cast",
        "struct",
        "switch",
        "synchronized",
        "template",
        "this",
        "thread_local",
        "throw",
        "true",
        "try",
        "typedef",
        "typeid",
        "typename",
        "typeof",
        "typeof_unqual",
        "union",
        "unsigned",
        "using",
        "virtual",
        "void",
        "volatile",
        "wchar_t",
        "while",
        "xor",
        "xor_eq",
        "NULL",
        "NAN",
        "INFINITY",
        "HUGE_VAL",
        "HUGE_VALF",
        "HUGE_VALL",
        "HUGE",
        "DOMAIN",
        "SING",
        "OVERFLOW",
        "UNDERFLOW",
        "PLOSS",
        "TLOSS",
        "MAXFLOAT",
        "offsetof",
        "isnan",
        "isinf",
        "isfinite",
        "isnormal",
        "signbit",
        "fpclassify",
        "isgreater",
        "isless",
        "isunordered",
        "isgreaterequal",
        "islessequal",
        "islessgreater",
        "math_errhandling",
        "errno",
        "linux",
        "unix",
        "i386",
        "near",
        "far",
        "small",
        "interface",
        "I",
        "complex",
        "imaginary",
        "assert",
        "signgam",
        "EOF",
        "BUFSIZ",
        "RAND_MAX",
        "FILENAME_MAX",
        "FOPEN_MAX",
        "TMP_MAX",
        "L_tmpnam",
        "stdin",
        "stdout",
        "stderr",
        "MB_LEN_MAX",
        "MB_CUR_MAX",
        "CLOCKS_PER_SEC",
        "SIGABRT",
        "SIGFPE",
        "SIGILL",
        "SIGINT",
        "SIGSEGV",
        "SIGTERM",
        "EDOM",
        "EILSEQ",
        "ERANGE",
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hexadecimal(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f');
}

/* Whole prefixes belong to headers: M_PI, FP_NAN, INT8_C. */
static bool is_claimed(const char *name)
{
	static const char *const families[] = {
	        "M_",       "FP_",      "FLT_",     "DBL_",    "LDBL_",  "INT_",    "INT8_",    "INT16_",
	        "INT32_",   "INT64_",   "INTMAX_",  "INTPTR_", "UINT8_", "UINT16_", "UINT32_",  "UINT64_",
	        "UINTMAX_", "UINTPTR_", "PTRDIFF_", "SIZE_",   "WCHAR_", "MATH_",   "DECIMAL_", "CHAR_",
	        "SCHAR_",   "UCHAR_",   "SHRT_",    "USHRT_",  "UINT_",  "LONG_",   "ULONG_",   "LLONG_",
	        "ULLONG_",  "SEEK_",    "EXIT_",    "SIG_",    "LC_",    "TIME_",   "_"};
	for (size_t i = 0; i < sizeof claimed / sizeof *claimed; i++)
		if (strcmp(name, claimed[i]) == 0)
			return true;
	for (size_t i = 0; i < sizeof families / sizeof *families; i++)
		if (strncmp(name, families[i], strlen(families[i])) == 0)
			return true;
	return false;
}

static bool stays(const char *name, size_t i, bool claims_first)
{
	if (i == 0 && (claims_first || is_digit(*name)))
		return false;
	if (name[i] == '_' && name[i + 1] == 'x' && is_hexadecimal(name[i + 2]) && is_hexadecimal(name[i + 3]))
		return false;
	return is_letter(name[i]) || is_digit(name[i]);
}

enum flt_status flt_c_name(const char *name, struct flt_text_buffer *identifier, struct flt_error *err)
{
	bool claims_first = is_claimed(name);
	if (!*name)
		return flt_text_buffer_print(identifier, err, "_x00_");
	for (size_t i = 0; name[i]; i++)
		if (stays(name, i, claims_first))
			FLT_TRY(flt_text_buffer_append(identifier, &name[i], 1, err));
		else
			FLT_TRY(flt_text_buffer_print(identifier, err, "_x%02x_", (unsigned)(unsigned char)name[i]));
	return FLT_OK;
}

/* Whether a header of that name would be found in the place of one of C's. */
static bool is_standard_header(const char *name, size_t n)
{
	static const char *const standard[] = {"assert",   "complex",  "ctype",  "errno",       "fenv",    "float",
	                                       "inttypes", "iso646",   "limits", "locale",      "math",    "setjmp",
	                                       "signal",   "stdalign", "stdarg", "stdatomic",   "stdbool", "stddef",
	                                       "stdint",   "stdio",    "stdlib", "stdnoreturn", "string",  "tgmath",
	                                       "threads",  "time",     "uchar",  "wchar",       "wctype"};
	for (size_t i = 0; i < sizeof standard / sizeof *standard; i++)
		if (strlen(standard[i]) == n && memcmp(standard[i], name, n) == 0)
			return true;
	return false;
}

enum flt_status flt_c_prefix(const char *path, struct flt_text_buffer *prefix, struct flt_error *err)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
	size_t n = dot && dot > name ? (size_t)(dot - name) : strlen(name);
	if (!(is_letter(*name) && *name != '_') || is_standard_header(name, n))
		FLT_TRY(flt_text_buffer_append(prefix, "m", 1, err));
	n = n < FLT_C_PREFIX_SIZE - 2 ? n : FLT_C_PREFIX_SIZE - 2;
	for (size_t i = 0; i < n; i++)
		FLT_TRY(flt_text_buffer_append(prefix, is_letter(name[i]) || is_digit(name[i]) ? &name[i] : "_", 1,
		                               err));
	return FLT_OK;
}
