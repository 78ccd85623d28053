#include "volume/xfs_protofile.hpp"

#include "base/printable.hpp"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>
#include <iterator>
#include <set>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <system_error>

namespace img::volume {
namespace {

namespace fs = std::filesystem;

constexpr int kDepthMax = 1000;

char type_letter(mode_t mode) {
    switch (mode & S_IFMT) {
        case S_IFDIR: return 'd';
        case S_IFLNK: return 'l';
        case S_IFBLK: return 'b';
        case S_IFCHR: return 'c';
        case S_IFIFO: return 'p';
        default: return '-';
    }
}

std::string proto_mode(const struct stat& found) {
    return fmt::format("{}{}{}{:03o} {} {}", type_letter(found.st_mode),
                       (found.st_mode & S_ISUID) != 0 ? 'u' : '-',
                       (found.st_mode & S_ISGID) != 0 ? 'g' : '-', found.st_mode & 0777U,
                       found.st_uid, found.st_gid);
}

class Writer {
public:
    Writer(const fs::path& content, std::int64_t epoch) : content_(content), epoch_(epoch) {}

    Result<void> folder(const fs::path& path, const std::string& inside, int depth) {
        if (depth > kDepthMax) {
            return refuse(inside, fmt::format("folders are nested over {} deep", kDepthMax));
        }
        std::set<std::string> names;
        std::error_code error;
        for (auto at = fs::directory_iterator(path, error);
             !error && at != fs::directory_iterator(); at.increment(error)) {
            names.insert(at->path().filename().string());
        }
        if (error) {
            return fail(Fault::broken, fmt::format("read {}: {}", path.string(), error.message()));
        }
        for (const std::string& name : names) {
            TRY(entry(path / name, inside + "/" + name, name, depth));
        }
        return {};
    }

    Result<void> whole() {
        const struct stat found = TRY(look(content_));
        filling.prototype = fmt::format("img\n0 0\n{}\n", proto_mode(found));
        TRY(folder(content_, "", 0));
        filling.prototype += "$\n";
        correct("/", found);
        return {};
    }

    XfsFilling filling;

private:
    static Result<void> refuse(const std::string& inside, std::string_view why) {
        return fail(Fault::invalid, fmt::format("{}: XFS cannot be filled with it: {}; use another "
                                                "file system for this partition",
                                                printable(inside), why));
    }

    static Result<struct stat> look(const fs::path& path) {
        struct stat found{};
        if (::lstat(path.c_str(), &found) != 0) {
            const int error = errno;
            return fail(Fault::broken, fmt::format("{}: {}", path.string(),
                                                   std::generic_category().message(error)));
        }
        return found;
    }

    static bool speakable(const std::string& token) {
        return !token.empty() && token != "$" && token[0] != ':' &&
               token.find_first_of(" \t\n\v\f\r") == std::string::npos;
    }

    Result<void> entry(const fs::path& path,
                       const std::string& inside,
                       const std::string& name,
                       int depth) {
        const struct stat found = TRY(look(path));
        if (S_ISSOCK(found.st_mode)) {
            return {};
        }
        if (!speakable(name) || name.find('"') != std::string::npos) {
            return refuse(inside, "its name holds white space, a quote, or starts with a colon");
        }
        fmt::format_to(std::back_inserter(filling.prototype), "{} {}", name, proto_mode(found));
        if (S_ISDIR(found.st_mode)) {
            filling.prototype += "\n";
            TRY(folder(path, inside, depth + 1));
            filling.prototype += "$\n";
        } else if (S_ISLNK(found.st_mode)) {
            std::error_code error;
            const std::string target = fs::read_symlink(path, error).string();
            if (error || !speakable(target)) {
                return refuse(inside, "its target holds white space");
            }
            filling.prototype += " " + target + "\n";
        } else if (S_ISREG(found.st_mode)) {
            filling.prototype += " ." + inside + "\n";
        } else if (S_ISBLK(found.st_mode) || S_ISCHR(found.st_mode)) {
            fmt::format_to(std::back_inserter(filling.prototype), " {} {}\n", major(found.st_rdev),
                           minor(found.st_rdev));
        } else {
            filling.prototype += "\n";
        }
        correct(inside, found);
        return {};
    }

    /// With the feature bigtime a time is one number, nanoseconds since 1901-12-13T20:45:52Z
    /// (xfs_format.h, XFS_BIGTIME_EPOCH_OFFSET); xfs_db writes all of it under the name sec.
    void correct(const std::string& inside, const struct stat& found) {
        const std::int64_t seconds = std::min<std::int64_t>(found.st_mtim.tv_sec, epoch_);
        const auto time = [](std::int64_t since_1970) {
            const std::int64_t since_1901 = since_1970 + (std::int64_t{1} << 31);
            return static_cast<std::uint64_t>(std::max<std::int64_t>(since_1901, 0)) * 1000000000U;
        };
        fmt::format_to(std::back_inserter(filling.corrections),
                       "path {0}\nwrite core.mtime.sec {1}\nwrite core.atime.sec {1}\n"
                       "write core.ctime.sec {1}\nwrite v3.crtime.sec {2}\n",
                       inside, time(seconds), time(epoch_));
        if ((found.st_mode & S_ISVTX) != 0) {
            fmt::format_to(std::back_inserter(filling.corrections), "write core.mode 0{:o}\n",
                           found.st_mode);
        }
    }

    fs::path content_;
    std::int64_t epoch_;
};

}  // namespace

Result<XfsFilling> xfs_filling(const fs::path& content, std::int64_t epoch) {
    Writer writer(content, epoch);
    TRY(writer.whole());
    return std::move(writer.filling);
}

}  // namespace img::volume
