// Functions that want to be called, each until its owner lets go of a token.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

namespace img::jobs {

/// One function and the promise that it is not running once its token is gone. Letting go waits
/// for a call that is under way, so do not hold a lock then that the function takes. The function
/// itself may let go of its own token.
template <typename... Args>
class Listener {
public:
    explicit Listener(std::function<void(Args...)> function) : function_(std::move(function)) {}

    void call(Args... args) {
        const std::lock_guard lock(mutex_);
        if (listening_) {
            function_(args...);
        }
    }

    void stop() {
        const std::lock_guard lock(mutex_);
        listening_ = false;
    }

private:
    std::recursive_mutex mutex_;
    bool listening_ = true;
    std::function<void(Args...)> function_;
};

/// A token: the owner's end of a listener. `forget` takes it out of the list that calls it.
template <typename... Args>
std::shared_ptr<void> token_for(std::shared_ptr<Listener<Args...>> listener,
                                std::function<void()> forget) {
    return {static_cast<void*>(listener.get()), [listener, forget = std::move(forget)](void*) {
                forget();
                listener->stop();
            }};
}

}  // namespace img::jobs
