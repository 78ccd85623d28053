# shellcheck shell=bash disable=SC2154
# What ./run, ./test and tools/ share: sentences, checks, the two builds. To be sourced; the
# caller has set `here` to the root of the tree.

say() { echo "-- $*"; }

# fail_with CODE SENTENCE…: the codes are those of img itself (README.md).
fail_with() {
    local code=$1
    shift
    echo "$(basename "$0"): $*" >&2
    exit "$code"
}

# need_disk FOLDER MIB WHAT: FOLDER, or where it is going to be, has room for WHAT.
need_disk() {
    local folder=$1 needed=$2 what=$3 free
    while [[ ! -d $folder ]]; do
        folder=$(dirname "$folder")
    done
    free=$(df -Pm "$folder" | awk 'NR == 2 {print $4}')
    ((free >= needed)) ||
        fail_with 5 "too little disk: $folder has $free MiB free and $what needs $needed MiB;" \
            "free some, or point elsewhere"
}

# build PRESET [CONFIGURE-OPTION…]: configures once, or again when options are given.
build() {
    local preset=$1 jobs
    shift
    jobs=$(nproc)
    if [[ ! -f $here/build/$preset/build.ninja || $# -gt 0 ]]; then
        (cd "$here" && cmake --preset "$preset" "$@") ||
            fail_with 6 "configuring the $preset build failed; cmake's reason is above"
    fi
    (cd "$here" && cmake --build --preset "$preset" -j "$jobs") ||
        fail_with 6 "the $preset build failed; the compiler's reason is above"
}
