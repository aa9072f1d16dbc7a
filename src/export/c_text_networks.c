#include "export/c_text.h"

const char flt_c_floats[] =
        "/* ---- the networks, in float: the same operations in the same order as in fltrain ---- */\n"
        "\n"
        "static float sum_of_products(const float *x, const float *w, size_t n)\n"
        "{\n"
        "\tfloat lanes[16] = {0};\n"
        "\tsize_t i, half;\n"
        "\tfor (i = 0; i < n; i++)\n"
        "\t\tlanes[i % 16] += product(x[i], w[i]);\n"
        "\tfor (half = 8; half > 0; half /= 2)\n"
        "\t\tfor (i = 0; i < half; i++)\n"
        "\t\t\tlanes[i] += lanes[i + half];\n"
        "\treturn lanes[0];\n"
        "}\n"
        "\n"
        "/* A linear layer: weights (n_in, n_out), biases (n_out). */\n"
        "struct layer {\n"
        "\tconst float *weight, *bias;\n"
        "\tsize_t n_in, n_out;\n"
        "};\n"
        "\n";

const char flt_c_floats8[] =
        "/* ---- the networks, in float ---- */\n"
        "\n"
        "static float sum_of_products(const float *x, const signed char *w, size_t n)\n"
        "{\n"
        "\tdouble sum = 0;\n"
        "\tsize_t i;\n"
        "\tfor (i = 0; i < n; i++)\n"
        "\t\tsum += (double)x[i] * w[i];\n"
        "\treturn (float)sum;\n"
        "}\n"
        "\n"
        "/* A linear layer: weights (n_in, n_out) in units (n_out), biases (n_out). */\n"
        "struct layer {\n"
        "\tconst signed char *weight;\n"
        "\tconst float *unit, *bias;\n"
        "\tsize_t n_in, n_out;\n"
        "};\n"
        "\n";

const char flt_c_product[] =
        "static float product(float a, float b)\n"
        "{\n"
        "\treturn (float)((double)a * (double)b);\n"
        "}\n"
        "\n";

const char flt_c_magic[] =
        "/* Added to a small number and taken away again, it leaves the nearest whole number. */\n"
        "static const float round_magic = 12582912.0f;\n"
        "\n";

const char flt_c_exp_parts[] =
        "/* e^x = scale (1 + part) for |x| <= 87. */\n"
        "static float exp_parts(float x, float *scale)\n"
        "{\n"
        "\tfloat shifted = x * 1.44269504f + round_magic;\n"
        "\tfloat n = shifted - round_magic;\n"
        "\tfloat r = (x - n * 0.693359375f) - n * -2.12194440e-4f;\n"
        "\tfloat p = 1.979014e-4f;\n"
        "\tuint32_t bits;\n"
        "\tp = p * r + 1.3944869e-3f;\n"
        "\tp = p * r + 8.333499e-3f;\n"
        "\tp = p * r + 4.166629e-2f;\n"
        "\tp = p * r + 0.16666666f;\n"
        "\tp = p * r + 0.5f;\n"
        "\tmemcpy(&bits, &shifted, sizeof bits);\n"
        "\tbits = (bits << 23) + ((uint32_t)127 << 23);\n"
        "\tmemcpy(scale, &bits, sizeof bits);\n"
        "\treturn r + r * r * p;\n"
        "}\n"
        "\n";

const char flt_c_exp[] =
        "static float exp_of(float x)\n"
        "{\n"
        "\tfloat scale, part = exp_parts(x, &scale);\n"
        "\treturn x < -87.0f ? 0.0f : scale + scale * part;\n"
        "}\n"
        "\n";

const char flt_c_expm1[] =
        "static float expm1_of(float x)\n"
        "{\n"
        "\tfloat scale, part = exp_parts(x, &scale);\n"
        "\treturn x < -87.0f ? -1.0f : scale * part + (scale - 1.0f);\n"
        "}\n"
        "\n";

const char flt_c_relu[] =
        "static float relu(float x)\n"
        "{\n"
        "\treturn x < 0.0f ? 0.0f : x;\n"
        "}\n"
        "\n";

const char flt_c_selu[] =
        "static float selu(float x)\n"
        "{\n"
        "\treturn x > 0.0f ? 1.05070098735548049f * x : 1.75809934084737685f * expm1_of(x);\n"
        "}\n"
        "\n";

