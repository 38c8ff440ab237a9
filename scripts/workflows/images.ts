/** A line of a workflow that says which image a container is of, alone or within an expression. */
const LINE = /^\s*image: .*$/gm
const PINNED = /[\w./-]+(?::[\w.-]+)?@sha256:[0-9a-f]{64}/g
const BARE = /\b[a-z0-9]+(?:[._/-]+[a-z0-9]+)*:\w[\w.-]*/g

/** The images of a workflow that are named by a tag only: whoever can move the tag decides what runs. */
export function bareImages(text: string): string[] {
  const found = [...text.matchAll(LINE)].flatMap(([line]) => [...line.replaceAll(PINNED, '').matchAll(BARE)])
  return [...new Set(found.map(([image]) => image))]
}

/** The text of a workflow in which every image that has a tag only has its digest too. Throws where `digests` lacks one. */
export function withDigests(text: string, digests: ReadonlyMap<string, string>): string {
  return text.replace(LINE, (line) =>
    bareImages(line).reduce((pinned, image) => {
      const digest = digests.get(image) ?? ''
      if (!/^sha256:[0-9a-f]{64}$/.test(digest))
        throw new Error(`No digest of the image ${image}: "${digest}".`)
      return pinned.replaceAll(image, `${image}@${digest}`)
    }, line),
  )
}
