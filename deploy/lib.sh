# What deploy/quickstart and deploy/test share. Sourced, not run.

say() { printf '%s\n' "$*"; }
step() { printf '\n== %s\n' "$*"; }
fail() { printf 'stopped: %s\n' "$*" >&2; exit 1; }

# The toolchain has to be there; it is never downloaded behind a person's back.
need_rust() {
    [ -f "$HOME/.cargo/env" ] && . "$HOME/.cargo/env"
    command -v cargo >/dev/null || fail "no Rust toolchain. Install Rust 1.95 or newer from https://rustup.rs and run this again."
    local have
    have=$(rustc --version 2>/dev/null | awk '{print $2}') || true
    [ -n "$have" ] || fail "rustc does not start. The project asks for Rust 1.95.0: rustup toolchain install 1.95.0"
    [ "$(printf '1.95.0\n%s\n' "$have" | sort -V | head -1)" = 1.95.0 ] || fail "rustc $have is too old. Install 1.95 or newer: rustup update"
}

# need_packages "COMMAND:PACKAGE ..." ... installs the Debian packages whose command is missing.
need_packages() {
    local pair missing=()
    # shellcheck disable=SC2206 # several packages for one command are several words
    for pair in "$@"; do command -v "${pair%%:*}" >/dev/null || missing+=(${pair#*:}); done
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null || fail "missing: ${missing[*]}; this is not Debian, install them by hand"
    local as_root=()
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || fail "missing: ${missing[*]}; run as root, or: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    step "Installing ${missing[*]}"
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# need_cargo_tool SUBCOMMAND CRATE VERSION installs a cargo tool that is missing. Takes minutes, once on a machine.
need_cargo_tool() {
    cargo "$1" --version >/dev/null 2>&1 && return 0
    step "Installing $2 $3 (some minutes, once)"
    cargo install --locked --quiet "$2@$3"
}

# need_japanese_font installs one that Chromium draws the pages with, if there is none.
need_japanese_font() {
    fc-list :lang=ja 2>/dev/null | grep -q . || need_packages "no-japanese-font:fonts-noto-cjk"
}

# need_npm_file NAME VERSION INTEGRITY FILE OUT takes one file out of an npm package whose SHA-512 (base64, as npm's lock files have it) is
# known. Nothing of the package is run.
need_npm_file() {
    [ ! -e "$5" ] || return 0
    step "Fetching $1 $2"
    local folder
    folder=$(mktemp -d)
    npm pack --silent --pack-destination "$folder" "$1@$2" >/dev/null || fail "npm cannot fetch $1 $2"
    [ "$(openssl dgst -sha512 -binary "$folder"/*.tgz | base64 -w0)" = "$3" ] || fail "$1 $2 is not what it was when it was pinned"
    mkdir -p "$(dirname "$5")"
    tar -xzOf "$folder"/*.tgz "package/$4" >"$folder/file"
    mv "$folder/file" "$5"
    rm -rf "$folder"
}
