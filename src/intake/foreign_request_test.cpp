#include "intake/foreign_request.hpp"

#include "tests/support/temp_folder.hpp"

#include <gtest/gtest.h>

namespace img::intake {
namespace {

const std::string kYaml =
    "Default:\n"
    "    Language: en_US.UTF-8\n"
    "    Keyboard: us\n"
    "    Timezone: UTC\n"
    "    RootPass: meego\n"
    "    DefaultUser: meego\n"
    "    DefaultUserPass: meego\n"
    "    SaveRepos: False\n"
    "    BootloaderTimeout: 0\n"
    "    BootloaderAppend: quiet\n"
    "    PartSize: 700\n"
    "Phone:\n"
    "    Repos:\n"
    "        - core\n"
    "Configurations:\n"
    "    - Name: One phone\n"
    "      Platform: Phone\n"
    "      FileName: one-phone\n";
const std::string kSecond =
    "    - Name: Another phone\n"
    "      Platform: Phone\n"
    "      FileName: two-phone\n";
const std::string kRepositories =
    "Repositories:\n"
    "    - Name: core\n"
    "      Url: http://127.0.0.1/core\n";

class ForeignRequest : public ::testing::Test {
protected:
    ForeignRequest() { folder_.write("repos.yaml", kRepositories); }
    Result<jobs::JobRequest> made_of(const std::string& configuration,
                                     const std::string& name = "") {
        return request_from(
            {.request = {.name = name, .reference = "r"}, .configuration = configuration},
            folder_.path());
    }
    std::string reason(const Result<jobs::JobRequest>& request) {
        return request ? "taken" : request.error().message;
    }

    testing::TempFolder folder_;
};

TEST_F(ForeignRequest, TakesAKickstartAsItCame) {
    const auto request =
        request_from({.request = {.image_type = "raw", .kickstart = "part /", .reference = "r"}},
                     folder_.path())
            .value();
    EXPECT_EQ(request.kickstart, "part /");
    EXPECT_EQ(request.image_type, "raw");
    EXPECT_TRUE(request.name.starts_with("image-")) << request.name;
}

TEST_F(ForeignRequest, NamesTheSameRequestTheSameAndAnotherAnother) {
    const auto name = [&](jobs::JobRequest request) {
        return request_from({.request = std::move(request)}, folder_.path()).value().name;
    };
    const jobs::JobRequest one{.image_type = "raw", .kickstart = "part /", .reference = "r1"};
    auto other = one;
    other.reference = "r2";
    other.email = "a@b";
    EXPECT_EQ(name(one), name(other));
    other.image_type = "vdi";
    EXPECT_NE(name(one), name(other));
    auto fresh = one;
    fresh.is_fresh = true;
    other = fresh;
    other.reference = "r2";
    EXPECT_NE(name(fresh), name(other));
    EXPECT_NE(name(fresh), name(one));
    EXPECT_EQ(name({.name = "mine", .kickstart = "part /"}), "mine");
}

TEST_F(ForeignRequest, HasItsKickstartWrittenByKickstarter) {
    const auto request = made_of(kYaml);
    ASSERT_TRUE(request) << reason(request);
    EXPECT_NE(request->kickstart.find("lang en_US.UTF-8"), std::string::npos) << request->kickstart;
    EXPECT_NE(request->kickstart.find("http://127.0.0.1/core"), std::string::npos);
    EXPECT_TRUE(request->name.starts_with("one-phone-")) << request->name;
    EXPECT_EQ(request->reference, "r");
}

TEST_F(ForeignRequest, SaysByNameWhichOfSeveralIsMeant) {
    const auto unsaid = made_of(kYaml + kSecond);
    EXPECT_EQ(reason(unsaid),
              "the configuration makes 2 kickstarts; say as \"name\" which is meant: one-phone, "
              "two-phone");
    EXPECT_EQ(made_of(kYaml + kSecond, "two-phone").value().name, "two-phone");
}

TEST_F(ForeignRequest, SaysWhatKickstarterSaysOfABadConfiguration) {
    for (const std::string& bad : std::vector<std::string>{"a: [", "Configurations: 5\n", "{}"}) {
        const auto request = made_of(bad);
        ASSERT_FALSE(request) << bad;
        EXPECT_EQ(request.error().fault, Fault::invalid);
        EXPECT_GT(request.error().message.size(), 30u);
    }
    EXPECT_NE(reason(made_of("a: [")).find("configuration:"), std::string::npos)
        << reason(made_of("a: ["));
}

TEST_F(ForeignRequest, UnderstandsWhatCameAfterYaml) {
    const auto request = made_of(
        R"({"Template":"part /\n","Packages":["vim"],"Groups":["@core"],
            "Projects":["http://h/a","http://h/b"]})");
    ASSERT_TRUE(request) << reason(request);
    EXPECT_EQ(request->kickstart,
              "repo --name=project-1 --baseurl=http://h/a\n"
              "repo --name=project-2 --baseurl=http://h/b\npart /\n");
    EXPECT_EQ(request->overlay, "vim,@core");
    EXPECT_FALSE(made_of(R"({"Template":"a","Projects":["http://h/\n%post"]})"));
    EXPECT_FALSE(made_of(R"({"Template":"a","Packages":"vim"})"));
    EXPECT_FALSE(made_of(R"({"Template":"a","Packages":[5]})"));
}

TEST_F(ForeignRequest, KnowsRpmsNamesOfMachines) {
    const auto architecture = [&](const std::string& said) {
        return request_from({.request = {.kickstart = "a", .architecture = said}}, folder_.path())
            .value()
            .architecture;
    };
    EXPECT_EQ(architecture("i586"), "i386");
    EXPECT_EQ(architecture("aarch64"), "arm64");
    EXPECT_EQ(architecture("amd64"), "amd64");
    EXPECT_EQ(architecture(""), "");
}

}  // namespace
}  // namespace img::intake
