/* SPDX-License-Identifier: GPL-3.0-or-later */
/* peak single|double: what the machine's matrix product reaches, in GFLOP/s; the
 * best of many products of 1024×1024 matrices in half a second. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cblas.h>

enum { SIZE = 1024 };

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void product(const double *a, const double *b, double *c)
{
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, SIZE, SIZE, SIZE, 1, a, SIZE, b, SIZE, 0,
                c, SIZE);
}

static void product_single(const float *a, const float *b, float *c)
{
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, SIZE, SIZE, SIZE, 1, a, SIZE, b, SIZE, 0,
                c, SIZE);
}

/* Half a second at least, three products at least. */
static double best_seconds(bool single, void *numbers)
{
    double *wide = numbers, best = 1e9, begin = now();
    float *narrow = numbers;
    size_t square = (size_t)SIZE * SIZE;
    for (int i = 0; i < 3 || now() - begin < 0.5; i++) {
        double start = now();
        if (single)
            product_single(narrow, narrow + square, narrow + 2 * square);
        else
            product(wide, wide + square, wide + 2 * square);
        double seconds = now() - start;
        best = seconds < best ? seconds : best;
    }
    return best;
}

int main(int count, char **words)
{
    bool single = count > 1 && strcmp(words[1], "single") == 0;
    size_t square = (size_t)SIZE * SIZE;
    void *numbers = calloc(3 * square, sizeof(double));
    if (!numbers)
        return EXIT_FAILURE;
    printf("%.1f\n", 2.0 * SIZE * SIZE * SIZE / best_seconds(single, numbers) * 1e-9);
    free(numbers);
    return EXIT_SUCCESS;
}
