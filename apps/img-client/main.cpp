// img-client, the original's client: everything it does is in client/.
#include "client/client.hpp"

int main(int argc, char** argv) {
    return img::client::run(argc, argv);
}
