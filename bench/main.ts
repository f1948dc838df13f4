import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Lifetime, Upstream } from '../test/support/upstream.ts'
import { cargo } from './cargo.ts'
import { type ClientScenario, renderTrips, summariseTrips, takeTurns } from './client-rounds.ts'
import { type Contestant, startBare, startProduct, startVerdaccio, verdaccioProgram } from './contestants.ts'
import { Ending } from './ending.ts'
import { startFixture } from './fixture.ts'
import { type Load, type Measure, measure } from './load.ts'
import { maven } from './maven.ts'
import { nuget } from './nuget.ts'
import { wheels } from './python.ts'
import { renderScenario, renderStandings, type Standing, summarise } from './report.ts'
import { memoryOf } from './resources.ts'
import { ruby } from './ruby.ts'
import { type Probe, probe, type Scenario, scenarios } from './scenarios.ts'

const clientScenarios: readonly ClientScenario[] = [wheels, maven, nuget, ruby, cargo]

/** What `--only` may name; simple-page stands for both of its forms. */
const names = [...[...scenarios, ...clientScenarios].map(({ name }) => name), 'simple-page']

const help = `npm run bench -- [options]: Packyard next to Verdaccio, nginx and a bare Node server, in one run

  --only <names>         separated by commas, of ${names.join(', ')}.
                         Or control-plane: every listing with a thousand and with a million versions, on both databases
                         Or decisions: what it costs to decide whether a warm read is allowed
                         Or package-indexes: the indexes of Ruby and Cargo with a thousand and with 100,000 packages
                         Or encrypted: downloads of encrypted assets next to plain ones
                         Or growth: publishing and reading packages with a thousand and with a million versions
                         Or scale-out: one process and two, on PostgreSQL and an object store
                         Or retention: a dry run over a million versions while the server answers, on both databases
                         Or package-groups: with ten and with a thousand of them, and as many thousand packages
  --seconds <number>     length of one round (3)
  --rounds <number>      rounds of each server in each scenario, by turns (3); runs of each client, likewise
  --connections <number> connections of the load generator (16)
  --servers <names>      of packyard, verdaccio; the bare server sends what the first of them sends
  --verdaccio <file>     its program, when it is not the one that \`npm run clients\` installs
`

interface Options extends Load {
  readonly scenarios: readonly Scenario[]
  readonly clientScenarios: readonly ClientScenario[]
  readonly rounds: number
  readonly servers: readonly string[]
  readonly verdaccio: string
}

interface Entrant {
  readonly contestant: Contestant
  readonly probes: ReadonlyMap<string, Probe>
}

function readOptions(): Options | undefined {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    options: {
      only: text,
      seconds: text,
      rounds: text,
      connections: text,
      servers: text,
      verdaccio: text,
      help: { type: 'boolean' },
    },
  })
  if (values.help) return undefined
  const only = chosen('only', values.only, names)
  const isChosen = ({ name }: { readonly name: string }) => only.some((each) => `${name}-`.startsWith(`${each}-`))
  return {
    servers: chosen('servers', values.servers, ['packyard', 'verdaccio']),
    scenarios: scenarios.filter(isChosen),
    clientScenarios: clientScenarios.filter(isChosen),
    seconds: positive('seconds', values.seconds ?? '3'),
    rounds: positive('rounds', values.rounds ?? '3'),
    connections: positive('connections', values.connections ?? '16'),
    verdaccio: values.verdaccio ?? verdaccioProgram,
  }
}

function chosen(option: string, text: string | undefined, known: readonly string[]): readonly string[] {
  const names = text?.split(',') ?? known
  const unknown = names.find((name) => !known.includes(name))
  if (unknown === undefined) return names
  throw new Error(`--${option} ${unknown}: must be of ${known.join(', ')}`)
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new Error(`--${name} ${text}: must be a whole number above 0`)
}

async function enter(contestant: Contestant, options: Options, upstream: Upstream): Promise<Entrant> {
  const probes = new Map<string, Probe>()
  for (const scenario of options.scenarios) {
    const endpoint = contestant.endpoints[scenario.format]
    if (endpoint) probes.set(scenario.name, await probe(scenario, endpoint, upstream))
  }
  return { contestant, probes }
}

/** The bare server gets the first entrant's answers, and is asked for them by the scenario's name. */
async function enterBare(lifetime: Lifetime, first: Entrant): Promise<Entrant> {
  const contestant = await startBare(lifetime, first.probes)
  const probes = [...first.probes].map(([name, each]) => {
    return [name, { ...each, url: new URL(name, contestant.endpoints.npm?.url).href }] as const
  })
  return { contestant, probes: new Map(probes) }
}

/** One server after the other, round by round, beginning with another one each time. */
async function compete(scenario: Scenario, all: readonly Entrant[], options: Options) {
  const entrants = all.filter(({ probes }) => probes.has(scenario.name))
  const rounds = new Map<string, Measure[]>(entrants.map(({ contestant }) => [contestant.name, []]))
  for (let round = -1; round < options.rounds; round++) {
    const order = entrants.map((_, index) => entrants[(index + round + 1) % entrants.length])
    for (const entrant of order) {
      const each = entrant?.probes.get(scenario.name)
      if (!entrant || !each) continue
      // The round before the first is for the machine code, and is thrown away.
      const result = await measure(each, entrant.contestant.pid, round < 0 ? { ...options, seconds: 1 } : options)
      if (round >= 0) rounds.get(entrant.contestant.name)?.push(result)
    }
  }
  return rounds
}

