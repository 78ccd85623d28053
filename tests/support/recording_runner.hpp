// A CommandRunner that runs nothing: it remembers commands and answers as it was told.
#pragma once

#include "system/command.hpp"

#include <utility>

namespace img::testing {

class RecordingRunner : public system::CommandRunner {
public:
    Result<system::Finished> finish(const system::Command& command) override {
        commands.push_back(command);
        return answer;
    }

    std::vector<system::Command> commands;
    Result<system::Finished> answer = system::Finished{};
};

}  // namespace img::testing
