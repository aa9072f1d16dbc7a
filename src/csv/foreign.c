#include "csv/foreign.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#define PANDAS(read) "python3 -c 'import sys, pandas; pandas." read "(sys.argv[1]).to_csv(sys.stdout, index=False)'"
#define R(read) "Rscript -e 'write.csv(" read "(commandArgs(TRUE)[1]), row.names=FALSE)'"
#define JQ(from) "jq -r" from " '(.[0] | keys_unsorted) as $k | $k, (.[] | [.[$k[]]]) | @csv'"

struct kind {
	const char *what;
	const char *program; /* writes CSV if a file is named; NULL: there is none */
	const char *filter;  /* the same from standard input to standard output; NULL: there is none */
	const char *instead; /* what to do if there is no program */
};

static const struct kind zip = {"a zip archive", "unzip -p", "funzip", NULL};
static const struct kind workbook = {
        "a workbook of a spreadsheet program", NULL, NULL,
        "save its sheet as CSV there, or with `libreoffice --headless --convert-to csv FILE`"};
static const struct kind tar = {"a tar archive", "tar -xOf", "tar -xO", NULL};
static const struct kind utf16 = {"UTF-16 text", "iconv -f UTF-16 -t UTF-8", "iconv -f UTF-16 -t UTF-8", NULL};
static const struct kind utf16le = {"UTF-16 text", "iconv -f UTF-16LE -t UTF-8", "iconv -f UTF-16LE -t UTF-8", NULL};
static const struct kind utf16be = {"UTF-16 text", "iconv -f UTF-16BE -t UTF-8", "iconv -f UTF-16BE -t UTF-8", NULL};
static const struct kind utf32 = {"UTF-32 text", "iconv -f UTF-32 -t UTF-8", "iconv -f UTF-32 -t UTF-8", NULL};
static const struct kind utf32le = {"UTF-32 text", "iconv -f UTF-32LE -t UTF-8", "iconv -f UTF-32LE -t UTF-8", NULL};
static const struct kind utf32be = {"UTF-32 text", "iconv -f UTF-32BE -t UTF-8", "iconv -f UTF-32BE -t UTF-8", NULL};
static const struct kind json = {"JSON", JQ(""), JQ(""), NULL};
static const struct kind json_lines = {"JSON, one object a line", JQ(" -s"), JQ(" -s"), NULL};
static const struct kind json_columns = {"JSON by column", PANDAS("read_json"), NULL, NULL};
static const struct kind line_separators = {"a text whose lines end with U+2028", "sed 's/\\xe2\\x80\\xa8/\\n/g'",
                                            "sed 's/\\xe2\\x80\\xa8/\\n/g'", NULL};
static const struct kind tags = {"XML or a piece of HTML, perhaps about an error", NULL, NULL,
                                 "get the file itself, or export CSV from the program that wrote it"};
static const struct kind html = {"an HTML page, perhaps for logging in or about an error", NULL, NULL,
                                 "get the file itself"};
#define ARFF_TO_CSV                                                                                                    \
	"awk 'd; tolower($1) ~ /^@attribute/ {n = n s $2; s = \",\"} tolower($1) ~ /^@data/ {print n; d = 1}'"
static const struct kind arff = {"an ARFF file of Weka", ARFF_TO_CSV, ARFF_TO_CSV, NULL};

struct signature {
	const char *bytes;
	size_t n;
	struct kind kind;
};
#define BYTES(text) text, sizeof(text) - 1

