// Shows how a build comes along: a bar for each stage on a terminal, plain lines elsewhere.
#pragma once

#include "cli/console.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace img::cli {

/// Where a build is, wherever it runs.
struct ProgressState {
    std::string stage;
    std::uint64_t done = 0;
    std::uint64_t total = 0;  ///< 0: the end is not known.
    std::string unit;
    std::string text;

    bool operator==(const ProgressState&) const = default;
};

/// How a line may look.
struct LineStyle {
    unsigned width = 80;
    bool colours = false;
    bool utf8 = false;
};

/// "install    ━━━━━━━━━━╸────────  120/165 packages    3.2 s  unpacking libc6", no wider than the
/// style says; the bar goes first where it is narrow, then the text.
std::string progress_line(const ProgressState& state,
                          std::chrono::milliseconds elapsed,
                          const LineStyle& style);

struct StageTime {
    std::string stage;
    std::chrono::milliseconds elapsed{};
};

/// "  plan       1.2 s" for each, and the sum.
std::string stage_table(const std::vector<StageTime>& times);

/// Draws on console.err. Log lines are kept back and only shown when the build fails, unless
/// `verbose`. To be used from one thread at a time.
class ProgressView {
public:
    ProgressView(Console& console, bool verbose);

    void show(const ProgressState& state);
    void log(std::string_view line);
    /// Time has passed: the live line's clock moves on.
    void tick();
    /// The build is over: leaves the cursor on a line of its own.
    void close();
    /// close(), and the last log lines, unless they were shown as they came.
    void close_failed();

    /// So far; the current stage until now.
    std::vector<StageTime> stage_times() const;

private:
    using Clock = std::chrono::steady_clock;

    void draw();
    void print_plain();
    void start_stage();
    void erase_line();
    std::chrono::milliseconds in_stage() const;

    Console& console_;
    bool verbose_;
    ProgressState state_;
    std::vector<StageTime> past_;
    std::deque<std::string> last_lines_;
    Clock::time_point stage_start_{};
    Clock::time_point last_draw_{};
    std::string last_plain_;  ///< Text of the last plain line.
    bool drawn_ = false;      ///< The cursor stands at the end of a live line.
    bool stale_ = false;      ///< The live line does not show the last state yet.
};

}  // namespace img::cli
