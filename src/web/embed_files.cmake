# Writes FILES as byte arrays into OUTPUT, for src/web/assets.cpp.
set(arrays "")
set(table "")
set(index 0)
foreach(file IN LISTS FILES)
    get_filename_component(name ${file} NAME)
    file(READ ${file} bytes HEX)
    string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
    string(APPEND arrays "constexpr unsigned char kFile${index}[] = {${bytes}0};\n")
    string(APPEND table "    {\"${name}\", {reinterpret_cast<const char*>(kFile${index}), sizeof kFile${index} - 1}},\n")
    math(EXPR index "${index} + 1")
endforeach()
file(WRITE ${OUTPUT}
"// Made by embed_files.cmake; do not edit.
#include \"web/assets.hpp\"

#include <array>

namespace img::web {

namespace {
${arrays}
const std::array<EmbeddedFile, ${index}> kFiles{{
${table}}};
}  // namespace

std::span<const EmbeddedFile> embedded_files() {
    return kFiles;
}

}  // namespace img::web
")
