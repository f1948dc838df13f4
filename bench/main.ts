import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Lifetime, Upstream } from '../test/support/upstream.ts'
import { type Contestant, startBare, startProduct, startVerdaccio, verdaccioProgram } from './contestants.ts'
import { startFixture } from './fixture.ts'
import { type Load, type Measure, measure } from './load.ts'
import { renderScenario, renderStandings, type Standing, summarise } from './report.ts'
import { memoryOf } from './resources.ts'
import { type Probe, probe, type Scenario, scenarios } from './scenarios.ts'

const help = `npm run bench -- [options]: Packyard next to Verdaccio and a bare Node server, in one run

  --only <names>         of ${scenarios.map(({ name }) => name).join(', ')}; separated by commas. Or control-plane:
                         every listing with a thousand and with a million versions, on both databases
  --seconds <number>     length of one round (3)
  --rounds <number>      rounds of each server in each scenario, by turns (3)
  --connections <number> connections of the load generator (16)
  --servers <names>      of packyard, verdaccio; the bare server sends what the first of them sends
  --verdaccio <file>     its program, when it is not the one that \`npm run clients\` installs
`

interface Options extends Load {
  readonly scenarios: readonly Scenario[]
  readonly rounds: number
  readonly servers: readonly string[]
  readonly verdaccio: string
}

interface Entrant {
  readonly contestant: Contestant
  readonly probes: ReadonlyMap<string, Probe>
}

/** Runs what was registered, last first, also when a part of the run has failed. */
class Ending implements Lifetime {
  readonly #ends: (() => unknown)[] = []

  after(end: () => unknown): void {
    this.#ends.push(end)
  }

  async run(): Promise<void> {
    for (const end of this.#ends.reverse()) await end()
  }
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
  const names = scenarios.map(({ name }) => name)
  const only = chosen('only', values.only, names)
  return {
    servers: chosen('servers', values.servers, ['packyard', 'verdaccio']),
    scenarios: scenarios.filter(({ name }) => only.includes(name)),
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
    probes.set(scenario.name, await probe(scenario, contestant.registry, contestant.headers, upstream))
  }
  return { contestant, probes }
}

/** The bare server gets the first entrant's answers, and is asked for them by the scenario's name. */
async function enterBare(lifetime: Lifetime, first: Entrant): Promise<Entrant> {
  const contestant = await startBare(lifetime, first.probes)
  const probes = [...first.probes].map(([name, each]) => {
    return [name, { ...each, url: new URL(name, contestant.registry).href }] as const
  })
  return { contestant, probes: new Map(probes) }
}

/** One server after the other, round by round, beginning with another one each time. */
async function compete(scenario: Scenario, entrants: readonly Entrant[], options: Options) {
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
  const upstream = await startFixture(lifetime)
  const entrants: Entrant[] = []
  if (options.servers.includes('packyard')) {
    entrants.push(await enter(await startProduct(lifetime, upstream), options, upstream))
  }
  if (options.servers.includes('verdaccio')) {
    const peer = await startVerdaccio(lifetime, upstream, options.verdaccio)
    if (peer) entrants.push(await enter(peer, options, upstream))
    else console.log('skipped: verdaccio is not installed; `npm run clients` does it\n')
  }
  const [first] = entrants
  if (!first) throw new Error('there is no server to measure')
  return [...entrants, await enterBare(lifetime, first)]
}

async function bench(lifetime: Lifetime, options: Options): Promise<void> {
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
  console.log(`written to ${await save({ options: describe(options), results, standings })}`)
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

async function benchListings(lifetime: Lifetime): Promise<void> {
  const { benchControlPlane } = await import('./control-plane.ts')
  console.log(`written to ${await save({ controlPlane: await benchControlPlane(lifetime) })}`)
}

const isControlPlane = process.argv.slice(2).join(' ') === '--only control-plane'
const options = isControlPlane ? undefined : readOptions()
if (options || isControlPlane) {
  const ending = new Ending()
  try {
    if (options) await bench(ending, options)
    else await benchListings(ending)
  } finally {
    await ending.run()
  }
} else {
  console.log(help)
}
