/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random numbers as functions of a key: xoshiro256** (Blackman and Vigna),
 * seeded by splitmix64 of (seed, purpose, index, layer).  Equal keys give equal
 * streams on every machine, so nothing is ever "the next of a shared sequence".
 */
#ifndef NABLA_BASE_RNG_H
#define NABLA_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

enum rng_purpose {
    RNG_INIT,
    RNG_SHUFFLE,
    RNG_MASK,
    RNG_FLIP,
    RNG_GRADCHECK,
    RNG_USER,
    RNG_TOY,
    RNG_SPLIT
};

struct rng {
    uint64_t state[4];
};

void rng_init(struct rng *rng, uint64_t seed, enum rng_purpose purpose, uint64_t index,
              uint64_t layer);
uint64_t rng_next(struct rng *rng);
double rng_uniform(struct rng *rng);                              /* in [0, 1), 53 bits */
double rng_normal(struct rng *rng);                               /* N(0, 1), by AS 241 */
uint64_t rng_below(struct rng *rng, uint64_t bound);              /* 0..bound-1, without bias */
void rng_shuffle(struct rng *rng, uint32_t *items, size_t count); /* Fisher-Yates */

#endif
