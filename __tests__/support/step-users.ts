import { placeForPrograms } from './lean-path.ts'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { StepUser } from './action-runner.ts'
import { otherUser } from './unprivileged-user.ts'

/** A user who is neither root nor may become it. `env` goes into the step's environment. */
export async function ordinaryUser(): Promise<StepUser & { readonly env: Readonly<Record<string, string>> }> {
  if (process.getuid?.() === 0) return { ...asNobody(), env: {} }
  const folder = await placeForPrograms()
  // Where this process may become root without a password, the step must not find out.
  await writeFile(join(folder, 'sudo'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
  return { through: [], owner: undefined, env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` } }
}

/**
 * A user who may become root with `sudo -n`, as on a hosted runner: this process's own, or, where that is root,
 * nobody, under rules of sudo that hold for the step alone.
 */
export async function userWithSudo(folder: string): Promise<StepUser> {
  if (process.getuid?.() !== 0) return { through: [], owner: undefined }
  const rules = join(folder, 'sudoers')
  const { through, owner, name } = asNobody()
  await writeFile(rules, `root ALL=(ALL:ALL) ALL\n${name} ALL=(ALL:ALL) NOPASSWD: ALL\n`)
  await chmod(rules, 0o440)
  const script = 'mount --bind "$0" /etc/sudoers && exec "$@"'
  return { through: ['unshare', '--mount', '--', 'sh', '-c', script, rules, ...through], owner }
}

function asNobody(): StepUser & { readonly name: string } {
  const owner = otherUser(['nobody'])
  const through = ['setpriv', `--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups', '--']
  return { through, owner, name: owner.name }
}
