import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { ListPackageVersionAssetsCommand } from '@aws-sdk/client-codeartifact'
import { firstDomain, type Packyard, startPackyard } from '../../../test/support/packyard.ts'
import { makeSwift, type SwiftPackage } from '../../../test/support/swift-package.ts'
import { until } from '../../../test/support/processes.ts'
import { makeSigner, signDetached } from '../../../test/support/swift-signature.ts'
import { pathOf, publishForm, type SwiftReply, SwiftWire } from '../../../test/support/swift-wire.ts'
import { packZip } from '../../../test/support/zip-archive.ts'

/** Every test below speaks to one server, each with packages of its own. */
test('publishes on the wire', async (t) => {
  const yard = await startPackyard(t, { processes: 1 })
  const token = await yard.token()
  const wire = new SwiftWire(await yard.endpoint('main', 'swift'), token)
  for (const [title, run] of Object.entries({ forms, signatures, refusals, waiting, submissions })) {
    await t.test(title, (inner) => run(inner, wire, yard, token))
  }
})

function assertRefused(reply: SwiftReply, status: number, detail: RegExp): void {
  assert.equal(reply.status, status, reply.text())
  assert.equal(reply.headers.get('content-type'), 'application/problem+json')
  assert.equal(reply.headers.get('content-version'), '1')
  assert.match(reply.json().detail ?? '', detail)
}

async function forms(t: TestContext, wire: SwiftWire, yard: Packyard, token: string): Promise<void> {
  await t.test('a release is there at once, at the address that is told', async () => {
    const made = makeSwift({ id: 'Mona.Told', version: '1.0.0+7', metadata: { description: 'é' } })
    const reply = await wire.publish(made)
    assert.deepEqual([reply.status, reply.bytes.length, reply.headers.get('content-version')], [201, 0, '1'])
    const location = reply.headers.get('location') ?? ''
    assert.equal(location, `${wire.endpoint}Mona/Told/1.0.0%2B7`)
    assert.deepEqual((await wire.json(location))['metadata'], { description: 'é' })
    assert.deepEqual(await yard.versions('main', '@mona/told', 'swift'), ['1.0.0+7 Published INTERNAL'])
  })

  await t.test('curl sends a file with a name, and no more', async () => {
    const made = makeSwift('Mona.Curled@1.0.0')
    const form = new FormData()
    form.append('source-archive', new Blob([new Uint8Array(made.bytes)], { type: 'application/octet-stream' }), 'c.zip')
    const authorization = `Basic ${Buffer.from(`aws:${token}`).toString('base64')}`
    const sent = { method: 'PUT', body: form, headers: { authorization, accept: '*/*' } }
    const response = await fetch(new URL(pathOf(made), wire.endpoint), sent)
    assert.equal(response.status, 201)
    assert.deepEqual((await wire.get('mona/curled/1.0.0.zip')).bytes, made.bytes)
  })

  await t.test('a release never changes, and a package has one spelling', async () => {
    const made = makeSwift('Mona.Once@1.0.0')
    assert.equal((await wire.publish(made)).status, 201)
    for (const again of [made, makeSwift({ ...made, files: { x: '1' } }), { ...made, id: 'mona.once' }]) {
      assertRefused(await wire.publish(again), 409, /release 1\.0\.0 of Mona\.Once is Published .* already/)
    }
    const twin = makeSwift('mona.ONCE@1.1.0')
    assertRefused(await wire.publish(twin), 409, /mona\.ONCE is published as Mona\.Once/)
    assert.deepEqual((await wire.get('mona/once/1.0.0.zip')).bytes, made.bytes)
  })
}

