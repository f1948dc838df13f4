import assert from 'node:assert/strict'
import type { Packyard } from '../support/packyard.ts'
import { RubyClient, skipWithoutRuby } from '../support/ruby-clients.ts'
import { testOnEachSetup } from '../support/setups.ts'
import { startUpstream, type Upstream } from '../support/upstream.ts'

testOnEachSetup(
  'gem and Bundler push, install, yank, and install without the upstream',
  { skip: skipWithoutRuby() },
  async (t, setup) => {
    const upstream = await startUpstream(t, {
      ruby: ['pub-base@1.0', { name: 'pub-top', version: '2.0', dependencies: { 'pub-base': '>= 1.0' } }],
    })
    const connections = { 'public:ruby-gems-org': { url: upstream.url, ttlSeconds: 0 } }
    const yard = await setup.start({ connections, processes: 1 })
    const client = await RubyClient.create(yard.folder, await yard.endpoint('main', 'ruby'), await yard.token())
    await t.test('gem', () => useGem(client, yard))
    if (setup.name === 'SQLite') await t.test('more of gem', () => useMoreOfGem(client))
    await t.test('Bundler', () => useBundler(client, yard, upstream))
  },
)

async function useGem(client: RubyClient, yard: Packyard): Promise<void> {
  const file = await client.build('acme-tool', '1.0', ["s.add_runtime_dependency 'pub-top', '~> 2.0'"])
  assert.match((await client.gem(`push ${file}`)).output, /Successfully registered gem: acme-tool \(1\.0\)/)
  await client.build('acme-tool', '1.0', ["s.description = 'other bytes'"])
  const again = await client.attemptGem(`push ${file}`)
  assert.deepEqual([again.code, /Repushing of gem versions is not allowed/.test(again.output)], [1, true])
  const denied = await client.attemptGem(`push ${file}`, { GEM_HOST_API_KEY: 'Bearer nonsense' })
  assert.equal(denied.code, 1)
  assert.match(denied.output, /GEM_HOST_API_KEY/)

  const bare = await client.build('acme-bare', '1.0', ['s.files = []'])
  assert.match((await client.gem(`push ${bare}`)).output, /registered gem: acme-bare \(1\.0\)/, 'a gem without files')

  await client.install('acme-tool -v 1.0')
  assert.match((await client.gem('list --local')).stdout, /acme-tool \(1\.0\).*pub-base \(1\.0\).*pub-top \(2\.0\)/s)
  assert.deepEqual(await yard.versions('main', 'pub-top', 'ruby'), ['2.0 Published EXTERNAL'])
}

/** What the service does not do: old interfaces, and nothing that depends on the database. */
async function useMoreOfGem(client: RubyClient): Promise<void> {
  const options = `--clear-sources --source ${client.source}`
  assert.match((await client.gem(`list --remote --all ${options}`)).stdout, /acme-tool \(1\.0\).*pub-base \(1\.0\)/s)
  assert.match((await client.gem(`search tool ${options}`)).stdout, /acme-tool/)
  assert.match((await client.gem(`specification --remote acme-tool summary ${options}`)).stdout, /Made for a test/)
  await client.gem(`fetch pub-base ${options}`)
  await client.gem(`sources --add ${client.source}`)
}

async function useBundler(client: RubyClient, yard: Packyard, upstream: Upstream): Promise<void> {
  await client.gemfile("'acme-tool'", "'pub-top'")
  await client.bundle('install')
  assert.match((await client.bundle('list')).stdout, /acme-tool \(1\.0\).*pub-base \(1\.0\).*pub-top \(2\.0\)/s)

  upstream.ruby.add('pub-base@1.1')
  await client.gem(`push ${await client.build('acme-tool', '1.1', ["s.add_runtime_dependency 'pub-top', '~> 2.0'"])}`)
  const update = await client.bundle('update --verbose')
  assert.match((await client.bundle('list')).stdout, /acme-tool \(1\.1\).*pub-base \(1\.1\)/s)
  assert.match(update.output, /HTTP 206/)

  const host = (await yard.endpoint('main', 'ruby')).replace(/\/$/, '')
  assert.match(
    (await client.gem(`yank acme-tool -v 1.1 --host ${host}`)).output,
    /Successfully deleted gem: acme-tool \(1\.1\)/,
  )
  assert.deepEqual(await yard.versions('main', 'acme-tool', 'ruby'), [
    '1.0 Published INTERNAL',
    '1.1 Unlisted INTERNAL',
  ])
  // what is installed or locked counts as there
  await client.uninstall()
  await client.unlock()
  const back = await client.bundle('install --verbose')
  assert.doesNotMatch(back.output, /mismatch|HTTP 416/i)
  assert.match((await client.bundle('list')).stdout, /acme-tool \(1\.0\)/)

  await upstream.stop()
  await client.forget()
  await client.bundle('install')
  assert.match((await client.bundle('list')).stdout, /acme-tool \(1\.0\).*pub-base \(1\.1\).*pub-top \(2\.0\)/s)
  await client.forget()
  await client.bundle('install --full-index')
  assert.match((await client.bundle('list')).stdout, /pub-top \(2\.0\)/)
}
