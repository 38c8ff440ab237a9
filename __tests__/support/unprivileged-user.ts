import { readFileSync } from 'node:fs'

export interface Identity {
  readonly uid: number
  readonly gid: number
  readonly name: string
}

/**
 * Who a database server can run as: nobody in particular where this process is root (`postgres` and `initdb`
 * refuse root, and `initdb` wants an entry in passwd), else undefined: this process's own user.
 */
export function unprivilegedUser(): Identity | undefined {
  return process.getuid?.() === 0 ? otherUser(['postgres', 'nobody']) : undefined
}

/** The first of these users that this machine has. */
export function otherUser(names: readonly string[], passwd = readFileSync('/etc/passwd', 'utf8')): Identity {
  for (const wanted of names) {
    const entry = passwd.split('\n').find((line) => line.startsWith(`${wanted}:`))
    const [name, , uid, gid] = entry?.split(':') ?? []
    if (name && uid && gid) return { name, uid: Number(uid), gid: Number(gid) }
  }
  throw new Error(`This machine has no user ${names.join(' or ')}.`)
}
