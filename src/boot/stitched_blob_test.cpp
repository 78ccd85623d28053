#include "boot/stitched_blob.hpp"

#include "base/byte_order.hpp"
#include "boot/osip.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace img::boot {
namespace {

std::string bzimage(std::size_t size) {
    std::string kernel(size, 'k');
    kernel.replace(0x1fe, 2, "\x55\xaa");
    kernel.replace(0x202, 4, "HdrS");
    return kernel;
}

BlobParts parts() {
    return {.command_line = "ro quiet\n",
            .stub = std::string(100, 's'),
            .kernel = bzimage(5000),
            .initrd = std::string(777, 'i')};
}

std::string complaint(const BlobLayout& layout, const BlobParts& parts) {
    const auto blob = stitched_blob(layout, parts);
    return blob ? std::string() : blob.error().message;
}

TEST(StitchedBlob, HasEveryPartInItsPlace) {
    struct Wanted {
        std::string_view name;
        std::size_t fields, kernel;
        std::uint32_t controller;
    };
    constexpr Wanted kAll[] = {
        {"2008", 0x100, 0x2000, 0},          {"2009", 0x100, 0x2000, 0},
        {"2011", 0x200, 0x2000, 0},          {"medfield", 0x400, 0x2000, 0xff},
        {"merrifield", 0x400, 0x3000, 0xff}, {"2025", 0x400, 0x4000, 0}};
    EXPECT_EQ(std::size(kAll), blob_layouts().size());
    for (const Wanted& wanted : kAll) {
        const std::string blob = stitched_blob(*find_blob_layout(wanted.name), parts()).value();
        EXPECT_EQ(blob.size(), wanted.kernel + 5000 + 777) << wanted.name;
        EXPECT_EQ(blob.substr(0, 9), std::string("ro quiet\0", 9));
        EXPECT_EQ(get_le<std::uint32_t>(blob, wanted.fields), 5000u) << wanted.name;
        EXPECT_EQ(get_le<std::uint32_t>(blob, wanted.fields + 4), 777u) << wanted.name;
        EXPECT_EQ(get_le<std::uint32_t>(blob, wanted.fields + 8), 0u) << wanted.name;
        EXPECT_EQ(get_le<std::uint32_t>(blob, wanted.fields + 12), wanted.controller);
        EXPECT_EQ(blob.substr(0x1000, 101), parts().stub + '\0') << wanted.name;
        EXPECT_EQ(blob.substr(wanted.kernel, 5000), parts().kernel) << wanted.name;
        EXPECT_EQ(blob.substr(wanted.kernel + 5000), parts().initrd) << wanted.name;
    }
}

TEST(StitchedBlob, RefusesPartsThatDoNotFit) {
    const BlobLayout layout = blob_layouts().front();
    EXPECT_EQ(layout.name, "2009");
    BlobParts bad = parts();
    bad.command_line = std::string(255, 'x') + "\n";
    EXPECT_EQ(complaint(layout, bad), "");
    bad.command_line = std::string(256, 'x');
    EXPECT_EQ(complaint(layout, bad),
              "/boot/cmdline has 256 bytes; the layout 2009 has room for 255");
    bad.command_line = "ro\nquiet";
    EXPECT_TRUE(complaint(layout, bad).contains("one line"));
    bad = parts();
    bad.stub = std::string(4097, 's');
    EXPECT_EQ(complaint(layout, bad),
              "/boot/bootstub has 4097 bytes; the layout 2009 has room for 1 to 4096");
    EXPECT_EQ(complaint(*find_blob_layout("merrifield"), bad), "");
    bad = parts();
    bad.kernel.replace(0x202, 4, "hdrs");
    EXPECT_TRUE(complaint(layout, bad).contains("/boot/bzImage is no bzImage"));
    bad.kernel = "short";
    EXPECT_TRUE(complaint(layout, bad).contains("/boot/bzImage is no bzImage"));
    bad = parts();
    bad.initrd.clear();
    EXPECT_TRUE(complaint(layout, bad).contains("/boot/initrd is empty"));
    EXPECT_FALSE(find_blob_layout("2010"));
}

RC_GTEST_PROP(OsipProperty, WrapsABlobOfAnyLength, ()) {
    const auto size = *rc::gen::inRange<std::size_t>(1, 5000);
    const std::string blob(size, 'b');
    const std::string wrapped = with_osip(blob).value();
    RC_ASSERT(wrapped.size() % 512 == 0u);
    RC_ASSERT(wrapped.size() - size < 1024u);
    RC_ASSERT(wrapped.substr(512, size) == blob);
    RC_ASSERT(wrapped.find_first_not_of('\xff', 512 + size) == std::string::npos);
    RC_ASSERT(get_le<std::uint32_t>(wrapped, 0x30) * 512 + 512 == wrapped.size());
    unsigned checksum = 0;
    for (std::size_t i = 0; i < 0x38; ++i) {
        checksum ^= static_cast<unsigned char>(wrapped[i]);
    }
    RC_ASSERT(checksum == 0u);
}

TEST(Osip, RefusesNothing) {
    EXPECT_EQ(with_osip("").error().fault, Fault::invalid);
}

}  // namespace
}  // namespace img::boot
