/**
 * For a shell that is root in a mount namespace of its own: leaves one folder that may be written, and shows only the
 * processes of the namespace. `sh -c … sh <folder> <command>…`. A mount that cannot be made read-only is one that
 * this shell may not even reach. The shell stays: as the first process it waits for whatever loses its parent.
 */
export const ONE_FOLDER = `
set -e
own=$1; shift
mount --bind "$own" "$own"
while read -r _ _ _ _ point _; do
  [ "$point" = "$own" ] || mount -o remount,bind,ro "$point" 2>/dev/null || :
done < /proc/self/mountinfo
mount -t proc proc /proc 2>/dev/null || :
set +e
"$@"
exit $?
`

/**
 * For a shell that is root in a user namespace of its own, where the kernel still takes it for the step's user: makes a
 * root folder with the system's programs, one folder that may be written and some that may be read, and leaves
 * everything else of that user's outside. `sh -c … sh <root> <folder> <readable, one a line> <command>…`. The command
 * runs in one more namespace, as an ordinary user of it, without a right.
 */
export const SMALL_ROOT = `
set -e
root=$1 own=$2 readable=$3; shift 3
mount -t tmpfs -o mode=755 none "$root"
show() {
  if [ -L "$2" ]; then ln -s "$(readlink "$2")" "$root$2"
  elif [ -d "$2" ]; then
    mkdir -p "$root$2"
    mount "$1" "$2" "$root$2"
    mount -o remount,bind,ro,nosuid,nodev "$root$2"
  fi
}
for each in /usr /bin /sbin /lib /lib32 /lib64 /libx32 /etc; do show --rbind "$each"; done
IFS='
'
for each in $readable; do show --bind "$each"; done
unset IFS
mkdir -p "$root$own" "$root/dev" "$root/proc"
mount --bind "$own" "$root$own"
for each in null zero random urandom; do
  : > "$root/dev/$each"
  mount --bind "/dev/$each" "$root/dev/$each"
done
mount -t proc proc "$root/proc" 2>/dev/null || :
mount -o remount,bind,ro "$root"
set +e
# Where the programs are in there, whatever PATH says out here.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
unshare --user --map-user=65534 --map-group=65534 --root="$root" -- setpriv --no-new-privs -- "$@"
exit $?
`

/** Ends every process of the user that runs it but itself, in one go: nothing can fork away from it. */
export const END_ALL = 'kill -s "$0" -- -1 2>/dev/null; exit 0'
