import { cleanUp, main } from './main.ts'

// The runner starts this file twice, as the step and after the job; state saved by the first tells them apart.
await (process.env.STATE_begun === 'true' ? cleanUp(process.env) : main(process.env))
