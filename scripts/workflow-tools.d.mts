export const WORKFLOW_TOOLS: Readonly<Record<string, readonly string[]>>
export function ensureWorkflowTools(names: readonly string[]): void
export function workflowTool(name: string): string
