import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PackageView, ViewVersion } from '../../registry/view.ts'
import { readChecksum } from './checksums.ts'
import { PLUGINS_NOTE, renderSnapshot, renderVersions } from './documents.ts'
import { parseMetadata } from './metadata.ts'
import { mavenNames } from './names.ts'

const name = mavenNames.parsePackage('com.acme:widget')

function version(
  number: string,
  more: Partial<ViewVersion> = {},
  files: readonly string[] = ['.jar', '.pom'],
): ViewVersion {
  return {
    version: number,
    status: 'Published',
    publishedAt: Date.UTC(2026, 0, 1),
    document: {},
    origin: { type: 'INTERNAL', entryPoint: 'team' },
    holder: 'own',
    assets: files.map((suffix) => ({ name: `widget-${number}${suffix}`, isStored: true, sizeBytes: 1, digests: {} })),
    ...more,
  }
}

function view(versions: readonly ViewVersion[], more: Partial<PackageView> = {}): PackageView {
  return {
    name,
    versions,
    tags: new Map(),
    changedAt: Date.UTC(2026, 5, 1),
    restrictions: undefined,
    upstreamDocument: undefined,
    upstreamDocuments: [],
    notes: new Map(),
    isStale: false,
    ...more,
  }
}

const parse = ({ body }: { readonly body: string | Buffer }) => parseMetadata(Buffer.from(body))

test('a list holds what is Published, and no builds', () => {
  const all = [
    version('1.0'),
    version('1.1', { status: 'Unlisted' }),
    version('1.2-20261101.120000-1'),
    version('1.2-SNAPSHOT'),
  ]
  const { versions, lastUpdated } = parse(renderVersions(view(all)))
  assert.deepEqual([versions, lastUpdated], [['1.0', '1.2-SNAPSHOT'], '20260101000000'])
  const text = String(renderVersions(view(all)).body)
  assert.match(text, /<latest>1\.2-SNAPSHOT<\/latest>\n    <release>1\.0<\/release>/)
  assert.doesNotMatch(String(renderVersions(view([version('1-SNAPSHOT')])).body), /<release>/)
  for (const none of [[], [version('1.0', { status: 'Unfinished' })], [version('1.0-20261101.120000-1')]])
    assert.throws(() => renderVersions(view(none)), { kind: 'missing' })
})

test('fetching a version changes nothing in the list, so that every process gives the same', () => {
  const upstreamDocuments = [{ lastUpdated: '20250505050505' }]
  const outside = (more: Partial<ViewVersion>) =>
    version('1.0', { origin: { type: 'EXTERNAL', entryPoint: 'public:x' }, ...more })
  const before = renderVersions(
    view([outside({ holder: 'external', publishedAt: 5 })], { upstreamDocuments, changedAt: 1 }),
  )
  const after = renderVersions(view([outside({ holder: 'own', publishedAt: 7 })], { upstreamDocuments, changedAt: 9 }))
  assert.deepEqual(before, after)
  assert.equal(parse(before).lastUpdated, '20250505050505')
})

test('what is in a name is escaped', () => {
  const { body } = renderVersions({ ...view([version('1<&>')]), name: { ...name, name: 'a&b' } })
  assert.match(String(body), /<artifactId>a&amp;b<\/artifactId>[^]*<version>1&lt;&amp;&gt;<\/version>/)
})

test('the nearest to name a prefix has it', () => {
  const plugin = (prefix: string, artifactId: string) => ({ prefix, artifactId })
  const notes = new Map([[PLUGINS_NOTE, [[plugin('a', 'near')], [plugin('a', 'far'), plugin('b', 'own')]]]])
  const { plugins } = parse(
    renderVersions(view([], { notes, upstreamDocuments: [{ plugins: [plugin('b', 'out'), plugin('c', 'out')] }] })),
  )
  assert.deepEqual(
    plugins.map(({ prefix, artifactId }) => `${prefix} ${artifactId}`),
    ['a near', 'c out', 'b own'],
  )
})

const [first, second] = ['1.0-20261101.000000-1', '1.0-20261102.000000-2'] as const
const unlisted = { status: 'Unlisted' } as const
const stands = { build: { timestamp: '20261102.000000', buildNumber: 2 } }

function snapshot(versions: readonly ViewVersion[]) {
  return parse(renderSnapshot(view(versions), '1.0-SNAPSHOT', 'team'))
}

test('each file of a snapshot is named with the newest build that has it', () => {
  const held = { ...version('1.0-SNAPSHOT', { document: stands }), assets: version(second).assets }
  const { build, files } = snapshot([
    version(first, unlisted, ['.jar', '.pom', '-docs.zip']),
    version(second, unlisted),
    held,
  ])
  assert.deepEqual(build, stands.build)
  assert.deepEqual(
    files.map(({ classifier, extension, value }) => `${classifier}.${extension} ${value}`),
    [`.jar ${second}`, `.pom ${second}`, `docs.zip ${first}`],
  )
})

test('builds from elsewhere win over own ones, and one that is hidden does not count', () => {
  const elsewhere = { ...unlisted, origin: { type: 'INTERNAL', entryPoint: 'store' } } as const
  const held = version('1.0-SNAPSHOT', { document: stands })
  const third = '1.0-20261103.000000-3'
  assert.equal(snapshot([version(first, elsewhere), version(second, unlisted), held]).build?.buildNumber, 1)
  assert.equal(snapshot([version(first, unlisted), version(third, { status: 'Archived' }), held]).build?.buildNumber, 2)
  assert.throws(() => snapshot([version(first, unlisted)]), { kind: 'missing' })
  assert.throws(() => snapshot([{ ...held, status: 'Archived' }]), { kind: 'missing' })
})

test('a snapshot without timestamps names its files as they are', () => {
  const { build, files } = snapshot([version('1.0-SNAPSHOT', { document: { build: null } }, ['.jar', '-sources.jar'])])
  assert.equal(build, undefined)
  assert.deepEqual(
    files.map(({ classifier, value }) => `${classifier} ${value}`),
    [' 1.0-SNAPSHOT', 'sources 1.0-SNAPSHOT'],
  )
})

test('checksum files are read in every form', () => {
  const sum = 'da39a3ee5e6b4b0d3255bfef95601890afd80709'
  for (const text of [
    sum,
    `${sum}\n`,
    ` ${sum.toUpperCase()}  a.jar\n`,
    `SHA1(a.jar)= ${sum}`,
    `a.jar: ${sum}`,
    `a.jar = ${sum}`,
  ])
    assert.equal(readChecksum(text, 'sha1'), sum, text)
  assert.equal(
    readChecksum('39a3ee5e6b4b0d3255bfef95601890afd80709', 'sha1'),
    '0039a3ee5e6b4b0d3255bfef95601890afd80709',
  )
  for (const text of ['', '<html>', 'abc', sum.slice(12), `${sum}0`, 'a.jar'])
    assert.equal(readChecksum(text, 'sha1'), undefined, text)
})
