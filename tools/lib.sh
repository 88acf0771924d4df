# Shared by the shell scripts of this folder. Plain POSIX sh: these run before anything of ours is installed.

say() { printf '%s\n' "$*"; }
fail() {
  printf '%s\n' "$@" >&2
  exit 1
}

# Kiln needs Linux on a 64-bit machine, and root to make namespaces, cgroups and mounts. $1: the command that was given.
require_host() {
  system=$(uname -s)
  [ "$system" = Linux ] || fail \
    "kiln: this is $system, and Kiln runs on Linux only: it isolates functions with Linux namespaces, cgroups and seccomp." \
    "      Run it on a Linux machine or in a Linux virtual machine (Debian 12 is what it is tested on)."
  machine=$(uname -m)
  case $machine in
    x86_64 | aarch64) ;;
    *) fail "kiln: this processor is $machine, and Kiln supports x86_64 and aarch64." ;;
  esac
  [ "$(id -u)" -eq 0 ] || fail \
    "kiln: '$1' needs root, because it makes namespaces, cgroups and mounts for the functions' jails." \
    "      Run it as root, for instance: sudo $1"
}

# The packages of the list that are not installed, space-separated.
missing_packages() {
  for package in "$@"; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=
    [ "$state" = installed ] || printf '%s ' "$package"
  done
}

# Runs a command, with a dot a second on a terminal, so that nobody takes a long step for a dead one.
with_progress() {
  if [ ! -t 1 ]; then
    "$@"
    return
  fi
  # The dots end with this script too, should it be killed.
  while sleep 1 && kill -0 $$ 2>/dev/null; do printf .; done &
  dots=$!
  "$@" && status=0 || status=$?
  kill "$dots" 2>/dev/null || true
  wait "$dots" 2>/dev/null || true
  printf '\n'
  return "$status"
}

# $1: where the output goes; then the packages.
apt_install() {
  log=$1
  shift
  { apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "$@"; } >"$log" 2>&1
}

# Installs Debian packages where they are missing. $1: why they are needed; then their names.
apt_packages() {
  why=$1
  shift
  missing=$(missing_packages "$@")
  if [ -z "$missing" ]; then
    note "packages $*: installed"
    return 0
  fi
  command -v apt-get >/dev/null || fail \
    "kiln: needs $missing($why), and this system has no apt-get to install them with." \
    "      Install the programs of these Debian packages in your system's own way, then run the command again."
  say "set-up: installs $missing($why)"
  log=$(mktemp)
  # shellcheck disable=SC2086 # a list of package names
  if ! with_progress apt_install "$log" $missing; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    fail "kiln: apt-get could not install $missing(see above). Check the network and /etc/apt, then run the command again."
  fi
  rm -f "$log"
}
