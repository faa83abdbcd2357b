/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifdef __linux__
#define _GNU_SOURCE /* sched_setaffinity */
#endif
#include "base/thread.h"

#ifdef __linux__

#include <sched.h>

void thread_place(size_t index)
{
    cpu_set_t may, one;
    if (sched_getaffinity(0, sizeof may, &may) || CPU_COUNT(&may) < 2)
        return;
    size_t left = index % (size_t)CPU_COUNT(&may);
    int processor = 0;
    while (!CPU_ISSET(processor, &may) || left--)
        processor++;
    CPU_ZERO(&one);
    CPU_SET(processor, &one);
    if (!sched_setaffinity(0, sizeof one, &one))
        sched_setaffinity(0, sizeof may, &may);
}

#else

void thread_place(size_t index)
{
    (void)index;
}

#endif
