import type { Outcome } from '../../catalog/outcome.ts'
import { discordMessage } from './discord.ts'
import { noticeOf } from './notice.ts'
import { jsonMessage } from './plain-json.ts'
import type { Message } from './send.ts'
import { slackMessage } from './slack.ts'
import { teamsMessage } from './teams.ts'

export type Medium = 'slack' | 'discord' | 'teams' | 'json'

/** Commands that somebody starts by hand and waits for. */
const AWAITED: readonly string[] = ['restore', 'reindex', 'drill', 'doctor']

/**
 * Whether anybody is told. Programs are told of everything; people of what failed, was cancelled or warned, and of the
 * success of what they wait for: a message a day that all is well is soon one that nobody reads.
 */
export function isTold(medium: Medium, { command, result, warnings }: Outcome): boolean {
  return medium === 'json' || result !== 'success' || warnings.length > 0 || AWAITED.includes(command)
}

export function webhookMessage(medium: Medium, outcome: Outcome): Message {
  switch (medium) {
    case 'slack':
      return slackMessage(noticeOf(outcome))
    case 'discord':
      return discordMessage(noticeOf(outcome))
    case 'teams':
      return teamsMessage(noticeOf(outcome))
    case 'json':
      return jsonMessage(outcome)
  }
}
