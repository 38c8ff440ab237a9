const BYTE_UNITS = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** `812 B`, `1.5 MiB`: binary units, three digits that count. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${Math.round(bytes)} B`
  let value = bytes / 1024
  let unit = 0
  // 1023.95 would be rounded to 1024.
  while (value >= 1023.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${threeDigits(value)} ${BYTE_UNITS[unit] ?? ''}`
}

/** The unit in which an axis up to `bytes` is labelled, and how many bytes it has. */
export function byteUnit(bytes: number): { readonly unit: string; readonly of: number } {
  const index = Math.max(0, Math.min(BYTE_UNITS.length, Math.floor(Math.log2(Math.max(1, bytes)) / 10)))
  return { unit: index === 0 ? 'B' : (BYTE_UNITS[index - 1] ?? ''), of: 1024 ** index }
}

/** `45.2 MiB/s`; nothing is known of a rate before any time has passed. */
export function formatRate(bytes: number, milliseconds: number): string {
  return milliseconds > 0 ? `${formatBytes((bytes / milliseconds) * 1000)}/s` : '–'
}

/** `0.4 s`, `52 s`, `3 min 05 s`, `2 h 07 min`, `3 d 4 h`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 9_950) return `${(milliseconds / 1000).toFixed(1)} s`
  const seconds = Math.round(milliseconds / 1000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${twoDigits(seconds % 60)} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`
  const hours = Math.round(minutes / 60)
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** `37 %`, `0.4 %`, `<0.1 %`. */
export function formatShare(part: number, whole: number): string {
  if (whole <= 0) return '–'
  const percent = (part / whole) * 100
  if (percent > 0 && percent < 0.1) return '<0.1 %'
  return `${percent < 1 && percent > 0 ? percent.toFixed(1) : Math.round(percent).toString()} %`
}

/** `6.1`: how many times smaller. */
export function formatRatio(raw: number, stored: number): string {
  return stored > 0 ? (raw / stored).toFixed(1) : '–'
}

/** `1,234,567` */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US')
}

/** `1 table`, `3 tables`. */
export function plural(count: number, singular: string, several = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : several}`
}

/** `2026-11-22 02:15:00 UTC` */
export function formatTime(time: Date): string {
  return `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

function threeDigits(value: number): string {
  return value < 9.995 ? value.toFixed(2) : value < 99.95 ? value.toFixed(1) : value.toFixed(0)
}

function twoDigits(value: number): string {
  return value.toString().padStart(2, '0')
}
