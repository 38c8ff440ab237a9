/**
 * What a job's page shows of a step's output: workflow commands are carried out instead of printed, and masked
 * texts are `***`. Give it whole lines or pieces of them; call `end` for what has no newline.
 */
export interface RunnerView {
  write(text: string): void
  end(): void
}

export function runnerView(print: (line: string) => void): RunnerView {
  const masks: string[] = []
  let rest = ''
  const show = (line: string): void => {
    const [, command = '', text = ''] = /^::([a-z-]+)[^:]*::(.*)$/.exec(line) ?? []
    const plain = unescaped(text)
    if (command === 'add-mask') masks.push(plain)
    else if (command === 'group') print(`▾ ${plain}`)
    else if (['notice', 'warning', 'error', 'debug'].includes(command)) print(masked(`${command}: ${plain}`))
    else if (command === '') print(masked(line))
  }
  const masked = (line: string): string => masks.reduce((shown, mask) => shown.replaceAll(mask, '***'), line)
  return {
    write: (text) => {
      const lines = `${rest}${text}`.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) show(line)
    },
    end: () => {
      if (rest !== '') show(rest)
      rest = ''
    },
  }
}

function unescaped(text: string): string {
  return text.replaceAll('%0A', '\n').replaceAll('%0D', '\r').replaceAll('%25', '%')
}
