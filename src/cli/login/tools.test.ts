import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type LoginTool, loginTools, tools } from './tools.ts'

const login = {
  endpoint: new URL('http://127.0.0.1:8686/x/d/acme-111122223333/main/'),
  token: 'eyJ.a-b.c_d',
  expiresAt: 0,
  helper: (protocol: string) => ['packyard', 'credential', protocol],
}

/** What the files of a tool become. */
function changed(tool: LoginTool, texts: readonly string[] = [], token = login.token): string[] {
  return tools[tool].changes({ ...login, token }).map(({ change }, index) => change(texts[index] ?? ''))
}

test('Each tool gets files below the home folder, with the token or the way to one', () => {
  for (const tool of loginTools) {
    const changes = tools[tool].changes(login)
    assert.ok(changes.length > 0)
    for (const { file } of changes) assert.match(file, /^\.[a-z]/i)
    assert.match(changed(tool).join(''), tool === 'cargo' ? /"credential", "token"/ : /eyJ\.a-b\.c_d/)
  }
})

test('Logging in again changes the token and nothing else, however often', () => {
  for (const tool of loginTools) {
    const once = changed(tool)
    const again = changed(tool, once, 'eyJ.new.er')
    assert.deepEqual(changed(tool, again), once, tool)
    assert.ok(!again.join('').includes(login.token), tool)
  }
})

test('What stood in a file before stays there', () => {
  const before: Partial<Record<LoginTool, [string, string]>> = {
    npm: ['save-exact=true\nregistry=http://old.example/\n', 'save-exact=true\n'],
    pip: ['[install]\nuser = yes\n\n[global]\ntimeout = 60\nindex-url = http://old.example/\n', 'timeout = 60'],
    twine: ['[other]\npassword = x\n', '[other]\npassword = x'],
    maven: [
      '<settings>\n  <servers>\n    <server><id>mine</id></server>\n  </servers>\n  <offline>true</offline>\n</settings>\n',
      '<server><id>mine</id></server>',
    ],
    nuget: ['<configuration>\n  <packageSources />\n  <config a="b" />\n</configuration>\n', '<config a="b" />'],
    gem: [':other_key: abc\n', ':other_key: abc\n'],
    bundler: ['---\nBUNDLE_PATH: "out"\n', 'BUNDLE_PATH: "out"'],
    cargo: ['[net]\nretry = 5\n', '[net]\nretry = 5\n'],
    swift: ['{"registries":{"acme":{"url":"https://x.example"}}}', 'https://x.example'],
  }
  for (const [tool, [text, kept]] of Object.entries(before)) {
    const [after = ''] = changed(tool as LoginTool, [text])
    assert.ok(after.includes(kept), `${tool}:\n${after}`)
    assert.ok(!after.includes('old.example'), tool)
  }
})

test('Bundler and RubyGems get lines that their own small readers understand', () => {
  assert.equal(changed('bundler')[0], 'BUNDLE_127__0__0__1: aws:eyJ.a-b.c_d\n')
  assert.equal(changed('gem')[0], ':codeartifact_api_key: Bearer eyJ.a-b.c_d\n')
})
