// The time of day, which stands still. Clocks that measure how long something takes go on.
#include "steady/steady.hpp"

#include <ctime>
#include <sys/time.h>

using img::steady::settings;

IMG_STEADY time_t time(time_t* also) noexcept {
    const time_t now = settings().epoch;
    if (also != nullptr) {
        *also = now;
    }
    return now;
}

IMG_STEADY int gettimeofday(timeval* now, void* /*zone*/) noexcept {
    *now = {.tv_sec = settings().epoch, .tv_usec = 0};
    return 0;
}

IMG_STEADY int clock_gettime(clockid_t clock, timespec* now) noexcept {
    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) {
        *now = {.tv_sec = settings().epoch, .tv_nsec = 0};
        return 0;
    }
    static const auto kReal = img::steady::real<decltype(clock_gettime)>("clock_gettime");
    return kReal(clock, now);
}
