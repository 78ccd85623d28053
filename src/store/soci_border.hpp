// Where SOCI's exceptions end and our Results begin.
#pragma once

#include "base/result.hpp"

#include <exception>
#include <soci/error.h>

namespace img::store {

/// What the library threw, in our words and with the Fault that says what to do.
Error error_of(const soci::soci_error& thrown);

/// Runs work() and turns what it throws into an Error. Any other exception is not the database's.
template <typename Work>
auto guarded(const Work& work) -> decltype(work()) {
    try {
        return work();
    } catch (const soci::soci_error& thrown) {
        return std::unexpected(error_of(thrown));
    }
}

}  // namespace img::store
