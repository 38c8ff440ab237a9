import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { childEnvironment } from '../../../src/pipeline/process.ts'
import { findOnPath, requireProgram } from '../../../src/pipeline/program.ts'
import { trustedPath } from '../../../src/pipeline/trusted-path.ts'
import { commandRunner } from '../../../src/postgres/run-command.ts'
import { placeForPrograms } from '../../support/lean-path.ts'

const NAME = 'lifeboat-test-program'

describe('A program', () => {
  let place: string
  let temporary: string
  const put = async (folder: string): Promise<string> => {
    await mkdir(folder, { recursive: true, mode: 0o755 })
    await writeFile(join(folder, NAME), '#!/bin/sh\necho ran\n', { mode: 0o755 })
    return folder
  }
  beforeAll(async () => {
    place = await placeForPrograms()
    temporary = await mkdtemp(join(tmpdir(), 'lifeboat-path-'))
  })
  afterAll(() => rm(temporary, { recursive: true, force: true }))

  it.each([
    ['GITHUB_WORKSPACE', {}],
    ['RUNNER_TEMP', {}],
    ['RUNNER_TOOL_CACHE', {}],
    ['HOME', { GITHUB_ACTIONS: 'true' }],
  ])('is taken from no folder below %s', async (variable, more) => {
    const above = join(place, variable)
    const folder = await put(join(above, 'node_modules', '.bin'))
    const PATH = `${folder}:/usr/bin`
    expect(trustedPath({ PATH, ...more })).toBe(PATH)
    expect(trustedPath({ PATH, ...more, [variable]: above })).toBe('/usr/bin')
    expect(childEnvironment({}, { PATH, ...more, [variable]: above })).toMatchObject({ PATH: '/usr/bin' })
    // As written, and by whatever link.
    expect(
      trustedPath({ PATH: `${above}/../${variable}/node_modules/.bin`, ...more, [variable]: above }),
    ).toBe('')
  })

  it('is taken from no folder that everybody writes, nor from one that is named from here', async () => {
    const folder = await put(join(temporary, 'bin'))
    expect(trustedPath({ PATH: `${folder}:bin::./bin:/usr/bin` })).toBe('/usr/bin')
  })

  it.each([
    ['the file', 0o757, (folder: string) => join(folder, NAME)],
    ['its folder', 0o777, (folder: string) => folder],
    ['a folder above', 0o777, (folder: string) => join(folder, '..')],
  ])('is not run where others may write %s', async (_, mode, of) => {
    const folder = await put(join(await mkdtemp(join(place, 'open-')), 'bin'))
    expect(findOnPath(NAME, { PATH: folder })).toBe(join(folder, NAME))
    await chmod(of(folder), mode)
    expect(findOnPath(NAME, { PATH: folder })).toBeUndefined()
    expect(() => requireProgram(join(folder, NAME), {})).toThrow(/is not run: everybody may write/)
  })

  it('is not run where it is another user’s, if we could tell', async () => {
    const folder = await put(join(place, 'foreign'))
    if (process.getuid?.() === 0) await chown(join(folder, NAME), 65_534, 65_534)
    const found = findOnPath(NAME, { PATH: folder })
    expect(found).toBe(process.getuid?.() === 0 ? undefined : join(folder, NAME))
  })

  it('is named where it was found and left alone', async () => {
    const folder = await put(join(place, 'workspace'))
    const before = { ...process.env }
    process.env['PATH'] = `${folder}:${before['PATH'] ?? ''}`
    process.env['GITHUB_WORKSPACE'] = folder
    try {
      expect(() => requireProgram(NAME, childEnvironment())).toThrow(
        `${folder}/${NAME} is not run: it is below the workspace.`,
      )
      // Those that end at once go through the same door.
      await expect(commandRunner(childEnvironment())(NAME, [])).rejects.toThrow(/is not run/)
    } finally {
      process.env['PATH'] = before['PATH']
      delete process.env['GITHUB_WORKSPACE']
    }
  })
})
