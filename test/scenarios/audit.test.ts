import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { test } from 'node:test'
import { readCredentials, skipWithoutAws } from '../support/aws.ts'
import { sendJson11 } from '../support/json11.ts'
import { NpmWire } from '../support/npm-wire.ts'
import { type Packyard, startPackyard } from '../support/packyard.ts'
import { until } from '../support/processes.ts'
import { testOnEachSetup } from '../support/setups.ts'
import { packyard } from '../support/users.ts'

interface LookedUp {
  readonly EventName: string
  readonly Username: string
  readonly EventTime: number
  readonly ReadOnly: string
  readonly Resources: readonly { readonly ResourceType: string; readonly ResourceName: string }[]
  readonly CloudTrailEvent: string
}

async function lookUp(yard: Packyard, input: object): Promise<{ Events: LookedUp[]; NextToken?: string }> {
  const { AWS_SHARED_CREDENTIALS_FILE = '', AWS_PROFILE = '' } = yard.env
  const credentials = readCredentials(AWS_SHARED_CREDENTIALS_FILE, AWS_PROFILE)
  const signer = { url: yard.url, region: 'us-east-1', credentials }
  const target = 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents'
  const { status, body } = await sendJson11(signer, 'cloudtrail', target, input)
  assert.equal(status, 200, JSON.stringify(body))
  return body as unknown as { Events: LookedUp[]; NextToken?: string }
}

function about(AttributeKey: string, AttributeValue: string) {
  return { LookupAttributes: [{ AttributeKey, AttributeValue }] }
}

async function published(yard: Packyard): Promise<NpmWire> {
  const wire = new NpmWire(await yard.endpoint(await yard.createRepository('own', [])), await yard.token())
  assert.equal((await wire.publish('@team/lib@1.0.0')).status, 201)
  return wire
}

testOnEachSetup(
  'who published, downloaded and was refused can be looked up, on every process',
  {},
  async (_t, setup) => {
    const yard = await setup.start({ processes: 2 })
    const wire = await published(yard)
    for (let at = 0; at < 20; at++) assert.equal((await wire.tarball('@team/lib', '1.0.0')).status, 200)
    assert.equal((await wire.get('none')).status, 404)
    const events = await until('the records', async () => {
      const { Events } = await lookUp(yard, about('ResourceName', 'lib'))
      return Events.length >= 21 ? Events : undefined
    })
    assert.equal(events.length, 21, 'each request has one record')
    const publish = events.filter(({ EventName }) => EventName === 'PublishPackageVersion')
    assert.equal(publish.length, 1)
    const reads = events.filter(({ EventName }) => EventName === 'ReadFromRepository')
    assert.equal(reads.length, 20)
    const [read] = reads
    assert.deepEqual([read?.Username, read?.ReadOnly], ['admin', 'true'])
    const record = JSON.parse(read?.CloudTrailEvent ?? '') as Record<string, unknown>
    assert.deepEqual(record['requestParameters'], {
      domainName: 'packyard',
      domainOwner: '000000000000',
      repositoryName: 'own',
      packageFormat: 'npm',
      packageName: 'lib',
      packageNamespace: 'team',
      packageVersion: '1.0.0',
    })
    assert.deepEqual(record['additionalEventData'], { httpMethod: 'GET', requestUri: '/npm/@team/lib/-/lib-1.0.0.tgz' })
    assert.deepEqual([record['sourceIPAddress'], record['responseElements']], ['127.0.0.1', null])
    const arn = 'arn:aws:codeartifact:us-east-1:000000000000:package/packyard/own/npm/team/lib'
    assert.ok(read?.Resources.some(({ ResourceName }) => ResourceName === arn))

    // In pages, newest first, with nothing left out or shown twice.
    const seen: string[] = []
    let NextToken: string | undefined
    do {
      const page = await lookUp(yard, { ...about('ResourceName', arn), MaxResults: 8, ...(NextToken && { NextToken }) })
      seen.push(
        ...page.Events.map(({ CloudTrailEvent }) => (JSON.parse(CloudTrailEvent) as { eventID: string }).eventID),
      )
      NextToken = page.NextToken
    } while (NextToken)
    assert.equal(new Set(seen).size, 21)
    assert.equal(seen.length, 21)
    const { Events: byId } = await lookUp(yard, about('EventId', seen[3] ?? ''))
    assert.equal(byId.length, 1)

    const failed = await until('the failed read', async () => {
      const { Events } = await lookUp(yard, about('ResourceName', 'none'))
      return Events[0]
    })
    assert.match(failed.CloudTrailEvent, /"errorCode":"ResourceNotFoundException"/)
    const { Events: past } = await lookUp(yard, { ...about('ResourceName', 'lib'), EndTime: 1_000_000_000 })
    assert.deepEqual(past, [])

    const verdict = await packyard(yard, ['audit', 'verify', '--output', 'json'])
    assert.equal(verdict.code, 0, verdict.output)
    const { records } = JSON.parse(verdict.stdout) as { records: number }
    const exported = await packyard(yard, ['audit', 'export'])
    const lines = exported.stdout.split('\n').filter(Boolean)
    assert.ok(lines.length >= records && records >= 22)
    assert.ok(lines.some((line) => (JSON.parse(line) as { eventName: string }).eventName === 'GetAuthorizationToken'))
    const usage = await packyard(yard, ['usage', '--by', 'package', '--output', 'csv'])
    assert.match(usage.stdout, /^package,requests,bytes\r\n000000000000\/packyard\/npm\/team\/lib,21,\d+\r\n/)
    const uses = await packyard(yard, ['usage', '--by', 'version'])
    assert.match(uses.stdout, /own\/npm\/team\/lib@1\.0\.0 +\d{4}-/)
  },
)

