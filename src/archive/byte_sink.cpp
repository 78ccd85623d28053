#include "archive/byte_sink.hpp"

#include "archive/file_fault.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace img::archive {

Result<std::unique_ptr<FileSink>> FileSink::create(std::filesystem::path file) {
    system::Fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!fd) {
        return file_fault("make", file, errno);
    }
    return std::unique_ptr<FileSink>(new FileSink(std::move(file), std::move(fd)));
}

FileSink::~FileSink() {
    if (!finished_) {
        ::unlink(file_.c_str());
    }
}

Result<void> FileSink::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t put =
            ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(at_));
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            return file_fault("write", file_, put == 0 ? ENOSPC : errno);
        }
        bytes.remove_prefix(static_cast<std::size_t>(put));
        at_ += static_cast<std::uint64_t>(put);
    }
    return {};
}

Result<void> FileSink::write_zeros(std::uint64_t count) {
    at_ += count;
    return {};
}

Result<void> FileSink::finish() {
    // The last hole is there only once the file is as long as it.
    if (::ftruncate(fd_.get(), static_cast<off_t>(at_)) != 0) {
        return file_fault("write", file_, errno);
    }
    finished_ = true;
    return {};
}

}  // namespace img::archive
