// Any bytes as a file that holds a virtual disk: a plain sentence, or extents in order that can be
// read.
//
// Formats keep their parts megabytes apart, so an input is a list of pieces: two bytes for the
// sector where one goes, two for its length, both little-endian, then that many bytes.
#include "fuzz/fuzzing.hpp"
#include "vdisk/vdisk.hpp"

#include <array>
#include <cstdint>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

namespace fs = std::filesystem;
using img::fuzz::give_up;
using img::vdisk::DiskSource;

constexpr int kExtentsMax = 200;
constexpr std::size_t kReadBytes = 8192;

/// One file in a folder of its own, written anew for each input.
const fs::path& scratch_file() {
    static const fs::path file = [] {
        std::string name = (fs::temp_directory_path() / "img-fuzz-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) {
            give_up("no folder can be made", name);
        }
        return fs::path(name) / "disk";
    }();
    return file;
}

void lay_out(std::span<const std::uint8_t> input) {
    const int fd = ::open(scratch_file().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    while (input.size() >= 4) {
        const auto sector = input[0] | input[1] << 8;
        const auto length = std::min<std::size_t>(
            static_cast<std::size_t>(input[2] | input[3] << 8), input.size() - 4);
        if (::pwrite(fd, input.data() + 4, length, off_t{sector} * 512) < 0) {
            give_up("the input cannot be written", scratch_file());
        }
        input = input.subspan(4 + length);
    }
    ::close(fd);
}

void check_read(const DiskSource& disk, std::uint64_t at) {
    static std::array<std::byte, kReadBytes> buffer;
    const auto read = disk.read(at, buffer);
    if (!read) {
        img::fuzz::check_sentence(read.error().message);
    }
}

void check_extents(const DiskSource& disk) {
    std::uint64_t from = 0;
    for (int i = 0; i < kExtentsMax; ++i) {
        const auto extent = disk.next_data(from);
        if (!extent) {
            img::fuzz::check_sentence(extent.error().message);
            return;
        }
        if (!*extent) {
            return;
        }
        if ((*extent)->start < from || (*extent)->size == 0 ||
            (*extent)->end() > disk.size_bytes()) {
            give_up("an extent that is none", std::to_string((*extent)->start));
        }
        check_read(disk, (*extent)->start);
        check_read(disk, (*extent)->end() - 1);
        from = (*extent)->end();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    lay_out({data, size});
    const auto disk = img::vdisk::open_disk(scratch_file());
    if (!disk) {
        img::fuzz::check_sentence(disk.error().message);
        return 0;
    }
    check_extents(**disk);
    check_read(**disk, (*disk)->size_bytes() - 1);
    return 0;
}
