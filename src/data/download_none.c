/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In place of download.c where there is no libcurl. */
#include "base/error.h"
#include "data/download.h"

enum nb_status download_run(struct download *download, struct nb_error *error)
{
    return error_set(error, NB_SYSTEM,
                     "cannot fetch %s: this nabla was built without libcurl. Install it "
                     "(Debian: libcurl4-openssl-dev), then meson setup --reconfigure build "
                     "-Dcurl=enabled and meson compile -C build; or bring the file by other means "
                     "as %s",
                     download->url, download->path);
}
