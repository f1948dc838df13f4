import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { settings } from '../../src/config.ts'
import { renderChart } from '../support/go-template.ts'

const ops = join(import.meta.dirname, '../../ops')
const chart = join(ops, 'helm/packyard')
const variables = new Set([...Object.values(settings).map(({ env }): string => env), 'PACKYARD_CONFIG'])

type Values = Readonly<Record<string, unknown>>
type Manifest = Values & { readonly kind: string; readonly spec: Values }

async function render(changes: Values = {}): Promise<Manifest[]> {
  const read = (name: string) => readFile(join(chart, name), 'utf8')
  const names = await readdir(join(chart, 'templates'))
  const files = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await read(`templates/${name}`)])),
  )
  const { version: Version, appVersion: AppVersion } = parse(await read('Chart.yaml')) as Record<string, string>
  const root = {
    Values: { ...(parse(await read('values.yaml')) as Values), ...changes },
    Release: { Name: 'yard', Service: 'Helm' },
    Chart: { Version, AppVersion },
  }
  return renderChart(files as Record<string, string>, root) as Manifest[]
}

interface PodSpec {
  readonly containers: readonly {
    readonly image: string
    readonly env: readonly { readonly name: string; readonly value: string }[]
    readonly envFrom?: readonly object[]
    readonly volumeMounts: readonly { readonly name: string }[]
    readonly securityContext: Values
  }[]
  readonly volumes: readonly { readonly name: string }[]
}

function deploymentOf(manifests: readonly Manifest[]) {
  const found = manifests.find(({ kind }) => kind === 'Deployment')
  assert.ok(found)
  const { spec: pod } = found.spec['template'] as { spec: PodSpec }
  return { spec: found.spec, pod, container: pod.containers[0]! }
}

test('the Helm chart makes one server with its volume, and nothing that it does not need', async () => {
  const manifests = await render()
  assert.deepEqual(manifests.map(({ kind }) => kind).sort(), [
    'Deployment',
    'PersistentVolumeClaim',
    'Service',
    'ServiceAccount',
  ])
  const { spec, pod, container } = deploymentOf(manifests)
  assert.deepEqual([spec['replicas'], spec['strategy']], [1, { type: 'Recreate' }])
  assert.equal(container.image, 'packyard:0.1.0')
  assert.deepEqual(container.securityContext['capabilities'], { drop: ['ALL'] })
  const volumes = new Set(pod.volumes.map(({ name }) => name))
  for (const { name } of container.volumeMounts) assert.ok(volumes.has(name), `volume ${name}`)
  for (const { name } of container.env) assert.ok(variables.has(name), `${name} is a setting`)
})

test('the Helm chart makes several servers that roll one by one, behind an address', async () => {
  const manifests = await render({
    replicaCount: 3,
    secretName: 'packyard-secrets',
    settings: { PACKYARD_PROCESSES: 2 },
    data: { existingClaim: 'keys', accessMode: 'ReadWriteMany', size: '1Gi', storageClassName: '' },
    staging: { enabled: true, sizeLimit: '5Gi' },
    ingress: { enabled: true, className: 'nginx', annotations: { a: 'b' }, host: 'p.example', tlsSecretName: 'tls' },
    tolerations: [{ key: 'k', operator: 'Exists' }],
  })
  assert.deepEqual(manifests.map(({ kind }) => kind).sort(), [
    'Deployment',
    'Ingress',
    'PodDisruptionBudget',
    'Service',
    'ServiceAccount',
  ])
  const { spec, pod, container } = deploymentOf(manifests)
  assert.deepEqual(spec['strategy'], { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } })
  assert.deepEqual(container.envFrom, [{ secretRef: { name: 'packyard-secrets' } }])
  assert.deepEqual(container.env.at(-1), { name: 'PACKYARD_PROCESSES', value: '2' })
  assert.deepEqual(pod.volumes[0], { name: 'data', persistentVolumeClaim: { claimName: 'keys' } })
  assert.equal(pod.volumes.at(-1)?.name, 'staging')
  const [service, deployment] = ['Service', 'Deployment'].map((kind) => manifests.find((each) => each.kind === kind))
  assert.ok(service && deployment)
  const { matchLabels } = deployment.spec['selector'] as { matchLabels: Values }
  assert.deepEqual(service.spec['selector'], matchLabels)
})

test('the Helm chart refuses several servers on one folder', async () => {
  await assert.rejects(render({ replicaCount: 2 }), /needs data.accessMode ReadWriteMany/)
})

test('the compose file is YAML whose settings there are, and no store in it listens outside', async () => {
  const { services } = parse(await readFile(join(ops, 'compose.yaml'), 'utf8')) as {
    services: Record<string, { environment?: Values; ports?: string[]; depends_on?: Values }>
  }
  for (const name of Object.keys(services['packyard']?.environment ?? {})) assert.ok(variables.has(name), name)
  for (const [name, service] of Object.entries(services)) {
    for (const other of Object.keys(service.depends_on ?? {})) assert.ok(services[other], `${name} waits for ${other}`)
    for (const port of service.ports ?? []) assert.match(port, /^127\.0\.0\.1:/)
  }
})

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0

test('systemd takes the unit, and finds little that it could do', {
  skip: hasSystemd ? false : 'there is no systemd-analyze',
}, async () => {
  const unit = join(ops, 'systemd/packyard.service')
  const verified = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' })
  assert.equal(verified.stderr.includes('packyard.service'), false, verified.stderr)
  const { stdout } = spawnSync('systemd-analyze', ['security', '--offline=true', unit], { encoding: 'utf8' })
  const [, exposure = '10'] = /Overall exposure level for packyard\.service: ([\d.]+)/.exec(stdout) ?? []
  assert.ok(Number(exposure) <= 2, `exposure ${exposure}`)
  const text = await readFile(unit, 'utf8')
  for (const [, name = ''] of text.matchAll(/^Environment=(PACKYARD_\w+)=/gm)) assert.ok(variables.has(name), name)
})
