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
export function unprivilegedUser(passwd = readFileSync('/etc/passwd', 'utf8')): Identity | undefined {
  if (process.getuid?.() !== 0) return undefined
  for (const wanted of ['postgres', 'nobody']) {
    const entry = passwd.split('\n').find((line) => line.startsWith(`${wanted}:`))
    const [name, , uid, gid] = entry?.split(':') ?? []
    if (name && uid && gid) return { name, uid: Number(uid), gid: Number(gid) }
  }
  throw new Error('This machine has neither a user postgres nor a user nobody to run a database server as.')
}
