// An Executor that builds as a test tells it to, with no program behind it.
#pragma once

#include "worker/executor.hpp"

#include <functional>
#include <utility>

namespace img::testing {

class FakeExecutor : public worker::Executor {
public:
    using Build = std::function<worker::Outcome(
        const worker::BuildTask&, const engine::EventSink&, std::stop_token)>;

    explicit FakeExecutor(Build build) : build_(std::move(build)) {}

    worker::Outcome build(const worker::BuildTask& task,
                          const engine::EventSink& events,
                          std::stop_token stop) override {
        return build_(task, events, std::move(stop));
    }

private:
    Build build_;
};

}  // namespace img::testing
