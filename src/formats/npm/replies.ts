import type { Reply } from '../../http/call.ts'

/** An answer that npm reads as JSON. */
export function json(status: number, value: unknown): Reply {
  return {
    status,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
    body: JSON.stringify(value),
  }
}

/** What npm takes for done. */
export function done(status = 200, more: Readonly<Record<string, string>> = {}): Reply {
  return json(status, { ok: true, ...more })
}
