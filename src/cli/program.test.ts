import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CommandError, exitCodes } from './exit-codes.ts'
import { type GivenFlags, runProgram } from './program.ts'

const notAsked = () => assert.fail('not asked for')

const advisoryCommands = {
  importAdvisories: notAsked,
  refreshAdvisories: notAsked,
  showFeeds: notAsked,
  removeFeed: notAsked,
  listAdvisories: notAsked,
  showAdvisory: notAsked,
  matchAdvisories: notAsked,
  listLicences: notAsked,
}

/** What rules, approvals, holds and retention are for. */
const governing = {
  addHold: notAsked,
  listHolds: notAsked,
  removeHold: notAsked,
  runRetention: notAsked,
  confirmRetention: notAsked,
  listRetention: notAsked,
  listRuleKinds: notAsked,
  listRules: notAsked,
  showRule: notAsked,
  putRule: notAsked,
  deleteRule: notAsked,
  listRuleVersions: notAsked,
  listFindings: notAsked,
  listRequests: notAsked,
  listDecisions: notAsked,
  decide: notAsked,
  revokeDecision: notAsked,
}

async function run(...args: string[]) {
  const seen: unknown[] = []
  let out = ''
  let error = ''
  const record = (name: string) => async (flags: GivenFlags, form?: string) => {
    seen.push([name, flags, form])
    if (flags.settings['port'] === '1') throw new CommandError('port 1 is taken')
    return exitCodes.success
  }
  const commands = {
    serve: record('serve'),
    env: record('env'),
    doctor: record('doctor'),
    listTokens: notAsked,
    revokeTokens: notAsked,
    createAccount: notAsked,
    createRootKey: notAsked,
    explain: notAsked,
    jobs: notAsked,
    gc: notAsked,
    verify: notAsked,
    rotateKeys: notAsked,
    encryptBlobs: notAsked,
    backup: notAsked,
    restore: notAsked,
    migrate: notAsked,
    login: notAsked,
    run: notAsked,
    credential: notAsked,
    trust: notAsked,
    listDeliveries: notAsked,
    replayDeliveries: notAsked,
    showSecret: notAsked,
    rotateSecret: notAsked,
    verifyAudit: notAsked,
    exportAudit: notAsked,
    listAudit: notAsked,
    usage: notAsked,
    ...advisoryCommands,
    ...governing,
    explainPackage: async (flags: GivenFlags, given: object, form: string) => {
      seen.push(['explain', given, form, flags.configFile])
      return exitCodes.success
    },
  }
  const flags = [
    { name: 'port', flag: '--port', about: 'Port to listen on.' },
    { name: 'publicUrl', flag: '--public-url', about: 'The address.' },
  ] as const
  const code = await runProgram(
    {
      version: '1.2.3',
      flags,
      commands,
      writeOut: (text) => {
        out += text
      },
      writeError: (text) => {
        error += text
      },
    },
    args,
  )
  return { code, seen, out, error }
}

test('Flags reach the command by the names of their settings', async () => {
  const { code, seen } = await run('env', '--public-url', 'https://x.test', '--output', 'json', '--config', 'a.yaml')
  assert.equal(code, 0)
  assert.deepEqual(seen, [['env', { settings: { publicUrl: 'https://x.test' }, configFile: 'a.yaml' }, 'json']])
})

test('Every command explains itself and its exit codes', async () => {
  for (const command of ['serve', 'env', 'doctor']) {
    const { code, out } = await run(command, '--help')
    assert.equal(code, 0)
    assert.match(out, /--port <value>/)
    assert.match(out, /Exit codes: 0 success/)
  }
  assert.match((await run('--help')).out, /serve[^]*env[^]*doctor/)
  assert.equal((await run('--version')).out, '1.2.3\n')
})

test('A wrong command line is one line on standard error, and exit code 2', async () => {
  for (const args of [['sevre'], ['serve', '--prot', '1'], ['env', '--output', 'xml'], ['serve', 'here']]) {
    const { code, error, out, seen } = await run(...args)
    assert.deepEqual([code, out, seen], [2, '', []])
    assert.match(error, /^packyard: [^\n]+\n(?:\(Did you mean [^\n]+\n)?$/)
  }
})

test('A command that fails says why in one line', async () => {
  const { code, error } = await run('serve', '--port', '1')
  assert.deepEqual([code, error], [1, 'packyard: port 1 is taken\n'])
})

test('A package is explained where its client would look for it', async () => {
  const { code, seen } = await run(
    'explain',
    'package',
    '@acme/tools',
    '1.0.0',
    '--repository',
    'web',
    '--output',
    'json',
  )
  assert.equal(code, 0)
  const given = { name: '@acme/tools', version: '1.0.0', format: 'npm', domain: 'packyard', repository: 'web' }
  assert.deepEqual(seen, [['explain', { ...given, domainOwner: undefined }, 'json', undefined]])
})
