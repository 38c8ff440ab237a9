import type { Verdict } from './verdict.ts'

/** What a run of the benchmark writes down as it goes. */
export interface Notebook {
  /** Markdown, a section a chapter. */
  readonly sections: readonly string[]
  readonly verdicts: readonly Verdict[]
  /** Says what is being measured now. */
  chapter(title: string): void
  say(line: string): void
  add(title: string, report: string, verdicts: readonly Verdict[]): void
}

export function notebook(say: (line: string) => void): Notebook {
  const sections: string[] = []
  const verdicts: Verdict[] = []
  return {
    sections,
    verdicts,
    say,
    chapter(title) {
      say(`\n── ${title} ${'─'.repeat(Math.max(3, 96 - title.length))}\n`)
    },
    add(title, report, found) {
      sections.push(`### ${title}\n\n${report}`)
      verdicts.push(...found)
      say(`\n${report}`)
    },
  }
}
