#include "kickstart/command_table.hpp"
#include "syntax/values.hpp"

#include <array>

namespace img::kickstart {
namespace {

using syntax::parse_number;
using syntax::parse_plain_name;

// Only so that no number overflows in bytes; whether there can be such a chip is said where one is
// planned for.
constexpr std::uint64_t kPebKibMax = std::uint64_t{1} << 20;  // 1 GiB
constexpr std::uint64_t kPageBytesMax = std::uint64_t{1} << 30;
constexpr std::uint64_t kBlocksMax = std::uint64_t{1} << 30;

template <std::uint64_t Most>
Result<std::optional<std::uint64_t>> parse_count(std::string_view text) {
    const auto number = TRY(parse_number(text, Most));
    if (number == 0) {
        return fail(Fault::invalid, "0 is none; leave it out for what the profile says");
    }
    return std::optional(number);
}

/// 0 is possible: a chip, or a part of one, that is known to have no bad blocks.
Result<std::optional<std::uint64_t>> parse_reserve(std::string_view text) {
    const auto blocks = TRY(parse_number(text, kBlocksMax));
    return std::optional(blocks);
}

const OptionTable<Nand>& nand_options() {
    static const OptionTable<Nand> table{
        takes<&Nand::profile, parse_plain_name>("--profile=NAME"),
        takes<&Nand::peb_kib, parse_count<kPebKibMax>>("--peb=KIB"),
        takes<&Nand::page_bytes, parse_count<kPageBytesMax>>("--page=BYTES"),
        takes<&Nand::subpage_bytes, parse_count<kPageBytesMax>>("--subpage=BYTES"),
        takes<&Nand::blocks, parse_count<kBlocksMax>>("--blocks=N"),
        takes<&Nand::reserved_blocks, parse_reserve>("--reserve=N"),
        takes<&Nand::compressor, parse_plain_name>("--compressor={lzo,zlib,zstd,none}"),
        takes<&Nand::autoresize, parse_plain_name>("--autoresize=VOLUME"),
    };
    return table;
}

void read_nand(const CommandLine& line, Reading& reading) {
    Nand nand;
    nand.where = line.where();
    const auto given = nand_options().read(line, nand, reading.report);
    refuse_positionals(line, given, reading.report);
    keep_later(line, std::move(nand), reading.document.nand, reading.report);
}

constexpr std::array<Command, 1> kCommands{{
    {.name = "nand",
     .history = "IMG",
     .note = "the flash chip that an image of type nand or jffs2 is for; each option overrides "
             "what the profile says",
     .read = read_nand,
     .rows = [] { return nand_options().rows(); }},
}};

}  // namespace

std::span<const Command> flash_commands() {
    return kCommands;
}

}  // namespace img::kickstart
