import assert from 'node:assert/strict'
import { chmod, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { startPackyard } from '../support/packyard.ts'
import { ToolUser } from '../support/tool-user.ts'

test('The keyring of --renew answers as pip and uv ask, for addresses of Packyard only', async (t) => {
  const yard = await startPackyard(t, { processes: 1 })
  const user = await ToolUser.create(yard)
  const endpoint = await yard.endpoint('main', 'pypi')
  await user.logIn('uv', '--renew')
  const settings = await readFile(join(user.home, '.config/uv/uv.toml'), 'utf8')
  assert.match(settings, /^keyring-provider = "subprocess"\n/)
  assert.ok(settings.includes(`url = "${endpoint.replace('://', '://aws@')}simple/"`), settings)
  const keyring = join(user.home, '.local/bin/keyring')
  assert.equal((await stat(keyring)).mode & 0o777, 0o700)

  await t.test('with a new token each time', async () => {
    const tokens = new Set<string>()
    for (const question of [['aws'], ['aws'], ['--mode', 'creds']]) {
      const { stdout } = await user.run([keyring, 'get', `${endpoint}simple/`, ...question])
      const [token = '', name] = stdout.trimEnd().split('\n').toReversed()
      assert.equal(name, question[0] === 'aws' ? undefined : 'aws')
      tokens.add(yard.secret(token))
      const headers = { authorization: `Basic ${Buffer.from(`aws:${token}`).toString('base64')}` }
      assert.equal((await fetch(`${endpoint}simple/`, { headers })).status, 200)
    }
    assert.equal(tokens.size, 3)
  })

  await t.test('addresses of others are for the keyring that was there before, which is told every word', async () => {
    await user.write({ 'bin/keyring': '#!/bin/sh\necho "other: $@"\n' })
    await chmod(join(user.project, 'bin/keyring'), 0o755)
    const env = user.onPath(join(user.project, 'bin'))
    const lookAlike = endpoint.replace('127.0.0.1', '127.0.0.2')
    for (const words of [
      ['get', 'https://other.example/simple/', 'me'],
      ['get', lookAlike, 'aws'],
      ['set', endpoint, 'aws'],
    ]) {
      assert.equal((await user.run([keyring, ...words], env)).stdout, `other: ${words.join(' ')}\n`)
    }
    const alone = { PATH: join(user.home, '.local/bin') }
    const missing = await user.attempt(['/bin/sh', keyring, 'get', 'https://other.example/simple/', 'me'], alone)
    assert.equal(missing.code, 1)
    assert.equal(missing.stdout, '')
    assert.match(missing.stderr, /^packyard: this address is not one of Packyard/)
  })

  await t.test('a keyring of the person is not written over', async () => {
    const other = await ToolUser.create(yard)
    await other.packyard(['login', '--tool', 'pip'])
    await other.write({ '../home/.local/bin/keyring': '#!/bin/sh\n' })
    const refused = await other.packyard(['login', '--tool', 'pip', '--renew'])
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /\.local\/bin\/keyring was left as it is: it is another keyring/)
    assert.equal(await readFile(join(other.home, '.local/bin/keyring'), 'utf8'), '#!/bin/sh\n')
  })

  await t.test('a tool without a hook is refused, with what to do instead', async () => {
    const refused = await user.packyard(['login', '--tool', 'npm', '--renew'])
    assert.equal(refused.code, 2)
    assert.match(refused.stderr, /^packyard: npm cannot be made to ask .*packyard run --/)
  })

  await t.test('what the server refuses is told in its words', async () => {
    const refused = await user.attempt([keyring, 'get', endpoint.replace('/main/', '/none/'), 'aws'])
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /^packyard: the server answers 404: .*none/)
  })
})
