import { cli } from './cli.ts'
import { cleanUp, main } from './main.ts'
import { keepYoungRoomSmall } from './pipeline/garbage.ts'

keepYoungRoomSmall()

// A runner starts this file twice, as the step and after the job, without arguments; state saved by the first tells
// them apart. With arguments somebody has typed them.
const args = process.argv.slice(2)
if (args.length > 0) await cli(args, process)
else await (process.env.STATE_begun === 'true' ? cleanUp(process.env) : main(process.env))
