/** The name that `text` was probably meant to be, or undefined where nothing is near. */
export function nearest(text: string, names: readonly string[]): string | undefined {
  const wanted = text.toLowerCase()
  const [best] = names
    .map((name) => ({ name, distance: editDistance(wanted, name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= tolerance(name))
    .sort((a, b) => a.distance - b.distance)
  return best?.name
}

/** ` Did you mean x?`, or nothing: to be put behind a sentence. */
export function didYouMean(text: string, names: readonly string[]): string {
  const name = nearest(text, names)
  return name === undefined ? '' : ` Did you mean ${name}?`
}

/** Two letters that changed places count as two. */
function tolerance({ length }: string): number {
  return Math.max(length < 4 ? 1 : 2, Math.floor(length / 3))
}

/** Levenshtein's. */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [row, character] of Array.from(a).entries()) {
    const line = [row + 1]
    for (let column = 0; column < b.length; column++) {
      const replaced = (above[column] ?? 0) + (character === b[column] ? 0 : 1)
      line.push(Math.min(replaced, (above[column + 1] ?? 0) + 1, (line[column] ?? 0) + 1))
    }
    above = line
  }
  return above[b.length] ?? 0
}
