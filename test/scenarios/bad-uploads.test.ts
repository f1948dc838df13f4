import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { skipWithoutAws } from '../support/aws.ts'
import { JavaClient, debianArtifacts, skipWithoutTool } from '../support/java-clients.ts'
import { jar, pomText } from '../support/maven-package.ts'
import { type Packyard, startPackyard } from '../support/packyard.ts'
import { PythonUser, skipWithoutTwine } from '../support/python-clients.ts'
import { metadataOf, wheelEntries } from '../support/python-package.ts'
import { packTarball, type TarEntry } from '../support/tarball.ts'
import { startUpstream } from '../support/upstream.ts'
import { packZip } from '../support/zip-archive.ts'

const tiny = { name: 'tiny', version: '1.0' }
const wheel = 'tiny-1.0-py3-none-any.whl'
const sdist = 'tiny-1.0.tar.gz'
const info: TarEntry = { path: 'tiny-1.0/PKG-INFO', content: metadataOf(tiny) }

/** Nothing, and much of it. */
const bomb = { path: 'tiny/zeros', content: Buffer.alloc(80 * 1024 * 1024) }

/** Files that twine sends without a word, and what it prints of the refusal. */
const badFiles: readonly (readonly [what: string, file: string, bytes: () => Buffer, words: RegExp])[] = [
  [
    'a path out of the archive',
    wheel,
    () => packZip([...wheelEntries(tiny), { path: '../evil.py' }]),
    /invalid relative path: \.\.\/evil\.py/,
  ],
  ['an entry that stands twice', wheel, () => packZip([...wheelEntries(tiny), { path: 'tiny/__init__.py' }]), /twice/],
  [
    'a link out of the archive',
    sdist,
    () => packTarball([info, { path: 'tiny-1.0/l', type: '2', linkPath: '/etc/passwd' }]),
    /link that points outside/,
  ],
  ['a bomb', wheel, () => packZip([...wheelEntries(tiny), bomb]), /unpacks to \d+ bytes, more than/],
  ['two folders', sdist, () => packTarball([info, { path: 'other/setup.py' }]), /must hold one folder, and holds 2/],
  [
    'a folder of another version',
    wheel,
    () => packZip(wheelEntries({ ...tiny, version: '2.0' }, Buffer.from(metadataOf(tiny)))),
    /no folder tiny-1\.0\.dist-info/,
  ],
]

test('what may not come in is refused with words that the client prints, and leaves nothing', async (t) => {
  const upstream = await startUpstream(t)
  upstream.maven.folder = debianArtifacts
  const yard = await startPackyard(t, {
    connections: { 'public:maven-central': upstream.maven.url, 'public:pypi': upstream.url },
    processes: 1,
  })
  await t.test('twine', { skip: skipWithoutTwine }, (inner) => byTwine(inner, yard))
  await t.test('the AWS CLI', { skip: skipWithoutAws }, () => byAws(yard))
  await t.test('Maven', { skip: skipWithoutTool('mvn') }, () => byMaven(yard))
})

async function byTwine(t: TestContext, yard: Packyard): Promise<void> {
  const user = await PythonUser.create(yard.folder, await yard.endpoint('main', 'pypi'), await yard.token())
  for (const [what, file, bytes, words] of badFiles) {
    await t.test(what, async () => {
      await user.write({ [file]: bytes() })
      const refused = await user.attemptTwine(file)
      assert.notEqual(refused.code, 0, refused.output)
      assert.match(refused.output.replace(/\s+/g, ' '), new RegExp(`HTTPError: 400 .*${words.source}`))
      assert.deepEqual(await yard.versions('main', 'tiny', 'pypi'), [])
      assert.deepEqual(await yard.storedFiles(), [])
    })
  }
}

async function byAws(yard: Packyard): Promise<void> {
  const asset = join(yard.folder, 'settings.xml')
  const publish = (name: string, sha256: string) =>
    yard.attemptAws(
      `codeartifact publish-package-version --domain packyard --repository main --format generic --namespace team --package tool --package-version 1.0 --asset-content ${asset} --asset-name ${name} --asset-sha256 ${sha256}`,
    )
  const user = await PythonUser.create(yard.folder, await yard.endpoint('main', 'pypi'), await yard.token())
  await user.write({ [`../../settings.xml`]: 'content' })
  const [right, wrong] = ['content', 'other'].map((text) => createHash('sha256').update(text).digest('hex'))
  for (const [name, sha256, words] of [
    ['a.bin', wrong, /ValidationException.*SHA-256/],
    ['..', right, /ValidationException.*'\.\.'/],
    ['x%y', right, /ValidationException.*x%y/],
  ] as const) {
    const refused = await publish(name, sha256 ?? '')
    assert.notEqual(refused.code, 0)
    assert.match(refused.output, words)
  }
  assert.deepEqual(await yard.versions('main', '@team/tool', 'generic'), [])
  assert.deepEqual(await yard.storedFiles(), [])
}

async function byMaven(yard: Packyard): Promise<void> {
  const login = { endpoint: await yard.endpoint('main', 'maven'), token: await yard.token() }
  const client = await JavaClient.create(yard.folder, login)
  await client.write({ 'x.jar': jar('x'), 'x.xml': pomText('com.acme:x:1.0') })
  const place = `-Durl=${client.endpoint} -DrepositoryId=codeartifact -Dfile=x.jar -DpomFile=x.xml`
  const refused = await client.attemptMaven(`deploy:deploy-file ${place} -DgroupId=com.other`)
  assert.equal(refused.code, 1)
  assert.match(
    refused.output,
    /400 the POM's groupId 'com\.acme' must be the one in its address, which is 'com\.other'/,
  )
  const slashes = await client.attemptMaven(`deploy:deploy-file ${place.replace('/main/', '/main/libs.here/')}`)
  assert.equal(slashes.code, 1)
  assert.match(slashes.output, /400 there is no place for/)
}
