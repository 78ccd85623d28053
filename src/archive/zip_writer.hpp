// A zip of plain files, for those who unpack with what their system came with.
#pragma once

#include "archive/byte_sink.hpp"
#include "archive/content_reader.hpp"

#include <filesystem>
#include <memory>
#include <string>

struct archive;  // libarchive's

namespace img::archive {

/// Members are deflated, beyond 4 GiB as Zip64. They have no owners and no time but the first that
/// a zip can name, so the same files give the same bytes in every time zone.
class ZipWriter {
public:
    /// Fault::broken: libarchive cannot do it.
    static Result<ZipWriter> open(ByteSink& sink);
    ZipWriter(ZipWriter&&) noexcept;
    ~ZipWriter();

    /// Faults: the sink's, and Fault::broken: the file cannot be read.
    Result<void> add(const std::string& name,
                     const std::filesystem::path& file,
                     const BytesDone& done = {});
    Result<void> end();

private:
    struct State;
    explicit ZipWriter(std::unique_ptr<State> state);

    std::unique_ptr<State> state_;
};

}  // namespace img::archive
