import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import {
  DeletePackageVersionsCommand,
  DescribePackageCommand,
  DescribePackageVersionCommand,
  ListPackageVersionDependenciesCommand,
} from '@aws-sdk/client-codeartifact'
import type { Packyard } from '../../../test/support/packyard.ts'
import { pypiPlace, startPypi } from '../../../test/support/pypi-stage.ts'
import { makePython, normalize, sha256 } from '../../../test/support/python-package.ts'
import type { PypiWire, UploadChanges } from '../../../test/support/pypi-wire.ts'
import { Blake2b256 } from './blake2b.ts'

/** Every test below speaks to one server, each with projects of its own. */
test('uploads on the wire', async (t) => {
  const { yard, wire } = await startPypi(t)
  await t.test('uploads', (inner) => uploads(inner, wire, yard))
  await t.test('refusals', (inner) => refusals(inner, wire, yard))
})

async function uploads(t: TestContext, wire: PypiWire, yard: Packyard): Promise<void> {
  await t.test('a version grows: a new revision, and one more asset', async () => {
    const revisions = new Set<unknown>()
    for (const kind of ['sdist', 'wheel'] as const) {
      await wire.publish({ name: 'Growing.One', version: '1.0', kind, description: `as ${kind}` })
      const described = await yard.sdk.send(
        new DescribePackageVersionCommand({ ...pypiPlace, package: 'Growing_One', packageVersion: '1.0' }),
      )
      const { revision, status, displayName } = described.packageVersion ?? {}
      revisions.add(revision)
      assert.deepEqual([status, displayName], ['Published', 'Growing.One'])
    }
    assert.equal(revisions.size, 2)
    assert.equal((await wire.page('growing-one')).files.length, 2)
    assert.deepEqual(await yard.versions('main', 'growing-one', 'pypi'), ['1.0 Published INTERNAL'])
  })

  await t.test('the same file again is nothing new, another file under its name is refused', async () => {
    const made = makePython({ name: 'again', version: '1.0' })
    await wire.publish(made)
    const same = await wire.upload(made)
    assert.equal(same.status, 200)
    assert.match(same.text(), /^Nothing to do/)
    const other = await wire.upload(makePython({ name: 'again', version: '1.0', files: { 'x.py': '1' } }))
    assert.equal(other.status, 409)
    const reason = `File already exists ('${made.filename}', with sha256 '${sha256(made.bytes)}')`
    assert.ok(other.reason.startsWith(reason), other.reason)
    assert.ok(other.text().startsWith(reason))
    assert.deepEqual((await wire.file('again', made.filename)).bytes, made.bytes)
  })

  await t.test('another spelling of a version joins the one that stands', async () => {
    await wire.publish({ name: 'spelt', version: '1.0' })
    await wire.publish({ name: 'spelt', version: '1.0.0', kind: 'sdist' })
    assert.deepEqual(await yard.versions('main', 'spelt', 'pypi'), ['1.0 Published INTERNAL'])
    assert.equal((await wire.file('spelt', 'spelt-1.0.0.tar.gz')).status, 200)
  })

  await t.test('every address that clients use takes an upload', async () => {
    for (const [at, path] of ['', 'legacy/', 'legacy', wire.endpoint.replace(/\/$/, '')].entries()) {
      await wire.publish({ name: 'placed', version: `1.${at}` }, { path })
    }
    assert.deepEqual((await wire.page('placed')).versions, ['1.0', '1.1', '1.2', '1.3'])
  })

  await t.test('the file may come first, and the name in any spelling', async () => {
    await wire.publish({ name: 'first', version: '1.0' }, { fileAt: 'front', fields: { name: 'FIRST' } })
    assert.equal((await wire.page('first')).files.length, 1)
  })

  await t.test('what PDM and twine send besides does not disturb', async () => {
    const made = makePython({ name: 'quirks', version: '1.0' })
    const fields = {
      provides_extras: 'dev',
      summary: '',
      license: '',
      comment: '',
      keywords: 'a,b',
      classifiers: ['Private :: Do Not Upload', 'b'],
      md5_digest: '',
      blake2_256_digest: new Blake2b256().update(made.bytes).digest().toUpperCase(),
      gpg_signature: 'x',
      unknown: 'y',
    }
    await wire.publish(made, { fields })
  })

  await t.test('attestations are kept, and served for the file', async () => {
    const attestations = [{ version: 1, envelope: { statement: 'e30=', signature: 'AA==' } }]
    await wire.publish({ name: 'attested', version: '1.0' }, { fields: { attestations: JSON.stringify(attestations) } })
    const [file] = (await wire.page('attested')).files
    const reply = await wire.get(file?.provenance ?? 'none')
    assert.equal(reply.headers.get('content-type'), 'application/vnd.pypi.integrity.v1+json')
    const { attestation_bundles: bundles } = JSON.parse(reply.text()) as {
      attestation_bundles: { attestations: unknown }[]
    }
    assert.deepEqual(bundles[0]?.attestations, attestations)
    assert.equal((await wire.get('integrity/quirks/1.0/quirks-1.0-py3-none-any.whl/provenance')).status, 404)
  })

  await t.test('what an old sdist does not say of its dependencies, the form may', async () => {
    const old = { name: 'oldstyle', version: '1.0', kind: 'sdist' } as const
    await wire.publish(old, { fields: { requires_dist: ['Other.Thing>=2', 'plain'], requires_python: '>=3.7' } })
    assert.equal((await wire.page('oldstyle')).files[0]?.['requires-python'], '>=3.7')
    const answer = await yard.sdk.send(
      new ListPackageVersionDependenciesCommand({ ...pypiPlace, package: 'oldstyle', packageVersion: '1.0' }),
    )
    const found = answer.dependencies ?? []
    assert.deepEqual(
      found.map((each) => `${each.package} ${each.versionRequirement}`),
      ['other-thing >=2', 'plain '],
    )
  })

  await t.test('deleted versions leave a package without versions', async () => {
    for (const version of ['1.0', '1.1', '1.2']) await wire.publish({ name: 'deleted', version })
    const answer = await yard.sdk.send(
      new DeletePackageVersionsCommand({ ...pypiPlace, package: 'deleted', versions: ['1.0', '1.1', '1.2'] }),
    )
    const statuses = Object.values(answer.successfulVersions ?? {})
    assert.deepEqual(
      statuses.map(({ status }) => status),
      ['Deleted', 'Deleted', 'Deleted'],
    )
    assert.equal((await wire.get('simple/deleted/')).status, 404)
    const described = await yard.sdk.send(new DescribePackageCommand({ ...pypiPlace, package: 'deleted' }))
    assert.equal(described.package?.name, 'deleted')
  })
}

