// What dpkg says of essential packages while they are installed by force.
#pragma once

#include <string_view>

namespace img::packages {

/// Hides what dpkg says of each essential package, which is installed by force: that it pre-depends
/// on others that are not configured yet. It would read like a fault, some sixty times.
class ForcedInstall {
public:
    bool hides(std::string_view line) {
        if (line.starts_with("Setting up ")) {
            over_ = true;  // all of them are unpacked; what is said from now on is meant
        }
        if (over_) {
            return false;
        }
        const bool last = line.starts_with("dpkg: warning: ignoring pre-dependency problem");
        complaining_ = complaining_ || (line.starts_with("dpkg: regarding ") &&
                                        line.ends_with("pre-dependency problem:"));
        const bool hidden = complaining_ || last;
        complaining_ = complaining_ && !last;
        return hidden;
    }

private:
    bool complaining_ = false;
    bool over_ = false;
};

}  // namespace img::packages
