// Folders, listed in the order of their names' bytes whatever the file system's own order.
#include "steady/steady.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

// The 64-bit names are the plain ones on every machine we build for, so one function serves both.
static_assert(sizeof(dirent) == sizeof(dirent64) && sizeof(off_t) == 8);

namespace {

using img::steady::real;

struct Listing {
    std::vector<dirent> entries;
    std::size_t next = 0;
    int error = 0;  ///< Why it is not whole; 0: it is.
};

std::mutex mutex;

/// Of each open folder that somebody has read from. Never destroyed: programs read to their end.
std::map<DIR*, Listing>& listings() {
    static auto* const kListings = new std::map<DIR*, Listing>;
    return *kListings;
}

Listing read_whole(DIR* folder) {
    static const auto kReaddir = real<decltype(readdir)>("readdir");
    Listing listing;
    errno = 0;
    while (const dirent* const entry = kReaddir(folder)) {
        dirent copy{};
        std::memcpy(&copy, entry, std::min<std::size_t>(entry->d_reclen, sizeof copy));
        listing.entries.push_back(copy);
    }
    listing.error = errno;
    std::ranges::sort(listing.entries, [](const dirent& a, const dirent& b) {
        return std::strcmp(a.d_name, b.d_name) < 0;
    });
    return listing;
}

dirent* next_of(DIR* folder) {
    const std::scoped_lock lock(mutex);
    auto found = listings().find(folder);
    if (found == listings().end()) {
        const int before = errno;
        found = listings().emplace(folder, read_whole(folder)).first;
        errno = before;
    }
    Listing& listing = found->second;
    if (listing.next < listing.entries.size()) {
        return &listing.entries[listing.next++];
    }
    if (listing.error != 0) {
        errno = listing.error;
    }
    return nullptr;
}

void forget(DIR* folder) {
    const std::scoped_lock lock(mutex);
    listings().erase(folder);
}

int by_name(const dirent** a, const dirent** b) {
    return std::strcmp((*a)->d_name, (*b)->d_name);
}

}  // namespace

IMG_STEADY dirent* readdir(DIR* folder) {
    return next_of(folder);
}

IMG_STEADY dirent64* readdir64(DIR* folder) {
    return reinterpret_cast<dirent64*>(next_of(folder));
}

IMG_STEADY void rewinddir(DIR* folder) noexcept {
    static const auto kReal = real<decltype(rewinddir)>("rewinddir");
    forget(folder);
    kReal(folder);
}

IMG_STEADY int closedir(DIR* folder) {
    static const auto kReal = real<decltype(closedir)>("closedir");
    forget(folder);
    return kReal(folder);
}

// The C library's scandir reads by a readdir of its own, but it does sort: here always by bytes,
// as the orders that programs ask for, alphasort and versionsort, are those of the locale.
IMG_STEADY int scandir(const char* folder,
                       dirent*** list,
                       int (*wanted)(const dirent*),
                       int (* /*order*/)(const dirent**, const dirent**)) {
    static const auto kReal = real<decltype(scandir)>("scandir");
    return kReal(folder, list, wanted, by_name);
}

IMG_STEADY int scandir64(const char* folder,
                         dirent64*** list,
                         int (*wanted)(const dirent64*),
                         int (* /*order*/)(const dirent64**, const dirent64**)) {
    return scandir(folder, reinterpret_cast<dirent***>(list),
                   reinterpret_cast<int (*)(const dirent*)>(wanted), nullptr);
}
