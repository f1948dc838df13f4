import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { awsClis, skipWithoutAws } from '../support/aws.ts'
import { startPackyard } from '../support/packyard.ts'
import { pips, PythonUser, skipWithoutPip, skipWithoutTwine } from '../support/python-clients.ts'
import { makePython } from '../support/python-package.ts'

const login = 'codeartifact login --domain packyard --repository main --tool'

const skip = skipWithoutAws || skipWithoutPip || skipWithoutTwine

test('what aws codeartifact login writes is all that twine and pip need', { skip }, async (t) => {
  const yard = await startPackyard(t, { connections: { 'public:pypi': 'http://127.0.0.1:9/' }, processes: 1 })
  const [pip] = pips
  for (const cli of awsClis) {
    await t.test(cli.name, async () => {
      const endpoint = await yard.endpoint('main', 'pypi')
      const user = await PythonUser.create(yard.folder, endpoint, await yard.token())
      const path = await user.linkPip(pip)
      for (const tool of ['twine', 'pip']) {
        const result = await yard.attemptAws(`${login} ${tool}`, { cli, home: user.home, env: { PATH: path } })
        assert.equal(result.code, 0, result.output)
        assert.match(result.output, new RegExp(`Successfully configured ${tool} to use AWS CodeArtifact repository`))
      }
      const settings = await readFile(join(user.home, '.pypirc'), 'utf8')
      assert.ok(
        settings.includes(`repository = ${endpoint}\n`) || settings.includes(`repository: ${endpoint}\n`),
        settings,
      )
      yard.secret(/password\s*[=:]\s*(\S+)/.exec(settings)?.[1] ?? '')

      const version = `1.${awsClis.indexOf(cli)}`
      const { filename, bytes } = makePython({ name: 'by-login', version })
      await user.write({ [filename]: bytes })
      await user.twineFromSettings(filename)
      const options = ['--no-cache-dir', '--disable-pip-version-check', '--no-input', '--target', 'installed']
      await user.run(pip, ['install', ...options, 'by-login'])
      assert.equal(await user.installed('by_login'), version)
    })
  }
  await t.test('a token that is none is refused in words', async () => {
    const user = await PythonUser.create(yard.folder, await yard.endpoint('main', 'pypi'), 'no-token-at-all')
    await user.write({ 'x-1.0-py3-none-any.whl': makePython('x@1.0').bytes })
    const refused = await user.attemptTwine('x-1.0-py3-none-any.whl')
    assert.notEqual(refused.code, 0)
    assert.match(refused.output, /401 (?!Unauthorized)\S+/)
    const missing = await user.attemptInstall(pip, 'by-login')
    assert.notEqual(missing.code, 0)
    assert.match(missing.output, /No matching distribution found for by-login/, 'pip tells no status of a page')
  })
})
