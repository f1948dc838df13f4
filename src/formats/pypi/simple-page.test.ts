import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseSimplePage } from './simple-page.ts'

const base = new URL('https://index.example/root/simple/tiny/')
const hash = 'ab'.repeat(32)
const jsonType = 'application/vnd.pypi.simple.v1+json'

function parseHtml(html: string) {
  return parseSimplePage(Buffer.from(html), 'text/html; charset=utf-8', base)
}

function parseJson(value: unknown) {
  return parseSimplePage(Buffer.from(JSON.stringify(value)), jsonType, base)
}

test('both forms of one page say the same', () => {
  const file = {
    filename: 'tiny-1.0-py3-none-any.whl',
    url: 'https://index.example/root/files/tiny-1.0-py3-none-any.whl',
    digests: { sha256: hash },
    requiresPython: '>=3.8',
    coreMetadata: { sha256: hash },
    yanked: 'broken & bad',
    sizeBytes: 7,
    uploadTime: '2024-02-03T04:05:06.789012Z',
  }
  const json = parseJson({
    meta: { 'api-version': '1.4' },
    'project-status': { status: 'archived', reason: 'done' },
    versions: ['1.0'],
    files: [
      {
        filename: file.filename,
        url: '../../files/tiny-1.0-py3-none-any.whl',
        hashes: { sha256: hash.toUpperCase(), blake9: 'x' },
        'requires-python': '>=3.8',
        'core-metadata': { sha256: hash },
        yanked: 'broken & bad',
        size: 7,
        'upload-time': file.uploadTime,
      },
    ],
  })
  assert.deepEqual(json, { status: { status: 'archived', reason: 'done' }, versions: ['1.0'], files: [file] })
  const html = parseHtml(
    '<!DOCTYPE html><meta name="pypi:repository-version" content="1.4"><meta name="pypi:project-status" content="archived">' +
      '<meta name="pypi:project-status-reason" content="done">' +
      `<a href="../../files/tiny-1.0-py3-none-any.whl#sha256=${hash}" data-requires-python="&gt;=3.8" data-size=7 ` +
      `data-core-metadata="sha256=${hash}" data-yanked='broken &amp; bad' data-upload-time="${file.uploadTime}">x</a>`,
  )
  assert.deepEqual(html, { ...json, versions: [] })
})

test('HTML is read as people have written it', () => {
  const { files } = parseHtml(
    '<base href="/other/"><!-- <a href="hidden-1.0.zip"> --><p>a < b<A\nHREF=one-1.0.zip>\n' +
      `<a data-requires-python=">=3.6" data-yanked href="two-1.0.zip#md5=${'cd'.repeat(16)}&egg=two">` +
      '<a href="three%2B1.0.zip?x=1" data-dist-info-metadata="true"/><a><a href="../"><a href="http://[bad">' +
      '<a href="four-1.0.zip" href="five-1.0.zip"',
  )
  assert.deepEqual(
    files.map(({ filename, url }) => `${filename} ${url}`),
    [
      'one-1.0.zip https://index.example/other/one-1.0.zip',
      'two-1.0.zip https://index.example/other/two-1.0.zip',
      'three+1.0.zip https://index.example/other/three%2B1.0.zip?x=1',
      'four-1.0.zip https://index.example/other/four-1.0.zip',
    ],
  )
  assert.deepEqual(files[1]?.digests, { md5: 'cd'.repeat(16) })
  assert.equal(files[1]?.requiresPython, '>=3.6')
  assert.equal(files[1]?.yanked, true)
  assert.equal(files[2]?.coreMetadata, true)
})

test('what is quarantined offers nothing', () => {
  const page = { meta: { 'api-version': '1.4' }, files: [{ filename: 'x-1.zip', url: 'x-1.zip', hashes: {} }] }
  assert.equal(parseJson(page).files.length, 1)
  assert.deepEqual(parseJson({ ...page, 'project-status': { status: 'quarantined' } }).files, [])
})

test('files that make no sense are left out; pages that make none are refused', () => {
  const meta = { 'api-version': '1.0' }
  const files = [
    { filename: '../evil.whl', url: 'x' },
    { filename: 'a\nb.whl', url: 'x' },
    { url: 'x' },
    { filename: 'no-url-1.0.zip' },
    'text',
    null,
    { filename: 'ok-1.0.zip', url: 'ok-1.0.zip', hashes: 'none', size: -1, yanked: '', 'upload-time': 'soon' },
  ]
  assert.deepEqual(parseJson({ meta, files }).files, [
    { filename: 'ok-1.0.zip', url: 'https://index.example/root/simple/tiny/ok-1.0.zip', digests: {} },
  ])
  for (const page of [null, [], {}, { meta }, { meta: { 'api-version': '2.0' }, files: [] }, { files: [] }]) {
    assert.throws(() => parseJson(page), TypeError)
  }
  assert.throws(() => parseHtml('<meta name="pypi:repository-version" content="2.0">'), /API 1/)
  assert.throws(() => parseSimplePage(Buffer.from('x'), 'image/png', base), /image\/png is no index/)
  assert.throws(() => parseSimplePage(Buffer.from('<html>'), jsonType, base), SyntaxError)
})

test('a page of a megabyte of half a tag is read at once', () => {
  const startedAt = performance.now()
  for (const piece of ['<a "', '<a href=', '<!--', '<', "<a '<a ", '&#x']) parseHtml(piece.repeat(250_000))
  assert.ok(performance.now() - startedAt < 5000, 'each character is looked at once')
})

test('whatever the text, a page is read or refused', () => {
  const seeds = fc.constantFrom(
    '<a href="x-1.zip#sha256=',
    '<a href=&#99999999;>',
    '<a href="%ff/%">',
    '{"files":[{}]}',
  )
  fc.assert(
    fc.property(fc.oneof(fc.string(), seeds, fc.json()), fc.constantFrom('text/html', jsonType), (text, type) => {
      try {
        for (const file of parseSimplePage(Buffer.from(text), type, base).files) assert.ok(URL.canParse(file.url))
      } catch (error) {
        assert.ok(error instanceof TypeError || error instanceof SyntaxError, String(error))
      }
    }),
  )
})
