export const NEEDS: Readonly<Record<string, readonly string[]>>
export const SYSTEM_PATH: string
export function ensureSystemPackages(names: readonly string[], path?: string): void