static const struct signature signatures[] = {
        {BYTES("\x1F\x8B\x08"), {"gzip inside gzip", "zcat", "zcat", NULL}},
        {BYTES("\x1F\x9D"), {"data packed with compress", "zcat", "zcat", NULL}},
        {BYTES("\xFD"
               "7zXZ"),
         {"data packed with xz", "xz -dc", "xz -dc", NULL}},
        {BYTES("BZh"), {"data packed with bzip2", "bzip2 -dc", "bzip2 -dc", NULL}},
        {BYTES("\x28\xB5\x2F\xFD"), {"data packed with zstd", "zstd -dc", "zstd -dc", NULL}},
        {BYTES("\x04\x22\x4D\x18"), {"data packed with lz4", "lz4 -dc", "lz4 -dc", NULL}},
        {BYTES("LZIP"), {"data packed with lzip", "lzip -dc", "lzip -dc", NULL}},
        {BYTES("7z\xBC\xAF\x27\x1C"), {"a 7z archive", "7z x -so", NULL, NULL}},
        {BYTES("Rar!\x1A\x07"), {"a rar archive", "unrar p -inul", NULL, NULL}},
        {BYTES("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"),
         {"an old Excel workbook", NULL, NULL,
          "save its sheet as CSV in Excel, or with `libreoffice --headless --convert-to csv FILE`"}},
        {BYTES("PAR1"), {"a Parquet file", PANDAS("read_parquet"), NULL, NULL}},
        {BYTES("ARROW1"), {"an Arrow (Feather) file", PANDAS("read_feather"), NULL, NULL}},
        {BYTES("ORC"), {"an ORC file", PANDAS("read_orc"), NULL, NULL}},
        {BYTES("\x89HDF\r\n"), {"an HDF5 file", PANDAS("read_hdf"), NULL, NULL}},
        {BYTES("SQLite format 3"),
         {"a SQLite database", NULL, NULL,
          "name the table in `sqlite3 -csv -header FILE 'select * from TABLE' | fltrain ... -`"}},
        {BYTES("RDX"), {"data of R (.RData)", R("(function(f) get(load(f)))"), NULL, NULL}},
        {BYTES("X\n\0\0\0"), {"data of R (.rds)", R("readRDS"), NULL, NULL}},
        {BYTES("\x93NUMPY"),
         {"an array of NumPy",
          "python3 -c 'import sys, numpy; numpy.savetxt(sys.stdout, numpy.load(sys.argv[1]), \"%.17g\", \",\")'", NULL,
          NULL}},
        {BYTES("$FL"), {"data of SPSS", R("(function(f) foreign::read.spss(f, to.data.frame=TRUE))"), NULL, NULL}},
        {BYTES("<stata_dta>"), {"data of Stata", PANDAS("read_stata"), NULL, NULL}},
        {BYTES("%PDF-"), {"a PDF document", NULL, NULL, "get the table as CSV from where the document comes from"}},
        {BYTES("version https://git-lfs.github.com/"),
         {"a pointer of Git LFS", NULL, NULL, "get the file itself with `git lfs pull`"}},
        {BYTES("<?xml"), {"an XML file", NULL, NULL, "export CSV from the program that wrote it"}},
        {BYTES("\0\0\0\0\0\0\0\0\0\0\0\0\xC2\xEA\x81\x60"), {"data of SAS", PANDAS("read_sas"), NULL, NULL}},
        {BYTES("MATLAB 5.0 MAT-file"), {"data of MATLAB", NULL, NULL, "write the table with MATLAB's writetable"}},
        {BYTES("Obj\1"), {"an Avro file", NULL, NULL, "export CSV from the program that wrote it"}},
        {BYTES("{\\rtf"), {"a document of a word processor", NULL, NULL, "save it as plain text"}},
        {BYTES("\x89PNG"), {"an image", NULL, NULL, "get the table that it shows"}},
        {BYTES("\xFF\xD8\xFF"), {"an image", NULL, NULL, "get the table that it shows"}},
};

static const unsigned char *find(const unsigned char *bytes, size_t n, const char *wanted)
{
	return memmem(bytes, n, wanted, strlen(wanted));
}

static bool starts_with(const unsigned char *bytes, size_t n, const char *start)
{
	return n >= strlen(start) && strncasecmp((const char *)bytes, start, strlen(start)) == 0;
}

static size_t pass_blanks(const unsigned char *bytes, size_t at, size_t n)
{
	while (at < n && isspace(bytes[at]))
		at++;
	return at;
}

/* ---- what it is ---- */

static const struct kind *kind_of_zip(const unsigned char *bytes, size_t n)
{
	if (n < 4 || (memcmp(bytes, "PK\3\4", 4) != 0 && memcmp(bytes, "PK\5\6", 4) != 0))
		return NULL;
	bool is_workbook = find(bytes, n, "[Content_Types].xml") || find(bytes, n, "xl/work") ||
	                   find(bytes, n, "opendocument.spreadsheet");
	return is_workbook ? &workbook : &zip;
}

