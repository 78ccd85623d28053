#include "packages/deb_file.hpp"

#include "base/digest.hpp"
#include "base/text.hpp"
#include "system/fd.hpp"

#include <algorithm>
#include <archive.h>
#include <archive_entry.h>
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <memory>
#include <mutex>
#include <optional>
#include <sched.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace img::packages {
namespace {

namespace fs = std::filesystem;
using system::Fd;

// ar(5): a magic of 8 bytes, then members, each behind a header of 60 bytes, on even offsets.
constexpr std::string_view kMagic = "!<arch>\n";
constexpr std::size_t kHeaderSize = 60;
constexpr std::size_t kNameSize = 16;
constexpr std::size_t kSizeOffset = 48;
constexpr std::size_t kSizeSize = 10;
constexpr std::size_t kMembersMax = 16;  // a package has three
constexpr std::size_t kBlock = 256 * 1024;
constexpr std::size_t kControlMax = 4 << 20;

std::unexpected<Error> broken(const fs::path& file, std::string_view what) {
    return fail(Fault::broken, fmt::format("{}: {}", file.string(), what));
}

std::unexpected<Error> system_failure(const fs::path& file, int error) {
    const Fault fault = error == ENOSPC   ? Fault::exhausted
                        : error == ENOENT ? Fault::missing
                                          : Fault::broken;
    return fail(fault, fmt::format("{}: {}", file.string(), std::strerror(error)));
}

/// A member of an ar archive: where its bytes are.
struct Member {
    std::string name;
    off_t offset = 0;
    off_t size = 0;
};

Result<std::vector<Member>> read_members(const fs::path& file, int fd) {
    std::array<char, kHeaderSize> header{};
    if (::pread(fd, header.data(), kMagic.size(), 0) != static_cast<ssize_t>(kMagic.size()) ||
        std::string_view(header.data(), kMagic.size()) != kMagic) {
        return broken(file, "not a Debian package");
    }
    std::vector<Member> members;
    off_t at = static_cast<off_t>(kMagic.size());
    while (members.size() < kMembersMax) {
        const ssize_t got = ::pread(fd, header.data(), header.size(), at);
        if (got == 0) {
            return members;
        }
        if (got != static_cast<ssize_t>(header.size()) || header[58] != '`') {
            break;
        }
        std::string_view name = trim({header.data(), kNameSize});
        name = name.substr(0, name.find('/'));
        const std::string_view digits = trim({header.data() + kSizeOffset, kSizeSize});
        off_t size = -1;
        std::from_chars(digits.data(), digits.data() + digits.size(), size);
        if (size < 0) {
            break;
        }
        at += static_cast<off_t>(kHeaderSize);
        members.push_back({std::string(name), at, size});
        at += size + (size & 1);
    }
    return broken(file, "a damaged Debian package");
}

Result<Member> find_member(const fs::path& file, int fd, std::string_view prefix) {
    for (auto& member : TRY(read_members(file, fd))) {
        if (member.name.starts_with(prefix)) {
            return std::move(member);
        }
    }
    return broken(file, fmt::format("a Debian package without {}", prefix));
}

/// Lets libarchive read a part of a file.
struct Range {
    int fd;
    off_t at;
    off_t end;
    std::vector<char> buffer = std::vector<char>(kBlock);

