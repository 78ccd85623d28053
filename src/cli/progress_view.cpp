#include "cli/progress_view.hpp"

#include "base/byte_size.hpp"
#include "base/printable.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <ostream>

namespace img::cli {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kBarWidth = 20;
constexpr unsigned kBarNeeds = 70;  // columns; on narrower terminals the text matters more
constexpr std::size_t kLinesKept = 30;
constexpr std::size_t kLineLengthMax = 2000;
constexpr milliseconds kBetweenDraws{50};  // the eye takes no more, and ssh should not
constexpr milliseconds kBetweenPlain{1000};

bool begins_character(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

/// The first `columns` characters; a byte that continues a UTF-8 character takes no column.
std::string_view first_columns(std::string_view text, std::size_t columns) {
    std::size_t seen = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (begins_character(text[i]) && seen++ == columns) {
            return text.substr(0, i);
        }
    }
    return text;
}

std::string seconds(milliseconds elapsed) {
    const auto tenths = elapsed.count() / 100;
    return fmt::format("{}.{} s", tenths / 10, tenths % 10);
}

std::string amount(const ProgressState& state) {
    if (state.total == 0) {
        return {};
    }
    if (state.unit == "bytes") {
        return fmt::format("{}/{}", human_size(state.done), human_size(state.total));
    }
    return fmt::format("{}/{}{}{}", state.done, state.total, state.unit.empty() ? "" : " ",
                       state.unit);
}

std::string bar(const ProgressState& state, bool utf8) {
    const char* full = utf8 ? "━" : "#";
    const char* open = utf8 ? "─" : "-";
    // In floating point: done * 20 may not fit where bytes are counted.
    const double share = state.total == 0 ? 0.0
                                          : static_cast<double>(std::min(state.done, state.total)) /
                                                static_cast<double>(state.total);
    const auto filled = static_cast<std::size_t>(share * static_cast<double>(kBarWidth));
    std::string drawn;
    for (std::size_t i = 0; i < kBarWidth; ++i) {
        drawn += i < filled ? full : open;
    }
    return drawn;
}

bool is_complete(const ProgressState& state) {
    return state.total > 0 && state.done >= state.total;
}

std::string painted(const std::string& text, const char* code, bool colours) {
    return colours ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
}

}  // namespace

std::string progress_line(const ProgressState& state,
                          milliseconds elapsed,
                          const LineStyle& style) {
    const bool with_bar = style.width >= kBarNeeds;
    const auto stage = fmt::format("{:<10}", first_columns(printable(state.stage), 10));
    const auto facts = fmt::format("  {:<18} {:>8}", amount(state), seconds(elapsed));
    const std::size_t used = 10 + facts.size() + (with_bar ? kBarWidth + 1 : 0);
    // One column stays free: a terminal wraps when its last one is written.
    const std::size_t room = style.width > used + 3 ? style.width - used - 3 : 0;
    const auto text = printable(state.text);

    std::string line = painted(stage, "1", style.colours);
    if (with_bar) {
        const char* colour = is_complete(state) ? "32" : "36";
        line += ' ';
        line += painted(bar(state, style.utf8), colour, style.colours);
    }
    line += first_columns(facts, style.width > 11 ? style.width - 11 : 0);
    if (room > 0 && !text.empty()) {
        line += "  ";
        line += first_columns(text, room);
    }
    return line;
}

std::string stage_table(const std::vector<StageTime>& times) {
    std::string table;
    milliseconds sum{};
    for (const auto& [stage, elapsed] : times) {
        table += fmt::format("  {:<10} {:>9}\n", stage, seconds(elapsed));
        sum += elapsed;
    }
    return table + fmt::format("  {:<10} {:>9}\n", "total", seconds(sum));
}

ProgressView::ProgressView(Console& console, bool verbose) : console_(console), verbose_(verbose) {}

milliseconds ProgressView::in_stage() const {
    return std::chrono::duration_cast<milliseconds>(console_.clock() - stage_start_);
}

void ProgressView::start_stage() {
    if (!state_.stage.empty()) {
        if (console_.live && drawn_) {
            draw();
            console_.err << '\n';
            drawn_ = false;
        }
        past_.push_back({state_.stage, in_stage()});
    }
    stage_start_ = console_.clock();
    last_draw_ = {};
    last_plain_.clear();
}

void ProgressView::show(const ProgressState& state) {
    if (state.stage != state_.stage) {
        start_stage();
    }
    state_ = state;
    stale_ = true;
    if (!console_.live) {
        print_plain();
    } else if (is_complete(state) || console_.clock() - last_draw_ >= kBetweenDraws) {
        draw();
    }
}

void ProgressView::tick() {
    if (console_.live && !state_.stage.empty() && console_.clock() - last_draw_ >= kBetweenDraws) {
        draw();
    }
}

void ProgressView::log(std::string_view line) {
    last_lines_.push_back(printable(first_columns(line, kLineLengthMax)));
    if (last_lines_.size() > kLinesKept) {
        last_lines_.pop_front();
    }
    if (verbose_) {
        erase_line();
        console_.err << last_lines_.back() << '\n';
    }
    tick();
}

void ProgressView::draw() {
    console_.err << "\r\x1b[K"
                 << progress_line(state_, in_stage(),
                                  {.width = console_.width(),
                                   .colours = console_.colours,
                                   .utf8 = console_.utf8})
                 << std::flush;
    last_draw_ = console_.clock();
    drawn_ = true;
    stale_ = false;
}

/// A line when the stage or its text is new; a text that names each package in turn, or counts
/// alone, at most once a second.
void ProgressView::print_plain() {
    const auto text = printable(state_.text);
    const bool first = last_draw_ == Clock::time_point{};
    if (!first && !is_complete(state_) && console_.clock() - last_draw_ < kBetweenPlain) {
        return;
    }
    const auto line = state_.total == 0 ? text : fmt::format("{} ({})", text, amount(state_));
    if (line != last_plain_) {
        console_.err << fmt::format("[{}] {}\n", printable(state_.stage), line) << std::flush;
        last_plain_ = line;
        last_draw_ = console_.clock();
    }
}

void ProgressView::erase_line() {
    if (drawn_) {
        console_.err << "\r\x1b[K";
        drawn_ = false;
    }
}

void ProgressView::close() {
    if (drawn_) {
        if (stale_) {
            draw();
        }
        console_.err << '\n' << std::flush;
        drawn_ = false;
    }
}

void ProgressView::close_failed() {
    close();
    if (verbose_) {
        return;
    }
    for (const auto& line : last_lines_) {
        console_.err << "  " << line << '\n';
    }
}

std::vector<StageTime> ProgressView::stage_times() const {
    auto times = past_;
    if (!state_.stage.empty()) {
        times.push_back({state_.stage, in_stage()});
    }
    return times;
}

}  // namespace img::cli
