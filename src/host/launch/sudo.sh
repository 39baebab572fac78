#!/bin/sh
# For scripts written for machines where `sudo` is at hand: it runs the command, and raises nobody.

usage() {
	cat <<'END'
usage: sudo [-n] [-E] [-H] [-i | -s] [-u USER] [--] [NAME=value ...] [command ...]

Runs the command as whoever calls it. It does NOT elevate: programs of a sandbox
cannot gain privileges. To run something as root, start it as root from outside
(the SDKs' user="root").

  -i, -s   run the command with a login shell, or a shell; without a command, the shell alone
  -u USER  accepted for users of the sandbox, and changes nothing
  -n, -E, -H, -S, -k  accepted, and change nothing
  -h, --help  print this
END
}

fail() {
	echo "sudo: $1" >&2
	exit 1
}

known() {
	case $1 in
	root | user | nobody | '#0' | '#1000') ;;
	*) fail "unknown user $1" ;;
	esac
}

shell=
while [ $# -gt 0 ]; do
	case $1 in
	--) shift; break ;;
	-h | --help) usage; exit 0 ;;
	-n | --non-interactive | -E | --preserve-env | --preserve-env=* | -H | --set-home | -S | --stdin | -k | --reset-timestamp) ;;
	-i | --login) shell=login ;;
	-s | --shell) shell=plain ;;
	-u | --user) [ $# -gt 1 ] || fail "$1 needs a user"; known "$2"; shift ;;
	--user=*) known "${1#--user=}" ;;
	-u*) known "${1#-u}" ;;
	# Letters in a row, as in -nE: taken apart.
	-[nEHSkis]?*) rest=${1#-?}; first=${1%"$rest"}; shift; set -- "$first" "-$rest" "$@"; continue ;;
	-*) fail "unknown option $1; see sudo --help" ;;
	*) break ;;
	esac
	shift
done
while [ $# -gt 0 ]; do
	case ${1%%=*} in
	"$1" | '' | [!a-zA-Z_]* | *[!a-zA-Z0-9_]*) break ;;
	esac
	export "$1"
	shift
done
case $shell in
login) cd && set -- "${SHELL:-/bin/bash}" -l ${1+-c '"$@"' sudo "$@"} ;;
plain) set -- "${SHELL:-/bin/bash}" ${1+-c '"$@"' sudo "$@"} ;;
esac
if [ $# -eq 0 ]; then
	usage >&2
	exit 1
fi
exec "$@"
