import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { validate } from '@actions/languageservice'
import { build, stop } from 'esbuild'
import type { TextDocument } from 'vscode-languageserver-textdocument'

/** What GitHub's editor extension works with. */
export interface Editor {
  readonly validate: typeof validate
  readonly TextDocument: typeof TextDocument
}

/**
 * GitHub's own language service. Its package imports JSON as only bundlers do, so it is bundled first, into a folder
 * that is gone afterwards.
 */
export async function loadLanguageService(checkout: string): Promise<Editor> {
  const folder = await mkdtemp(join(tmpdir(), 'lifeboat-language-service-'))
  try {
    const outfile = join(folder, 'editor.cjs')
    await build({
      stdin: {
        contents: `export { validate } from '@actions/languageservice'
                   export { TextDocument } from 'vscode-languageserver-textdocument'`,
        resolveDir: checkout,
      },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      logLevel: 'error',
      outfile,
    })
    return createRequire(outfile)(outfile) as Editor
  } finally {
    await stop()
    await rm(folder, { recursive: true, force: true })
  }
}
