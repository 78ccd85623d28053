// libcurl, loaded when the first request is made and not before.
#pragma once

#include <curl/curl.h>

namespace img::http {

/// The functions of libcurl that we call. The 30 libraries that Debian's libcurl brings along take
/// 5 ms to start, more than `img check` needs altogether, and most verbs make no request; so img is
/// not linked with it. What links would have checked is checked by the types here.
struct CurlLibrary {
    decltype(&::curl_easy_init) easy_init = nullptr;
    decltype(&::curl_easy_setopt) easy_setopt = nullptr;
    decltype(&::curl_easy_perform) easy_perform = nullptr;
    decltype(&::curl_easy_strerror) easy_strerror = nullptr;
    decltype(&::curl_easy_cleanup) easy_cleanup = nullptr;
    decltype(&::curl_slist_append) slist_append = nullptr;
    decltype(&::curl_slist_free_all) slist_free_all = nullptr;
};

/// Loads it once, for the whole process, and starts it. Null where the machine has none.
const CurlLibrary* curl_library();

}  // namespace img::http
