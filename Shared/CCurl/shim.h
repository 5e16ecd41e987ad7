#include <curl/curl.h>

// curl_easy_setopt and curl_easy_getinfo take "...", which Swift cannot call: one function a type.
static inline CURLcode chartline_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode chartline_curl_set_text(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode chartline_curl_set_list(CURL *handle, CURLoption option, const struct curl_slist *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode chartline_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}

typedef size_t (*chartline_curl_transfer)(char *buffer, size_t size, size_t count, void *context);

static inline CURLcode chartline_curl_set_transfer(CURL *handle, CURLoption option, chartline_curl_transfer value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode chartline_curl_get_long(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}
