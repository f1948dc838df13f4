import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { AttachmentScanner } from './attachment-scanner.ts'

interface Scanned {
  readonly rest: string
  readonly tarballs: readonly { readonly key: string; readonly data: string }[]
}

function scan(bytes: Buffer, cuts: readonly number[] = []): Scanned {
  const scanner = new AttachmentScanner()
  const rest: Buffer[] = []
  const tarballs: { key: string; data: Buffer[] }[] = []
  for (const chunk of cut(bytes, cuts)) {
    for (const event of scanner.scan(chunk)) {
      if (event.kind === 'rest') rest.push(Buffer.from(event.bytes))
      if (event.kind === 'open') tarballs.push({ key: event.key, data: [] })
      if (event.kind === 'data') tarballs.at(-1)?.data.push(Buffer.from(event.bytes))
    }
  }
  const texts = tarballs.map(({ key, data }) => ({ key, data: Buffer.concat(data).toString('utf8') }))
  return { rest: Buffer.concat(rest).toString('utf8'), tarballs: texts }
}

function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end))
}

/** Names that the scanner looks for, also where they mean nothing. */
const key = fc.oneof(
  fc.constantFrom('_attachments', 'data', 'x.tgz', 'x.sigstore', 'length'),
  fc.string({ unit: 'binary' }),
)
const { document } = fc.letrec<{ value: unknown; document: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'binary' }),
    fc.integer(),
    fc.constantFrom(null, true, '"', '\\', '\\"}'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4 }),
  ),
  document: fc.record({
    name: tie('value'),
    _attachments: fc.dictionary(key, fc.dictionary(key, tie('value'), { maxKeys: 4 }), { maxKeys: 3 }),
    versions: tie('value'),
  }),
}))

type Attachments = Record<string, Record<string, unknown>>

/** What must come out, by `JSON.parse`. */
function expected(json: string): { rest: unknown; tarballs: Scanned['tarballs'] } {
  const rest = JSON.parse(json) as { _attachments: Attachments }
  const tarballs: { key: string; data: string }[] = []
  for (const [name, attachment] of Object.entries(rest._attachments)) {
    if (!name.endsWith('.tgz') || typeof attachment['data'] !== 'string') continue
    tarballs.push({ key: name, data: attachment['data'] })
    attachment['data'] = ''
  }
  return { rest, tarballs }
}

test('the tarball is taken out of any document, however it is cut into pieces', () => {
  fc.assert(
    fc.property(document, fc.nat(3), fc.array(fc.nat(), { maxLength: 12 }), (value, indent, cuts) => {
      const json = JSON.stringify(value, null, indent)
      const { rest, tarballs } = scan(Buffer.from(json), cuts)
      const wanted = expected(json)
      assert.deepEqual(JSON.parse(rest), wanted.rest)
      assert.deepEqual(tarballs, wanted.tarballs)
    }),
    { numRuns: 500 },
  )
})

test('escapes that some clients write are resolved, cut anywhere', () => {
  const json = String.raw`{"_attach\u006dents":{"a.t\u0067z":{"data":"AB\/C\u002bD\"\\E="}}}`
  for (let at = 0; at < json.length; at++) {
    const { rest, tarballs } = scan(Buffer.from(json), [at, at + 1])
    assert.deepEqual(tarballs, [{ key: 'a.tgz', data: 'AB/C+D"\\E=' }])
    assert.deepEqual(JSON.parse(rest), { _attachments: { 'a.tgz': { data: '' } } })
  }
})

test('what is not JSON is still not JSON without its tarball', () => {
  fc.assert(
    fc.property(document, fc.nat(), fc.constantFrom('', '}', '"', ',', ':', '{', 'x'), (value, place, odd) => {
      const json = JSON.stringify(value)
      const at = place % (json.length + 1)
      const broken = odd === '' ? json.slice(0, at) : json.slice(0, at) + odd + json.slice(at)
      const { rest, tarballs } = scan(Buffer.from(broken))
      if (!isJson(broken) && tarballs.length === 0) assert.equal(isJson(rest), false, broken)
    }),
    { numRuns: 500 },
  )
})

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

test('a document that is nested without end is refused', () => {
  assert.throws(() => scan(Buffer.from('['.repeat(101))), /nested deeper than 100 levels/)
  assert.equal(scan(Buffer.from(`${'['.repeat(100)}${']'.repeat(100)}`)).tarballs.length, 0)
})
