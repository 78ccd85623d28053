#include "volume/flash_blocks.hpp"

#include "system/sparse_file.hpp"

#include <fmt/format.h>
#include <fstream>

namespace img::volume {

Result<void> change_blocks(const std::filesystem::path& file,
                           std::size_t block_bytes,
                           const std::function<Result<bool>(std::string& block)>& change) {
    std::ifstream in(file, std::ios::binary);
    std::string block;
    for (std::uint64_t at = 0; in; at += block.size()) {
        block.resize(block_bytes);
        in.read(block.data(), static_cast<std::streamsize>(block_bytes));
        block.resize(static_cast<std::size_t>(in.gcount()));
        if (TRY(change(block))) {
            TRY(system::write_at(file, at, block));
        }
    }
    if (!in.eof()) {
        return fail(Fault::broken, fmt::format("{} cannot be read", file.string()));
    }
    return {};
}

}  // namespace img::volume