    static la_ssize_t read(archive*, void* data, const void** bytes) {
        auto& range = *static_cast<Range*>(data);
        const auto want = std::min<off_t>(range.end - range.at, static_cast<off_t>(kBlock));
        const ssize_t got =
            ::pread(range.fd, range.buffer.data(), static_cast<std::size_t>(want), range.at);
        range.at += std::max<ssize_t>(got, 0);
        *bytes = range.buffer.data();
        return got;
    }
};

struct ReadFree {
    void operator()(archive* a) const { archive_read_free(a); }
};
struct WriteFree {
    void operator()(archive* a) const { archive_write_free(a); }
};
using Reader = std::unique_ptr<archive, ReadFree>;
using Writer = std::unique_ptr<archive, WriteFree>;

std::string archive_error(archive* a) {
    const char* text = archive_error_string(a);
    return text != nullptr ? text : "unreadable";
}

/// Reads the decompressed bytes of a member, block by block.
template <typename Take>
Result<void> decompress(const fs::path& file, int fd, const Member& member, Take take) {
    Range range{.fd = fd, .at = member.offset, .end = member.offset + member.size};
    const Reader reader(archive_read_new());
    archive_read_support_filter_all(reader.get());
    archive_read_support_format_raw(reader.get());
    archive_read_support_format_empty(reader.get());
    archive_entry* entry = nullptr;
    if (archive_read_open(reader.get(), &range, nullptr, Range::read, nullptr) != ARCHIVE_OK ||
        archive_read_next_header(reader.get(), &entry) != ARCHIVE_OK) {
        return broken(file, archive_error(reader.get()));
    }
    const void* bytes = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    while (true) {
        const int status = archive_read_data_block(reader.get(), &bytes, &size, &offset);
        if (status == ARCHIVE_EOF) {
            return {};
        }
        if (status != ARCHIVE_OK) {
            return broken(file, archive_error(reader.get()));
        }
        TRY(take(std::string_view(static_cast<const char*>(bytes), size)));
    }
}

std::string member_header(std::string_view name, std::uint64_t size) {
    return fmt::format("{:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", name, 0, 0, 0, "100644", size);
}

/// An ar archive being written under a name of its own, until it is complete.
class ArWriter {
public:
    static Result<ArWriter> create(const fs::path& target) {
        std::string name = target.string() + ".XXXXXX";
        Fd fd(::mkostemp(name.data(), O_CLOEXEC));
        if (!fd) {
            return system_failure(target, errno);
        }
        ArWriter writer(std::move(fd), name);
        TRY(writer.put(kMagic));
        return writer;
    }
    ArWriter(ArWriter&& other) noexcept
        : fd_(std::move(other.fd_)), path_(std::exchange(other.path_, {})) {}
    ArWriter& operator=(ArWriter&&) = delete;
    ~ArWriter() {
        if (!path_.empty()) {
            ::unlink(path_.c_str());
        }
    }

    Result<void> begin(std::string_view name) {
        name_ = name;
        size_ = 0;
        return put(member_header(name, 0));
    }
    Result<void> add(std::string_view bytes) {
        size_ += bytes.size();
        return put(bytes);
    }
    Result<void> end() {
        const std::string header = member_header(name_, size_);
        const off_t at = ::lseek(fd_.get(), 0, SEEK_CUR) - static_cast<off_t>(size_ + kHeaderSize);
        if (::pwrite(fd_.get(), header.data(), header.size(), at) !=
            static_cast<ssize_t>(header.size())) {
            return system_failure(path_, errno);
        }
        return size_ % 2 == 1 ? put("\n") : Result<void>();
    }
    Result<void> commit(const fs::path& target) {
        if (::fchmod(fd_.get(), 0644) != 0 || ::rename(path_.c_str(), target.c_str()) != 0) {
            return system_failure(target, errno);
        }
        path_.clear();
        return {};
    }

private:
    ArWriter(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

    Result<void> put(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t put = ::write(fd_.get(), bytes.data(), bytes.size());
            if (put < 0) {
                return system_failure(path_, errno);
            }
            bytes.remove_prefix(static_cast<std::size_t>(put));
        }
        return {};
    }

    Fd fd_;
    std::string path_;
    std::string name_;
    std::uint64_t size_ = 0;
};

/// Reads the tar in a member entry by entry.
Result<Reader> open_tar(const fs::path& file, Range& range) {
    Reader reader(archive_read_new());
    archive_read_support_format_tar(reader.get());
    archive_read_support_format_empty(reader.get());
    if (archive_read_open(reader.get(), &range, nullptr, Range::read, nullptr) != ARCHIVE_OK) {
        return broken(file, archive_error(reader.get()));
    }
    return reader;
}

/// An entry's name is "./usr/share/doc".
bool is_wanted(const std::vector<PathRule>& rules, archive_entry* entry) {
    std::string path = archive_entry_pathname(entry);
    path.erase(0, path.starts_with("./") ? 1 : 0);
    if (path.size() > 1 && path.ends_with('/')) {
        path.pop_back();
    }
    const auto type = archive_entry_filetype(entry);
    return is_kept(rules, path, type == AE_IFDIR || type == AE_IFLNK);
}

/// Below the root folder of the calling thread.
Result<void> extract(const fs::path& file, int fd, const std::vector<PathRule>& rules) {
    const Member data = TRY(find_member(file, fd, "data.tar"));
    Range range{.fd = fd, .at = data.offset, .end = data.offset + data.size};
    const Reader reader = TRY(open_tar(file, range));
    const Writer disk(archive_write_disk_new());
    archive_write_disk_set_options(disk.get(), ARCHIVE_EXTRACT_OWNER | ARCHIVE_EXTRACT_PERM |
                                                   ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_XATTR);
    archive_entry* entry = nullptr;
    while (true) {
        const int status = archive_read_next_header(reader.get(), &entry);
        if (status == ARCHIVE_EOF) {
            break;
        }
        if (status == ARCHIVE_OK && !rules.empty() && !is_wanted(rules, entry)) {
            continue;
        }
        // The owners are numbers: names would be looked up on the machine, not in the tree.
        archive_entry_set_uname(entry, nullptr);
        archive_entry_set_gname(entry, nullptr);
        // Of a folder that several packages have, the time would be that of the slowest thread's.
        if (archive_entry_filetype(entry) == AE_IFDIR) {
            archive_entry_unset_mtime(entry);
        }
        if (status != ARCHIVE_OK ||
            archive_read_extract2(reader.get(), entry, disk.get()) != ARCHIVE_OK) {
            return broken(file, status != ARCHIVE_OK
                                    ? archive_error(reader.get())
                                    : archive_error(disk.get()) + archive_error(reader.get()));
        }
    }
    return archive_write_close(disk.get()) == ARCHIVE_OK
               ? Result<void>()
               : Result<void>(broken(file, archive_error(disk.get())));
}

}  // namespace

