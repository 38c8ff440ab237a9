import { cli } from './cli.ts'
import { cleanUp, main } from './main.ts'
import { keepYoungRoomSmall } from './pipeline/garbage.ts'

keepYoungRoomSmall()

// A runner starts this file twice, as the step and after the job, without arguments; state saved by the first tells
// them apart. Anywhere else somebody typed this: what masks secrets on a runner would print them there.
const args = process.argv.slice(2)
if (args.length > 0 || process.env.GITHUB_ACTIONS !== 'true') await cli(args, process)
else await (process.env.STATE_begun === 'true' ? cleanUp(process.env) : main(process.env))
