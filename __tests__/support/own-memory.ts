import type { StepUser } from './action-runner.ts'

/**
 * A machine that has `bytes` of files in memory, mounted as containers have it: what is in /dev/shm is the step's alone,
 * and what it leaves there stands at the end of its log. Takes root, or a sudo that asks for no password.
 */
export function ownMemory(bytes: number): StepUser {
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n', '--preserve-env']
  const script = `
    mount -t tmpfs -o "size=$0,mode=1777,noexec,nosuid,nodev" lifeboat-test /dev/shm || exit
    "$@"; code=$?
    echo "left in memory: $(ls -A /dev/shm | wc -l)"
    exit $code`
  return {
    through: [...asRoot, 'unshare', '--mount', '--', 'sh', '-c', script, `${bytes}`],
    owner: undefined,
  }
}
