import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startChromium, type Viewed, type Viewing } from './chromium.ts'

/** A real browser that shows pages of HTML. */
export interface Pages extends AsyncDisposable {
  /** Shows a page; `expression` is evaluated in it. */
  view(html: string, viewing: Viewing, expression?: string): Promise<Viewed>
}

export async function openPages(): Promise<Pages> {
  const folder = await mkdtemp(join(tmpdir(), 'lifeboat-pages-'))
  const browser = await startChromium()
  let count = 0
  return {
    async view(html, viewing, expression) {
      const file = join(folder, `${(count += 1)}.html`)
      await writeFile(file, html)
      return await browser.view(file, viewing, { ...(expression !== undefined && { expression }) })
    },
    async [Symbol.asyncDispose]() {
      await browser[Symbol.asyncDispose]()
      await rm(folder, { recursive: true })
    },
  }
}

/** Each report's page as a phone and as a desktop show it, light and dark. */
export function viewsOf<T>(
  reports: Readonly<Record<string, T>>,
): (Viewing & { readonly page: string; readonly report: T })[] {
  return Object.entries(reports).flatMap(([page, report]) =>
    [360, 1440].flatMap((width) =>
      (['light', 'dark'] as const).map((scheme) => ({ page, report, width, scheme })),
    ),
  )
}
