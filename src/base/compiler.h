/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The only compiler extensions of the project, but for the vectors of num/tile_tmpl.c. */
#ifndef NABLA_BASE_COMPILER_H
#define NABLA_BASE_COMPILER_H

#if defined(__GNUC__)
#define PRINTF_LIKE(string, first) __attribute__((format(printf, string, first)))
#else
#define PRINTF_LIKE(string, first)
#endif

/* Does the processor have what code compiled for x86-64-v3, or v4, may use? */
#if defined(__GNUC__) && defined(__x86_64__)
#define CPU_HAS_V3() (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
#define CPU_HAS_V4()                                                                               \
    (CPU_HAS_V3() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&    \
     __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
#endif

/* A function compiled for x86-64-v3, to be called where CPU_HAS_V3(). */
#ifdef CPU_HAS_V3
#define FOR_V3 __attribute__((target("avx2,fma")))
#endif

#define PREFETCH(address)       __builtin_prefetch(address)
#define PREFETCH_WRITE(address) __builtin_prefetch(address, 1)

/* Numbers too small to be written with all their digits cost a hundred times what others
 * do.  FLUSH_TINY makes 0 of those that float arithmetic of this thread yields and takes,
 * and keeps in `state` what was before, for FLUSH_END. */
#if defined(__GNUC__) && defined(__SSE__)
#define FLUSH_TINY(state)                                                                          \
    unsigned state = __builtin_ia32_stmxcsr();                                                     \
    __builtin_ia32_ldmxcsr(state | 0x8040)
#define FLUSH_END(state) __builtin_ia32_ldmxcsr(state)
#else
#define FLUSH_TINY(state) unsigned state = 0
#define FLUSH_END(state)  ((void)(state))
#endif

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
