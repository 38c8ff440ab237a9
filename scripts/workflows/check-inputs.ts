import { randomUUID } from 'node:crypto'
import { parse } from 'yaml'
import type { Editor } from './language-service.ts'

interface Metadata {
  readonly name: string
  readonly description: string
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly required?: boolean }>>
}

/** A workflow, or an action's metadata. */
export interface WorkflowText {
  readonly path: string
  readonly text: string
}

/** Actions of others whose inputs are known here, by `owner/name`; their metadata is on GitHub, out of reach. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  'actions/attest': ['subject-path'],
  'actions/checkout': ['fetch-depth', 'persist-credentials'],
  'actions/upload-artifact': ['name', 'path', 'if-no-files-found', 'retention-days'],
  'actions/setup-node': ['node-version', 'package-manager-cache'],
}

/**
 * What GitHub's language service finds wrong in a workflow, as `path:line: message`: keys, expressions, contexts, and
 * inputs, outputs and secrets that this repository's action or reusable workflows do not have, wherever a workflow
 * names them. `own` gives the text of a file of this repository, by its path.
 */
export async function workflowProblems(
  { validate, TextDocument }: Editor,
  { path, text }: WorkflowText,
  own: (path: string) => Promise<string>,
): Promise<readonly string[]> {
  const action = parse(await own('action.yml')) as Metadata
  // The service remembers what it has read by its address: no two texts have the same.
  const document = TextDocument.create(`file:///${randomUUID()}/${path}`, 'yaml', 1, text)
  const found = await validate(document, {
    actionsMetadataProvider: {
      fetchActionMetadata: ({ owner, name }) => Promise.resolve(metadataOf(`${owner}/${name}`, action)),
    },
    fileProvider: {
      getFileContent: async (file) => ({ name: file.path, content: await own(file.path) }),
    },
  })
  return found.map(({ range, message }) => {
    const said = typeof message === 'string' ? message : message.value
    return `${path}:${range.start.line + 1}: ${said}`
  })
}

function metadataOf(action: string, ours: Metadata): Metadata | undefined {
  if (action.endsWith('/lifeboat')) return ours
  const inputs = KNOWN[action]
  if (!inputs) return undefined
  return {
    name: action,
    description: action,
    inputs: Object.fromEntries(inputs.map((input) => [input, { description: input }])),
  }
}