test('a record that is changed or removed by hand is found', async (t) => {
  const yard = await startPackyard(t)
  const wire = await published(yard)
  await wire.tarball('@team/lib', '1.0.0')
  const verify = (...args: string[]) => packyard(yard, ['audit', 'verify', ...args])
  const first = await until('a sealed trail', async () => {
    const result = await verify()
    return /ok: [1-9]/.test(result.stdout) ? result : undefined
  })
  const [, head = ''] = /^head: (\S+)$/m.exec(first.stdout) ?? []
  await wire.tarball('@team/lib', '1.0.0')
  await until('a second segment', async () => {
    const { stdout } = await verify('--expect', head)
    return /^head: (\S+)$/m.exec(stdout)?.[1] === head ? undefined : true
  })
  await yard.stop()
  const change = (sql: string) => {
    using database = new DatabaseSync(join(yard.dataDir, 'packyard.db'))
    database.exec(sql)
  }
  change('update audit_segments set last_at = last_at + 1 where sequence = 1')
  assert.match((await verify()).stdout, /broken: segment 1 .*it was changed/)
  change('update audit_segments set last_at = last_at - 1 where sequence = 1')
  assert.equal((await verify()).code, 0)
  change("update audit_segments set body = x'00' where sequence = 2")
  const changed = await verify()
  assert.deepEqual([changed.code, /broken: segment 2 .*its records were changed/.test(changed.stdout)], [1, true])
  change('delete from audit_segments where sequence = (select max(sequence) from audit_segments)')
  change('delete from audit_segments where sequence > 1')
  assert.match((await verify()).stdout, /broken: segments 2 to \d+ are missing/)
  // Whoever can also rewind the chain's end is found by whoever noted a head.
  change('update audit_chain set sequence = 1, hash = (select hash from audit_segments where sequence = 1)')
  assert.equal((await verify()).code, 0)
  assert.match((await verify('--expect', `2:${'0'.repeat(64)}`)).stdout, /broken: the trail does not hold 2:/)
})

test('the AWS CLI looks events up', { skip: skipWithoutAws }, async (t) => {
  const yard = await startPackyard(t)
  await published(yard)
  const attribute = 'AttributeKey=EventName,AttributeValue=PublishPackageVersion'
  const { Events } = await yard.aws(`cloudtrail lookup-events --lookup-attributes ${attribute}`)
  assert.deepEqual(
    (Events as LookedUp[]).map(({ Username }) => Username),
    ['admin'],
  )
  const wrong = await yard.attemptAws(
    'cloudtrail lookup-events --lookup-attributes AttributeKey=Nothing,AttributeValue=x',
  )
  assert.match(wrong.output, /LookupAttributes\/0\/AttributeKey 'Nothing' must be one of EventId, EventName/)
})
