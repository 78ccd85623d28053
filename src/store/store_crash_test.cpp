#include "tests/support/store_crash.hpp"

#include "tests/support/temp_folder.hpp"

namespace img::testing {
namespace {

TEST(JobStoreCrash, LosesAndDoublesNothingThatItConfirmedWhenItIsKilled) {
    const TempFolder folder;
    expect_nothing_lost_by_kills("sqlite:" + (folder.path() / "jobs.db").native());
}

}  // namespace
}  // namespace img::testing
