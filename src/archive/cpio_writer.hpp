// A cpio archive of the "newc" kind, the one that Linux takes for an initramfs.
#pragma once

#include "archive/byte_sink.hpp"
#include "archive/content_reader.hpp"
#include "archive/tree_list.hpp"

#include <cstdint>
#include <filesystem>

namespace img::archive {

/// One member (Documentation/driver-api/early-userspace/buffer-format.rst): thirteen fields of
/// eight hexadecimal digits behind "070701", the name, the content, each padded to four bytes.
/// There is no place for extended attributes, nor for parts of a second. Of a file with several
/// names the last one carries the content, as GNU cpio writes it. Inode numbers count the files.
class CpioWriter {
public:
    explicit CpioWriter(ByteSink& sink) : sink_(sink) {}

    /// Fault::invalid: a file of 4 GiB or more; else the sink's faults and copy_content()'s.
    Result<void> add(const TreeEntry& entry,
                     const std::filesystem::path& file,
                     const BytesDone& done = {});
    Result<void> end();

private:
    Result<void> member(const TreeEntry& entry, std::uint64_t size_bytes);
    Result<void> pad(std::uint64_t to_multiple_of);

    ByteSink& sink_;
    std::uint64_t at_ = 0;  ///< Bytes so far.
};

}  // namespace img::archive
