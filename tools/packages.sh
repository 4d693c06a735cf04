#!/usr/bin/env bash
# Sees to it that the packages of the named groups (tools/packages.txt) are there: installs what is missing through
# apt-get where it may, and elsewhere names what to install and exits 69. Called by ./dev before every command.
set -euo pipefail
table=$(dirname "${BASH_SOURCE[0]}")/packages.txt

# Prints column $1 of the rows whose group is among the remaining arguments.
column() {
  local number=$1
  shift
  awk -v number="$number" -v groups=" $* " \
    '!/^#/ && NF && index(groups, " " $1 " ") && $number != "-" && !seen[$number]++ { print $number }' "$table"
}

# Prints the packages that dpkg does not have installed, of those named as arguments.
missing_debian() {
  local installed
  # shellcheck disable=SC2016 # the ${} are fields of dpkg-query's format
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null |
    awk '$2 == "installed" { print $1 }' || true)
  comm -23 <(printf '%s\n' "$@" | sort -u) <(printf '%s\n' "$installed" | sort -u)
}

# Prints the probes that find nothing, of those named as arguments.
missing_probes() {
  local probe
  for probe in "$@"; do
    case $probe in
      cmd:*) command -v "${probe#cmd:}" >/dev/null || echo "${probe#cmd:}" ;;
      pc:*) pkg-config --exists "${probe#pc:}" 2>/dev/null || echo "${probe#pc:}" ;;
    esac
  done
}

# Prints the words that make a command run as root, or fails where nothing does.
root_prefix() {
  if [ "$(id -u)" -eq 0 ]; then
    echo env
  elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
    echo sudo env
  else
    return 1
  fi
}

install_debian() {
  local prefix
  if ! prefix=$(root_prefix); then
    echo "dev: packages are missing and only root may install them; run: apt-get install $*" >&2
    exit 69
  fi
  local apt=(DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0)
  echo "dev: installing $*" >&2
  # shellcheck disable=SC2086 # the prefix is words
  if ! { $prefix "${apt[@]}" update && $prefix "${apt[@]}" install -y --no-install-recommends "$@"; } \
    </dev/null >&2; then
    echo "dev: apt-get could not install them; install by hand: $*" >&2
    exit 69
  fi
}

main() {
  local wanted missing
  if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
    mapfile -t wanted < <(column 2 "$@")
    mapfile -t missing < <(missing_debian "${wanted[@]}")
    [ ${#missing[@]} -eq 0 ] || install_debian "${missing[@]}"
    return
  fi
  mapfile -t wanted < <(column 5 "$@")
  mapfile -t missing < <(missing_probes "${wanted[@]}")
  [ ${#missing[@]} -ne 0 ] || return 0
  {
    echo "dev: not found: ${missing[*]}; without apt-get they are installed by hand:"
    echo "  Fedora:   dnf install $(column 3 "$@" | paste -sd' ' -)"
    echo "  Homebrew: brew install $(column 4 "$@" | paste -sd' ' -)"
    echo "  Debian:   apt-get install $(column 2 "$@" | paste -sd' ' -)"
  } >&2
  exit 69
}

main "$@"
