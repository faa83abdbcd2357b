/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The only compiler extensions of the project. */
#ifndef NABLA_BASE_COMPILER_H
#define NABLA_BASE_COMPILER_H

#if defined(__GNUC__)
#define PRINTF_LIKE(string, first) __attribute__((format(printf, string, first)))
#else
#define PRINTF_LIKE(string, first)
#endif

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
