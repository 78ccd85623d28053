#include "artifacts/data_reader.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace img::artifacts {
namespace {

std::unexpected<Error> failed(const std::string& path, int error) {
    return fail(error == ENOENT ? Fault::missing : Fault::broken,
                fmt::format("read {}: {}", path, std::generic_category().message(error)));
}

}  // namespace

Result<DataReader> DataReader::open(const std::string& path) {
    system::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    struct stat status{};
    if (!file || ::fstat(file.get(), &status) != 0) {
        return failed(path, errno);
    }
    if (!S_ISREG(status.st_mode)) {
        return fail(Fault::missing, fmt::format("read {}: not a plain file", path));
    }
    return DataReader(path, std::move(file), static_cast<std::uint64_t>(status.st_size));
}

Result<DataReader::Piece> DataReader::next(std::uint64_t from, std::size_t size_max) const {
    if (from >= size_) {
        return Piece{.offset = size_};
    }
    const auto data = ::lseek(file_.get(), static_cast<off_t>(from), SEEK_DATA);
    if (data < 0 && errno == ENXIO) {
        return Piece{.offset = size_};  // a hole up to the end
    }
    // A file system that knows no holes says that all is data.
    const auto begin = data < 0 ? from : static_cast<std::uint64_t>(data);
    const auto hole = ::lseek(file_.get(), static_cast<off_t>(begin), SEEK_HOLE);
    const auto end = hole < 0 ? size_ : std::min(size_, static_cast<std::uint64_t>(hole));
    const auto size = std::min<std::uint64_t>(size_max, end - begin);
    auto bytes = TRY(read(begin, static_cast<std::size_t>(size)));
    return Piece{.offset = begin, .bytes = std::move(bytes)};
}

Result<std::string> DataReader::read(std::uint64_t offset, std::size_t size) const {
    std::string bytes(size, '\0');
    for (std::size_t done = 0; done < size;) {
        const auto count = ::pread(file_.get(), bytes.data() + done, size - done,
                                   static_cast<off_t>(offset + done));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return failed(path_, count == 0 ? ENODATA : errno);
        }
        done += static_cast<std::size_t>(count);
    }
    return bytes;
}

}  // namespace img::artifacts
