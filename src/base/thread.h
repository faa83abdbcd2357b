/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where threads run. */
#ifndef NABLA_BASE_THREAD_H
#define NABLA_BASE_THREAD_H

#include <stddef.h>

/* Moves the calling thread to the index-th of the processors that it may run on
 * (round and round), and leaves it free to be moved again.  Threads that work
 * in step and begin on one processor stay there for long: to the scheduler it
 * is the one that they always find free. */
void thread_place(size_t index);

#endif
