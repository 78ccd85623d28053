#include "kickstart/command_table.hpp"

#include <array>

namespace img::kickstart {
namespace {

constexpr std::string_view kDialogue = "nobody is asked anything while an image is made";
constexpr std::string_view kAfterwards = "nothing is restarted after an image is made";
constexpr std::string_view kHardware = "an image is made without looking at the machine's hardware";
constexpr std::string_view kFirst = "not in this version; write it in %post";

/// Commands that talk to an installer, which an image build does not have.
constexpr std::array<Command, 32> kCommands{{
    {"text", Effect::none, nullptr, kDialogue},
    {"cmdline", Effect::none, nullptr, kDialogue},
    {"graphical", Effect::none, nullptr, kDialogue},
    {"autostep", Effect::none, nullptr, kDialogue},
    {"interactive", Effect::none, nullptr, kDialogue},
    {"mouse", Effect::none, nullptr, kDialogue},
    {"vnc", Effect::none, nullptr, kDialogue},
    {"rdp", Effect::none, nullptr, kDialogue},
    {"displaymode", Effect::none, nullptr, kDialogue},
    {"eula", Effect::none, nullptr, kDialogue},
    {"key", Effect::none, nullptr, kDialogue},
    {"lilocheck", Effect::none, nullptr, kDialogue},
    {"langsupport", Effect::none, nullptr, "write lang --addsupport"},
    {"install", Effect::none, nullptr, "an image is always installed anew"},
    {"upgrade", Effect::refused, nullptr, "an image is always installed anew"},
    {"reboot", Effect::none, nullptr, kAfterwards},
    {"poweroff", Effect::none, nullptr, kAfterwards},
    {"halt", Effect::none, nullptr, kAfterwards},
    {"shutdown", Effect::none, nullptr, kAfterwards},
    {"logging", Effect::none, nullptr, "the log is on the job's page"},
    {"firstboot", Effect::none, nullptr, kFirst},
    {"skipx", Effect::none, nullptr, kFirst},
    {"xconfig", Effect::none, nullptr, kFirst},
    {"monitor", Effect::none, nullptr, kHardware},
    {"device", Effect::none, nullptr, kHardware},
    {"deviceprobe", Effect::none, nullptr, kHardware},
    {"driverdisk", Effect::none, nullptr, kHardware},
    {"rescue", Effect::refused, nullptr, "it makes no image"},
    {"unsupported_hardware", Effect::none, nullptr, kHardware},
    {"selinux", Effect::none, nullptr, kFirst},
    {"desktop", Effect::none, nullptr, kFirst},
    {"rhsm", Effect::refused, nullptr, "IMG registers with no subscription service"},
}};

}  // namespace

std::span<const Command> installer_commands() {
    return kCommands;
}

}  // namespace img::kickstart