async function signatures(t: TestContext, wire: SwiftWire, yard: Packyard): Promise<void> {
  const signer = makeSigner()
  const made = makeSwift('Mona.Signed@1.0.0')
  const metadata = '{"description":"signed too"}'
  const signature = signDetached(made.bytes, signer, 'without attributes')
  const metadataSignature = signDetached(Buffer.from(metadata), signer, 'with attributes')

  await t.test('signatures are kept as they came, and told with the release and its archive', async () => {
    assert.equal((await wire.publish(made, { metadata, signature, metadataSignature })).status, 201)
    const { resources: [resource] = [] } = await wire.json('mona/signed/1.0.0')
    assert.deepEqual(resource?.signing, {
      signatureBase64Encoded: signature.toString('base64'),
      signatureFormat: 'cms-1.0.0',
    })
    const { headers } = await wire.get('mona/signed/1.0.0.zip')
    assert.equal(headers.get('x-swift-package-signature-format'), 'cms-1.0.0')
    assert.equal(headers.get('x-swift-package-signature'), signature.toString('base64'))
    const input = { domain: firstDomain, repository: 'main', format: 'swift', namespace: 'mona' } as const
    const { assets } = await yard.sdk.send(
      new ListPackageVersionAssetsCommand({ ...input, package: 'signed', packageVersion: '1.0.0' }),
    )
    const names = ['metadata.json', 'metadata.sig', 'source-archive.sig', 'source-archive.zip']
    assert.deepEqual(assets?.map(({ name }) => name).sort(), names)
  })

  await t.test('a signature of something else is refused, and one that nobody could read', async () => {
    const other = makeSwift('Mona.Missigned@1.0.0')
    const own = signDetached(other.bytes, signer, 'with attributes')
    assertRefused(await wire.publish(other, { signature }), 422, /part source-archive is not one of that part/)
    const mixed = { metadata, signature: own, metadataSignature: own }
    assertRefused(await wire.publish(other, mixed), 422, /part metadata is not one of that part/)
    assertRefused(await wire.publish(other, { signature: Buffer.from('x') }), 422, /not DER|no CMS/)
    const format = { signature: own, signatureFormat: 'pgp' }
    assertRefused(await wire.publish(other, format), 422, /Signature-Format 'pgp' must be cms-1\.0\.0/)
    assertRefused(await wire.publish(other, { metadata, metadataSignature }), 422, /metadata-signature without/)
    assertRefused(
      await wire.publish(other, { signature: Buffer.alloc(40_000) }),
      413,
      /source-archive-signature is larger/,
    )
    assert.deepEqual(await yard.versions('main', '@mona/missigned', 'swift'), [])
  })
}

async function refusals(t: TestContext, wire: SwiftWire, yard: Packyard): Promise<void> {
  const before = (await yard.storedFiles()).length
  const good = makeSwift('bad.Release@1.0.0')
  const send = (type: string, body: Buffer | string, path = pathOf(good)) =>
    wire.request('PUT', path, { 'content-type': type }, Buffer.from(body))
  const form = publishForm(good, {})

  await t.test('names and versions that are none are refused before anything is read', async () => {
    const addresses: Readonly<Record<string, RegExp>> = {
      'ba_d/x/1.0.0': /package scope 'ba_d' must be/,
      'bad/x-/1.0.0': /package name 'x-' must be/,
      'bad/x/1.0': /version '1\.0' must be a semantic version/,
      'bad/x/v1.0.0': /version 'v1\.0\.0'/,
      'bad/x/1.0.0-a.zip': /must not end in \.zip/,
    }
    for (const [path, detail] of Object.entries(addresses)) {
      assertRefused(await send(form.type, form.body, path), 400, detail)
    }
  })

  await t.test('parts that are missing, damaged, doubled or hostile are refused', async () => {
    const boundary = 'multipart/form-data; boundary=b'
    const part = (name: string, content: string) =>
      `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${content}\r\n`
    assertRefused(await send('application/zip', good.bytes), 422, /must be multipart\/form-data/)
    assertRefused(await send('multipart/form-data', good.bytes), 422, /boundary/)
    assertRefused(await send(boundary, '--b--\r\n'), 422, /no part source-archive|damaged/)
    assertRefused(await send(boundary, `${part('metadata', '{}')}--b--\r\n`), 422, /no part source-archive/)
    assertRefused(await send(boundary, `${part('source-archive', '')}--b--\r\n`), 422, /source-archive is empty/)
    assertRefused(await send(boundary, `${part('source-archive', 'x')}`), 422, /damaged/)
    assertRefused(await send(boundary, `${part('metadata', '{}').repeat(2)}--b--\r\n`), 422, /metadata twice/)
    assertRefused(await send(boundary, `${part('source-archive', 'zip')}--b--\r\n`), 422, /not a sound zip/)
    assertRefused(await wire.publish(good, { metadata: '{"description":1}' }), 422, /metadata\.description/)
    assertRefused(await wire.publish(good, { metadata: ' '.repeat(2 ** 20 + 1) }), 413, /metadata is larger/)
    const evil = packZip([{ path: 'r/Package.swift' }, { path: 'r/l', content: '/etc', mode: 0o120777 }])
    assertRefused(await wire.publish({ ...good, bytes: evil }), 422, /leads outside/)
  })

  await t.test('nothing of all that was kept', async () => {
    assert.equal((await yard.storedFiles()).length, before)
    assert.deepEqual(await yard.versions('main', '@bad/release', 'swift'), [])
    assert.equal((await wire.publish(good)).status, 201)
  })
}

