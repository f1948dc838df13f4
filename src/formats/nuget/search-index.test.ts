import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { GrowingText } from '../../registry/growing-text.ts'
import { bitOf, searchIndexOf, splitWords } from './search-index.ts'

const all = { semVer2: 'shown', prereleases: 'shown' } as const

function line(id: string, words: readonly string[] = splitWords(id)): Buffer {
  return Buffer.from(`${JSON.stringify([id, bitOf(all), words])}\n`)
}

test('words end where a person would end them', () => {
  assert.deepEqual(splitWords('Zoo.AnimalFarm-XML2Go'), ['zoo', 'animalfarm', 'xml2go', 'animal', 'farm', 'xml2', 'go'])
  assert.deepEqual(splitWords('  '), [])
})

test('an index follows its catalogue, and reads only what is new', () => {
  const text = new GrowingText()
  text.append(line('Zoo.Keeper'))
  text.append(line('Zoo.Animal'))
  const index = searchIndexOf(text.state())
  assert.deepEqual(index.visible(all), ['zoo.animal', 'zoo.keeper'])
  assert.deepEqual([...index.startingWith('ani')], ['zoo.animal'])
  assert.deepEqual(index.visible({ ...all, prereleases: 'hidden' }), [])
  text.append(Buffer.from('["zoo.animal"]\n'))
  text.append(line('ZOO.Keeper', ['guard']))
  assert.equal(searchIndexOf(text.state()), index)
  assert.deepEqual(index.visible(all), ['zoo.keeper'])
  assert.equal(index.get('zoo.keeper')?.id, 'ZOO.Keeper')
  assert.deepEqual([...index.startingWith('zoo')], [])
  assert.deepEqual([...index.startingWith('gu')], ['zoo.keeper'])
})

test('whatever is added, changed and removed, the index finds what a look through everything finds', () => {
  const id = fc.constantFrom('A', 'AB', 'abc', 'b.C', 'C')
  const words = fc.array(fc.constantFrom('a', 'ab', 'abc', 'b', 'ba', 'type:x;', '__proto__'))
  const change = fc.record({ id, words: fc.option(words, { nil: undefined }) })
  fc.assert(
    fc.property(fc.array(change), fc.constantFrom('a', 'ab', 'b', 'type:x;', '__', 'z'), (changes, prefix) => {
      const text = new GrowingText()
      const known = new Map<string, readonly string[]>()
      for (const { id: each, words: has } of changes) {
        text.append(has ? line(each, has) : Buffer.from(`${JSON.stringify([each])}\n`))
        if (has) known.set(each.toLowerCase(), has)
        else known.delete(each.toLowerCase())
        searchIndexOf(text.state())
      }
      const expected = [...known].filter(([, has]) => has.some((word) => word.startsWith(prefix))).map(([key]) => key)
      const index = searchIndexOf(text.state())
      assert.deepEqual([...index.startingWith(prefix)].sort(), expected.sort())
      assert.deepEqual(index.visible(all), [...known.keys()].sort())
    }),
  )
})
