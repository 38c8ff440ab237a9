import { LifeboatError, type ErrorDetails } from '../errors.ts'

/**
 * What came back does not have the shape of what was asked for: something else answered in the store's place, or bytes
 * changed on the way. It says nothing about any object.
 */
export class WrongAnswer extends LifeboatError {
  constructor(code: 'store', message: string, details: ErrorDetails = {}) {
    super(code, message, { hint: SOMETHING_BETWEEN, ...details })
    this.name = 'WrongAnswer'
  }
}

const SOMETHING_BETWEEN =
  'Something between this machine and the store answers in its place (a proxy, a login page, a firewall), or the ' +
  'endpoint is not that of the store. Nothing was concluded from it.'