async function gather(lifetime: Lifetime, options: Options): Promise<Entrant[]> {
  const upstream = await startFixture(lifetime, new Set(options.scenarios.map(({ format }) => format)))
  const entrants: Entrant[] = []
  if (options.servers.includes('packyard')) {
    entrants.push(await enter(await startProduct(lifetime, upstream), options, upstream))
  }
  // It speaks nothing but npm.
  if (options.servers.includes('verdaccio') && options.scenarios.some(({ format }) => format === 'npm')) {
    const peer = await startVerdaccio(lifetime, upstream, options.verdaccio)
    if (peer) entrants.push(await enter(peer, options, upstream))
    else console.log('skipped: verdaccio is not installed; `npm run clients` does it\n')
  }
  const [first] = entrants
  if (!first) throw new Error('there is no server to measure')
  return [...entrants, await enterBare(lifetime, first)]
}

async function bench(options: Options): Promise<void> {
  const loads = options.scenarios.length === 0 ? {} : await withEnding((lifetime) => benchLoads(lifetime, options))
  const clients = []
  for (const each of options.clientScenarios) {
    clients.push(await withEnding((lifetime) => benchClient(lifetime, each, options.rounds)))
  }
  console.log(`written to ${await save({ options: describe(options), ...loads, clients })}`)
}

async function withEnding<T>(body: (lifetime: Lifetime) => Promise<T>): Promise<T> {
  const ending = new Ending()
  try {
    return await body(ending)
  } finally {
    await ending.run()
  }
}

async function benchClient(lifetime: Lifetime, scenario: ClientScenario, rounds: number): Promise<object> {
  const { name, title } = scenario
  const missing = scenario.missing()
  if (missing !== undefined) {
    console.log(`skipped: ${name}: ${missing} is not installed\n`)
    return { scenario: name, missing }
  }
  const trips = await takeTurns(await scenario.prepare(lifetime), rounds)
  const summaries = summariseTrips(trips, 'nginx')
  console.log(renderTrips(title, summaries, 'nginx'))
  return { scenario: name, summaries, rounds: Object.fromEntries(trips) }
}

async function benchLoads(lifetime: Lifetime, options: Options): Promise<object> {
  const entrants = await gather(lifetime, options)
  const results = []
  for (const scenario of options.scenarios) {
    const rounds = await compete(scenario, entrants, options)
    const summaries = summarise(rounds, 'bare')
    const bodyBytes = entrants[0]?.probes.get(scenario.name)?.body.length ?? 0
    console.log(renderScenario(scenario.title, bodyBytes, summaries, 'bare'))
    const toPeer = summarise(rounds, 'verdaccio').find(({ contestant }) => contestant === 'packyard')?.toReference
    if (toPeer !== undefined && rounds.has('verdaccio')) console.log(`  packyard/verdaccio ${toPeer.toFixed(1)}\n`)
    results.push({ scenario: scenario.name, bodyBytes, summaries, rounds: Object.fromEntries(rounds) })
  }
  const standings = entrants.map(standingOf)
  console.log(renderStandings(standings))
  return { results, standings }
}

function standingOf({ contestant }: Entrant): Standing {
  const { name, readyAfterMs, idle, pid } = contestant
  return { contestant: name, readyAfterMs, idle, loaded: memoryOf(pid) }
}

function describe({ seconds, rounds, connections }: Options) {
  const machine = {
    cpu: cpus()[0]?.model ?? '',
    cores: cpus().length,
    node: process.version,
    platform: process.platform,
  }
  return { seconds, rounds, connections, machine }
}

async function save(result: object): Promise<string> {
  const folder = fileURLToPath(new URL('./results/', import.meta.url))
  await mkdir(folder, { recursive: true })
  const at = new Date().toISOString()
  const file = `${folder}${at.replaceAll(':', '-')}.json`
  await writeFile(file, `${JSON.stringify({ at, ...result }, null, 2)}\n`)
  return file
}

/** What compares Packyard with itself, on little and on much. */
const sizes: Readonly<Record<string, (lifetime: Lifetime) => Promise<object>>> = {
  'control-plane': async (lifetime) => {
    const { benchControlPlane } = await import('./control-plane.ts')
    return { controlPlane: await benchControlPlane(lifetime) }
  },
  'package-groups': async (lifetime) => {
    const { benchPackageGroups } = await import('./control-plane/groups.ts')
    return { packageGroups: await benchPackageGroups(lifetime) }
  },
  retention: async (lifetime) => {
    const { benchRetention } = await import('./retention.ts')
    return { retention: await benchRetention(lifetime) }
  },
  'package-search': async (lifetime) => {
    const { benchPackageSearch } = await import('./control-plane/search.ts')
    return { packageSearch: await benchPackageSearch(lifetime) }
  },
  decisions: async (lifetime) => {
    const { benchDecisions } = await import('./decisions.ts')
    return { decisions: await benchDecisions(lifetime) }
  },
  encrypted: async (lifetime) => {
    const { benchEncrypted } = await import('./encrypted.ts')
    return { encrypted: await benchEncrypted(lifetime) }
  },
  growth: async (lifetime) => {
    const { benchGrowth } = await import('./growth.ts')
    return { growth: await benchGrowth(lifetime) }
  },
  'scale-out': async (lifetime) => {
    const { benchScaleOut } = await import('./scale-out.ts')
    return { scaleOut: await benchScaleOut(lifetime) }
  },
  'package-indexes': async (lifetime) => {
    const { benchPackageIndexes } = await import('./package-indexes.ts')
    return { packageIndexes: await benchPackageIndexes(lifetime) }
  },
}

const [option, value = '', ...more] = process.argv.slice(2)
const benchSizes = option === '--only' && more.length === 0 ? sizes[value] : undefined
const options = benchSizes ? undefined : readOptions()
if (benchSizes) console.log(`written to ${await save(await withEnding(benchSizes))}`)
else if (options) await bench(options)
else console.log(help)
