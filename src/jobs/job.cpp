#include "jobs/job.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fmt/format.h>
#include <unistd.h>

namespace img::jobs {
namespace {

constexpr std::size_t kIdLength = 32;        // 128 bits, four to a digit
constexpr std::size_t kNameLengthMax = 100;  // leaves room for endings in the 255 of a file name

bool is_one_of(char c, std::string_view set) {
    return set.find(c) != std::string_view::npos;
}

bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

std::string new_job_id() {
    std::array<std::uint8_t, kIdLength / 2> bytes{};
    if (::getentropy(bytes.data(), bytes.size()) != 0) {
        std::abort();  // only a kernel without random numbers; a guessable id would be worse
    }
    std::string id;
    for (const auto byte : bytes) {
        id += fmt::format("{:02x}", byte);
    }
    return id;
}

bool is_job_id(std::string_view text) {
    return text.size() == kIdLength &&
           std::ranges::all_of(text, [](char c) { return is_one_of(c, "0123456789abcdef"); });
}

bool is_job_name(std::string_view text) {
    return !text.empty() && text.size() <= kNameLengthMax && is_alphanumeric(text.front()) &&
           std::ranges::all_of(text,
                               [](char c) { return is_alphanumeric(c) || is_one_of(c, "._-"); });
}

}  // namespace img::jobs