/* Whether nearly all bytes whose place is `rest` of `step` are NUL, and few of those that have another. */
static bool has_nuls_at(const unsigned char *bytes, size_t n, size_t step, size_t rest)
{
	size_t n_inside = 0, n_nul_inside = 0, n_nul = 0;
	for (size_t i = 0; i < n; i++) {
		n_inside += i % step == rest;
		n_nul_inside += i % step == rest && bytes[i] == 0;
		n_nul += bytes[i] == 0;
	}
	return n_inside >= 4 && n_nul_inside * 10 >= n_inside * 9 && (n_nul - n_nul_inside) * 10 <= n;
}

/* UTF-16 and UTF-32. Western text has a NUL in every second byte, or in three of four. */
static const struct kind *kind_of_wide(const unsigned char *bytes, size_t n)
{
	enum { ENOUGH = 4096 };
	n = n < ENOUGH ? n : ENOUGH;
	if (n >= 4 && (memcmp(bytes, "\xFF\xFE\0\0", 4) == 0 || memcmp(bytes, "\0\0\xFE\xFF", 4) == 0))
		return &utf32;
	if (n >= 2 && (memcmp(bytes, "\xFF\xFE", 2) == 0 || memcmp(bytes, "\xFE\xFF", 2) == 0))
		return &utf16;
	if (n >= 8 && bytes[0] && !bytes[1] && !bytes[2] && !bytes[3] && bytes[4] && !bytes[5] && !bytes[6])
		return &utf32le;
	if (n >= 8 && !bytes[0] && !bytes[1] && !bytes[2] && bytes[3] && !bytes[4] && !bytes[5] && !bytes[6])
		return &utf32be;
	if (has_nuls_at(bytes, n, 2, 1))
		return &utf16le;
	return has_nuls_at(bytes, n, 2, 0) ? &utf16be : NULL;
}

/* Whether the value of the key whose first quote stands at `key` is a list or an object. */
static bool begins_column(const unsigned char *bytes, size_t key, size_t n)
{
	const unsigned char *end = memchr(bytes + key + 1, '"', n - key - 1);
	size_t at = end ? pass_blanks(bytes, (size_t)(end - bytes) + 1, n) : n;
	if (at == n || bytes[at] != ':')
		return false;
	at = pass_blanks(bytes, at + 1, n);
	return at < n && (bytes[at] == '[' || bytes[at] == '{');
}

static const struct kind *kind_of_json(const unsigned char *bytes, size_t n)
{
	size_t at = pass_blanks(bytes, 0, n);
	if (at == n || (bytes[at] != '{' && bytes[at] != '['))
		return NULL;
	size_t next = pass_blanks(bytes, at + 1, n);
	if (next == n || (bytes[next] != '"' && bytes[next] != '{'))
		return NULL;
	if (bytes[at] == '[')
		return bytes[next] == '{' ? &json : NULL;
	if (bytes[next] != '"')
		return NULL;
	return begins_column(bytes, next, n) && !find(bytes, n, "\n{") ? &json_columns : &json_lines;
}

/* A tag that no delimiter follows: some price lists have a header <DATE>,<OPEN>,<CLOSE>. */
static const struct kind *kind_of_tags(const unsigned char *bytes, size_t n)
{
	size_t at = pass_blanks(bytes, 0, n);
	if (n - at < 3 || bytes[at] != '<' || !isalpha(bytes[at + 1]))
		return NULL;
	const unsigned char *end = memchr(bytes + at, '>', n - at);
	at = end ? (size_t)(end - bytes) + 1 : n;
	return at < n && !strchr(",;|\t ", bytes[at]) && find(bytes + at, n - at, "</") ? &tags : NULL;
}

/* Comments may come before an ARFF file's first keyword. */
static const struct kind *kind_of_arff(const unsigned char *bytes, size_t n)
{
	size_t at = pass_blanks(bytes, 0, n);
	while (at < n && bytes[at] == '%') {
		const unsigned char *end = memchr(bytes + at, '\n', n - at);
		at = end ? pass_blanks(bytes, (size_t)(end - bytes), n) : n;
	}
	return starts_with(bytes + at, n - at, "@relation") ? &arff : NULL;
}

