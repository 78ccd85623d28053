// What a dispatcher removes.
#include "tests/support/dispatching.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace img::testing {
namespace {

using jobs::Report;

TEST_F(DispatcherTest, RemovesImagesThatAreTooMany) {
    auto one_only = options();
    one_only.retention.limits.total_count = 1;
    restart(one_only);
    const auto old = submitted("old");
    const auto young = submitted("young");
    for (const auto& job : {old, young}) {
        report(job, Report::Started{});
        report(job, Report::Done{"image.raw"});
        now_ += 100;
    }
    ASSERT_TRUE(soon([&] {
        now_ += 100;
        return now(old).removed != jobs::Time{};
    }));
    EXPECT_EQ(now(young).removed, jobs::Time{});
}

/// As an S3 service whose connections hang.
class HangingPlace : public jobs::ImagesElsewhere {
public:
    bool reaches(const std::string&) const override { return true; }
    Result<void> remove(const jobs::KeptImage&, const std::stop_token& stop) override {
        is_asked = true;
        while (!stop.stop_requested()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return fail(Fault::transient, "stopped");
    }
    std::atomic<bool> is_asked = false;
};

TEST_F(DispatcherTest, WaitsForNoPlaceWhereImagesAreRemoved) {
    HangingPlace place;
    auto one_only = options();
    one_only.retention = {.limits = {.total_count = 1}, .elsewhere = &place};
    restart(one_only);
    const auto old = submitted("old");
    const auto young = submitted("young");
    for (const auto& job : {old, young}) {
        report(job, Report::Started{});
        report(job, Report::Done{.image = "image.raw", .place = "s3://images/x/"});
        now_ += 100;
    }
    ASSERT_TRUE(soon([&] {
        now_ += 100;
        return place.is_asked.load();
    }));
    EXPECT_NE(now(old).removed, jobs::Time{});
    const auto next = submitted("next");
    EXPECT_TRUE(soon([&] {
        return std::ranges::count(queue_.builds(1), next.id, &jobs::BuildOrder::id) == 1;
    })) << "it is given out";
    dispatcher_.reset();  // and the place is not waited for here either
}

TEST_F(DispatcherTest, RemovesTheFolderOfASubmitThatWasCutOff) {
    const auto folder = folder_.path() / jobs::new_job_id();
    std::filesystem::create_directory(folder);
    std::ofstream(folder / "debian.ks") << "x";
    const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
    now_ =
        std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count() + 2 * 3'600'000;
    EXPECT_TRUE(soon([&] {
        now_ += 1'000;
        return !std::filesystem::exists(folder);
    }));
}

TEST_F(DispatcherTest, RemovesWhatACancelledJobHadPublished) {
    const auto job = submitted();
    report(job, Report::Started{});
    const auto image = dispatcher_->folder(job.id) / "debian.raw";
    std::ofstream(image) << "x";
    ASSERT_TRUE(dispatcher_->cancel(job.id));
    report(job, Report::Done{"debian.raw"});
    dispatcher_.reset();
    now_ += 7'200'000;
    restart();
    EXPECT_TRUE(soon([&] { return !std::filesystem::exists(image); }));
    EXPECT_TRUE(std::filesystem::exists(dispatcher_->folder(job.id) / "debian.ks"));
    EXPECT_TRUE(std::filesystem::exists(dispatcher_->log_file(job)));
}

}  // namespace
}  // namespace img::testing
