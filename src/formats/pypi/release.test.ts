import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readFacts } from './facts.ts'
import { mergeReleases, readRelease, refreshRelease } from './release.ts'

const sdist = { name: 'Tiny', version: '1.0', source: 'sdist', fields: { name: ['Tiny'] }, files: { 's.tar.gz': {} } }
const wheel = {
  name: 'tiny',
  version: '1.0',
  source: 'wheel',
  fields: { summary: ['S'] },
  files: { 'w.whl': { requiresPython: '>=3' } },
}

test('another file adds to a release, and a wheel’s metadata takes the place of an sdist’s', () => {
  const merged = mergeReleases(sdist, wheel)
  assert.deepEqual(Object.keys(merged.files).sort(), ['s.tar.gz', 'w.whl'])
  assert.equal(merged.name, 'Tiny')
  assert.deepEqual(merged.fields, { summary: ['S'] })
  assert.deepEqual(mergeReleases(wheel, sdist).fields, { summary: ['S'] })
  assert.equal(mergeReleases({ ...wheel, name: 'tiny', source: 'index' }, sdist).name, 'Tiny')
})

test('an upstream may yank, take that back and add files, and change nothing else', () => {
  const yanked = refreshRelease(wheel, { files: { 'w.whl': { yanked: 'bad', requiresPython: '>=4' }, 'n.whl': {} } })
  assert.deepEqual(readRelease(yanked).files, { 'w.whl': { requiresPython: '>=3', yanked: 'bad' }, 'n.whl': {} })
  assert.deepEqual(readRelease(refreshRelease(yanked, { files: { 'w.whl': {} } })).files['w.whl'], {
    requiresPython: '>=3',
  })
  assert.deepEqual(readRelease(refreshRelease(yanked, { files: {} })).files['w.whl'], {
    requiresPython: '>=3',
    yanked: 'bad',
  })
})

test('whatever stands in a document, it can be read', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
      readFacts(left)
      readFacts({ fields: left })
      mergeReleases(left, { files: right })
      refreshRelease({ files: left }, right)
    }),
  )
})
