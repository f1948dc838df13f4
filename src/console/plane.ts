import { createHash } from 'node:crypto'
import { type Call, HttpError, type Plane, type Reply } from '../http/call.ts'
import { matchesEtag } from '../http/negotiation.ts'
import { renderPlainError } from '../http/plain-error.ts'
import { readBuilt } from './built-files.ts'

/** Where the browser app lives. */
const BASE = '/console/'

/**
 * What the app may load and where it may be shown: nothing from elsewhere, nothing inline, and in no other page. What a
 * package's author wrote could do nothing even if it were taken for a part of the page.
 */
const securityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

const headersOfAll = {
  'Content-Security-Policy': securityPolicy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  Vary: 'Accept-Encoding',
} as const

/**
 * `/console/`: the browser app, as it was built into `folder`. Every address in it that is no file is a page of the app,
 * so that it can be sent to somebody; what pages show they ask of the APIs.
 */
export function createConsolePlane(folder: string): Plane {
  return {
    name: 'console',
    bodyBytesMax: 0,
    matches: ({ path }) => path === '/console' || path.startsWith(BASE),
    async handle(call) {
      if (call.method !== 'GET' && call.method !== 'HEAD') throw notAllowed(call)
      if (call.path === '/console') return { status: 308, headers: { Location: BASE } }
      return answer(folder, call)
    },
    renderError: renderPlainError,
  }
}

async function answer(folder: string, call: Call): Promise<Reply> {
  const name = call.path.slice(BASE.length)
  const isHashed = name.startsWith('assets/')
  const codings = call.header('accept-encoding')
  const asked = await readBuilt(folder, name, codings)
  if (!asked && isHashed) throw new HttpError(404, 'this file is not part of the console; load the page again')
  const found = asked ?? (await readBuilt(folder, 'index.html', codings))
  if (!found) throw new HttpError(503, 'the console has not been built here: `npm start` builds it, or `npm run build`')
  const etag = `"${createHash('sha256').update(found.bytes).digest('base64url').slice(0, 22)}"`
  const headers = {
    ...headersOfAll,
    'Content-Type': found.mediaType,
    'Cache-Control': isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    ETag: etag,
    ...(found.coding && { 'Content-Encoding': found.coding }),
  }
  if (matchesEtag(call.header('if-none-match'), etag)) return { status: 304, headers }
  return { status: 200, headers, body: found.bytes }
}

function notAllowed({ method }: Call): HttpError {
  return new HttpError(405, `method ${method} is not served here; allowed: GET, HEAD`, { Allow: 'GET, HEAD' })
}
