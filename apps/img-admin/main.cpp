// What `img admin` starts: everything it does is in upkeep/.
#include "upkeep/upkeep.hpp"

int main(int argc, char** argv) {
    return img::upkeep::run(argc, argv);
}
