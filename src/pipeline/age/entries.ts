/** The words of a recipients or identities file: separated by white space or commas, `#` begins a comment. */
export function entriesOf(text: string): string[] {
  return text
    .split(/\r\n|\r|\n/)
    .flatMap((line) => line.replace(/(^|\s)#.*$/, '').split(/[\s,]+/))
    .filter((entry) => entry !== '')
}
