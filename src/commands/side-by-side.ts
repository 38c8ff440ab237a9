/**
 * Does `work` for every item, at most `limit` at a time; gives the results in the items' order. After the first failure
 * nothing more is begun, and what was begun has ended when it throws.
 */
export async function sideBySide<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: { readonly index: number; readonly result: R }[] = []
  const failures: unknown[] = []
  const queue = items.entries()
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (failures.length > 0) return
      try {
        results.push({ index, result: await work(item) })
      } catch (error) {
        failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker))
  if (failures.length > 0) throw failures[0]
  return results.sort((a, b) => a.index - b.index).map(({ result }) => result)
}
