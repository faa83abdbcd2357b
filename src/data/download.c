/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "data/download.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/error.h"
#include "base/file.h"

#define CONNECT_SECONDS 30L
#define STALL_SECONDS   60L /* without a byte */
#define REDIRECTS_MOST  10L

struct transfer {
    struct download *download;
    CURL *curl;
    int fd;
    uint64_t before, length; /* bytes in the file: at first, and now */
    int write_errno;
    bool interrupted, too_large;
    char message[CURL_ERROR_SIZE];
};

static size_t take_bytes(char *bytes, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    size_t length = size * count;
    if (transfer->length + length > transfer->download->most) {
        transfer->too_large = true;
        return 0;
    }
    if (!descriptor_write(transfer->fd, bytes, length)) {
        transfer->write_errno = errno;
        return 0;
    }
    transfer->length += length;
    return length;
}

static int look(void *context, curl_off_t total, curl_off_t now, curl_off_t up_total,
                curl_off_t up_now)
{
    struct transfer *transfer = context;
    struct download *download = transfer->download;
    (void)up_total;
    (void)up_now;
    transfer->interrupted = download->interrupt && *download->interrupt;
    if (download->progress && now > 0)
        download->progress(download->context, transfer->before + (uint64_t)now,
                           total > 0 ? transfer->before + (uint64_t)total : 0);
    return transfer->interrupted;
}

/* ---- The file ---- */

/* Opens it to add to, with as much as is there; with `anew` nothing is. */
static enum nb_status open_file(struct transfer *transfer, bool anew, struct nb_error *error)
{
    const char *path = transfer->download->path;
    struct stat info;
    transfer->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | (anew ? O_TRUNC : 0), 0666);
    if (transfer->fd < 0 || fstat(transfer->fd, &info) != 0)
        return error_file(error, "write", path);
    transfer->before = S_ISREG(info.st_mode) && info.st_size > 0 ? (uint64_t)info.st_size : 0;
    transfer->length = transfer->before;
    return NB_OK;
}

static enum nb_status close_file(struct transfer *transfer, enum nb_status status,
                                 struct nb_error *error)
{
    bool ok = transfer->fd < 0 || fsync(transfer->fd) == 0 || errno == EINVAL; /* a device */
    ok = (transfer->fd < 0 || close(transfer->fd) == 0) && ok;
    transfer->fd = -1;
    return ok || status ? status : error_file(error, "write", transfer->download->path);
}

/* ---- One attempt ---- */

static bool set_options(struct transfer *transfer)
{
    CURL *curl = transfer->curl;
    bool ok = curl_easy_setopt(curl, CURLOPT_URL, transfer->download->url) == CURLE_OK;
#if LIBCURL_VERSION_NUM >= 0x075500
    ok = ok && curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https,file") == CURLE_OK &&
         curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https") == CURLE_OK;
#else
    ok = ok &&
         curl_easy_setopt(curl, CURLOPT_PROTOCOLS,
                          (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS | CURLPROTO_FILE)) == CURLE_OK &&
         curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS,
                          (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS)) == CURLE_OK;
#endif
    ok = ok && curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, transfer->message) == CURLE_OK &&
         curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes) == CURLE_OK &&
         curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer) == CURLE_OK &&
         curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look) == CURLE_OK &&
         curl_easy_setopt(curl, CURLOPT_XFERINFODATA, transfer) == CURLE_OK;
    ok = ok && curl_easy_setopt(curl, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)transfer->before) == 0;
    const struct {
        CURLoption option;
        long value;
    } rows[] = {
        { CURLOPT_NOPROGRESS, 0 },
        { CURLOPT_NOSIGNAL, 1 },
        { CURLOPT_FAILONERROR, 1 },
        { CURLOPT_FOLLOWLOCATION, 1 },
        { CURLOPT_MAXREDIRS, REDIRECTS_MOST },
        { CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS },
        { CURLOPT_LOW_SPEED_LIMIT, 1 },
        { CURLOPT_LOW_SPEED_TIME, STALL_SECONDS },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ok = ok && curl_easy_setopt(curl, rows[i].option, rows[i].value) == CURLE_OK;
    return ok;
}

static enum nb_status explain(const struct transfer *transfer, CURLcode code,
                              struct nb_error *error)
{
    const struct download *download = transfer->download;
    unsigned long long length = (unsigned long long)transfer->length;
    long reply = 0;
    if (transfer->interrupted)
        return error_set(error, NB_INTERRUPTED,
                         "interrupted after %llu bytes of %s: the same again goes on from there",
                         length, download->url);
    if (transfer->too_large)
        return error_set(error, NB_SYSTEM, "%s is larger than %llu bytes: it is another file",
                         download->url, (unsigned long long)download->most);
    if (transfer->write_errno) {
        errno = transfer->write_errno;
        return error_file(error, "write", download->path);
    }
    curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &reply);
    if (code == CURLE_HTTP_RETURNED_ERROR)
        return error_set(error, NB_SYSTEM, "cannot fetch %s: the server answers %ld%s",
                         download->url, reply, reply == 404 ? ", there is no such file" : "");
    if (transfer->length > 0)
        return error_set(error, NB_SYSTEM,
                         "%s was cut after %llu bytes (%s): the same again goes on from there",
                         download->url, length,
                         transfer->message[0] ? transfer->message : curl_easy_strerror(code));
    return error_set(error, NB_SYSTEM, "cannot fetch %s: %s", download->url,
                     transfer->message[0] ? transfer->message : curl_easy_strerror(code));
}

/* Could what is there not be gone on with: a server that begins anew, or more bytes
 * than the file has? */
static bool wants_anew(const struct transfer *transfer, CURLcode code)
{
    long reply = 0;
    curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &reply);
    return transfer->before > 0 &&
           (code == CURLE_RANGE_ERROR || code == CURLE_BAD_DOWNLOAD_RESUME ||
            (code == CURLE_HTTP_RETURNED_ERROR && reply == 416));
}

static enum nb_status attempt(struct transfer *transfer, bool anew, bool *again,
                              struct nb_error *error)
{
    CURLcode code = CURLE_OUT_OF_MEMORY;
    enum nb_status status = open_file(transfer, anew, error);
    if (status)
        return close_file(transfer, status, error);
    transfer->message[0] = '\0';
    transfer->curl = curl_easy_init();
    if (transfer->curl && set_options(transfer))
        code = curl_easy_perform(transfer->curl);
    *again = !anew && transfer->curl && wants_anew(transfer, code);
    transfer->download->resumed = transfer->before > 0;
    if (!transfer->curl)
        status = error_memory(error);
    else if (code != CURLE_OK)
        status = explain(transfer, code, error);
    curl_easy_cleanup(transfer->curl);
    if (status && transfer->length == 0) /* nothing that could be gone on with */
        unlink(transfer->download->path);
    return close_file(transfer, status, error);
}

enum nb_status download_run(struct download *download, struct nb_error *error)
{
    struct transfer transfer = { .download = download, .fd = -1 };
    bool again = false;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return error_set(error, NB_SYSTEM, "cannot fetch %s: libcurl does not begin",
                         download->url);
    enum nb_status status = attempt(&transfer, false, &again, error);
    if (again)
        status = attempt(&transfer, true, &again, error);
    curl_global_cleanup();
    return status;
}
