/*
 * float32 exponential, logarithm and circle functions without branches or calls, so that loops over them become
 * vector instructions. TARGET names the instruction set. Polynomials are minimax fits of the relative error (cosine:
 * of the absolute error); the test measures each function against double precision.
 *
 * Adding and taking away 1.5 * 2^23 rounds to the nearest integer, and the low bits of the sum hold that integer.
 */
#ifndef TARGET
#error "include this from kernels_body.h"
#endif

#define INLINE TARGET static inline __attribute__((always_inline))

static const float round_magic = 12582912.0f;

INLINE uint32_t bits_of(float x)
{
	uint32_t bits;
	memcpy(&bits, &x, sizeof bits);
	return bits;
}

INLINE float float_of(uint32_t bits)
{
	float x;
	memcpy(&x, &bits, sizeof x);
	return x;
}

/* e^x = scale (1 + part) for |x| <= 87: part keeps its accuracy where it is small. */
INLINE float exp_parts(float x, float *scale)
{
	float shifted = x * 1.44269504f + round_magic;
	float n = shifted - round_magic;
	float r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
	float p = 1.979014e-4f;
	p = p * r + 1.3944869e-3f;
	p = p * r + 8.333499e-3f;
	p = p * r + 4.166629e-2f;
	p = p * r + 0.16666666f;
	p = p * r + 0.5f;
	*scale = float_of((bits_of(shifted) << 23) + (127u << 23));
	return r + r * r * p;
}

/* e^x for x <= 88; below -87 it is 0. */
INLINE float exp_of(float x)
{
	float scale, part = exp_parts(x, &scale);
	float y = scale + scale * part;
	return x < -87.0f ? 0.0f : y;
}

/* e^x - 1 for x <= 88 */
INLINE float expm1_of(float x)
{
	float scale, part = exp_parts(x, &scale);
	float y = scale * part + (scale - 1.0f);
	return x < -87.0f ? -1.0f : y;
}

/* ln(1 + x) for 0 <= x <= 1: 2 artanh(x / (2 + x)) */
INLINE float log1p_of(float x)
{
	float s = x / (2.0f + x), z = s * s;
	float p = 0.24413061f;
	p = p * z + 0.21393253f;
	p = p * z + 0.28620723f;
	p = p * z + 0.39998692f;
	p = p * z + 0.6666668f;
	p = p * z + 2.0f;
	return s * p;
}

/* The distance of a number of turns from the nearest whole number; 0 where turns is too large to hold a fraction. */
INLINE float turn_part(float turns)
{
	float rest = turns - ((turns + round_magic) - round_magic);
	return __builtin_fabsf(turns) < 4194304.0f ? rest : turns * 0.0f;
}

/* cos(2 pi r) and sin(2 pi r) for |r| <= 1/2 */
INLINE float cos_of_turn(float r)
{
	float z = r * r;
	float p = -1.453237f;
	p = p * z + 7.8002405f;
	p = p * z - 26.404705f;
	p = p * z + 60.242138f;
	p = p * z - 85.45666f;
	p = p * z + 64.93939f;
	p = p * z - 19.739208f;
	return p * z + 1.0f;
}

INLINE float sin_of_turn(float r)
{
	float z = r * r;
	float p = 3.1996934f;
	p = p * z - 14.86861f;
	p = p * z + 42.016167f;
	p = p * z - 76.70155f;
	p = p * z + 81.60503f;
	p = p * z - 41.341698f;
	p = p * z + 6.2831855f;
	return p * r;
}

/* The activations and their slopes. Each lets NaN through, so that a diverged network cannot look healthy. */

INLINE float relu_of(float x)
{
	return x < 0.0f ? 0.0f : x;
}

INLINE float selu_of(float x, float *slope)
{
	const float lambda = 1.05070098735548049f, lambda_alpha = 1.75809934084737685f;
	float below = x > 0.0f ? 0.0f : x, e = exp_of(below);
	*slope = x > 0.0f ? lambda : lambda_alpha * e;
	return x > 0.0f ? lambda * x : lambda_alpha * expm1_of(below);
}

/* With e = e^-|x|: sigmoid(x) and sigmoid(-x), each with full relative accuracy. */
INLINE float sigmoid_of(float x, float *complement)
{
	float e = exp_of(-__builtin_fabsf(x)), r = 1.0f / (1.0f + e), er = e * r;
	*complement = x >= 0.0f ? er : r;
	return x >= 0.0f ? r : er;
}

INLINE float silu_of(float x, float *slope)
{
	float q, p = sigmoid_of(x, &q);
	*slope = p * (1.0f + x * q);
	return x * p;
}

/* x tanh(softplus(x)); with e = e^x and n = e^2 + 2e, tanh(softplus(x)) = n / (n + 2). Above 20 it is 1. */
INLINE float mish_of(float x, float *slope)
{
	float e = exp_of(x > 20.0f ? 20.0f : x), n = e * (e + 2.0f), r = 1.0f / (n + 2.0f), t = n * r;
	*slope = t + x * (e / (1.0f + e)) * (4.0f * (n + 1.0f) * r * r);
	return x * t;
}

INLINE float tanh_of(float x, float *slope)
{
	float t = expm1_of(-2.0f * __builtin_fabsf(x));
	float a = -t / (2.0f + t);
	*slope = (1.0f - a) * (1.0f + a);
	return x < 0.0f ? -a : a;
}