const char flt_c_silu[] =
        "static float silu(float x)\n"
        "{\n"
        "\tfloat e = exp_of(x < 0.0f ? x : -x), r = 1.0f / (1.0f + e), er = e * r;\n"
        "\treturn x * (x >= 0.0f ? r : er);\n"
        "}\n"
        "\n";

const char flt_c_mish[] =
        "/* x tanh(softplus(x)) */\n"
        "static float mish(float x)\n"
        "{\n"
        "\tfloat e = exp_of(x > 20.0f ? 20.0f : x), n = e * (e + 2.0f), r = 1.0f / (n + 2.0f);\n"
        "\treturn x * (n * r);\n"
        "}\n"
        "\n";

const char flt_c_tanh[] =
        "static float tanh_of(float x)\n"
        "{\n"
        "\tfloat t = expm1_of(-2.0f * (x < 0.0f ? -x : x)), a = -t / (2.0f + t);\n"
        "\treturn x < 0.0f ? -a : a;\n"
        "}\n"
        "\n";

const char flt_c_hidden[] =
        "static void hidden_layer(const struct layer *layer, float (*activate)(float), const float *x, float *y)\n"
        "{\n"
        "\tsize_t i, j, n_out = layer->n_out;\n"
        "\tfor (j = 0; j < n_out; j++)\n"
        "\t\ty[j] = 0.0f;\n"
        "\tfor (i = 0; i < layer->n_in; i++) {\n"
        "\t\tconst float *w = layer->weight + i * n_out;\n"
        "\t\tdouble xi = (double)x[i];\n"
        "\t\tif (!(xi < 0) && !(xi > 0)) /* many inputs are 0 */\n"
        "\t\t\tcontinue;\n"
        "\t\tfor (j = 0; j < n_out; j++)\n"
        "\t\t\ty[j] = (float)(xi * (double)w[j] + (double)y[j]);\n"
        "\t}\n"
        "\tfor (j = 0; j < n_out; j++)\n"
        "\t\ty[j] = activate(y[j] + layer->bias[j]);\n"
        "}\n"
        "\n";

const char flt_c_hidden8[] =
        "static void hidden_layer(const struct layer *layer, float (*activate)(float), const float *x, float *y)\n"
        "{\n"
        "\tsize_t i, j, n_out = layer->n_out;\n"
        "\tfor (j = 0; j < n_out; j++)\n"
        "\t\ty[j] = 0.0f;\n"
        "\tfor (i = 0; i < layer->n_in; i++) {\n"
        "\t\tconst signed char *w = layer->weight + i * n_out;\n"
        "\t\tif (!(x[i] < 0.0f) && !(x[i] > 0.0f)) /* many inputs are 0 */\n"
        "\t\t\tcontinue;\n"
        "\t\tfor (j = 0; j < n_out; j++)\n"
        "\t\t\ty[j] += x[i] * (float)w[j];\n"
        "\t}\n"
        "\tfor (j = 0; j < n_out; j++)\n"
        "\t\ty[j] = activate(y[j] * layer->unit[j] + layer->bias[j]);\n"
        "}\n"
        "\n";

