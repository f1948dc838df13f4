import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGroupDirectory } from './group-association.ts'
import { parseGroupPattern } from './group-pattern.ts'
import { appearanceOf } from './look-alike.ts'

function directory(...patterns: readonly string[]) {
  return createGroupDirectory(groupsOf(patterns))
}

function groupsOf(patterns: readonly string[]) {
  return ['/*', ...patterns].map((text) => ({ pattern: parseGroupPattern(text) }))
}

const refused: readonly [pattern: string, rule: RegExp][] = [
  ['/npm/space/foo', /must end with/],
  ['/npm/foo*', /must end with "~" after a word/],
  ['/npm/foo$', /must name a package before/],
  ['/npm/s/foo-~', /letter or digit before "~"/],
  ['/npm/a/*b$', /at its end only/],
  ['/npm/a/b/c$', /must have the form/],
  ['/npm$', /must go on with "\/"/],
  ['/python/*', /one of npm, pypi/],
  ['/maven//x$', /must name a namespace/],
  ['/swift//*', /must name a namespace/],
  ['/pypi/ns/x$', /empty namespace/],
  ['/cargo/ns~', /empty namespace/],
  ['/pypi//Foo_Bar$', /as pypi normalises names: 'foo-bar'/],
]
for (const [pattern, rule] of refused) {
  test(`${pattern} is no pattern of a package group`, () => {
    assert.throws(() => parseGroupPattern(pattern), { kind: 'invalid', message: rule })
  })
}

test('patterns of all six forms are taken, and a prefix that ends within a word or behind one', () => {
  const patterns = ['/npm/*', '/maven/com.acme~', '/npm/space/*', '/npm//*', '/npm/space/ui~', '/npm//react$']
  for (const pattern of [...patterns, '/npm/space/ui-*', '/npm/space/ui*', '/npm/acme-*', '/pypi//acme-*']) {
    assert.equal(parseGroupPattern(pattern).text, pattern)
  }
})

const spellings: readonly [left: string, right: string][] = [
  ['foo-bar', 'Foo..Bar'],
  ['foo-bar', 'foo_bar'],
  ['paypal', 'p\u0430ypa1'],
  ['modern', 'rnodern'],
  ['ΣΑΣ', 'σας'],
  ['office', 'oﬃce'],
  ['foo\u200bbar', 'foobar'],
]
for (const [left, right] of spellings) {
  test(`${left} looks like ${JSON.stringify(right)}`, () => assert.equal(appearanceOf(left), appearanceOf(right)))
}

test('what only sounds alike does not look alike, and no character turns into a slash', () => {
  assert.notEqual(appearanceOf('foobar'), appearanceOf('foo-bar'))
  assert.ok(!appearanceOf('foo\u2215bar').includes('/'))
})

test('the most specific pattern speaks for a package', () => {
  const groups = directory(
    '/npm/*',
    '/npm/space~',
    '/npm/space/*',
    '/npm/space/foo~',
    '/npm/space/foo$',
    '/npm/space/f*',
  )
  const of = (path: string) => groups.associate(path).group.pattern.text
  assert.equal(of('/npm/space/foo'), '/npm/space/foo$')
  assert.equal(of('/npm/space/foo.bar'), '/npm/space/foo~')
  assert.equal(of('/npm/space/food'), '/npm/space/f*')
  assert.equal(of('/npm/space/bar'), '/npm/space/*')
  assert.equal(of('/npm/space-two/bar'), '/npm/space~')
  assert.equal(of('/npm/spaces/bar'), '/npm/*')
  assert.equal(of('/pypi//bar'), '/*')
})

test('of two spellings that are both named, each has its own group; a third belongs weakly to one', () => {
  const groups = directory('/npm//AsyncStorage$', '/npm//asyncstorage$')
  for (const name of ['AsyncStorage', 'asyncstorage']) {
    const { group, strength } = groups.associate(`/npm//${name}`)
    assert.deepEqual([group.pattern.text, strength], [`/npm//${name}$`, 'STRONG'])
  }
  assert.equal(groups.associate('/npm//asyncStorage').strength, 'WEAK')
})

test('a group stands below the smallest one that holds all of it', () => {
  const groups = groupsOf([
    '/npm/*',
    '/npm/space~',
    '/npm/space/*',
    '/npm/space/foo~',
    '/npm/space/foo-bar$',
    '/npm/spa/x$',
  ])
  const { above } = createGroupDirectory(groups)
  const parents = groups.map((group) => [group.pattern.text, above(group)[0]?.pattern.text])
  assert.deepEqual(Object.fromEntries(parents), {
    '/*': undefined,
    '/npm/*': '/*',
    '/npm/space~': '/npm/*',
    '/npm/space/*': '/npm/space~',
    '/npm/space/foo~': '/npm/space/*',
    '/npm/space/foo-bar$': '/npm/space/foo~',
    '/npm/spa/x$': '/npm/*',
  })
})

test('with a thousand groups an association takes no longer than its path is', () => {
  const groups = directory(...Array.from({ length: 1000 }, (_, index) => `/npm//team-${index}~`))
  const start = performance.now()
  for (let index = 0; index < 10_000; index++) {
    assert.equal(groups.associate(`/npm//team-${index % 1000}-ui`).group.pattern.text, `/npm//team-${index % 1000}~`)
  }
  assert.ok(performance.now() - start < 2000)
})
