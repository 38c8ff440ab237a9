import { join } from 'node:path'
import { bundle, checkout, filesOf } from './bundle.ts'

const dist = join(checkout, 'dist')
await bundle(dist)
for (const { file, bytes } of await filesOf(dist))
  console.log(`dist/${file}  ${(bytes / 1024).toFixed(0)} KiB`)
