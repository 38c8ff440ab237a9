import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Whether `node_modules` holds exactly what the lock file asks for. Optional packages may be missing. */
export function packagesAreCurrent(checkout) {
  const installed = join(checkout, 'node_modules/.package-lock.json')
  if (!existsSync(installed)) return false
  const wanted = readJson(join(checkout, 'package-lock.json')).packages
  const present = readJson(installed).packages
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === '') return true
    return present[path] ? present[path].version === version : optional === true
  })
}

/** `npm ci` where it is needed. Throws when it fails. */
export function ensurePackages(checkout) {
  if (packagesAreCurrent(checkout)) return
  console.log('Installing npm packages …')
  const npm = process.env.npm_execpath
  const [command, args] = npm ? [process.execPath, [npm, 'ci']] : ['npm', ['ci']]
  const { status } = spawnSync(command, args, { cwd: checkout, stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0) throw new Error('npm ci failed: its reason stands above.')
}

/** Path of a Node that is at least 24, which runs TypeScript as it is and which runners have. */
export function findNode24(checkout) {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  const fromNpm = join(checkout, `node_modules/node-${process.platform}-${process.arch}/bin/node`)
  if (existsSync(fromNpm)) return fromNpm
  throw new Error(`This needs Node 24 or newer, and this is ${process.version}. Install it and start again.`)
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'))
}