async function waiting(t: TestContext, wire: SwiftWire, _: Packyard, token: string): Promise<void> {
  await t.test('who waits for leave to send learns before whether there is any use in it', async () => {
    const made = makeSwift('Mona.Waits@1.0.0')
    assert.equal(await wire.expectContinue(made, token), 100)
    assert.equal(await wire.expectContinue(made, 'no-token-of-anybody'), 401)
    assert.equal(await wire.expectContinue(makeSwift('mona_.Waits@1.0.0'), token), 400)
    assert.equal((await wire.publish(made)).status, 201)
    assert.equal(await wire.expectContinue(made, token), 409)
  })
}

async function submissions(t: TestContext, wire: SwiftWire, yard: Packyard): Promise<void> {
  const submit = (made: SwiftPackage, prefer: string) => {
    const { type, body } = publishForm(made, {})
    return wire.request('PUT', pathOf(made), { 'content-type': type, prefer }, body)
  }
  const settled = (location: string) =>
    until('the end of a submission', async () => {
      const reply = await wire.get(location)
      if (reply.status !== 202) return reply
      assert.equal(reply.headers.get('retry-after'), '1')
      return undefined
    })

  await t.test('who does not want to wait is told where to ask, and then where the release is', async () => {
    const made = makeSwift('Mona.Later@1.0.0')
    const reply = await submit(made, 'respond-async, wait=0')
    assert.equal(reply.status, 202)
    assert.deepEqual(
      ['content-version', 'retry-after', 'preference-applied'].map((name) => reply.headers.get(name)),
      ['1', '1', 'respond-async'],
    )
    const location = reply.headers.get('location') ?? ''
    assert.ok(location.startsWith(wire.endpoint), location)
    const end = await settled(location)
    assert.deepEqual([end.status, end.headers.get('location')], [301, `${wire.endpoint}Mona/Later/1.0.0`])
    assert.deepEqual((await wire.get('mona/later/1.0.0.zip')).bytes, made.bytes)
  })

  await t.test('a refusal is told to whoever asks, also after a restart, and to nobody else', async () => {
    const bytes = packZip([{ path: 'no/manifest' }])
    const reply = await submit({ id: 'Mona.Never', version: '1.0.0', bytes }, 'wait=0; respond-async')
    const location = reply.headers.get('location') ?? ''
    assertRefused(await settled(location), 422, /no Package\.swift/)
    assert.equal((await new SwiftWire(wire.endpoint, undefined).get(location)).status, 401)
    const elsewhere = location.replace('/main/', '/npm-store/')
    assertRefused(await wire.get(elsewhere), 404, /no submission/)
    await yard.restart()
    assertRefused(await wire.get(location), 422, /no Package\.swift/)
    assert.deepEqual(await yard.versions('main', '@mona/never', 'swift'), [])
  })

  await t.test('what is done in time is told at once', async () => {
    const wait = 'respond-async, wait=30'
    assert.equal((await submit(makeSwift('Mona.InTime@1.0.0'), wait)).status, 201)
    const bytes = packZip([{ path: 'no/manifest' }])
    assertRefused(await submit({ id: 'Mona.InTime', version: '1.1.0', bytes }, wait), 422, /no Package\.swift/)
    assertRefused(await wire.get(`${wire.endpoint}.submissions/none`), 404, /no submission 'none'/)
  })
}
