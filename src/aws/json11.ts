import { renderRestJson, type WireError, type WireReply } from './rest-json.ts'

/**
 * The operation that an `X-Amz-Target` names: the last two parts, as botocore and the JavaScript SDK put different
 * prefixes before CloudTrail's: `CloudTrail_20131101.LookupEvents`.
 */
export function parseTarget(target: string): string {
  return target.split('.').slice(-2).join('.')
}

/** Members that are null or undefined are left out. */
export function renderJson11(members: object): WireReply {
  return { ...renderRestJson(members), headers: { 'Content-Type': 'application/x-amz-json-1.1' } }
}

/** All client errors are 400 here; the code in the body tells them apart. */
export function renderJson11Error(error: WireError): WireReply {
  return {
    status: error.status < 500 ? 400 : error.status,
    headers: { 'Content-Type': 'application/x-amz-json-1.1', ...error.headers },
    body: JSON.stringify({ __type: error.code, message: error.message }),
  }
}
