#include "engine/event.hpp"

#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace img::engine {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 6> kStages{"plan",      "fetch",   "install",
                                                  "configure", "scripts", "assemble"};
constexpr std::array<std::string_view, 5> kFaults{"invalid", "missing", "transient", "exhausted",
                                                  "broken"};

template <std::size_t N>
std::size_t index_of(const std::array<std::string_view, N>& names, const std::string& name) {
    for (std::size_t i = 0; i < N; ++i) {
        if (names[i] == name) {
            return i;
        }
    }
    throw std::out_of_range("unknown word '" + name + "'");  // caught in event_from_json
}

Stage stage_of(const json& object) {
    return static_cast<Stage>(index_of(kStages, object.at("stage").get<std::string>()));
}

struct ToJson {
    json operator()(const Progressed& e) const {
        return {{"event", "progress"}, {"stage", to_text(e.stage)},
                {"done", e.done},      {"total", e.total},
                {"unit", e.unit},      {"text", e.text}};
    }
    json operator()(const Logged& e) const { return {{"event", "log"}, {"line", e.line}}; }
    json operator()(const Finished& e) const {
        return {{"event", "finished"}, {"image", e.image}, {"folder", e.folder}};
    }
    json operator()(const Failed& e) const {
        return {{"event", "failed"},
                {"stage", to_text(e.stage)},
                {"fault", kFaults[static_cast<std::size_t>(e.error.fault)]},
                {"error", e.error.message}};
    }
};

Event read(const json& object) {
    const auto kind = object.at("event").get<std::string>();
    if (kind == "log") {
        return Logged{object.at("line")};
    }
    if (kind == "progress") {
        return Progressed{stage_of(object), object.at("done"), object.at("total"),
                          object.at("unit"), object.at("text")};
    }
    if (kind == "finished") {
        return Finished{object.at("image"), object.at("folder")};
    }
    if (kind == "failed") {
        const auto fault = index_of(kFaults, object.at("fault").get<std::string>());
        return Failed{stage_of(object), {static_cast<Fault>(fault), object.at("error")}};
    }
    throw std::out_of_range("unknown event '" + kind + "'");
}

}  // namespace

std::string_view to_text(Stage stage) {
    return kStages[static_cast<std::size_t>(stage)];
}

std::string to_json(const Event& event) {
    // Tools may print bytes that are no UTF-8: they are shown as U+FFFD rather than refused.
    return std::visit(ToJson{}, event).dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<Event> event_from_json(std::string_view line) {
    try {
        return read(json::parse(line));
    } catch (const std::exception& error) {
        return fail(Fault::invalid, fmt::format("no build event: {}", error.what()));
    }
}

}  // namespace img::engine
