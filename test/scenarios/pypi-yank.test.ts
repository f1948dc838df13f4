import assert from 'node:assert/strict'
import { PutRepositoryPermissionsPolicyCommand } from '@aws-sdk/client-codeartifact'
import { firstDomain } from '../support/packyard.ts'
import { pips, PythonUser, skipWithoutPip } from '../support/python-clients.ts'
import { PypiWire } from '../support/pypi-wire.ts'
import { testOnEachSetup } from '../support/setups.ts'

testOnEachSetup('an own version is yanked with a reason, and taken back', {}, async (t, setup) => {
  const yard = await setup.start({ connections: { 'public:pypi': 'http://127.0.0.1:9/' }, processes: 1 })
  const endpoint = await yard.endpoint(await yard.createRepository('team', []), 'pypi')
  const wire = new PypiWire(endpoint, await yard.token())
  const user = await PythonUser.create(yard.folder, endpoint, await yard.token())
  for (const version of ['1.0', '1.1']) assert.equal((await wire.upload({ name: 'Own.Tool', version })).status, 200)
  const yanked = async () =>
    Object.fromEntries((await wire.page('own-tool')).files.map((file) => [file.filename, file.yanked]))
  const wheel = (version: string) => `own_tool-${version}-py3-none-any.whl`

  await t.test('its files are marked on both pages, and it stays Published', async () => {
    const reply = await wire.request('PUT', 'yanked/Own_Tool/1.1.0', { body: 'loses data on <Tuesdays>\n' })
    assert.deepEqual([reply.status, reply.text()], [200, 'own-tool 1.1 is yanked\n'])
    assert.deepEqual(await yanked(), { [wheel('1.0')]: false, [wheel('1.1')]: 'loses data on <Tuesdays>' })
    assert.match((await wire.get('simple/own-tool/')).text(), /data-yanked="loses data on &#60;Tuesdays&#62;"/)
    assert.deepEqual(
      await yard.versions('team', 'own-tool', 'pypi'),
      ['1.0', '1.1'].map((each) => `${each} Published INTERNAL`),
    )
  })

  // The second database needs no second pip.

  if (setup.name === 'SQLite')
    await t.test('pip passes it over, unless somebody asks for exactly it', { skip: skipWithoutPip }, async () => {
      await user.install(pips[0], 'own-tool')
      assert.equal(await user.installed('own_tool'), '1.0')
      const pinned = await user.install(pips[0], 'own-tool==1.1')
      assert.equal(await user.installed('own_tool'), '1.1')
      assert.match(pinned.output, /yanked version[^]*loses data on <Tuesdays>/)
    })

  await t.test('so are files that are added to it; again is no mistake; no reason is needed', async () => {
    assert.equal((await wire.upload({ name: 'own-tool', version: '1.1', kind: 'sdist' })).status, 200)
    assert.equal((await yanked())['own_tool-1.1.tar.gz'], 'loses data on <Tuesdays>')
    for (const _ of [1, 2]) assert.equal((await wire.request('PUT', 'yanked/own-tool/1.1')).status, 200)
    assert.equal((await yanked())[wheel('1.1')], true)
  })

  await t.test('taken back, none of its files is marked', async () => {
    for (const _ of [1, 2]) assert.equal((await wire.request('DELETE', 'yanked/own-tool/1.1')).status, 200)
    assert.deepEqual(new Set(Object.values(await yanked())), new Set([false]))
  })

  if (setup.name === 'SQLite')
    await t.test('and pip takes it again', { skip: skipWithoutPip }, async () => {
      await user.install(pips[0], 'own-tool')
      assert.equal(await user.installed('own_tool'), '1.1')
    })

  await t.test('what is not here, and what is no line of text, is refused; and who may not', async () => {
    for (const path of ['yanked/own-tool/2.0', 'yanked/nothing/1.0', 'yanked/own-tool/%23'])
      assert.equal((await wire.request('PUT', path, { body: 'x' })).status, 404, path)
    for (const body of ['two\nlines', Buffer.from([0xff, 0xfe]), 'x'.repeat(1001)])
      assert.ok([400, 413].includes((await wire.request('PUT', 'yanked/own-tool/1.1', { body })).status))
    assert.equal((await new PypiWire(endpoint, undefined).request('PUT', 'yanked/own-tool/1.1')).status, 401)
    const statement = { Effect: 'Deny', Principal: '*', Action: 'codeartifact:PutPackageMetadata', Resource: '*' }
    const policyDocument = JSON.stringify({ Version: '2012-10-17', Statement: statement })
    await yard.sdk.send(
      new PutRepositoryPermissionsPolicyCommand({ domain: firstDomain, repository: 'team', policyDocument }),
    )
    const denied = await wire.request('PUT', 'yanked/own-tool/1.1', { body: 'x' })
    assert.equal(denied.status, 403)
    assert.match(denied.reason, /codeartifact:PutPackageMetadata/)
    assert.deepEqual(new Set(Object.values(await yanked())), new Set([false]))
  })
})
