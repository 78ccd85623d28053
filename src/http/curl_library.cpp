#include "http/curl_library.hpp"

#include <dlfcn.h>

namespace img::http {
namespace {

/// The name that Debian's libcurl4 has had since 2018; its ABI is promised with it.
constexpr const char* kFileName = "libcurl.so.4";

template <typename Function>
bool find(void* library, const char* name, Function& function) {
    function = reinterpret_cast<Function>(dlsym(library, name));
    return function != nullptr;
}

const CurlLibrary* load() {
    // Never closed: libraries beneath it keep threads' data that must outlive every request.
    void* const library = dlopen(kFileName, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        return nullptr;
    }
    static CurlLibrary curl;
    decltype(&::curl_global_init) global_init = nullptr;
    const bool complete = find(library, "curl_easy_init", curl.easy_init) &&
                          find(library, "curl_easy_setopt", curl.easy_setopt) &&
                          find(library, "curl_easy_perform", curl.easy_perform) &&
                          find(library, "curl_easy_strerror", curl.easy_strerror) &&
                          find(library, "curl_easy_cleanup", curl.easy_cleanup) &&
                          find(library, "curl_slist_append", curl.slist_append) &&
                          find(library, "curl_slist_free_all", curl.slist_free_all) &&
                          find(library, "curl_global_init", global_init);
    return complete && global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? &curl : nullptr;
}

}  // namespace

const CurlLibrary* curl_library() {
    static const CurlLibrary* const library = load();
    return library;
}

}  // namespace img::http
