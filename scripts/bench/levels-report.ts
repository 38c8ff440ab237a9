import type { Level } from './levels.ts'
import { table } from './table.ts'

export function levelsReport(levels: readonly Level[]): string {
  const rows = levels.map(({ compression, ratio, processorPerGigabyte }) => [
    compression.text,
    ratio.toFixed(1),
    `${processorPerGigabyte.toFixed(processorPerGigabyte < 10 ? 1 : 0)} s`,
  ])
  const sample = Math.round((levels[0]?.sampleBytes ?? 0) / 1e6)
  return [
    `The compressors alone, on ${sample} MB taken from all over the dump: how many times smaller, and processor seconds for a gigabyte of dump. Divide by the number of cores for the time.`,
    table(['compression', 'smaller', 'CPU per GB'], ['left', 'right', 'right'], rows),
  ].join('\n\n')
}
