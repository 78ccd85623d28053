# What `cmake --install build/release --prefix /usr` lays where, as docs/operate.md says.
#
# The programs find what lies beside them by their own place: libimg-steady.so in ../lib/img,
# templates in ../share/img. So no path is built in, and any prefix does.
install(TARGETS img img-admin img-client imgd img-worker RUNTIME DESTINATION bin)
install(TARGETS img-steady LIBRARY DESTINATION lib/img)
install(DIRECTORY examples/templates DESTINATION share/img)
install(FILES packaging/systemd/imgd.service packaging/systemd/img-worker.service
    DESTINATION lib/systemd/system)
install(FILES examples/debian-minimal.ks packaging/examples/imgd.conf packaging/examples/imgd.env
    packaging/examples/img-worker.conf packaging/examples/img-worker.env
    packaging/examples/upload-tokens packaging/systemd/imgd-no-worker.conf
    DESTINATION share/doc/img/examples)
install(DIRECTORY examples/templates DESTINATION share/doc/img/examples)  # what README.md shows
install(FILES README.md LICENSE ARCHITECTURE.md CONTRIBUTING.md DESTINATION share/doc/img)
install(DIRECTORY docs/ DESTINATION share/doc/img/docs)
