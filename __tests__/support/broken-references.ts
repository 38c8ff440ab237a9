import { posix } from 'node:path'
import { parse } from 'yaml'
import { readMarkdown, type MarkdownPage } from './markdown.ts'

/** What the documentation may speak of. */
export interface Repository {
  /** Paths of all files, from the root, with `/`. */
  readonly files: readonly string[]
  /** Markdown by path. */
  readonly pages: Readonly<Record<string, string>>
  /** Of package.json. */
  readonly scripts: readonly string[]
  readonly commands: readonly string[]
  readonly inputs: readonly string[]
  /** What the command line takes, without the dashes. */
  readonly flags: readonly string[]
}

/** Folders of which a path in backticks has to exist; a user's own files stand in others. */
const OURS = /^(?:src|docs|scripts|__tests__|demo|dist|examples)\/[\w./-]*$/

/** A line for everything that leads nowhere: links, anchors, paths, npm scripts, commands, inputs and flags. */
export function brokenReferences(repository: Repository): string[] {
  const read = Object.entries(repository.pages).map(([path, text]) => [path, readMarkdown(text)] as const)
  const pages = new Map(read)
  return read.flatMap(([path, page]) => [
    ...brokenLinks(path, page, pages, repository),
    ...brokenPaths(path, page, repository),
    ...brokenCommands(path, page, repository),
    ...brokenSteps(path, page, repository),
  ])
}

/** Pages that no chain of links from `start` leads to; a link to a folder leads to all in it. */
export function unreachablePages(repository: Repository, start: string): string[] {
  const reached = new Set([start])
  for (const path of reached) {
    for (const { target } of readMarkdown(repository.pages[path] ?? '').links) {
      const wanted = posix.join(posix.dirname(path), target.split('#')[0] ?? '')
      for (const each of Object.keys(repository.pages)) {
        if (each === wanted || each.startsWith(`${wanted.replace(/\/$/, '')}/`)) reached.add(each)
      }
    }
  }
  return Object.keys(repository.pages).filter((path) => !reached.has(path))
}

function brokenLinks(
  path: string,
  page: MarkdownPage,
  pages: ReadonlyMap<string, MarkdownPage>,
  { files }: Repository,
): string[] {
  return page.links.flatMap(({ target, line }) => {
    if (/^(?:https?:|mailto:)/.test(target)) return []
    const [file = '', anchor] = target.split('#')
    const wanted = file === '' ? path : posix.join(posix.dirname(path), decodeURI(file))
    const folder = wanted.replace(/\/$/, '')
    if (!files.includes(wanted) && !files.some((each) => each.startsWith(`${folder}/`))) {
      return [`${path}:${line}: ${target}: there is no ${wanted}`]
    }
    if (anchor === undefined) return []
    const found = pages.get(wanted)?.headings.some((heading) => heading.anchor === anchor)
    return found === true ? [] : [`${path}:${line}: ${target}: ${wanted} has no heading #${anchor}`]
  })
}

function brokenPaths(path: string, page: MarkdownPage, { files }: Repository): string[] {
  return page.code.flatMap(({ text, line }) => {
    if (!OURS.test(text)) return []
    const folder = text.replace(/\/$/, '')
    if (files.includes(text) || files.some((each) => each.startsWith(`${folder}/`))) return []
    return [`${path}:${line}: \`${text}\`: there is no such file`]
  })
}

function brokenCommands(path: string, page: MarkdownPage, repository: Repository): string[] {
  const lines = [
    ...page.code,
    ...page.fences.flatMap(({ text, line }) =>
      text
        .replaceAll('\\\n', '  ')
        .split('\n')
        .map((each) => ({ text: each, line })),
    ),
  ]
  return lines.flatMap(({ text, line }) => {
    const at = `${path}:${line}: \`${text.trim()}\`:`
    const [, script] = /\bnpm run ([a-z][\w:-]*)/.exec(text) ?? []
    if (script !== undefined && !repository.scripts.includes(script)) {
      return [`${at} package.json has no script ${script}`]
    }
    const [, rest] = /\bnode (?:\S*\/)?index\.js (.*)$/.exec(text) ?? []
    if (rest === undefined) return []
    const [command = ''] = rest.split(/\s/)
    // `<command> --flags` speaks of all of them.
    if (command.startsWith('<')) return []
    const flags = [...rest.matchAll(/(?:^|\s)--([a-z][\w-]*)/g)].map(([, flag = '']) => flag)
    return [
      ...(/^[a-z]/.test(command) && !repository.commands.includes(command)
        ? [`${at} there is no command ${command}`]
        : []),
      ...flags
        .filter((flag) => !repository.flags.includes(flag))
        .map((flag) => `${at} there is no flag --${flag}`),
    ]
  })
}

/** YAML that is a step of ours, or a piece of one: every `with:` that has inputs of the action. */
function brokenSteps(path: string, page: MarkdownPage, repository: Repository): string[] {
  return page.fences.flatMap(({ info, text, line }) => {
    if (!/^ya?ml\b/.test(info)) return []
    const at = `${path}:${line}`
    return stepsIn(parse(text)).flatMap(({ uses, given }) => {
      if (uses !== undefined && !/\/lifeboat@/.test(uses)) return []
      const command = given['command']
      const unknown = Object.keys(given).filter((name) => !repository.inputs.includes(name))
      return [
        ...unknown.map((name) => `${at}: with: ${name}: there is no such input`),
        ...(typeof command === 'string' &&
        !command.startsWith('${{') &&
        !repository.commands.includes(command)
          ? [`${at}: command: ${command}: there is no such command`]
          : []),
      ]
    })
  })
}

interface Step {
  readonly uses: string | undefined
  readonly given: Readonly<Record<string, unknown>>
}

function stepsIn(value: unknown): Step[] {
  if (typeof value !== 'object' || value === null) return []
  const below = Object.values(value).flatMap(stepsIn)
  const { uses, with: given } = value as { uses?: unknown; with?: unknown }
  if (typeof given !== 'object' || given === null) return below
  return [{ uses: typeof uses === 'string' ? uses : undefined, given: { ...given } }, ...below]
}
