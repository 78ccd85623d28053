#include "kickstarter/template_folder.hpp"

#include "tests/support/temp_folder.hpp"

#include <gtest/gtest.h>

namespace img::kickstarter {
namespace {

namespace fs = std::filesystem;
using Texts = std::vector<std::string>;

class TemplateFolderTest : public ::testing::Test {
protected:
    Texts names() const {
        Texts found;
        for (const auto& one : templates_.list().templates) {
            found.push_back(one.name);
        }
        return found;
    }
    void write_configurations(const std::string& file, const std::string& entry) {
        folder_.write("repos.yaml", "Repositories:\n- {Name: core, Url: 'http://x/'}\n");
        folder_.write(file,
                      "Default: {Language: en_US.UTF-8, Keyboard: us, Timezone: UTC, RootPass: r,"
                      " DefaultUser: me, DefaultUserPass: p, SaveRepos: False, PartSize: 900,"
                      " BootloaderTimeout: 1, BootloaderAppend: quiet, Repos: [core],"
                      " Mic2Options: -f loop --arch=armv7hl}\n"
                      "BOARD:\nConfigurations:\n- " +
                          entry);
    }

    testing::TempFolder folder_;
    TemplateFolder templates_{folder_.path()};
};

TEST_F(TemplateFolderTest, ListsFilesAndThenConfigurationsWithWhatTheySayOfThemselves) {
    folder_.write("small.ks",
                  "# DisplayName: Small\n# Description: Not large\n# SuggestedImageType: raw\n"
                  "# SuggestedArchitecture: amd64\npart /\n");
    folder_.write("bare.ks", "part /\n");
    folder_.write("notes.txt", "");
    folder_.write(".hidden.ks", "");
    write_configurations("configurations-board.yaml",
                         "{Name: A board, FileName: board, Platform: BOARD}\n");
    const auto [list, faults] = templates_.list();
    EXPECT_EQ(faults, Texts{});
    ASSERT_EQ(names(), (Texts{"bare", "small", "board"}));
    EXPECT_EQ(list[0].display_name, "bare");
    EXPECT_EQ(list[1].display_name, "Small");
    EXPECT_EQ(list[1].description, "Not large");
    EXPECT_EQ(list[1].image_type + list[1].architecture, "rawamd64");
    EXPECT_EQ(list[2].kind, Template::Kind::configuration);
    EXPECT_EQ(list[2].display_name, "A board");
    EXPECT_EQ(list[2].platform, "BOARD");
    EXPECT_EQ(list[2].image_type + list[2].architecture, "looparmv7hl");
    EXPECT_EQ(templates_.find("small")->text.substr(0, 20), "# DisplayName: Small");
    EXPECT_NE(templates_.find("board")->text.find("lang en_US.UTF-8\n"), std::string::npos);
}

TEST_F(TemplateFolderTest, SeesWhatChangesInTheFolder) {
    EXPECT_EQ(names(), Texts{});
    folder_.write("new.ks", "");
    EXPECT_EQ(names(), Texts{"new"});
    EXPECT_TRUE(TemplateFolder(folder_.path() / "none").list().faults.empty());
}

TEST_F(TemplateFolderTest, LetsNoNameAndNoLinkOut) {
    const testing::TempFolder other;
    const auto secret = other.write("secret.ks", "root:x");
    folder_.write("good.ks", "part /\n");
    fs::create_symlink(secret, folder_.path() / "link.ks");
    fs::create_symlink("good.ks", folder_.path() / "again.ks");
    EXPECT_EQ(names(), (Texts{"again", "good"}));
    EXPECT_EQ(templates_.list().faults.size(), 1U);
    for (const auto& name :
         {std::string("link"), "../" + other.path().filename().string() + "/secret",
          (other.path() / "secret").string(), std::string("."), std::string()}) {
        EXPECT_EQ(templates_.find(name).error().fault, Fault::missing) << name;
    }
}

TEST_F(TemplateFolderTest, NamesTheTemplateThatWasMeant) {
    folder_.write("netbook.ks", "");
    EXPECT_EQ(templates_.find("netbok").error().message,
              "there is no template 'netbok'; did you mean netbook?");
    EXPECT_EQ(templates_.find("x").error().message, "there is no template 'x'; there are netbook");
    fs::remove(folder_.path() / "netbook.ks");
    EXPECT_EQ(templates_.find("x").error().message,
              "there is no template 'x'; this service has none");
}

TEST_F(TemplateFolderTest, SaysWhatKeepsATemplateFromBeingOffered) {
    folder_.write("board.ks", "");
    folder_.write("-x.ks", "");
    folder_.write("large.ks", std::string((1U << 20) + 1, '#'));
    write_configurations("configurations.yaml", "{Name: n, FileName: board, Platform: BOARD}\n");
    write_configurations("configurations2.yaml", "{Name: n, FileName: n, Platform: BORAD}\n");
    EXPECT_EQ(names(), Texts{"board"});
    EXPECT_EQ(
        templates_.list().faults,
        (Texts{"'-x.ks': this cannot name a template", "large.ks is larger than 1.0 MiB",
               "configurations.yaml: another template is called board already",
               "configurations2.yaml:4:36: error: no platform is called 'BORAD'; did you mean "
               "BOARD?"}));
}

}  // namespace
}  // namespace img::kickstarter