const char flt_c_embedding[] =
        "/* cos(2 pi turns) */\n"
        "static float cos_of_turns(float turns)\n"
        "{\n"
        "\tfloat r = turns - ((turns + round_magic) - round_magic), z, p = -1.453237f;\n"
        "\tif (!(turns < 4194304.0f && turns > -4194304.0f))\n"
        "\t\tr = turns * 0.0f;\n"
        "\tz = r * r;\n"
        "\tp = p * z + 7.8002405f;\n"
        "\tp = p * z - 26.404705f;\n"
        "\tp = p * z + 60.242138f;\n"
        "\tp = p * z - 85.45666f;\n"
        "\tp = p * z + 64.93939f;\n"
        "\tp = p * z - 19.739208f;\n"
        "\treturn p * z + 1.0f;\n"
        "}\n"
        "\n"
        "/* Each input that is_embedded is followed by W cos(2 pi c x + b) + d, with its own c, b (n_frequencies), W (n_out,\n"
        " * n_frequencies) and d (n_out). */\n"
        "struct embedding {\n"
        "\tconst unsigned char *is_embedded; /* (n_in) */\n"
        "\tsize_t n_in, n_frequencies, n_out;\n"
        "\tconst float *frequency, *phase, *weight, *bias;\n"
        "};\n"
        "\n"
        "static void embed(const struct embedding *e, const float *x, float *y)\n"
        "{\n"
        "\tconst float *c = e->frequency, *b = e->phase, *w = e->weight, *d = e->bias;\n"
        "\tsize_t i, j, k;\n"
        "\tfor (i = 0; i < e->n_in; i++) {\n"
        "\t\t*y++ = x[i];\n"
        "\t\tif (!e->is_embedded[i])\n"
        "\t\t\tcontinue;\n"
        "\t\tfor (j = 0; j < e->n_out; j++)\n"
        "\t\t\ty[j] = d[j];\n"
        "\t\tfor (k = 0; k < e->n_frequencies; k++) {\n"
        "\t\t\tfloat wave = cos_of_turns(product(c[k], x[i]) + product(b[k], 0.159154943f));\n"
        "\t\t\tfor (j = 0; j < e->n_out; j++)\n"
        "\t\t\t\ty[j] += product(w[j * e->n_frequencies + k], wave);\n"
        "\t\t}\n"
        "\t\ty += e->n_out;\n"
        "\t\tc += e->n_frequencies;\n"
        "\t\tb += e->n_frequencies;\n"
        "\t\tw += e->n_out * e->n_frequencies;\n"
        "\t\td += e->n_out;\n"
        "\t}\n"
        "}\n"
        "\n";

const char flt_c_log_odds[] =
        "/* ---- from logits to log-odds ---- */\n"
        "\n";

const char flt_c_psi[] =
        "/* The log-odds behind the logit z of a network trained with focal loss, or with weights. */\n"
        "static double psi(double z, double gamma, double log_weight_ratio)\n"
        "{\n"
        "\tdouble a = fabs(z), e = exp(-a), l = log1p(e), per_e = e > 0 ? l / e : 1, x = a;\n"
        "\tif (a > 1 && a <= DBL_MAX)\n"
        "\t\tx = (1 + gamma) * a + log((1 + gamma * e * (a + l)) / (1 + gamma * per_e));\n"
        "\telse if (a <= 1)\n"
        "\t\tx = (1 + gamma) * a + log1p(gamma * (e * a - 2 * l * sinh(a)) / (1 + gamma * per_e));\n"
        "\treturn (z < 0 ? -x : x) - log_weight_ratio;\n"
        "}\n"
        "\n";

const char flt_c_mean[] =
        "static double softplus(double x)\n"
        "{\n"
        "\treturn log1p(exp(-fabs(x))) + (x > 0 ? x : 0);\n"
        "}\n"
        "\n"
        "/* ln(e^a + e^b); a may be -infinity. */\n"
        "static double log_sum(double a, double b)\n"
        "{\n"
        "\tdouble high = a > b ? a : b, low = a > b ? b : a;\n"
        "\treturn high < -DBL_MAX ? high : high + log1p(exp(low - high));\n"
        "}\n"
        "\n";

const char flt_c_isotonic[] =
        "/* The probability at log-odds x: linear between the points of the map. */\n"
        "static double isotonic(double x)\n"
        "{\n"
        "\tsize_t low = 0, high = sizeof map_x / sizeof *map_x - 1;\n"
        "\tdouble share, p;\n"
        "\tif (x <= map_x[low])\n"
        "\t\treturn map_p[low];\n"
        "\tif (x >= map_x[high])\n"
        "\t\treturn map_p[high];\n"
        "\twhile (high - low > 1) {\n"
        "\t\tsize_t middle = low + (high - low) / 2;\n"
        "\t\tif (map_x[middle] <= x)\n"
        "\t\t\tlow = middle;\n"
        "\t\telse\n"
        "\t\t\thigh = middle;\n"
        "\t}\n"
        "\tshare = (x - map_x[low]) / (map_x[high] - map_x[low]);\n"
        "\tp = map_p[low] + share * (map_p[high] - map_p[low]);\n"
        "\treturn p < map_p[high] ? p : map_p[high];\n"
        "}\n"
        "\n";
