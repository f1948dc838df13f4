import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Packyard } from '../support/packyard.ts'
import { startPackyard } from '../support/packyard.ts'
import { makePython } from '../support/python-package.ts'
import { PythonUser, pips, skipWithoutBuild, skipWithoutPip, skipWithoutTwine } from '../support/python-clients.ts'
import { PypiWire } from '../support/pypi-wire.ts'
import { testOnEachSetup } from '../support/setups.ts'
import { startUpstream } from '../support/upstream.ts'

const [newest] = pips
const skip = skipWithoutPip || skipWithoutTwine || skipWithoutBuild

async function userOf(yard: Packyard, repository = 'main'): Promise<PythonUser> {
  return PythonUser.create(yard.folder, await yard.endpoint(repository, 'pypi'), await yard.token())
}

testOnEachSetup(
  'what build makes, twine uploads and pip installs, next to public packages',
  { skip },
  async (t, setup) => {
    const upstream = await startUpstream(t, {
      pypi: [
        { name: 'tiny', version: '1.3.0', metadata: ['Requires-Dist: deep>=2'] },
        { name: 'deep', version: '2.0.0' },
        { name: 'deep', version: '2.1.0', metadata: ['Requires-Python: >=99'] },
      ],
    })
    const yard = await setup.start({ connections: { 'public:pypi': upstream.url } })
    const user = await userOf(yard)

    await t.test('twine uploads a wheel and an sdist, and again without harm', async () => {
      await user.writeProject('Own.Thing', '1.0', ['dependencies = ["tiny>=1"]', 'description = "ours"'])
      await user.build()
      const files = (await readdir(join(user.project, 'dist'))).map((file) => `dist/${file}`)
      assert.equal(files.length, 2)
      await user.twine(...files)
      assert.match((await user.twine(...files)).output, /Nothing to do: the same file is there already/)
      assert.deepEqual(await yard.versions('main', 'own-thing', 'pypi'), ['1.0 Published INTERNAL'])
    })

    await t.test('twine says why when the file would be another one', async () => {
      const { filename, bytes } = makePython({ name: 'Own.Thing', version: '1.0', files: { 'own_thing/more.py': '' } })
      const [wheel = ''] = (await readdir(join(user.project, 'dist'))).filter((file) => file.endsWith('.whl'))
      await user.write({ [`other/${wheel}`]: bytes })
      const refused = await user.attemptTwine(`other/${wheel}`)
      assert.notEqual(refused.code, 0)
      assert.match(refused.output.replace(/\s+/g, ' '), /409 File already exists \('[Oo]wn/, filename)
    })

    // The second database needs no second pip.
    for (const pip of setup.name === 'SQLite' ? pips : pips.slice(0, 1)) {
      await t.test(`${pip.name} installs it with what it needs`, async () => {
        const result = await user.install(pip, 'OWN_thing')
        assert.equal(await user.installed('own_thing'), '1.0')
        assert.equal(await user.installed('tiny'), '1.3.0')
        assert.equal(await user.installed('deep'), '2.0.0', 'requires-python is passed on')
        assert.match(result.output, /Successfully installed/)
      })
    }

    await t.test('what was fetched is kept in the connection’s repository and in the one that was asked', async () => {
      for (const repository of ['main', 'pypi-store']) {
        assert.deepEqual(await yard.versions(repository, 'tiny', 'pypi'), ['1.3.0 Published EXTERNAL'])
      }
      assert.deepEqual(await yard.versions('pypi-store', 'own-thing', 'pypi'), [])
    })

    await t.test('everything installs again while the public index is gone', async () => {
      await upstream.stop()
      await yard.restart()
      await user.install(newest, 'own-thing==1.0')
      assert.equal(await user.installed('deep'), '2.0.0')
      const options = ['--no-cache-dir', '--disable-pip-version-check', '--no-deps', '--dest', 'files']
      await user.run(newest, ['--isolated', 'download', ...options, '--index-url', user.indexUrl, 'tiny==1.3.0'])
      assert.deepEqual(await readdir(join(user.project, 'files')), ['tiny-1.3.0-py3-none-any.whl'])
    })
  },
)

test('pip needs no more than ranges where there is no metadata', { skip: skipWithoutPip }, async (t) => {
  const yard = await startPackyard(t, { connections: { 'public:pypi': 'http://127.0.0.1:9/' }, processes: 1 })
  const user = await userOf(yard)
  const wire = new PypiWire(user.endpoint, await yard.token())
  const noise = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (Math.imul(i, 2_654_435_761) >>> 13) & 255))
  await wire.upload({ name: 'large', version: '1.0', files: { 'large/noise.bin': noise } })
  await user.install(newest, '--use-feature=fast-deps', 'large')
  assert.equal(await user.installed('large'), '1.0')
})