Result<void> store_uncompressed(const fs::path& source,
                                const std::string& sha256,
                                const fs::path& target) {
    if (const std::string found = TRY(sha256_file(source)); found != sha256) {
        return broken(source, fmt::format("SHA-256 is {}, the index says {}; the download is "
                                          "damaged: build again",
                                          found, sha256));
    }
    const Fd fd(::open(source.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) {
        return system_failure(source, errno);
    }
    ArWriter out = TRY(ArWriter::create(target));
    for (const auto& member : TRY(read_members(source, fd.get()))) {
        // "data.tar.xz" becomes "data.tar"; other members stay as they are.
        const auto tar = member.name.find(".tar");
        TRY(out.begin(member.name.substr(0, tar == std::string::npos ? tar : tar + 4)));
        TRY(decompress(source, fd.get(), member, [&](std::string_view b) { return out.add(b); }));
        TRY(out.end());
    }
    return out.commit(target);
}

Result<DebControl> read_control(const fs::path& package) {
    const Fd fd(::open(package.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) {
        return system_failure(package, errno);
    }
    const Member member = TRY(find_member(package, fd.get(), "control.tar"));
    Range range{.fd = fd.get(), .at = member.offset, .end = member.offset + member.size};
    const Reader reader = TRY(open_tar(package, range));
    archive_entry* entry = nullptr;
    while (archive_read_next_header(reader.get(), &entry) == ARCHIVE_OK) {
        const std::string_view name = archive_entry_pathname(entry);
        if (name != "./control" && name != "control") {
            continue;
        }
        std::string text(
            std::min<std::size_t>(static_cast<std::size_t>(archive_entry_size(entry)), kControlMax),
            '\0');
        const la_ssize_t got = archive_read_data(reader.get(), text.data(), text.size());
        text.resize(static_cast<std::size_t>(std::max<la_ssize_t>(got, 0)));
        DebControl control = parse_control(text);
        if (!control.name.empty()) {
            return control;
        }
        break;
    }
    return broken(package, "a Debian package without a control file");
}

Result<void> extract_files(const std::vector<fs::path>& packages,
                           const fs::path& tree,
                           const std::vector<PathRule>& rules) {
    std::atomic<std::size_t> next = 0;
    std::mutex mutex;
    std::optional<Error> first_error;
    const auto work = [&] {
        const auto report = [&](Error error) {
            const std::scoped_lock lock(mutex);
            if (!first_error) {
                first_error = std::move(error);
            }
            next = packages.size();
        };
        // The root folder becomes this thread's own; its open files are opened before.
        const Fd machine(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
        if (::unshare(CLONE_FS) != 0 || ::chroot(tree.c_str()) != 0 || ::chdir("/") != 0) {
            report(system_failure(tree, errno).error());
            return;
        }
        ::umask(0);
        for (std::size_t i = next++; i < packages.size(); i = next++) {
            const Fd fd(
                ::openat(machine.get(), packages[i].relative_path().c_str(), O_RDONLY | O_CLOEXEC));
            auto extracted = fd ? extract(packages[i], fd.get(), rules)
                                : Result<void>(system_failure(packages[i], errno));
            if (!extracted) {
                report(std::move(extracted).error());
            }
        }
    };
    {
        std::vector<std::jthread> threads;
        for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) {
            threads.emplace_back(work);
        }
    }
    return first_error ? Result<void>(std::unexpected(std::move(*first_error))) : Result<void>();
}

}  // namespace img::packages
