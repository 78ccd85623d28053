#include "worker/reservation.hpp"

#include "base/byte_size.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::worker {
namespace {

/// What is left of `available` once each build has taken all that it was promised.
std::uint64_t unpromised(std::uint64_t available,
                         std::uint64_t used,
                         std::uint64_t per_build,
                         unsigned builds) {
    const auto promised = per_build * builds;
    const auto still_to_come = promised - std::min(promised, used);
    return available - std::min(available, still_to_come);
}

std::uint64_t builds_in(std::uint64_t free, std::uint64_t per_build, std::uint64_t most) {
    return per_build == 0 ? most : std::min(most, free / per_build);
}

}  // namespace

Reservations::Reservations(Room per_build, Measure measure)
    : per_build_(per_build), measure_(std::move(measure)) {}

Result<Reservations::Held> Reservations::reserve() {
    const std::lock_guard lock(mutex_);
    const auto left = TRY(free());
    if (const auto why = shortage(left); !why.empty()) {
        return fail(Fault::exhausted, why);
    }
    ++*builds_;
    return Held(builds_.get(), [builds = builds_](void*) { --*builds; });
}

Reservations::Outlook Reservations::look(unsigned builds) const {
    const auto left = free();
    if (!left) {
        return {.builds = 0, .shortage = left.error().message};
    }
    const auto fit =
        builds_in(left->disk, per_build_.disk, builds_in(left->memory, per_build_.memory, builds));
    if (fit == builds) {
        return {.builds = builds};
    }
    const auto after = Room{.memory = left->memory - fit * per_build_.memory,
                            .disk = left->disk - fit * per_build_.disk};
    return {.builds = static_cast<unsigned>(fit), .shortage = shortage(after)};
}

Result<Room> Reservations::free() const {
    if (per_build_.memory == 0 && per_build_.disk == 0) {
        return Room{};
    }
    const auto measured = TRY(measure_());
    const auto& [available, used] = measured;
    const unsigned builds = *builds_;
    return Room{.memory = unpromised(available.memory, used.memory, per_build_.memory, builds),
                .disk = unpromised(available.disk, used.disk, per_build_.disk, builds)};
}

/// Empty where a build fits.
std::string Reservations::shortage(const Room& free) const {
    const auto sentence = [](std::string_view kind, std::uint64_t left, std::uint64_t needed) {
        return fmt::format("{}: {} free, a build needs {}", kind, human_size(left),
                           human_size(needed));
    };
    if (free.disk < per_build_.disk) {
        return sentence("disk", free.disk, per_build_.disk);
    }
    return free.memory < per_build_.memory ? sentence("memory", free.memory, per_build_.memory)
                                           : std::string();
}

}  // namespace img::worker
