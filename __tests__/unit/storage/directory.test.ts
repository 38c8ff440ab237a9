import { chmod, mkdtemp, readdir, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openDirectoryStore } from '../../../src/storage/directory.ts'
import { directoryFailure } from '../../../src/storage/directory/failure.ts'
import { pattern } from '../../support/bodies.ts'

const options = { expectedBytes: 100, signal: new AbortController().signal }

describe('A directory store', () => {
  let directory = ''
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lifeboat-directory-'))
  })
  afterEach(() => rm(directory, { recursive: true }))

  it.each(['../x', 'a/../b', 'a//b', '/etc/x', 'a/', '', '.', 'a/./b', 'a\0b', '.lifeboat-x'])(
    'refuses the key %j',
    async (key) => {
      const store = await openDirectoryStore({ directory })
      await expect(store.write(key, () => pattern(1), options)).rejects.toMatchObject({ code: 'input' })
      expect(await readdir(directory)).toEqual([])
    },
  )

  it('lets nobody but its owner read', async () => {
    await chmod(directory, 0o755)
    const store = await openDirectoryStore({ directory: join(directory, 'new') })
    await store.write('db/a/x', () => pattern(1), options)
    for (const folder of ['new', 'new/db', 'new/db/a']) {
      expect((await stat(join(directory, folder))).mode & 0o777).toBe(0o700)
    }
    expect((await stat(join(directory, 'new/db/a/x'))).mode & 0o777).toBe(0o600)
  })

  it('does not list what links lead to', async () => {
    const store = await openDirectoryStore({ directory })
    await symlink('/etc', join(directory, 'etc'))
    await symlink('/etc/passwd', join(directory, 'passwd'))
    const found = []
    for await (const object of store.list('')) found.push(object)
    expect(found).toEqual([])
  })

  it('says what is wrong when a file stands in the way', async () => {
    const store = await openDirectoryStore({ directory })
    await store.write('a', () => pattern(1), options)
    await expect(store.write('a/b', () => pattern(1), options)).rejects.toMatchObject({
      code: 'store',
      message: expect.stringContaining('a file stands where a directory is needed'),
    })
  })

  it('wants an absolute path', async () => {
    await expect(openDirectoryStore({ directory: 'backups' })).rejects.toMatchObject({ code: 'input' })
  })
})

describe('directoryFailure', () => {
  it.each([
    ['ENOSPC', 'store', 'the disk is full'],
    ['EDQUOT', 'store', 'the disk is full'],
    ['EACCES', 'store-access', 'not allowed'],
    ['EROFS', 'store-access', 'read-only'],
  ])('explains %s', (code, expected, words) => {
    const error = Object.assign(new Error(code), { code, syscall: 'write' })
    expect(directoryFailure(error, '/srv/backups', 'cannot write x')).toMatchObject({
      code: expected,
      message: expect.stringContaining(words),
    })
  })

  it('passes on what no call of the file system threw', () => {
    const error = new Error('pg_dump was killed')
    expect(directoryFailure(error, '/srv/backups', 'cannot write x')).toBe(error)
  })
})
