import assert from 'node:assert/strict'
import { NpmWire } from '../support/npm-wire.ts'
import type { Packyard } from '../support/packyard.ts'
import { run, type Run, until } from '../support/processes.ts'
import { mainProgram } from '../support/server-process.ts'
import { apiClient, createApiUser } from '../support/packyard-api.ts'
import { testOnEachSetup } from '../support/setups.ts'
import { startUpstream } from '../support/upstream.ts'
import { allowing } from '../support/users.ts'

/** The command line as an administrator has it, asking the server that runs. */
async function attempt(yard: Packyard, ...words: readonly string[]): Promise<Run> {
  const env = { ...yard.serverEnv, ...yard.env }
  return run(process.execPath, [mainProgram, ...words], { cwd: yard.folder, env })
}

async function packyard(yard: Packyard, ...words: readonly string[]): Promise<string> {
  const result = await attempt(yard, ...words)
  assert.equal(result.code, 0, result.output)
  return result.output
}

testOnEachSetup('an administrator makes rules and a reviewer decides, on the command line', {}, async (t, setup) => {
  const upstream = await startUpstream(t, { npm: ['tiny@1.0.0', '@tools/deep@2.0.0'] })
  const yard = await setup.start({ connections: { 'public:npmjs': upstream.url }, processes: 1 })
  const wire = new NpmWire(await yard.endpoint('main'), await yard.token())

  assert.match(await packyard(yard, 'rules', 'kinds'), /^minimum-age +days, duration, origins, except +Holds versions/m)
  const broken = await attempt(yard, 'rules', 'put', 'outside', '--kind', 'approval', '--parameters', '{"default": 7}')
  assert.equal(broken.code, 1)
  assert.match(broken.output, /^packyard: parameters\.default '7' must be "hold"/)
  assert.match(
    await packyard(yard, 'rules', 'put', 'outside', '--kind', 'approval', '--contact', '#packages'),
    /version 1 now/,
  )
  assert.match(await packyard(yard, 'rules', 'list'), /^outside +approval +enforce +domain +1 +\{\}$/m)

  assert.equal((await wire.tarball('tiny', '1.0.0')).status, 403)
  const list = await until('somebody asks', async () => {
    const text = await packyard(yard, 'approvals', 'list')
    return text.includes('tiny') ? text : undefined
  })
  const [, id = ''] = /^(\S+) +main +npm +tiny +1\.0\.0 +1 .*user\/admin$/m.exec(list) ?? []
  assert.match(
    await packyard(yard, 'explain', 'package', 'tiny', '1.0.0'),
    /1\.0\.0 is not given: tiny 1\.0\.0 is held by rule 'outside'/,
  )
  await packyard(yard, 'approvals', 'approve', '--request', id, '--comment', 'read it')
  assert.equal((await wire.tarball('tiny', '1.0.0')).status, 200)
  assert.equal((await wire.tarball('@tools/deep', '2.0.0')).status, 403)
  await packyard(yard, 'approvals', 'break-glass', '@tools/deep', '>=2.0.0 <3.0.0', '--for', 'PT1H', '--comment', 'now')
  assert.equal((await wire.tarball('@tools/deep', '2.0.0')).status, 200)

  const decisions = await packyard(yard, 'approvals', 'decisions')
  assert.match(decisions, /^\S+ +break-glass +npm +tools\/deep +>=2\.0\.0 <3\.0\.0 +\S+Z +\S+user\/admin +now$/m)
  const [, approval = ''] = /^(\S+) +approved +npm +tiny/m.exec(decisions) ?? []
  await packyard(yard, 'approvals', 'revoke', approval)
  assert.equal((await wire.tarball('tiny', '1.0.0')).status, 403)
  await packyard(yard, 'rules', 'delete', 'outside')
  assert.match(await packyard(yard, 'rules', 'history', 'outside'), /^1 +deleted .*\n1 +created /m)
  assert.equal((await wire.tarball('tiny', '1.0.0')).status, 200)
})

testOnEachSetup('who may deny may not approve', {}, async (_t, setup) => {
  const yard = await setup.start({ processes: 1 })
  const api = apiClient(await createApiUser(yard, 'reviewer', allowing('packyard:DenyVersions')))
  const about = { domain: 'packyard' as never, format: 'npm', package: 'tiny', versions: '1.0.0' } as const
  const { decision } = await api('POST /packyard/v1/denials', about)
  assert.deepEqual([decision.decision, decision.decidedBy], ['denied', 'arn:aws:iam::000000000000:user/reviewer'])
  await assert.rejects(
    api('POST /packyard/v1/approvals', about),
    /packyard:ApproveVersions on resource: \S+domain\/packyard/,
  )
})