async function refusals(t: TestContext, wire: PypiWire, yard: Packyard): Promise<void> {
  const stored = await yard.storedFiles()
  const bad: readonly (readonly [reason: RegExp, status: number, changes: UploadChanges])[] = [
    [/required metadata is missing: form field name/, 400, { fields: { name: undefined } }],
    [/required metadata is missing: form field version/, 400, { fields: { version: '' } }],
    [/required metadata is missing: form field filetype/, 400, { fields: { filetype: undefined } }],
    [/required metadata is missing: form field metadata_version/, 400, { fields: { metadata_version: undefined } }],
    [/required metadata is missing: one of sha256_digest/, 400, { fields: { sha256_digest: undefined } }],
    [/metadata_version '9\.9' must be one of/, 400, { fields: { metadata_version: '9.9' } }],
    [/':action' 'submit' is not served/, 410, { fields: { ':action': 'submit' } }],
    [/protocol_version '2' must be 1/, 400, { fields: { protocol_version: '2' } }],
    [/name '-bad-' must be letters/, 400, { fields: { name: '-bad-' } }],
    [/form field name must stand once/, 400, { fields: { name: ['refused', 'refused'] } }],
    [/version 'one' must be a version by PEP 440/, 400, { fields: { version: 'one' } }],
    [/filetype 'bdist_egg' must be bdist_wheel or sdist/, 400, { fields: { filetype: 'bdist_egg' } }],
    [
      /filename 'refused-1\.0-py3-none-any\.whl' must end in \.tar\.gz or \.zip/,
      400,
      { fields: { filetype: 'sdist' } },
    ],
    [/must have the form .* for refused 1\.1/, 400, { fields: { version: '1.1' } }],
    [/must have the form .* for other 1\.0/, 400, { fields: { name: 'other' } }],
    [/must be 1 to 255 bytes without/, 400, { filename: '../refused-1.0-py3-none-any.whl' }],
    [/must have the form/, 400, { filename: 'refused-1.0-py3.whl' }],
    [/sha256_digest '0{64}' does not match the uploaded file/, 400, { fields: { sha256_digest: '0'.repeat(64) } }],
    [/blake2_256_digest '0{64}' does not match/, 400, { fields: { blake2_256_digest: '0'.repeat(64) } }],
    [/md5_digest '0{32}' does not match/, 400, { fields: { md5_digest: '0'.repeat(32) } }],
    [/md5_digest 'abc' must be 32 hexadecimal digits/, 400, { fields: { md5_digest: 'abc' } }],
    [/not a sound zip archive/, 400, { bytes: Buffer.from('no archive') }],
    [/attestations are not JSON/, 400, { fields: { attestations: '{' } }],
    [/attestations must be a list/, 400, { fields: { attestations: '{}' } }],
    [/form field description has more than/, 400, { fields: { description: 'x'.repeat(11 * 1024 * 1024) } }],
  ]
  for (const [reason, status, changes] of bad) {
    await t.test(`refused: ${reason.source}`, async () => {
      const reply = await wire.upload({ name: 'refused', version: '1.0' }, changes)
      assert.equal(reply.status, status, reply.text())
      assert.match(reply.text(), reason)
      assert.equal(reply.headers.get('content-type'), 'text/plain; charset=utf-8')
      assert.equal(reply.reason.slice(0, 60), reply.text().trim().slice(0, 60), 'the status line says the same')
    })
  }

  await t.test('a file whose metadata is another project’s, or another version’s, is refused', async () => {
    const good = makePython({ name: 'refused', version: '1.0' })
    for (const [name, version, reason] of [
      [
        'other',
        '1.0',
        /Name in the metadata of refused-1\.0-py3-none-any\.whl 'other' must be the uploaded name 'refused'|no folder/,
      ],
      ['refused', '2.0', /Version in the metadata|no folder/],
    ] as const) {
      const reply = await wire.upload({ ...good, bytes: makePython({ name, version }).bytes })
      assert.equal(reply.status, 400)
      assert.match(reply.text(), reason)
    }
    const text = Buffer.from('Metadata-Version: 2.1\nName: other\nVersion: 1.0\n')
    const sdist = makePython({ name: 'refused', version: '1.0', kind: 'sdist', files: { 'PKG-INFO': text } })
    assert.match((await wire.upload(sdist)).text(), /Name in the metadata of refused-1\.0\.tar\.gz 'other' must be/)
  })

  await t.test('what is no form is refused', async () => {
    const headers = { 'content-type': 'multipart/form-data; boundary=x' }
    const part = '--x\r\nContent-Disposition: form-data; name="content"; filename="a.whl"\r\n\r\nab'
    for (const [body, type, reason] of [
      ['{}', 'application/json', /must be multipart\/form-data/],
      ['', 'multipart/form-data', /must be multipart\/form-data/],
      [part, headers['content-type'], /form is damaged|required metadata/],
      ['nothing', headers['content-type'], /form is damaged|required metadata/],
      [`${part}\r\n${part}\r\n--x--\r\n`, headers['content-type'], /one part content/],
    ] as const) {
      const reply = await wire.request('POST', '', { headers: { 'content-type': type }, body })
      assert.equal(reply.status, 400, body)
      assert.match(reply.text(), reason)
    }
  })

  await t.test('nothing of all that is stored, and nothing is left behind', async () => {
    assert.equal((await wire.get('simple/refused/')).status, 404)
    assert.deepEqual(await yard.storedFiles(), stored)
    assert.ok(!(await yard.packages('main')).includes(normalize('refused')))
  })
}