static const struct kind *kind_of_text(const unsigned char *bytes, size_t n)
{
	size_t at = pass_blanks(bytes, 0, n);
	if (starts_with(bytes + at, n - at, "<!doctype html") || starts_with(bytes + at, n - at, "<html"))
		return &html;
	if (!memchr(bytes, '\n', n) && !memchr(bytes, '\r', n) && find(bytes, n, "\xE2\x80\xA8"))
		return &line_separators;
	const struct kind *kind = kind_of_json(bytes, n);
	if (!kind)
		kind = kind_of_tags(bytes, n);
	return kind ? kind : kind_of_arff(bytes, n);
}

/* Stata up to 12: version, byte order, and two bytes that never change. */
static const struct kind *kind_of_stata(const unsigned char *bytes, size_t n)
{
	static const struct kind stata = {"data of Stata", PANDAS("read_stata"), NULL, NULL};
	bool is_stata = n >= 4 && bytes[0] >= 0x69 && bytes[0] <= 0x73 && (bytes[1] == 1 || bytes[1] == 2) &&
	                bytes[2] == 1 && bytes[3] == 0;
	return is_stata ? &stata : NULL;
}

static const struct kind *kind_of_python(const unsigned char *bytes, size_t n)
{
	static const struct kind pickle = {"data of Python (a pickle)", PANDAS("read_pickle"), NULL, NULL};
	bool is_pickle = n >= 3 && bytes[0] == 0x80 && bytes[1] >= 2 && bytes[1] <= 5 && memchr(bytes, 0, n);
	return is_pickle ? &pickle : NULL;
}

static const struct kind *kind_of(const unsigned char *bytes, size_t n)
{
	enum { TAR_MAGIC_AT = 257 };
	const struct kind *kind = kind_of_zip(bytes, n);
	for (size_t i = 0; !kind && i < sizeof signatures / sizeof *signatures; i++)
		if (n >= signatures[i].n && memcmp(bytes, signatures[i].bytes, signatures[i].n) == 0)
			kind = &signatures[i].kind;
	if (!kind && n > TAR_MAGIC_AT + 5 && memcmp(bytes + TAR_MAGIC_AT, "ustar", 5) == 0)
		kind = &tar;
	if (!kind)
		kind = kind_of_wide(bytes, n);
	if (!kind)
		kind = kind_of_python(bytes, n);
	if (!kind)
		kind = kind_of_stata(bytes, n);
	return kind ? kind : kind_of_text(bytes, n);
}

/* ---- what to do ---- */

/* Where the advice speaks of FILE, it is this one, unless that must be unpacked or saved first. */
static enum flt_status fail_without_program(const struct flt_named_file *file, const struct kind *kind,
                                            const char *inside, struct flt_error *err)
{
	const char *advice = kind->instead, *place = strstr(advice, "FILE");
	bool is_file = !file->is_standard_input && !file->is_packed;
	if (!place || !is_file)
		return flt_fail(err, FLT_ERR_DATA, "%s: %s%s, not a CSV file: %s", file->name, kind->what, inside,
		                advice);
	char path[FLT_PATH_WORD];
	flt_shell_word(file->name, path, sizeof path);
	return flt_fail(err, FLT_ERR_DATA, "%s: %s, not a CSV file: %.*s%s%s", file->name, kind->what,
	                (int)(place - advice), advice, path, place + strlen("FILE"));
}

enum flt_status flt_check_is_csv(const struct flt_named_file *file, const unsigned char *bytes, size_t n,
                                 struct flt_error *err)
{
	const struct kind *kind = kind_of(bytes, n);
	if (!kind)
		return FLT_OK;
	bool is_stream = file->is_standard_input || file->is_packed;
	const char *inside = file->is_packed && kind->what[0] != 'g' ? ", packed with gzip" : "";
	const char *program = is_stream ? kind->filter : kind->program;
	if (program)
		return flt_fail(err, FLT_ERR_DATA, "%s: %s%s, not a CSV file: %s", file->name, kind->what, inside,
		                flt_remedy_filter(file, program).text);
	if (!kind->program)
		return fail_without_program(file, kind, inside, err);
	return flt_fail(err, FLT_ERR_DATA, "%s: %s%s, not a CSV file: write it to FILE%s, then %s FILE | fltrain ... -",
	                file->name, kind->what, inside, file->is_packed ? " with zcat" : "", kind->program);
}
