#include "tests/support/kickstart_text.hpp"

#include <gtest/gtest.h>

namespace img::kickstart {
namespace {

TEST(Lang, ReadsItsLocales) {
    const auto lang = parse_text("lang de_DE.UTF-8 --addsupport=cs_CZ,en_US\n").document.lang;
    EXPECT_EQ(lang->locale, "de_DE.UTF-8");
    EXPECT_EQ(lang->additional, (std::vector<std::string>{"cs_CZ", "en_US"}));
    EXPECT_EQ(said("lang\n"), Said{"t.ks:1:1: error: lang needs a locale, such as de_DE.UTF-8"});
    EXPECT_EQ(said("lang german\n"),
              Said{"t.ks:1:6: refused: lang: 'german' is not a locale, such as de_DE.UTF-8 or "
                   "C.UTF-8"});
}

TEST(Keyboard, ReadsBothForms) {
    EXPECT_EQ(parse_text("keyboard de\n").document.keyboard->keymap, "de");
    const auto keyboard =
        parse_text("keyboard --vckeymap=cz --xlayouts=\"cz,us (dvorak)\"\n").document.keyboard;
    EXPECT_EQ(keyboard->keymap, "cz");
    EXPECT_EQ(keyboard->x_layouts, (std::vector<std::string>{"cz", "us (dvorak)"}));
    EXPECT_EQ(said("keyboard\n"), Said{"t.ks:1:1: error: keyboard needs a keymap, such as us"});
    EXPECT_EQ(said("keyboard\n").size(), 1u);
    EXPECT_EQ(said("keyboard de --vckeymap=us\n"),
              Said{"t.ks:1:10: warning: keyboard has both a keymap and --vckeymap, which counts"});
}

TEST(Timezone, ReadsZoneAndClock) {
    for (const std::string_view utc : {"--utc", "--isUtc"}) {
        const auto zone = parse_text("timezone " + std::string(utc) + " Europe/Berlin\n");
        EXPECT_EQ(zone.document.timezone->zone, "Europe/Berlin");
        EXPECT_TRUE(zone.document.timezone->utc);
    }
    EXPECT_FALSE(parse_text("timezone UTC\n").document.timezone->utc);
    EXPECT_EQ(said("timezone\n"),
              Said{"t.ks:1:1: error: timezone needs a zone, such as Europe/Berlin"});
}

}  // namespace
}  // namespace img::kickstart
